"""Reads for views that keep a copy: all rows of a type, some of them, a window, and what moved since.

A row is known by its number here, as people know it; a reader is told of numbers within reach
only. Everything passes the same condition as every list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from threadline.kernel import feed, rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.links import MENTION
from threadline.kernel.plan import plan
from threadline.kernel.query import Query, parse
from threadline.kernel.registry import RecordType
from threadline.kernel.shapes import add_tags, shape_of

MOST_MOVED = 2_000  # with more changes than this, reading anew is cheaper
MOST_ASKED = 500
# A change of one of these may take a record out of somebody's reach, or bring it in.
REACHING = frozenset({"confidentiality", "owner", "product", "+readers", "archived_at"})

Listed = list[dict[str, Any]]


def whole(actor: Actor, declared: RecordType, names: Sequence[str], most: int) -> Listed | None:
    """All rows within reach, oldest first, in the shape of lists; None when there are more than ``most``."""
    near, params = reach_sql(actor, "r")
    found = _read(
        actor, declared, names, f"{near} AND r.archived_at IS NULL", params, f"ORDER BY r.id LIMIT {most + 1}"
    )
    return None if len(found) > most else found


def some(actor: Actor, declared: RecordType, numbers: Iterable[int], names: Sequence[str]) -> Listed:
    """The rows of these numbers that are within reach and not in the trash, oldest first."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        return []
    near, params = reach_sql(actor, "r")
    condition = f"{near} AND r.archived_at IS NULL AND r.number IN ({rows.marks(len(wanted))})"
    return _read(actor, declared, names, condition, [*params, *wanted], "ORDER BY r.id")


def _read(
    actor: Actor, declared: RecordType, names: Sequence[str], condition: str, params: Sequence[Any], tail: str
) -> Listed:
    shape = shape_of(actor, declared, names)
    sql = f'SELECT {shape.select} FROM "{declared.table}" r{shape.joins} WHERE {condition} {tail}'
    listed = shape.dicts(rows.fetch(sql, [*shape.select_params, *shape.join_params, *params]))
    if "tags" in names:
        for at in range(0, len(listed), 5_000):
            add_tags(actor, listed[at : at + 5_000])
    return listed


def order(actor: Actor, declared: RecordType, query: Query | str, most: int) -> list[int]:
    """Numbers of the first matches, in the query's order."""
    return _numbers(actor, declared, query, 0, most)


def window(
    actor: Actor, declared: RecordType, query: Query | str, names: Sequence[str], start: int, count: int
) -> Listed:
    """Rows ``start`` to ``start + count`` of a query's answer, in its order."""
    numbers = _numbers(actor, declared, query, start, count)
    by_number = {number_of(row): row for row in some(actor, declared, numbers, names)}
    return [by_number[n] for n in numbers if n in by_number]


def _numbers(actor: Actor, declared: RecordType, query: Query | str, start: int, count: int) -> list[int]:
    made = plan(actor, declared, parse(query) if isinstance(query, str) else query)
    sql = f'SELECT r.number FROM "{declared.table}" r WHERE {made.condition} ORDER BY {made.order_sql()}'
    found = rows.fetch(f"{sql} LIMIT {int(count)} OFFSET {int(start)}", [*made.params, *made.order_params])
    return [r[0] for r in found]


def within_reach(actor: Actor, declared: RecordType) -> list[list[int]]:
    """Every number within reach and not in the trash, as runs ``[first, last]``."""
    near, params = reach_sql(actor, "r")
    found = rows.fetch(
        f'SELECT r.number FROM "{declared.table}" r WHERE {near} AND r.archived_at IS NULL ORDER BY r.number', params
    )
    runs: list[list[int]] = []
    for (number,) in found:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def number_of(row: dict[str, Any]) -> int:
    """The number in a row's key."""
    return int(row["key"].rpartition("-")[2])


@dataclass(slots=True)
class Moved:
    """What happened since a change: ``numbers`` of records that changed (not all need be in reach).

    ``reset`` means read everything anew; ``reach`` that rows may have come or gone without a
    word of their own; ``beside`` that records changed from which computed columns are drawn.
    """

    cursor: str
    numbers: list[int] = field(default_factory=list)
    by: dict[int, str] = field(default_factory=dict)
    reset: bool = False
    reach: bool = False
    beside: bool = False


def moved(actor: Actor, declared: RecordType, after: UUID | None) -> Moved:
    """Which records of a type changed after a change of the log."""
    newest = feed.newest(actor)
    told = Moved(str(newest) if newest else "")
    if after is None or newest is None or after >= newest:
        told.reset = after is None and newest is not None
        return told
    found = rows.fetch(
        "SELECT ch.kind, r.number, ch.diff, ch.actor_id, ch.actor_name, ch.card_id FROM kernel_change ch"
        f' LEFT JOIN "{declared.table}" r ON r.id = ch.card_id AND r.workspace_id = ch.workspace_id'
        f" WHERE ch.workspace_id = %s AND ch.id > %s AND ch.id <= %s ORDER BY ch.id LIMIT {MOST_MOVED + 1}",
        [actor.workspace_id, after, newest],
    )
    if len(found) > MOST_MOVED:
        told.reset = True
        return told
    drawn_from = {kind for cite in declared.cites if cite.name != MENTION for kind in cite.to} - {declared.kind}
    me = str(actor.member_id)
    for kind, number, diff, who, name, card_id in found:
        fields = (orjson.loads(diff) if isinstance(diff, str) else diff).keys()
        told.reach = told.reach or card_id is None or (kind == declared.kind and not REACHING.isdisjoint(fields))
        told.beside = told.beside or kind in drawn_from
        if number is not None:
            told.numbers.append(number)
            if rows.hexed(who) != me:
                told.by[number] = name
    told.numbers = list(dict.fromkeys(told.numbers))
    return told
