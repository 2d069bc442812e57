"""Records as they stood at an instant: the log of changes, backwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from threadline.inbound.roadmaps.items import moment_of
from threadline.kernel import feed, rows
from threadline.kernel.access import Actor
from threadline.kernel.registry import SQL

LINK = "+link"
Links = dict[str, tuple[UUID, str, UUID]]  # by the id of the link: source, kind, target


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the log, as far as replaying asks."""

    card: UUID
    diff: dict[str, Any]
    why: str
    who: str
    at: datetime
    version: int

    @property
    def fields(self) -> dict[str, Any]:
        """What it did to fields; nothing for the making, behind which there is nothing to go back to."""
        return {} if self.version == 1 else {n: p for n, p in self.diff.items() if not n.startswith("+")}


def steps(
    actor: Actor,
    of: Collection[UUID] | SQL,
    *,
    after: datetime | None = None,
    until: datetime | None = None,
    oldest_first: bool = False,
) -> list[Step]:
    """What happened to these records, given by id or as a subquery of ids; newest first, or oldest."""
    where, params = ("ch.workspace_id = %s", [actor.workspace_id])
    if isinstance(of, tuple):
        where, params = f"{where} AND ch.card_id IN ({of[0]})", [*params, *of[1]]
    elif not of:
        return []
    else:
        where, params = f"{where} AND ch.card_id IN ({rows.marks(len(of))})", [*params, *of]
    for sign, at in ((">", after), ("<=", until)):
        if at is not None:
            where, params = f"{where} AND ch.at {sign} %s", [*params, rows.stamp(at)]
    return _read(where, params, oldest_first=oldest_first)


def steps_since(actor: Actor, kind: str, at: datetime) -> list[Step]:
    """What happened to all records of a kind since an instant, newest first."""
    where = "ch.workspace_id = %s AND ch.id > %s AND ch.at > %s AND ch.kind = %s"
    return _read(where, [actor.workspace_id, feed.first_id(at), rows.stamp(at), kind])


def _read(where: str, params: list[Any], *, oldest_first: bool = False) -> list[Step]:
    found = rows.fetch(
        "SELECT ch.card_id, ch.diff, ch.why, ch.actor_name, ch.at, ch.version FROM kernel_change ch"
        f" WHERE {where} ORDER BY ch.id {'ASC' if oldest_first else 'DESC'}",
        params,
    )
    return [
        Step(rows.ident(card), orjson.loads(d) if isinstance(d, str | bytes) else d, why, who, moment_of(at), version)
        for card, d, why, who, at, version in found
        if card is not None
    ]


def rewind(there: dict[UUID, dict[str, Any]], log: Iterable[Step]) -> dict[UUID, dict[str, Any]]:
    """Rows by id as they stood before these steps, newest first; without those in the trash then.

    What was kept apart then or is kept apart now is so in either: nobody reads by way of a day what was
    not theirs to read on it.
    """
    apart = {i: row.get("confidentiality", 0) for i, row in there.items()}
    for step in log:
        row = there.get(step.card)
        if row is not None and step.fields:
            row |= {name: pair[0] for name, pair in step.fields.items() if name in row}
            row["version"] = step.version - 1
    for ident, row in there.items():
        row["confidentiality"] = max(int(row.get("confidentiality") or 0), int(apart[ident]))
    return {i: row for i, row in there.items() if not row.get("archived_at")}


def rewind_links(now: Links, log: Iterable[Step], kinds: Collection[str]) -> Links:
    """Links as they stood before these steps of their sources, newest first; in the order in which they were made."""
    held = dict(now)
    for step in log:
        old, new = step.diff.get(LINK) or (None, None)
        if new is not None and new["kind"] in kinds:
            held.pop(new["id"], None)
        if old is not None and old["kind"] in kinds:
            held[old["id"]] = (step.card, old["kind"], UUID(old["target"]))
    return dict(sorted(held.items()))
