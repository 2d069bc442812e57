"""Requirements as one writes them, of a feature or of the whole product: an outline, with what covers what."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import keymap, review, rooms, wording
from threadline.faces.web.screens import record_screen, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.requirements import queries, rules
from threadline.inbound.requirements.models import Baseline
from threadline.inbound.requirements.quality import (
    PATTERN_NAMES,
    Quality,
    agreed_words,
    measure_text,
    quality,
    quality_of_text,
)
from threadline.inbound.requirements.screens.whole import Whole, of_everything, of_feature, products
from threadline.kernel import thread, verbs
from threadline.kernel.access import reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.registry import type_of

keymap.scope("outline", "In the outline of requirements")
keymap.add("outline", "outline.new", "Enter", "Keep it, and begin the next one")
keymap.add("outline", "outline.in", "Tab", "Make it part of the one above")
keymap.add("outline", "outline.out", "Shift+Tab", "Take it out one step")
keymap.add("outline", "outline.up", "Alt+ArrowUp", "Move it up")
keymap.add("outline", "outline.down", "Alt+ArrowDown", "Move it down")
keymap.add("outline", "outline.before", "ArrowUp", "Line before")
keymap.add("outline", "outline.after", "ArrowDown", "Next line")
keymap.add("outline", "outline.leave", "Escape", "Leave the line: Tab then goes on through the page")
rooms.place("inbound/requirements", "Of the whole product", "requirements/outline")
PLACE, PART = "requirements", "outline"
MOST_SUSPECTS = 8
TONES = {"error": "bad", "warn": "warn", "info": ""}


@record_screen("feature", PLACE, posts=True)
def outline(visit: Visit, card: Card) -> HttpResponseBase:
    """The tree of a feature; a script sends the same forms and is given the tree alone."""
    return _answer(visit, of_feature(visit, card))


@screen("requirement", "outline", posts=True)
def outline_of_everything(visit: Visit) -> HttpResponseBase:
    """The tree of what holds of the whole product."""
    return _answer(visit, of_everything(visit))


def _answer(visit: Visit, whole: Whole) -> HttpResponseBase:
    visit.back = whole.outline
    if not visit.posting:
        return _page(visit, whole)
    visit.actor.need("update", type_of("requirement").group)
    try:
        key = _ACTS[visit.sent.get("act", "")](visit, whole)
    except KeyError:
        raise NotFound from None
    except Invalid as refused:
        return _page(visit, whole, refused)
    if visit.request.headers.get("x-part") == PART:
        return _page(visit, whole, focus=key)
    return visit.go(f"{visit.back}#{key}" if key else visit.back)


def _page(visit: Visit, whole: Whole, refused: Invalid | None = None, focus: str = "") -> HttpResponse:
    feature = whole.feature
    branches = _tree(visit, whole)
    allowed = agreed_words(visit.actor)
    may = whole.writable and visit.actor.may("update", type_of("requirement").group)
    context: dict[str, Any] = {
        "feature": feature and {"key": feature.key, "title": feature.title, "href": visit.record(feature.key)},
        "address": whole.outline, "clarity": visit.at("requirements", "clarity"),
        "rows": [_row(visit, b, allowed) for b in branches], "may": may, "focus": focus,
        "problems": [p.message for p in refused.problems] if refused else [],
        "typed": visit.sent.get("title", "") if refused else "",
    }  # fmt: skip
    status = 422 if refused else 200
    if visit.request.headers.get("x-part") == PART:
        return visit.draw("requirement/rows.html", "Requirements", status, **context)
    wanted = queries.needs(visit.actor, feature, branches) if feature else []
    context |= {
        "shares": _shares(queries.checked(branches), queries.taken_up(wanted) if feature else None),
        "unmet": [{"key": n.key, "title": n.title, "href": visit.record(n.key)} for n in wanted if not n.covered],
        "unchecked": [_named(visit, b) for b in branches if b.counts and not b.criteria],
        "suspects": _suspects(visit, branches),
        "here": whole.outline,
        "baselines": _baselines(visit, whole),
        "views": _views(visit, whole), "whole": whole.product.name if whole.product else "the whole product",
        "carry": whole.carry if whole.writable else "",
        "words": visit.listing(type_of("agreed_word")),
        "crumbs": whole.crumbs,
    }  # fmt: skip
    return visit.draw("requirement/outline.html", whole.title, status, **context)


def _named(visit: Visit, branch: queries.Branch) -> dict[str, Any]:
    one = branch.requirement
    return {"key": one.key, "title": one.title, "href": visit.record(one.key)}


def _row(visit: Visit, branch: queries.Branch, allowed: list[str]) -> dict[str, Any]:
    one = branch.requirement
    found = quality(one, allowed)
    accepted = sum(c.state == "accepted" for c in branch.criteria)
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key), "path": branch.path, "depth": branch.depth,
        "version": one.version, "state": type_of(one).state_by_name[one.state], "pattern": PATTERN_NAMES[found.pattern],
        "measure": measure_text(one), "quality": one.get_characteristic_display() if one.characteristic else "",
        "marks": marks_of(found), "suspects": branch.suspects,
        "review": visit.at("review", record=one.key) if branch.suspects else "",
        "criteria": f"{accepted} of {len(branch.criteria)} accepted" if branch.criteria else "",
        "stale": len(branch.stale), "missing": branch.counts and not branch.criteria,
        "add_criterion": f"{visit.record(one.key, 'do')}/add_criterion",
    }  # fmt: skip


def marks_of(found: Quality) -> list[dict[str, str]]:
    """What leaves a sentence open, as a page and a script show it."""
    said = [
        {"words": f.words, "kind": f.kind, "tone": TONES[f.severity], "advice": f.advice} for f in found.findings
    ]  # fmt: skip
    return said + [
        {"words": "", "kind": "measure", "tone": "warn", "advice": f"It lacks {what}."} for what in found.lacks
    ]


def _shares(checked: queries.Coverage, taken_up: queries.Coverage | None) -> list[dict[str, Any]]:
    shares = [_share("Requirements with a criterion", checked, "a criterion written for what they say now")]
    if taken_up is not None:
        by = "a requirement that read them as they are now"
        shares.append(_share("Needs that a requirement takes up", taken_up, by))
    return shares


def _share(label: str, found: queries.Coverage, by: str) -> dict[str, Any]:
    if not found.scope:
        return {"label": label, "number": "none yet", "text": "There is nothing to cover.", "meter": None}
    return {
        "label": label,
        "number": f"{found.confirmed_share:.0%}",
        "text": f"{found.confirmed} of {found.scope} have {by}; {found.nominal_share:.0%} with what changed since.",
        "meter": {"value": found.confirmed, "max": found.scope, "label": f"{label}, confirmed"},
    }


def _suspects(visit: Visit, branches: list[queries.Branch]) -> list[dict[str, Any]]:
    """What changed underneath, side by side; records with nothing to read again cost nothing."""
    sources = [b.requirement.pk for b in branches if b.suspects] + [
        i for b in branches for i in sorted(b.stale, key=str)
    ]
    found = [s for pk in sources[:MOST_SUSPECTS] for s in thread.suspects(visit.actor, source=pk, limit=MOST_SUSPECTS)]
    return review.items(visit, found[:MOST_SUSPECTS], mine=False) if found else []


def _views(visit: Visit, whole: Whole) -> list[dict[str, Any]]:
    """What holds of each product, where there are several."""
    found = products(visit) if whole.feature is None else []
    at = visit.at("requirements", "outline")
    every = [{"label": "All products", "href": at, "current": whole.product is None}]
    each = [
        {"label": one.name, "href": visit.at("requirements", "outline", product=one.slug),
         "current": one.pk == whole.product_id}
        for one in found
    ]  # fmt: skip
    return [*every, *each] if len(each) > 1 else []


def _baselines(visit: Visit, whole: Whole) -> list[dict[str, Any]]:
    of: dict[str, Any] = {"feature_id": None, "product_id": whole.product_id}
    if whole.feature is not None:
        of = {"feature_id": whole.feature.pk}
    mine = reach(visit.actor, Baseline).filter(archived_at=None, **of).defer("content")
    return [
        {"key": b.key, "title": b.title, "href": visit.record(b.key), "state": type_of(b).state_by_name[b.state],
         "text": f"{wording.plural(b.items, 'requirement')}, {wording.on_day(b.taken_at.date()) if b.taken_at else ''}"}
        for b in mine.order_by("-number")[:20]
    ]  # fmt: skip


# ---- what one does in it ------------------------------------------------------------------


def _add(visit: Visit, whole: Whole) -> str:
    title = " ".join(visit.sent.get("title", "").split())
    if not title:
        raise Invalid(("title", "Write the requirement first: When …, the … shall …"))
    branches = _tree(visit, whole)
    after = queries.in_tree(branches, visit.sent["after"]).requirement if visit.sent.get("after") else None
    parent = next((b.requirement for b in branches if after is not None and b.requirement.pk == after.parent_id), None)
    values = {"title": title, "owner": "me", **_of(whole)}
    made = through_door(
        visit.actor, "create", lambda door: rules.add_requirement(door, values, parent=parent, after=after),
        batch=visit.new_batch(),
    )  # fmt: skip
    return made.key


def _of(whole: Whole) -> dict[str, Any]:
    """What a new record belongs to."""
    if whole.feature is not None:
        return {"feature": whole.feature.pk}
    return {"product": whole.product.pk} if whole.product else {}


def _tree(visit: Visit, whole: Whole) -> list[queries.Branch]:
    return queries.tree(visit.actor, whole.feature, whole.product_id)


def _save(visit: Visit, whole: Whole) -> str:
    one = _one(visit, whole).requirement
    version = visit.sent.get("version", "")
    expect = int(version) if version.isdecimal() and len(version) < 10 else None
    title = " ".join(visit.sent.get("title", "").split())
    if title != one.title:
        verbs.update(visit.actor, "requirement", one.pk, {"title": title}, expect=expect, batch=visit.new_batch())
    return one.key


def _one(visit: Visit, whole: Whole) -> queries.Branch:
    return queries.in_tree(_tree(visit, whole), visit.sent.get("key", ""))


def _mover(way: str) -> Any:
    def move(visit: Visit, whole: Whole) -> str:
        branches = _tree(visit, whole)
        here = queries.in_tree(branches, visit.sent.get("key", ""))
        place = _WAYS[way](branches, here)
        if place is not None:
            under, after = place
            rules.move_requirement(
                visit.actor, requirement=here.requirement.pk, under=under, after=after, batch=visit.new_batch()
            )
        return here.requirement.key

    return move


Where = tuple[str, str] | None  # the key of what it is to be part of, and of what it is to stand after


def _level(branches: list[queries.Branch], parent: str) -> list[str]:
    return [b.requirement.key for b in branches if b.parent == parent]


def _inward(branches: list[queries.Branch], here: queries.Branch) -> Where:
    level = _level(branches, here.parent)
    at = level.index(here.requirement.key)
    if not at:
        return None
    above = level[at - 1]
    return above, (_level(branches, above) or [""])[-1]


def _outward(branches: list[queries.Branch], here: queries.Branch) -> Where:
    if not here.parent:
        return None
    return queries.in_tree(branches, here.parent).parent, here.parent


def _up(branches: list[queries.Branch], here: queries.Branch) -> Where:
    level = _level(branches, here.parent)
    at = level.index(here.requirement.key)
    return None if not at else (here.parent, level[at - 2] if at > 1 else "")


def _down(branches: list[queries.Branch], here: queries.Branch) -> Where:
    level = _level(branches, here.parent)
    at = level.index(here.requirement.key)
    return None if at + 1 == len(level) else (here.parent, level[at + 1])


def _place(visit: Visit, whole: Whole) -> str:
    """Where somebody let go of it: before, after or inside another line."""
    branches = _tree(visit, whole)
    here = queries.in_tree(branches, visit.sent.get("key", ""))
    near = queries.in_tree(branches, visit.sent.get("near", ""))
    how, inside = visit.sent.get("how", ""), near.requirement.key
    if how not in ("before", "after", "in"):
        raise NotFound
    if near is not here:
        under = inside if how == "in" else near.parent
        level = [key for key in _level(branches, under) if key != here.requirement.key]
        at = len(level) if how == "in" else level.index(inside) + (how == "after")
        rules.move_requirement(
            visit.actor, requirement=here.requirement.pk, under=under, after=level[at - 1] if at else "",
            batch=visit.new_batch(),
        )  # fmt: skip
    return here.requirement.key


def _baseline(visit: Visit, whole: Whole) -> str:
    title = visit.sent.get("title", "").strip()
    made = verbs.create(visit.actor, "baseline", {"title": title, "owner": "me", **_of(whole)})
    visit.back = visit.record(made.key)
    return ""


_WAYS = {"in": _inward, "out": _outward, "up": _up, "down": _down}
_ACTS: dict[str, Any] = {
    "add": _add,
    "save": _save,
    "baseline": _baseline,
    "place": _place,
    **{w: _mover(w) for w in _WAYS},
}


# ---- a sentence alone ---------------------------------------------------------------------


@screen("requirement", "clarity")
def clarity(visit: Visit) -> HttpResponseBase:
    """What leaves a sentence open: as JSON for the outline, as a page for whoever wants to try one."""
    text = visit.asked.get("text", "")[:2_000]
    found = quality_of_text(text, agreed_words(visit.actor))
    said: dict[str, Any] = {"pattern": PATTERN_NAMES[found.pattern], "marks": marks_of(found) if text.strip() else []}
    if visit.scripted:
        return JsonResponse(said)
    return visit.draw(
        "requirement/clarity.html", "Try a sentence", text=text, address=visit.at("requirements", "clarity"), **said
    )
