"""The change log as somebody may read it: record by record, as a stream, and as live news.

Three things are taken out for a reader: changes of records out of reach, values of private
fields, and what a change beside the fields would tell of other records or of remarks that
were taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from threadline.kernel import rows
from threadline.kernel.access import WORKSPACE, Actor, reach, reach_sql
from threadline.kernel.cards import Card
from threadline.kernel.customs import all_fields
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import RecordType, type_of

Diff = dict[str, list[Any]]


@dataclass(slots=True)
class News:
    """One change in the stream. ``key`` is empty for a change of the workspace itself."""

    id: str
    workspace_id: str
    at: datetime
    kind: str
    card_id: str | None
    key: str
    confidentiality: int
    action: str
    who_id: str | None
    who: str
    face: str
    why: str
    diff: Diff
    version: int
    revision: int
    batch: str


_SELECT = (
    "SELECT ch.id, ch.workspace_id, ch.at, ch.kind, ch.card_id, c.key, c.confidentiality, ch.action, ch.actor_id,"
    " ch.actor_name, ch.face, ch.why, ch.diff, ch.version, ch.revision, ch.batch"
    " FROM kernel_change ch LEFT JOIN kernel_card c ON c.id = ch.card_id"
)


def stream(actor: Actor, after: UUID | None, limit: int, *, imports: bool = True) -> tuple[list[News], bool]:
    """Changes after one of them, oldest first, and whether there are more; ``imports`` says whether with those.

    Ends before whatever an unfinished transaction may still put in between, so that a reader
    who goes on from the last one misses nothing.
    """
    condition, params = _in_reach(actor)
    where, values = f"ch.workspace_id = %s AND {condition}", [actor.workspace_id, *params]
    if after is not None:
        where, values = f"{where} AND ch.id > %s", [*values, after]
    if not imports:
        where += " AND ch.action <> 'import'"
    settled = _settled()
    if settled is not None:
        where, values = f"{where} AND ch.id < %s", [*values, settled]
    found = _news(rows.fetch(f"{_SELECT} WHERE {where} ORDER BY ch.id LIMIT {limit + 1}", values))
    return cleaned(actor, found[:limit]), len(found) > limit


def brought_in(actor: Actor, after: UUID, most: int) -> dict[str, int]:
    """How many records of each type were imported after a change; counts no further than ``most`` of all."""
    condition, params = _in_reach(actor)
    found = rows.fetch(
        "SELECT b.kind, COUNT(*) FROM (SELECT ch.kind AS kind FROM kernel_change ch JOIN kernel_card c"
        " ON c.id = ch.card_id WHERE ch.workspace_id = %s AND ch.id > %s AND ch.action = 'import'"
        f" AND ch.version = 1 AND {condition} LIMIT {most}) b GROUP BY b.kind",
        [actor.workspace_id, after, *params],
    )
    return {kind: int(count) for kind, count in found}


def newest(actor: Actor) -> UUID | None:
    """The id after which nothing has happened yet."""
    row = rows.fetch_one(
        "SELECT id FROM kernel_change WHERE workspace_id = %s ORDER BY id DESC LIMIT 1", [actor.workspace_id]
    )
    settled = _settled()
    found = rows.ident(row[0]) if row else None
    return found if found is None or settled is None else min(found, settled)


def cleaned(actor: Actor, news: list[News]) -> list[News]:
    """The same changes with only what this reader may know of each."""
    for one, diff in zip(news, seen(actor, [(n.kind, n.diff) for n in news]), strict=True):
        one.diff = diff
    return news


def copied(actor: Actor, news: Sequence[News]) -> list[News]:
    """Like :func:`cleaned`, for changes that others read too."""
    return cleaned(actor, [replace(one) for one in news])


# ---- live news --------------------------------------------------------------------------


def recent(workspace_ids: Iterable[UUID], since: datetime, known: set[str]) -> list[News]:
    """Changes in these workspaces from a moment on that are not ``known`` yet; adds them to it.

    Asked again and again with some overlap, it also finds what a slow transaction put in late.
    """
    wanted = list(workspace_ids)
    sql = (
        f"SELECT id FROM kernel_change WHERE workspace_id IN ({rows.marks(len(wanted))}) AND id > %s"
        " ORDER BY id LIMIT 20000"
    )
    found = [r[0] for r in rows.fetch(sql, [*wanted, first_id(since)])]
    fresh = [i for i in found if rows.hexed(i) not in known]
    known.update(rows.hexed(i) or "" for i in fresh)
    read: list[News] = []
    for at in range(0, len(fresh), 500):
        part = fresh[at : at + 500]
        read += _news(rows.fetch(f"{_SELECT} WHERE ch.id IN ({rows.marks(len(part))}) ORDER BY ch.id", part))
    return read


def within_reach(actor: Actor, news: Sequence[News]) -> list[News]:
    """Those changes that this reader may know of; asks the database only about confidential records."""
    doubtful = [rows.ident(n.card_id) for n in news if n.card_id and n.confidentiality != WORKSPACE]
    near = (
        {str(pk) for pk in reach(actor, Card).filter(pk__in=doubtful).values_list("pk", flat=True)}
        if doubtful
        else set()
    )
    heads = actor.may("members")
    return [
        n
        for n in news
        if n.workspace_id == str(actor.workspace_id)
        and (n.card_id in near or n.confidentiality == WORKSPACE if n.card_id else heads)
    ]


def first_id(at: datetime) -> UUID:
    """The lowest UUIDv7 of a moment, for comparing ids with times."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)


# ---- what may be told of a diff ---------------------------------------------------------


def seen(actor: Actor, diffs: Sequence[tuple[str, Diff]]) -> list[Diff]:
    """Diffs of (kind, diff) without private fields, words of remarks, and records out of reach."""
    mentioned = {ident for kind, diff in diffs for ident in _mentioned(kind, diff)}
    near: set[str] = set()
    if mentioned:
        near = {str(pk) for pk in reach(actor, Card).filter(pk__in=mentioned).values_list("pk", flat=True)}
    return [_seen(actor, kind, diff, near) for kind, diff in diffs]


def _seen(actor: Actor, kind: str, diff: Diff, near: set[str]) -> Diff:
    declared = _declared(kind)
    if declared is None:
        return diff
    readable = all_fields(actor, declared)
    told: Diff = {}
    for name, pair in diff.items():
        if name == "+link":
            if all(side is None or side["target"] in near for side in pair):
                told[name] = pair
        elif name == "+comment":
            told[name] = [side and {"id": side["id"]} for side in pair]
        elif name in readable and readable[name].kind.name == "reference":
            if any(hidden := [value if value in near else None for value in pair]):
                told[name] = hidden
        elif name in readable or name.startswith("+") or name not in declared.by_name:
            told[name] = pair
    return told


def _mentioned(kind: str, diff: Diff) -> Iterable[str]:
    declared = _declared(kind)
    if declared is None:
        return
    for name, pair in diff.items():
        if name == "+link":
            yield from (side["target"] for side in pair if side)
        elif name in declared.by_name and declared.by_name[name].kind.name == "reference":
            yield from (value for value in pair if value)


def _declared(kind: str) -> RecordType | None:
    try:
        return type_of(kind)
    except NotFound:
        return None


# ---- inside -----------------------------------------------------------------------------


def _in_reach(actor: Actor) -> tuple[str, list[Any]]:
    near, params = reach_sql(actor, "c")
    return (f"({near} OR ch.card_id IS NULL)" if actor.may("members") else near), params


def _settled() -> UUID | None:
    """Below this id nothing can appear any more; None where writers take turns anyway.

    SQLite has one writer at a time and ids are made while writing. On PostgreSQL a
    transaction that is still open may hold ids older than ones already seen.
    """
    if not rows.is_postgres():
        return None
    now = rows.now()
    row = rows.fetch_one(
        "SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
    )
    oldest = row[0] if row else None
    # A second for clocks that differ between the servers.
    return first_id(
        min(now + timedelta(milliseconds=1), oldest - timedelta(seconds=1))
        if oldest
        else now + timedelta(milliseconds=1)
    )


def _news(found: list[rows.Row]) -> list[News]:
    return [
        News(
            id=rows.hexed(r[0]) or "",
            workspace_id=rows.hexed(r[1]) or "",
            at=r[2] if r[2].tzinfo else r[2].replace(tzinfo=UTC),
            kind=r[3],
            card_id=rows.hexed(r[4]),
            key=r[5] or "",
            confidentiality=r[6] or WORKSPACE,
            action=r[7],
            who_id=rows.hexed(r[8]),
            who=r[9],
            face=r[10],
            why=r[11],
            diff=orjson.loads(r[12]) if isinstance(r[12], str) else r[12],
            version=r[13],
            revision=r[14],
            batch=rows.hexed(r[15]) or "",
        )
        for r in found
    ]
