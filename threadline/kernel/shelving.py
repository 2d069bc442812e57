"""Many records into the trash, or back out of it, in a few statements, each one logged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from threadline.kernel import citing, fields, rows
from threadline.kernel.access import reach, reach_sql
from threadline.kernel.bulk import log_many
from threadline.kernel.changes import Change
from threadline.kernel.door import Door
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType

_PART = 500


def created_in(batch: UUID, door: Door) -> list[str]:
    """The kinds of records that a batch made."""
    made = Change.objects.filter(workspace_id=door.actor.workspace_id, batch=batch, version=1)
    return sorted(made.values_list("kind", flat=True).distinct())


def archive_created(door: Door, declared: RecordType, batch: UUID) -> int:
    """Put into the trash all records that a batch created, if nobody changed them since.

    Returns how many. This is the undo of an import of any size: a few statements for every 500.
    Who may import may take it back, so it needs the ``bulk`` verb alone.
    """
    door.actor.need("bulk", declared.group)
    near, params = reach_sql(door.actor, "r")
    made = (
        f'SELECT r.id FROM "{declared.table}" r JOIN kernel_change c ON c.workspace_id = r.workspace_id'
        " AND c.card_id = r.id WHERE c.workspace_id = %s AND c.batch = %s AND c.kind = %s AND c.version = 1"
        " AND NOT EXISTS (SELECT 1 FROM kernel_change e WHERE e.workspace_id = c.workspace_id"
        " AND e.card_id = c.card_id AND e.id < c.id)"  # its first change, so not just a link to it
        f" AND r.version = 1 AND r.archived_at IS NULL AND {near}"
    )
    given = [door.actor.workspace_id, batch, declared.kind, *params]
    ids = sorted({rows.ident(r[0]) for r in rows.fetch(made, given)})
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        for record in _shelve(door, declared, list(reach(door.actor, declared.model).filter(pk__in=part)), rows.now()):
            citing.shelved(door, record)
    return len(ids)


def restore_many(door: Door, declared: RecordType, records: Sequence[Record]) -> None:
    """Bring records back from the trash; the instances are brought up to date.

    See :func:`may_restore` for which of them an actor may bring back.
    """
    if not records:
        return
    door.actor.need("bulk", declared.group)
    for start in range(0, len(records), _PART):
        for record in _shelve(door, declared, records[start : start + _PART], None):
            citing.shelved(door, record)


def may_restore(door: Door, declared: RecordType, records: Sequence[Record]) -> set[UUID]:
    """Ids of the records in the trash that the actor may bring back: all, or what they put there."""
    if door.actor.may("archive", declared.group):
        return {r.pk for r in records}
    versions = {r.pk: r.version for r in records}
    mine = Change.objects.filter(
        workspace_id=door.actor.workspace_id, card_id__in=list(versions), actor_id=door.actor.member_id
    )
    return {card for card, version in mine.values_list("card_id", "version") if card and versions[card] == version}


def _shelve(door: Door, declared: RecordType, part: Sequence[Record], at: datetime | None) -> list[Record]:
    """Write the move; the records whose citations may matter to what they cite."""
    now, moment = rows.now(), fields.Moment()
    ids = [r.pk for r in part]
    among, stamped = f"id IN ({rows.marks(len(ids))})", [rows.stamp(at) if at else None, rows.stamp(now)]
    rows.execute(
        f'UPDATE "{declared.table}" SET archived_at = %s, updated_at = %s, version = version + 1 WHERE {among}',
        [*stamped, *ids],
    )
    rows.execute(f"UPDATE kernel_card SET archived_at = %s, updated_at = %s WHERE {among}", [*stamped, *ids])
    logged = []
    for record in part:
        before, record.archived_at, record.updated_at = record.archived_at, at, now
        record.version += 1
        diff = {"archived_at": [moment.exchange(before), moment.exchange(at)]}
        logged.append((record.pk, diff, record.version, record.revision))
    log_many(door, declared.kind, logged, now)
    if declared.follows:
        for record in part:
            declared.changed(door, record, ("archived_at",))
    citing_ones = _among_sources(door, ids) if declared.cites else set()
    return [r for r in part if r.pk in citing_ones]


def _among_sources(door: Door, ids: Sequence[UUID]) -> set[UUID]:
    found = Link.objects.filter(workspace_id=door.actor.workspace_id, source_id__in=ids)
    return set(found.values_list("source_id", flat=True))
