"""The review queue: citations whose target changed its meaning after it was read, or was not checked in time."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording, wordwise
from threadline.faces.web.entrance import deed, page
from threadline.faces.web.names import Names
from threadline.faces.web.visit import Visit
from threadline.kernel import past, thread, verbs
from threadline.kernel.errors import Conflict, Invalid, NotFound
from threadline.kernel.members import Member
from threadline.kernel.registry import type_of
from threadline.kernel.thread import Suspect

SHOWN = 10  # the next ones come up as these are judged
MOST_AT_ONCE = 50


@page
def show(visit: Visit) -> HttpResponse:
    """What changed, both texts side by side; confirm, mend, or let go."""
    record = visit.asked.get("record")
    card = verbs.card(visit.actor, record) if record else None
    owner = _owner(visit)
    mine = visit.asked.get("mine") != "0" and card is None and owner is None
    found = thread.suspects(
        visit.actor, mine=mine, owner=owner.pk if owner else None, source=card.pk if card else None, limit=101
    )
    shown = found[:SHOWN]
    context: dict[str, Any] = {
        "views": _tabs(visit, mine, card.key if card else owner.name if owner else None, len(found)),
        "lede": _lede(len(found)),
        "several_action": visit.at("review", "confirm"),
        "here": visit.request.get_full_path(),
        "queue": items(visit, shown, mine=mine, record=card.key if card else None),
        "empty": {
            "title": "Nothing to review",
            "text": "When something that a record rests on changes its meaning, or is not checked in time, it stands"
            " here until it is read again.",
        },
    }
    if len(found) > SHOWN:
        left = len(found) - SHOWN
        context["pager"] = {"count_text": f"{left if left < 90 else '90+'} more follow as you go"}
    return visit.draw("pages/review.html", "Review", **context)


@deed
def confirm_several(visit: Visit) -> HttpResponse:
    """The chosen citations still hold; what changed again since it was read is left. One undo takes all back."""
    chosen = [one.partition(":") for one in visit.sent.getlist("links")[:MOST_AT_ONCE]]
    if not chosen:
        raise Invalid(("links", "Choose at least one."))
    batch, left = visit.new_batch(), 0
    for link, _, revision in chosen:
        try:
            expect = int(revision) if revision.isdecimal() and len(revision) < 10 else None
            verbs.confirm(visit.actor, link, expect=expect, batch=batch)
        except Conflict:
            left += 1
    done = len(chosen) - left
    said = f"{wording.plural(done, 'citation')} confirmed."
    if left:
        said += f" {left} changed again since you read {'it' if left == 1 else 'them'}: still in the queue."
    return visit.done(said, visit.at("review"), batch=batch if done else None, tone="warn" if left else "ok")


def _tabs(visit: Visit, mine: bool, key: str | None, count: int) -> list[dict[str, Any]]:
    shown = f"{min(count, 100)}{'+' if count > 100 else ''}" if count else None
    tabs = [
        {"label": "Mine", "href": visit.at("review"), "current": mine, "count": shown if mine else None},
        {"label": "Everybody's", "href": visit.at("review", mine="0"), "current": not mine and not key,
         "count": shown if not mine and not key else None},
    ]  # fmt: skip
    if key:
        tabs.append({"label": key, "href": visit.request.get_full_path(), "current": True, "count": shown})
    return tabs


def _owner(visit: Visit) -> Member | None:
    """The person whose records are asked for, by handle."""
    handle = visit.asked.get("owner")
    if not handle:
        return None
    found = Member.objects.filter(workspace_id=visit.actor.workspace_id, handle__iexact=handle, left_at=None).first()
    if found is None:
        raise NotFound
    return found


def _lede(count: int) -> str:
    if count == 1:
        return "One record rests on something that changed or grew old since it was read."
    said = "More than 100" if count > 100 else count
    return f"{said} citations rest on something that changed or grew old since it was read."


def items(
    visit: Visit, suspects: list[Suspect], *, mine: bool = True, record: str | None = None
) -> list[dict[str, Any]]:
    """Suspect citations as kit/review.html shows them; one statement tells what changed in all of them."""
    moved = past.moved(visit.actor, [(s.target_kind, s.target_id, s.seen_revision) for s in suspects])
    names: dict[str, Names] = {}
    for kind in {s.target_kind for s in suspects}:
        diffs = [m.diff for s, m in zip(suspects, moved, strict=True) if s.target_kind == kind]
        names[kind] = Names(visit, type_of(kind), diffs)
    hidden = {"mine": "" if mine else "0", "record": record or ""}
    return [_item(visit, s, m, names[s.target_kind], hidden) for s, m in zip(suspects, moved, strict=True)]


def _item(visit: Visit, suspect: Suspect, moved: past.Moved, names: Names, hidden: dict[str, str]) -> dict[str, Any]:
    cite = type_of(suspect.source_kind).cite_by_name.get(suspect.link_kind)
    sides = [
        wordwise.sides_of(names.label(n), names.said(n, old), names.said(n, new))
        for n, (old, new) in moved.diff.items()
    ]
    may = visit.actor.may("update", type_of(suspect.source_kind).group)
    item: dict[str, Any] = {
        "id": suspect.link_id,
        "record": {"key": suspect.source_key, "title": suspect.source_title, "href": visit.record(suspect.source_key)},
        "cites": {"key": suspect.target_key, "title": suspect.target_title, "href": visit.record(suspect.target_key)},
        "by": cite.label if cite else "Mentions",
        "changed_by": wording.person(moved.who),
        "changed_at": wording.when(moved.at) or {"iso": "", "text": ""},
        "why": moved.why,
        "sides": sides,
        "note": None if sides else "What changed is not for you to see, or was changed back since.",
    }
    if suspect.good_until is not None:
        item["overdue"] = f"which was good until {wording.on_day(suspect.good_until)} and has not been checked since"
        item["check_href"] = visit.record(suspect.target_key)
        item["note"] = None
    if visit.actor.may("comment", type_of(suspect.target_kind).group):
        item["ask_action"] = visit.record(suspect.target_key, "comments")
    if suspect.quote:
        item["quote"] = suspect.quote
    if may:
        item |= {
            "confirm_action": visit.at("links", suspect.link_id, "confirm"),
            "hidden": {**hidden, "revision": suspect.revision},
            "choose": f"{suspect.link_id}:{suspect.revision}",
            "mend_href": visit.record(suspect.source_key, "edit"),
            "unlink_action": visit.at("links", suspect.link_id, "remove") if cite else None,
        }
    return item
