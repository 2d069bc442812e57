"""A baseline's page: what it holds, whether it is as it was sealed, who signed, what changed since, and the file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from threadline.faces.web import wording, wordwise
from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.requirements import baselines, signing
from threadline.inbound.requirements.following import snapshot_text
from threadline.inbound.requirements.models import Baseline, Requirement
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of

TONES = {"asked": "", "approved": "ok", "refused": "bad"}
WHAT = {"added": ("added", "ok"), "removed": ("removed", "bad"), "changed": ("changed", "warn")}


@adds_to("baseline", "detail")
def of_a_baseline(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Put what it holds, its signatures and its differences above everything else."""
    baseline = reach(visit.actor, Baseline).get(pk=row["id"])
    held, found = snapshot_text(baseline), signing.trust(baseline)
    if baseline.feature_id is None:  # of a whole product: the feature that it has not says nothing
        context["matters"] = [prop for prop in context["matters"] if prop.get("name") != "feature"]
    others = list(
        reach(visit.actor, Baseline).filter(archived_at=None, **_kin(baseline)).exclude(pk=baseline.pk)
        .defer("content").order_by("-number")[:50]
    )  # fmt: skip
    other = next((o for o in others if o.key == visit.asked.get("with")), None)
    at, live = visit.record(baseline.key, "do"), baseline.archived_at is None and baseline.state == "open"
    context["baseline"] = {
        "sound": found.sound, "problems": found.problems, "digest": baseline.digest,
        "held": [_item(visit, one) for one in held.get("requirements", ())],
        "signatures": [_signature(one) for one in signing.signatures(baseline)],
        "ask": f"{at}/ask_to_sign" if live and visit.actor.may("update", type_of(baseline).group) else None,
        "sign": f"{at}/sign_baseline" if live and visit.actor.may("comment", type_of(baseline).group) else None,
        "outline": _outline(visit, baseline, held),
        "changes": _changes(visit, baseline, other), "other": other.key if other else "",
        "others": [{"key": o.key, "title": o.title, "chosen": o is other} for o in others],
        "address": visit.record(baseline.key),
        "files": [{"label": label, "href": f"{visit.record(baseline.key, 'file')}?as={way}"}
                  for way, label in (("json", "JSON, as it is sealed"), ("md", "Markdown"))],
    }  # fmt: skip


def _kin(baseline: Baseline) -> dict[str, Any]:
    """What the baselines that it can be compared with have in common."""
    return {"feature_id": baseline.feature_id} | ({} if baseline.feature_id else {"product_id": baseline.product_id})


def _outline(visit: Visit, baseline: Baseline, held: dict[str, Any]) -> str:
    """Where the requirements stand today."""
    if held.get("feature"):
        return visit.record(held["feature"]["key"], "requirements")
    product = {"product": baseline.product.slug} if baseline.product else {}
    return visit.at("requirements", "outline", **product)


def _item(visit: Visit, one: dict[str, Any]) -> dict[str, Any]:
    states = type_of(Requirement).state_by_name
    accepted = sum(c["state"] == "accepted" for c in one["criteria"])
    return {
        "key": one["key"], "path": one["path"], "title": one["title"], "href": visit.record(one["key"]),
        "depth": one["path"].count("."), "state": states.get(one["state"]),
        "criteria": f"{accepted} of {len(one['criteria'])} accepted" if one["criteria"] else "none",
    }  # fmt: skip


def _signature(one: Any) -> dict[str, Any]:
    label = str(type(one).Verdict(one.verdict).label)
    return {
        "who": wording.person(one.name), "verdict": {"label": label.lower(), "tone": TONES[one.verdict]},
        "words": one.words, "at": wording.when(one.at) if one.seal else None, "seal": one.seal[:12],
    }  # fmt: skip


def _changes(visit: Visit, baseline: Baseline, other: Baseline | None) -> list[dict[str, Any]]:
    """What differs from another baseline, the earlier one first; without one, what changed since."""
    if other is None:
        found = baselines.changes_answer(visit.actor, baseline)
    else:
        then, now = sorted((baseline, other), key=lambda b: b.number)
        found = baselines.compare(snapshot_text(then), snapshot_text(now))
    return [
        {
            "key": d.key, "title": d.title, "href": visit.record(d.key),
            "what": {"label": WHAT[d.what][0], "tone": WHAT[d.what][1]},
            "sides": [wordwise.sides_of(_label(name), _text(then), _text(now)) for name, then, now in d.fields],
        }
        for d in found
    ]  # fmt: skip


def _label(name: str) -> str:
    field = type_of(Requirement).by_name.get(name)
    return field.label if field else name


def _text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


@record_screen("baseline", "file")
def file(visit: Visit, card: Card) -> HttpResponseBase:
    """The baseline as a file: the very bytes that were sealed, or Markdown to read."""
    baseline = reach(visit.actor, Baseline).filter(pk=card.pk).first()
    if baseline is None:
        raise NotFound
    way = "md" if visit.asked.get("as") == "md" else "json"
    body = _markdown(baseline) if way == "md" else baseline.content
    kind = "text/markdown" if way == "md" else "application/json"
    answer = HttpResponse(body.encode(), content_type=f"{kind}; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, f"{baseline.key}.{way}") or "attachment"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _markdown(baseline: Baseline) -> str:
    held = snapshot_text(baseline)
    feature = held.get("feature")
    what = f"{feature['key']} {plain(feature['title'])}" if feature else plain(held.get("product") or "all products")
    of = f"Of {what}, {held['taken_at'][:10]}."
    parts = [f"# {plain(baseline.title)}", "", of,
             f"SHA-256 of the sealed content: `{baseline.digest}`", ""]  # fmt: skip
    for one in held["requirements"]:
        parts += [f"{'#' * min(6, 2 + one['path'].count('.'))} {one['path']} {one['key']}", "", plain(one["title"]), ""]
        if one["body"]:
            parts += [one["body"], ""]
        for criterion in one["criteria"]:
            by = f", accepted by {plain(criterion['accepted_by'])}" if criterion["accepted_by"] else ""
            parts += [f"{criterion['key']} {plain(criterion['title'])}{by}", "", fenced(criterion["body"]), ""]
    signed = [s for s in signing.signatures(baseline) if s.seal]
    if signed:
        parts += [
            "## Signatures",
            "",
            *(f"- {plain(s.name)}: {s.verdict}, {s.at:%Y-%m-%d %H:%M} UTC, `{s.seal}`" for s in signed),
            "",
        ]
    return "\n".join(parts)


def plain(text: str) -> str:
    """Words as words: what would be markup or a link is escaped."""
    flat = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|!" else c for c in flat)


def fenced(text: str) -> str:
    """A block of Gherkin that nothing in it can close."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}gherkin\n{text.strip()}\n{fence}"
