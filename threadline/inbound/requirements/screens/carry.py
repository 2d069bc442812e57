"""Requirements taken along, and brought back after somebody worked on them elsewhere: looked at first, then done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from threadline.faces.web import wording, wordwise
from threadline.faces.web.screens import record_screen, screen
from threadline.faces.web.visit import Visit
from threadline.formats.refusal import Unreadable
from threadline.formats.reqif import ReqDocument, ReqObject
from threadline.inbound.requirements import carrying
from threadline.inbound.requirements.carrying import Plan, Step
from threadline.inbound.requirements.screens.whole import Whole, of_everything, of_feature
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.registry import type_of

SALT, KEPT_SECONDS = "requirements.carry", 24 * 3_600
MOST_HELD = 3_000_000  # letters of a document between looking and doing: what a form may send
MOST_SHOWN = 200
WORDS = {"new": ("new", "ok"), "changed": ("changed", "warn"), "same": ("moved", "info")}


@record_screen("feature", "carry", posts=True)
def of_a_feature(visit: Visit, card: Card) -> HttpResponseBase:
    """The files of a feature's requirements, and the way back."""
    whole = of_feature(visit, card)
    if not whole.writable:
        raise NotFound
    return _answer(visit, whole)


@screen("requirement", "carry", posts=True)
def of_the_product(visit: Visit) -> HttpResponseBase:
    """The same for what holds of the whole product."""
    return _answer(visit, of_everything(visit))


def _answer(visit: Visit, whole: Whole) -> HttpResponseBase:
    visit.back = whole.carry
    if visit.posting:
        visit.actor.need("bulk", type_of("requirement").group)
        try:
            return _bring(visit, whole) if visit.sent.get("held") else _look(visit, whole)
        except Unreadable as refused:
            return _page(visit, whole, problems=[str(refused)])
        except Invalid as refused:
            return _page(visit, whole, problems=[p.message for p in refused.problems])
    way = visit.asked.get("as", "")
    if way in carrying.FORMATS:
        form = carrying.FORMATS[way]
        answer = HttpResponse(carrying.give(visit.actor, whole.feature, way).data, content_type=form.content_type)
        name = f"{whole.name}-requirements{form.endings[0]}"
        answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
    return _page(visit, whole)


def _page(
    visit: Visit, whole: Whole, *, problems: list[str] | None = None, report: dict[str, Any] | None = None
) -> HttpResponse:
    forms = carrying.FORMATS.values()
    given = {f.name: carrying.give(visit.actor, whole.feature, f.name) for f in forms}
    return visit.draw(
        "requirement/carry.html", "Take along and bring back", 422 if problems else 200,
        address=whole.carry, outline=whole.outline, problems=problems or [], losses=carrying.LOSSES, report=report,
        objects=wording.plural(given["xlsx"].objects, "requirement or criterion", "requirements and criteria"),
        forms=[{"name": f.name, "label": f.label, "about": f.about, "href": f"{whole.carry}?as={f.name}",
                "differences": given[f.name].differences} for f in forms],
        accept=",".join(e for f in forms for e in f.endings),
        may=visit.actor.may("bulk", type_of("requirement").group),
        crumbs=[*whole.crumbs, {"label": "Outline", "href": whole.outline}],
    )  # fmt: skip


# ---- first looked at ------------------------------------------------------------------------


def _look(visit: Visit, whole: Whole) -> HttpResponse:
    sent = visit.request.FILES.get("file")
    if sent is None or not sent.size:
        raise Unreadable("Choose a file first.")
    if sent.size > carrying.LARGEST:
        raise Unreadable(f"Too large: {carrying.LARGEST // 1024 // 1024} MB at most.")
    form, document = carrying.read(str(sent.name), sent.read())
    return _preview(visit, whole, form.name, document, str(sent.name)[:120])


def _preview(visit: Visit, whole: Whole, way: str, document: ReqDocument, name: str, again: str = "") -> HttpResponse:
    plan = carrying.compare(visit.actor, whole.feature, document, way)
    held = _hold(visit, whole, way, document, name)
    count, touched = plan.count, plan.touched
    parts = [f"{count['new']} new", f"{count['changed']} changed", f"{count['moved']} moved",
             f"{count['same']} as they are", f"{len(plan.gone)} here and not in the file"]  # fmt: skip
    return visit.draw(
        "requirement/preview.html", "What it would change", 200,
        address=whole.carry, name=name, text=", ".join(parts) + ".", again=again, held=held, seen=plan.print,
        items=[_item(visit, plan, s) for s in touched[:MOST_SHOWN]], more=max(0, len(touched) - MOST_SHOWN),
        gone=[{"key": g.key, "title": g.title, "kind": g.kind, "href": visit.record(g.key)} for g in plan.gone],
        cut=len(plan.cut), ties=len(plan.ties), losses=plan.losses,
        anything=bool(touched or plan.gone or plan.ties or plan.cut),
        crumbs=[*whole.crumbs, {"label": "Take along and bring back", "href": whole.carry}],
    )  # fmt: skip


def _item(visit: Visit, plan: Plan, step: Step) -> dict[str, Any]:
    chips = [WORDS[step.what]] if step.what != "same" else []
    if step.moved:
        chips.append(WORDS["same"])
    under = next((s for s in plan.steps if s.ident == step.parent), None)
    named = "" if under is None else under.there.key if under.there else f"“{under.title}”"
    where = "" if not (step.moved or step.there is None) else f"under {named}" if named else "at the top"
    return {
        "key": step.there.key if step.there else "", "title": step.there.title if step.there else step.title,
        "href": visit.record(step.there.key) if step.there else "", "kind": step.kind, "where": where,
        "chips": [{"label": label, "tone": tone} for label, tone in chips],
        "sides": [wordwise.sides_of(label, was, now) for label, was, now in step.differences],
    }  # fmt: skip


# ---- then done ------------------------------------------------------------------------------


def _bring(visit: Visit, whole: Whole) -> HttpResponse:
    way, name, document = _held(visit, whole)
    plan = carrying.compare(visit.actor, whole.feature, document, way)
    if plan.print != visit.sent.get("seen"):
        return _preview(visit, whole, way, document, name, "The requirements changed since: look again.")
    batch, drop = visit.new_batch(), visit.sent.get("missing") == "drop"
    done = through_door(
        visit.actor, "bring_in_requirements", lambda door: carrying.bring(door, whole.feature, plan, drop=drop),
        batch=batch,
    )  # fmt: skip
    stay = "" if drop or not plan.gone else f" {wording.plural(len(plan.gone), 'other')} stayed."
    report = {
        "text": f"{wording.plural(done.made, 'new record')}, {done.changed} brought up to date, {done.moved} moved,"
        f" {done.same} as they were{f', {done.dropped} dropped' if done.dropped else ''}.{stay}",
        "losses": plan.losses, "undo": visit.at("undo", str(batch)) if done.anything else "",
    }  # fmt: skip
    return _page(visit, whole, report=report)


def _hold(visit: Visit, whole: Whole, way: str, document: ReqDocument, name: str) -> str:
    """The document between looking and doing, in the form itself: nothing to clean up if nobody goes on."""
    said = {"whole": whole.name, "member": str(visit.actor.member_id), "way": way, "name": name,
            "document": {**asdict(document), "names": sorted(document.names)}}  # fmt: skip
    held = signing.dumps(said, salt=SALT, compress=True)
    if len(held) > MOST_HELD:
        raise Unreadable("There is more text in it than can be looked at at once. Divide it and bring in the parts.")
    return held


def _held(visit: Visit, whole: Whole) -> tuple[str, str, ReqDocument]:
    try:
        said = signing.loads(visit.sent.get("held", ""), salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        raise Unreadable("That was looked at too long ago. Send the file again.") from None
    if said["whole"] != whole.name or said["member"] != str(visit.actor.member_id):
        raise Unreadable("That was looked at elsewhere. Send the file again.")
    kept = said["document"]
    document = ReqDocument(**kept | {
        "objects": {i: ReqObject(**one) for i, one in kept["objects"].items()},
        "tree": [(i, depth) for i, depth in kept["tree"]],
        "relations": [(s, t, k) for s, t, k in kept["relations"]],
        "names": set(kept["names"]),
    })  # fmt: skip
    return said["way"], said["name"], document
