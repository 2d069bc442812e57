"""Who is told of a change: watchers, the owner, and the owners of whatever relied on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from threadline.kernel import rows
from threadline.kernel.access import Actor, reached_by
from threadline.kernel.comments import Notification
from threadline.kernel.records import Record

# Nobody is told of what they may not see: even a count of news would tell that there is something.
_HERE = (
    "SELECT m.id FROM kernel_member m JOIN kernel_card c ON c.id = %s"
    f" WHERE m.workspace_id = %s AND m.left_at IS NULL AND {reached_by('m', 'c')}"
)
_TELL_ONE = (
    "INSERT INTO kernel_notification (id, workspace_id, member_id, card_id, reason, actor_name, batch, created_at)"
    f" {_HERE.replace('SELECT m.id', 'SELECT %s, m.workspace_id, m.id, c.id, %s, %s, %s, %s')}"
)
_WATCHERS = (
    "SELECT w.member_id, w.card_id, 'changed' FROM kernel_watch w JOIN kernel_member m ON m.id = w.member_id"
    " JOIN kernel_card c ON c.id = w.card_id"
    f" WHERE w.workspace_id = %s AND w.card_id = %s AND m.left_at IS NULL AND {reached_by('m', 'c')}"
)
# Owners of records that cite this one and have not read the new revision.
_RELIERS = (
    " UNION ALL SELECT c.owner_id, c.id, 'suspect' FROM kernel_link l JOIN kernel_card c ON c.id = l.source_id"
    " JOIN kernel_member m ON m.id = c.owner_id JOIN kernel_card t ON t.id = l.target_id"
    " WHERE l.workspace_id = %s AND l.target_id = %s AND l.seen_revision < %s"
    f" AND c.archived_at IS NULL AND m.left_at IS NULL AND {reached_by('m', 't')}"
)


def tell(actor: Actor, who: Iterable[Any], card_id: UUID, reason: str, batch: UUID) -> None:
    """Notify members, given by id or handle; never the actor, never somebody who has left."""
    named = list(who)
    if not named:
        return
    by = "id" if isinstance(named[0], UUID) else "handle"
    if len(named) == 1 and by == "id":  # a new record's owner: asked and told in one statement
        if named[0] != actor.member_id:
            about = [rows.new_id(), reason, actor.name, batch, rows.stamp(rows.now())]
            rows.execute(f"{_TELL_ONE} AND m.id = %s", [*about, card_id, actor.workspace_id, named[0]])
        return
    wanted = named if by == "id" else [str(n).lower() for n in named]
    found = rows.fetch(f"{_HERE} AND m.{by} IN ({rows.marks(len(wanted))})", [card_id, actor.workspace_id, *wanted])
    ids = [pk for pk in (rows.ident(r[0]) for r in found) if pk != actor.member_id]
    _insert(actor, [(pk, card_id, reason) for pk in ids], batch)


def tell_of_change(actor: Actor, record: Record, diff: dict[str, Any], meaning: bool, batch: UUID) -> None:
    """After an update: watchers hear of it; when the meaning changed, so do those who rely on it."""
    sql = _WATCHERS
    params: list[Any] = [record.workspace_id, record.pk]
    if meaning:
        sql += _RELIERS
        params += [record.workspace_id, record.pk, record.revision]
    people: dict[tuple[Any, Any], str] = {}
    for member_id, card_id, reason in rows.fetch(sql, params):
        people.setdefault((rows.ident(member_id), rows.ident(card_id)), reason)
    if "owner" in diff and record.owner_id:
        people[(record.owner_id, record.pk)] = Notification.Reason.ASSIGNED
    elif record.owner_id:
        people.setdefault((record.owner_id, record.pk), "changed")
    _insert(actor, [(m, c, r) for (m, c), r in people.items() if m != actor.member_id], batch)


def _insert(actor: Actor, told: list[tuple[UUID, UUID, str]], batch: UUID) -> None:
    rows.insert(
        *(
            rows.blank(
                Notification,
                workspace_id=actor.workspace_id,
                member_id=member_id,
                card_id=card_id,
                reason=reason,
                actor_name=actor.name,
                batch=batch,
            )
            for member_id, card_id, reason in told
        )
    )
