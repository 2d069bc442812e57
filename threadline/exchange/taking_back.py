"""Undoing an import of any size: what it made goes to the trash, what it changed goes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from threadline.exchange.checking import Tell
from threadline.kernel import shelving, undo
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Batch, Change
from threadline.kernel.door import Door
from threadline.kernel.errors import Forbidden
from threadline.kernel.registry import type_of
from threadline.kernel.rows import new_id, now

PART = 200  # changes reversed in one transaction


@dataclass
class TakenBack:
    """How many records went to the trash and how many changes were reversed; ``kept`` were worked on since."""

    batch: UUID
    shelved: int = 0
    reversed: int = 0
    kept: list[str] = field(default_factory=list)


def take_back(actor: Actor, batch: UUID, tell: Tell | None = None) -> TakenBack:
    """Reverse a batch in transactions of its own; doing it twice does no harm.

    The rows' own transactions are committed already, so an interrupted undo is simply run again.
    """
    back = TakenBack(new_id())

    def shelve(door: Door) -> None:
        for kind in shelving.created_in(batch, door):
            back.shelved += shelving.archive_created(door, type_of(kind), batch)

    through_door(actor, "undo", shelve, batch=back.batch)
    done = undo.Undone(back.batch)
    last: UUID | None = None
    while True:
        part = _changes(actor, batch, last)
        if not part:
            break
        through_door(actor, "undo", _reversing(part, done), batch=back.batch)
        last = part[-1].pk
        if tell is not None:
            tell(back.shelved + done.reversed, None, "Taking back")
    back.reversed, back.kept = done.reversed, done.kept[:100]
    Batch.objects.filter(workspace_id=actor.workspace_id, pk=batch).update(undone_at=now())
    return back


def _reversing(part: list[Change], done: undo.Undone) -> Callable[[Door], None]:
    def reverse(door: Door) -> None:
        for change in part:
            try:
                undo.reverse(door, change, done)
            except Forbidden:  # a role that may import may not put everything into the trash
                done.kept.append(f"{change.kind.replace('_', ' ')} {change.card_id}")

    return reverse


def _changes(actor: Actor, batch: UUID, before: UUID | None) -> list[Change]:
    """The latest changes of the batch that are not the making of a record now in the trash."""
    mine = Change.objects.filter(workspace_id=actor.workspace_id, batch=batch, card__isnull=False)
    mine = mine.exclude(version=1, card__archived_at__isnull=False)
    return list((mine if before is None else mine.filter(pk__lt=before)).order_by("-pk")[:PART])
