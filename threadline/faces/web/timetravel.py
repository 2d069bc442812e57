"""The whole history of a record, any past day of it, and the difference between two days."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from threadline.faces.web import controls, pastwords, wording
from threadline.faces.web.entrance import page
from threadline.faces.web.names import Names
from threadline.faces.web.pastday import end_of
from threadline.faces.web.visit import Visit
from threadline.kernel import past, rows, verbs
from threadline.kernel.access import reach
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType, type_of

PAGE = 50
MOST_DAYS = 400  # stops of the slider
LOOKED_THROUGH = 500  # changes among which the last of each field is sought


@page
def show(visit: Visit, key: str) -> HttpResponse:
    """Every change, newest first."""
    card = verbs.card(visit.actor, key, archived=True)
    declared = type_of(card.kind)
    visit.back = visit.record(card.key)
    record = reach(visit.actor, declared.model).filter(pk=card.pk).first()
    if record is None:
        raise NotFound
    before = _id(visit.asked.get("before"))
    steps = past.history(visit.actor, record, limit=PAGE + 1, before=before)
    here = visit.record(card.key, "history")
    context: dict[str, Any] = {
        "record": {"key": card.key, "title": card.title, "href": visit.back},
        "crumbs": [
            {"label": declared.plural, "href": visit.listing(declared)},
            {"label": card.key, "href": visit.back},
        ],
        "days": pastwords.days_of(visit, declared, steps[:PAGE], undo=card.archived_at is None),
        "as_of": {"action": visit.back, "today": controls.today(), "days": _days(visit, record)},
        "between": _between(visit, declared, record, here),
    }
    if before or len(steps) > PAGE:
        pager: dict[str, Any] = {"count_text": "", "newer_label": "Newest"}
        if before:
            pager["newer_href"] = here
        if len(steps) > PAGE:
            pager["older_href"] = f"{here}?before={steps[PAGE - 1].id}"
        context["pager"] = pager
    return visit.draw([f"{declared.kind}/history.html", "pages/history.html"], "History", **context)


def _days(visit: Visit, record: Record) -> list[dict[str, str]]:
    """The days on which something changed, the oldest first, for the slider."""
    found = rows.fetch(
        "SELECT DISTINCT substr(CAST(ch.at AS text), 1, 10) AS day FROM kernel_change ch"
        " WHERE ch.workspace_id = %s AND ch.card_id = %s ORDER BY day DESC LIMIT %s",
        [record.workspace_id, record.pk, MOST_DAYS],
    )
    return [{"value": day, "label": wording.on_day(day) or day} for (day,) in reversed(found)]


def _between(visit: Visit, declared: RecordType, record: Record, here: str) -> dict[str, Any]:
    first, second = visit.asked.get("from", ""), visit.asked.get("to", "")
    made: dict[str, Any] = {"action": here, "from_value": first, "to_value": second}
    if not first or not second:
        return made
    start, end = end_of(first), end_of(second)
    if start is None or end is None:
        raise Invalid(("from", "Two days, such as 2026-11-01 and 2026-11-22."))
    start, end = min(start, end), max(start, end)
    diff = past.difference(visit.actor, record, start, end)
    names = Names(visit, declared, [diff])
    shown = {n: pair for n, pair in diff.items() if n != "archived_at"}
    return made | {
        "from_text": wording.on_day(start),
        "to_text": wording.on_day(end),
        "changes": _by_whom(visit, record, start, end, list(shown), pastwords.changes(names, shown)),
    }


def _by_whom(
    visit: Visit, record: Record, start: datetime, end: datetime, names: list[str], changes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Who changed each field last between two moments, when and why, and how to take that back."""
    steps = [s for s in past.history(visit.actor, record, limit=LOOKED_THROUGH) if start < s.at <= end]
    may = record.archived_at is None and visit.actor.may("update", type_of(record).group)
    for name, change in zip(names, changes, strict=True):
        step = next((s for s in steps if name in s.diff), None)
        if step is not None:
            change |= {"by": wording.person(step.who), "at": wording.when(step.at), "why": step.why}
            if may and (step.who == visit.actor.name or visit.actor.may("undo_others")):
                change["undo"] = {"action": visit.at("undo", str(step.batch))}
    return changes


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
