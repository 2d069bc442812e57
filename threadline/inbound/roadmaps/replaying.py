"""A roadmap's features and releases as they stood on a day: the log of changes, backwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from threadline.inbound.roadmaps.items import moment_of
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.query import Term

MOVING = ("state", "horizon", "starts_on", "due_on", "late_on")
REPLAYED = (*MOVING, "title")


def at_instant(actor: Actor, found: list[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """Rows as they stood at an instant, in what moves; without those that were not there."""
    there = {r["id"]: dict(r) for r in found if moment_of(r["created_at"]) <= at}
    gone: set[str] = set()
    for card, diff, _, _, _ in changes_of(actor, [UUID(i) for i in there], after=at):
        row = there[rows.hexed(card) or ""]
        row |= {name: diff[name][0] for name in REPLAYED if name in diff}
        if "archived_at" in diff:
            gone = gone | {row["id"]} if diff["archived_at"][0] else gone - {row["id"]}
    return [r for i, r in there.items() if i not in gone]


def changes_of(
    actor: Actor, ids: list[UUID], *, after: datetime | None = None, oldest_first: bool = False
) -> Iterable[tuple[UUID, dict[str, Any], str, str, datetime]]:
    """(card, diff, why, who, at) of what happened to these since, newest first; the making itself left out."""
    if not ids:
        return
    since, params = ("", []) if after is None else (" AND ch.at > %s", [rows.stamp(after)])
    found = rows.fetch(
        "SELECT ch.card_id, ch.diff, ch.why, ch.actor_name, ch.at, ch.version FROM kernel_change ch"
        f" WHERE ch.workspace_id = %s AND ch.card_id IN ({rows.marks(len(ids))}){since}"
        f" ORDER BY ch.id {'ASC' if oldest_first else 'DESC'}",
        [actor.workspace_id, *ids, *params],
    )
    for card, diff, why, who, when, version in found:
        if version > 1 or oldest_first:
            told = orjson.loads(diff) if isinstance(diff, str | bytes) else diff
            yield rows.ident(card), told, why, who, moment_of(when)


def holds(term: Term, row: dict[str, Any]) -> bool:
    """Whether a term holds of a row as it stood. A comparison of days takes them as written."""
    value = row[term.field]
    text = "" if value is None else str(value)
    if term.op == ":":
        fits = any(_is(text, v) for v in term.values)
    else:
        sought = term.values[0]
        fits = (
            bool(text) and {">": text > sought, "<": text < sought, ">=": text >= sought, "<=": text <= sought}[term.op]
        )
    return fits != term.denied


def _is(text: str, sought: str) -> bool:
    return {"none": not text, "any": bool(text)}.get(sought.lower(), text == sought.lower())
