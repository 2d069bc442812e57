"""A release's page: what is in it and how ready it is, who said go, what dropping an item touches, its notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.releases import deciding, gating, notes, queries, ripple, rules
from threadline.inbound.releases.models import Gate, Release, RolloutStage
from threadline.kernel import thread, verbs
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of

MOST_NAMED = 6  # keys beside a condition that is not met
MOST_TOUCHED = 100


def _release(visit: Visit, ident: Any) -> Release:
    found = reach(visit.actor, Release).filter(pk=ident).first()
    if found is None:
        raise NotFound
    return found


@adds_to("release", "list")
def beside_releases(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the list lead to the planner."""
    if visit.actor.may("create", type_of("release_plan").group):
        planner = {"label": "Plan releases", "href": visit.at("plans", "planner"), "icon": "sort"}
        context["page_actions"] = [planner, *context.get("page_actions", ())]


@adds_to("release", "detail")
def readiness(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The scope with what each item lacks, the voices, and where the notes are."""
    release = _release(visit, UUID(row["id"]))
    scope = queries.scope(visit.actor, release.pk)
    states = type_of("feature").state_by_name
    may = release.archived_at is None and visit.actor.may("update", type_of(release).group)
    context["scope"] = [
        {
            "key": one.key, "title": one.title, "href": visit.record(one.key), "state": states[one.state],
            "missing": ", ".join(one.missing),
            "drop": visit.at(release.key, "drop") + f"?feature={one.key}" if may else "",
        }
        for one in scope
    ]  # fmt: skip
    gates = context["gates"] = _gates(visit, release, scope)
    ready = sum(g["met"] for g in gates)
    context["ready"] = {
        "label": f"{ready} of {len(gates)} in place",
        "tone": "ok" if ready == len(gates) else "warn" if 2 * ready >= len(gates) else "",
    }
    context["phases"], context["stages"] = _phases(visit, release), _stages(visit, release)
    new = release.key if release.archived_at is None and visit.actor.may("create", type_of("gate").group) else ""
    context["new_gate"] = visit.at("gates", "new", release=new) if new else ""
    context["new_stage"] = visit.at("rollout-stages", "new", release=new) if new else ""
    context["voices"] = [
        {"who": wording.person(v.who), "go": v.view == "go", "reason": v.reason, "at": wording.when(v.at)}
        for v in queries.voices(visit.actor, release)
    ]
    question = deciding.question_of(visit.actor, release)
    context["question"] = question and {
        "key": question.key, "href": visit.record(question.key),
        "state": type_of(question).state_by_name[question.state],
    }  # fmt: skip
    context["notes_href"] = visit.record(release.key, "notes")
    context["cite_href"] = visit.record(release.key, "cite") if may else ""


def _gates(visit: Visit, release: Release, scope: list[queries.InScope]) -> list[dict[str, Any]]:
    """What must be in place before it goes out, each with what keeps it from being."""
    asked = (
        ("Every item rests on evidence", "evidence"),
        ("Nothing it rests on has changed unread", "review of what changed"),
        ("Every item is estimated", "an estimate"),
        ("Every item has an owner", "an owner"),
        ("Every item has somebody who takes it to market", "an outbound owner"),
    )
    found = []
    for label, lack in asked:
        lacking = tuple(one.key for one in scope if lack in one.missing)
        found.append(ripple.Lack(label, bool(scope) and not lacking, lacking))
    undone = tuple(one.key for one in scope if one.state not in ("shipped", "building"))
    found.append(ripple.Lack("Work on every item has begun", bool(scope) and not undone, undone))
    found += ripple.conditions(visit.actor, release.pk, [UUID(one.id) for one in scope])
    shut = tuple(gate.key for gate in gating.closed(visit.actor, release, *Gate.Phase.values))
    found.append(ripple.Lack("Every gate is passed, or waived for now", not shut, shut))
    plan = bool(release.rollback_plan.strip())
    gates = [
        {"label": one.label, "met": one.met, "note": "", "more": max(len(one.lacking) - MOST_NAMED, 0),
         "lacking": [{"key": key, "href": visit.record(key)} for key in one.lacking[:MOST_NAMED]]}
        for one in found
    ]  # fmt: skip
    note = "" if plan else "not yet"
    return [*gates, {"label": "How it is taken back is written down", "met": plan, "lacking": [], "note": note}]


def _phases(visit: Visit, release: Release) -> list[dict[str, Any]]:
    """The gates of a release under the phase that they stand before."""
    here = reach(visit.actor, Gate).filter(release_id=release.pk, archived_at=None).select_related("approver")
    rows_: dict[str, list[dict[str, Any]]] = {}
    states = type_of("gate").state_by_name
    for gate in here.order_by("number"):
        waived = gate.state == "waived"
        late = waived and not gating.waived(gate)
        until = f"until {wording.on_day(gate.waived_until)}" if waived and gate.waived_until else ""
        rows_.setdefault(gate.phase, []).append({
            "key": gate.key, "title": gate.title, "href": visit.record(gate.key), "state": states[gate.state],
            "said": "waived no longer" if late else until or gate.evidence,
            "approver": gate.approver.name if gate.approver else "",
        })  # fmt: skip
    return [{"label": label, "gates": rows_[phase]} for phase, label in Gate.Phase.choices if phase in rows_]


def _stages(visit: Visit, release: Release) -> list[dict[str, Any]]:
    """How it goes out, the smallest part of the customers first."""
    here = reach(visit.actor, RolloutStage).filter(release_id=release.pk, archived_at=None)
    states = type_of("rollout_stage").state_by_name
    return [
        {"key": one.key, "title": one.title, "href": visit.record(one.key), "state": states[one.state],
         "percent": f"{one.percent:g}", "started": wording.on_day(one.started_on) if one.started_on else ""}
        for one in here.order_by("percent", "number")
    ]  # fmt: skip


@record_screen("release", "drop", posts=True)
def drop(visit: Visit, card: Card) -> HttpResponseBase:
    """Before an item leaves the scope: everything that rests on it or mentions it; then, on a yes, it leaves."""
    release = _release(visit, card.pk)
    visit.back = visit.record(release.key)
    visit.actor.need("update", type_of(release).group)
    asked = (visit.sent if visit.posting else visit.asked).get("feature", "")
    one = next((s for s in queries.scope(visit.actor, release.pk) if s.key == asked), None)
    if one is None:
        raise NotFound
    if visit.posting:
        batch = visit.new_batch()
        verbs.unlink(visit.actor, one.link_id, why=visit.sent.get("why", "").strip(), batch=batch)
        return visit.done(f"{one.key} is out of {release.key}.", visit.back, batch=batch)
    feature = verbs.card(visit.actor, one.key)
    came = [n for n in thread.flat(thread.what_came_of_it(visit.actor, feature)) if n.key != release.key]
    return visit.draw(
        "release/drop.html",
        f"Drop {one.key} from {release.title}",
        item={"key": one.key, "title": one.title, "href": visit.record(one.key)},
        address=visit.record(release.key, "drop"),
        release={"key": release.key, "title": release.title, "href": visit.back},
        ripple=_rippled(visit, came, ripple.touched(visit.actor, feature.pk)),
        crumbs=[{"label": release.title, "href": visit.back}],
    )  # fmt: skip


def _rippled(visit: Visit, came: list[Any], told: list[ripple.Touched]) -> list[dict[str, str]]:
    """Those who were told first, then what cites it, each once."""
    found = {one.key: (one.title, one.kind, one.how) for one in told}
    for n in came:
        how = "mentions it" if n.link_kind == "mention" else "rests on it" if n.depth == 1 else "further along"
        found.setdefault(n.key, (n.title, n.kind, how))
    return [
        {"key": key, "title": title, "href": visit.record(key), "kind": type_of(kind).label, "how": how}
        for key, (title, kind, how) in list(found.items())[:MOST_TOUCHED]
    ]


@record_screen("release", "notes", posts=True)
def release_notes(visit: Visit, card: Card) -> HttpResponseBase:
    """The notes: a draft from the scope until somebody keeps them, then as written, with what changed since."""
    release = _release(visit, card.pk)
    here = visit.record(release.key, "notes")
    visit.back = here
    if visit.posting:
        batch = visit.new_batch()
        rules.write_release_notes(visit.actor, release=release, text=visit.sent.get("text", ""), batch=batch)
        return visit.done("The notes are kept.", here, batch=batch)
    items = queries.noted(visit.actor, release.pk)
    draft = notes.draft(release, items)
    text = release.notes or draft
    if visit.asked.get("as") == "file":
        answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="release-notes-{release.key}.md"'
        return answer
    came, left = notes.differences(release, items) if release.notes else ([], [])
    return visit.draw(
        "release/notes.html",
        f"Release notes of {release.title}",
        text=text,
        written=bool(release.notes),
        draft=draft,
        came=[{"key": one.key, "title": one.title, "href": visit.record(one.key)} for one in came],
        left=[{"key": key, "href": visit.record(key)} for key in left],
        may=release.archived_at is None and visit.actor.may("update", type_of(release).group),
        address=here,
        file=here + "?as=file",
        crumbs=[{"label": release.title, "href": visit.record(release.key)}],
    )
