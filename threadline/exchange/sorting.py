"""Which drafts are new, which are here already, and which cannot be brought in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from threadline.exchange.reading import Draft, Fault
from threadline.kernel import bulk, rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.door import Door, exchange_values, settled
from threadline.kernel.errors import Invalid
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType
from threadline.kernel.shelving import may_restore

Held = tuple[Draft, Any]  # a draft and its record


@dataclass(slots=True)
class Sorted:
    """A chunk of drafts, each with the record it would make or change."""

    new: list[Held] = field(default_factory=list)
    here: list[Held] = field(default_factory=list)
    bad: list[Draft] = field(default_factory=list)
    empty: int = 0


def sort_out(door: Door, declared: RecordType, source: str, drafts: Sequence[Draft], *, lock: bool) -> Sorted:
    """Find what each draft is about. New records are built and settled, but not written."""
    present = _Present(door.actor, declared, source, drafts, lock=lock)
    restorable = may_restore(door, declared, present.shelved) if present.shelved else set()
    made = Sorted()
    for draft in drafts:
        if draft.empty:
            made.empty += 1
            continue
        record = None if draft.faults else present.of(draft)
        if record is not None and record.archived_at is not None and record.pk not in restorable:
            draft.faults.append(Fault("", record.key, "It is in the trash, and your role may not bring it back."))
        if draft.faults:
            made.bad.append(draft)
        elif record is not None:
            made.here.append((draft, record))
        else:
            _build(door, declared, source, draft, made)
    return made


def _build(door: Door, declared: RecordType, source: str, draft: Draft, made: Sorted) -> None:
    values = {n: v for n, v in draft.values.items() if v is not None}
    try:
        record = bulk.build(door, declared, values)
    except Invalid as refused:
        draft.faults += faults_of(declared, refused)
        made.bad.append(draft)
        return
    record.source, record.source_id = source, draft.source_id
    made.new.append((draft, record))


def faults_of(declared: RecordType, refused: Invalid) -> list[Fault]:
    """A refusal of the door as faults of the row."""
    named = declared.by_name
    return [Fault(named[p.field].label if p.field in named else p.field, "", p.message) for p in refused.problems]


def changes_of(draft: Draft, *, exact: bool) -> dict[str, Any]:
    """What a draft says about a record that is here already."""
    return draft.values if exact else {n: v for n, v in draft.values.items() if v is not None}


def would_change(door: Door, declared: RecordType, record: Record, values: dict[str, Any]) -> bool:
    """Whether writing the values would change the instance; it is changed, the database is not. Raises Invalid."""
    own = door.own(declared)
    before = exchange_values(declared, record, own)
    door.set_values(record, values)
    settled(door, declared, record, {n: before.get(n) for n in values})
    return before != exchange_values(declared, record, own)


class _Present:
    """The records that the drafts of a chunk may mean: by id or key here, else by source and id there."""

    def __init__(self, actor: Actor, declared: RecordType, source: str, drafts: Sequence[Draft], *, lock: bool) -> None:
        ids = [d.source_id for d in drafts if d.source_id and not d.faults and not d.empty]
        self._by_source = _taken(declared, actor, source, ids)
        wanted = {*self._by_source.values(), *(d.own for d in drafts if isinstance(d.own, UUID))}
        keys = [d.own for d in drafts if isinstance(d.own, str)]
        self._by_id: dict[UUID, Record] = {}
        self._by_key: dict[str, Record] = {}
        near = reach(actor, declared.model)
        near = near.select_for_update(of=("self",)) if lock else near
        if wanted:
            self._by_id = {r.pk: r for r in near.filter(pk__in=wanted)}
        numbers = [n for k in keys if (n := _number(declared, k)) is not None]
        if numbers:
            self._by_key = {r.key: r for r in near.filter(number__in=numbers)}

    @property
    def shelved(self) -> list[Record]:
        """Those in the trash."""
        return [r for r in (*self._by_id.values(), *self._by_key.values()) if r.archived_at is not None]

    def of(self, draft: Draft) -> Record | None:
        """The record a draft means; what is wrong with that is added to the draft."""
        if isinstance(draft.own, str):
            found = self._by_key.get(draft.own)
            if found is None:
                draft.faults.append(Fault("", draft.own, "No record here has this key."))
            return found
        if draft.own is not None and draft.own in self._by_id:
            return self._by_id[draft.own]
        taken = self._by_source.get(draft.source_id)
        if taken is None:
            return None
        found = self._by_id.get(taken)
        if found is None:
            draft.faults.append(Fault("", draft.source_id, "Another record already has this source and id."))
        return found


def _taken(declared: RecordType, actor: Actor, source: str, ids: Sequence[str]) -> dict[str, UUID]:
    """Which source ids are taken, by whichever record of the workspace."""
    if not ids:
        return {}
    # The condition on source_id is written as its partial index says it.
    here = f"FROM \"{declared.table}\" t WHERE t.workspace_id = %s AND t.source = %s AND NOT (t.source_id = '')"
    if rows.is_postgres():
        # One probe of the index for each id: left to itself, the planner reads all rows of the source, each time.
        sql = (
            "SELECT w.sid, f.id FROM unnest(%s::text[]) AS w(sid)"
            f" CROSS JOIN LATERAL (SELECT t.id {here} AND t.source_id = w.sid OFFSET 0) f"
        )
        found = rows.fetch(sql, [list(ids), actor.workspace_id, source])
    else:
        sql = f"SELECT t.source_id, t.id {here} AND t.source_id IN ({rows.marks(len(ids))})"
        found = rows.fetch(sql, [actor.workspace_id, source, *ids])
    return {name: rows.ident(pk) for name, pk in found}


def _number(declared: RecordType, key: str) -> int | None:
    prefix, _, number = key.rpartition("-")
    plain = number.isascii() and number.isdigit() and len(number) < 10
    return int(number) if prefix == declared.model.prefix and plain else None


def cited(actor: Actor, drafts: Iterable[Draft]) -> dict[str, Card]:
    """The cards that the drafts cite by key."""
    keys = {k for d in drafts for named in d.cites.values() for k in named}
    found: dict[str, Card] = {}
    listed = sorted(keys)
    for start in range(0, len(listed), 1_000):
        part = listed[start : start + 1_000]
        found |= {c.key: c for c in reach(actor, Card).filter(key__in=part, archived_at=None)}
    return found
