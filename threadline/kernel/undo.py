"""Undo: a batch replayed backwards, as one new batch that can itself be undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from threadline.kernel import citing, fields, rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.changes import Batch, Change
from threadline.kernel.comments import Comment
from threadline.kernel.door import Door, exchange_values
from threadline.kernel.errors import Conflict, Forbidden, NotFound
from threadline.kernel.files import Attachment
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of
from threadline.kernel.verbs import tag


@dataclass
class Undone:
    """What an undo did: changes reversed, and records left alone because they moved on since."""

    batch: UUID
    reversed: int = 0
    kept: list[str] = field(default_factory=list)


def undo(actor: Actor, batch: Any) -> Undone:
    """Reverse every change of a batch, newest first.

    One's own batches; heads may undo anybody's. A field that somebody changed since is left
    as it is and named in ``kept``; if nothing at all can be reversed, Conflict is raised.
    """
    try:
        ident = batch if isinstance(batch, UUID) else UUID(str(batch))
    except ValueError:
        raise NotFound from None

    def run(door: Door) -> Undone:
        changes = list(Change.objects.filter(workspace_id=actor.workspace_id, batch=ident).order_by("-pk"))
        if not changes:
            raise NotFound
        if any(c.actor_id != actor.member_id for c in changes) and not actor.may("undo_others"):
            raise Forbidden("Only the person who did it, or an admin, can undo this.")
        done = Undone(door.batch)
        for change in changes:
            if change.card_id is not None:
                reverse(door, change, done)
        if not done.reversed:
            raise Conflict("Nothing is left to undo: it was undone before, or changed again since.")
        Batch.objects.filter(workspace_id=actor.workspace_id, pk=ident).update(undone_at=rows.now())
        return done

    return through_door(actor, "undo", run)


def reverse(door: Door, change: Change, done: Undone) -> None:
    """Reverse one change, as far as nobody has moved on since; what was done is added to ``done``."""
    card = reach(door.actor, Card).filter(pk=change.card_id).first() if change.card_id else None
    if card is None:
        return
    record = door.get(type_of(card.kind).model, card.pk, archived=True)
    plain = {n: pair for n, pair in change.diff.items() if not n.startswith("+") and n != "archived_at"}
    if plain and change.version == 1:  # every later change of fields has a higher version
        _reverse_creation(door, record, change, done)
        return
    _reverse_fields(door, record, plain, done)
    if "archived_at" in change.diff:
        before = fields.Moment().clean(change.diff["archived_at"][0], door.actor)
        if (record.archived_at is None) != (before is None):
            if before is None:
                door.restore(record)
            else:
                door.archive(record)
            done.reversed += 1
    done.reversed += _reverse_beside(door, record, change)


def _reverse_creation(door: Door, record: Record, change: Change, done: Undone) -> None:
    """To the trash with it, unless somebody else has worked on it since."""
    later = Change.objects.filter(workspace_id=record.workspace_id, card_id=record.pk, version__gt=1)
    if later.exclude(batch__in=(change.batch, door.batch)).exclude(actor_id=change.actor_id).exists():
        done.kept.append(record.key)
    elif record.archived_at is None:
        door.archive(record)
        done.reversed += 1


def _reverse_fields(door: Door, record: Record, plain: dict[str, Any], done: Undone) -> None:
    declared = type_of(record)
    own = door.own(declared)
    now = exchange_values(declared, record, own)
    back: dict[str, Any] = {}
    for name, (old, new) in plain.items():
        field = declared.by_name.get(name) or own.get(name)
        try:
            if field is None or now.get(name) != new:
                raise fields.Refused
            back[name] = field.kind.clean(old, door.actor)
        except fields.Refused:  # changed since, or what it pointed to is gone
            done.kept.append(f"{record.key} {name.replace('_', ' ')}")
    if back:
        door.change(record, back)
        done.reversed += 1


def _reverse_beside(door: Door, record: Record, change: Change) -> int:
    """Links, tags and comments of a change; the number reversed."""
    count = 0
    if "+link" in change.diff:
        count += _reverse_link(door, record, *change.diff["+link"])
    if "+tags" in change.diff:
        tag(door, record, change.diff["+tags"][0])
        count += 1
    if "+file" in change.diff:
        old, new = change.diff["+file"]
        mine = Attachment.objects.filter(workspace_id=record.workspace_id, card_id=record.pk, pk=(new or old)["id"])
        count += mine.update(removed_at=rows.now() if old is None else None)
        door.log(record, {"+file": [new, old]})
    if "+comment" in change.diff:
        old, new = change.diff["+comment"]
        said = Comment.objects.filter(workspace_id=record.workspace_id, pk=(new or old)["id"], removed_at=None)
        if old is None:
            count += said.update(body="", removed_at=rows.now())
        elif new is not None:
            count += said.update(body=old["body"])
        door.log(record, {"+comment": [new, old]})
    return count


def _reverse_link(door: Door, record: Record, old: dict[str, Any] | None, new: dict[str, Any] | None) -> int:
    mine = Link.objects.filter(workspace_id=record.workspace_id, source_id=record.pk)
    present = mine.filter(pk=(new or old or {})["id"]).first()
    if old is None:
        if present is None:
            return 0
        citing.drop(door, record, present)
        return 1
    said: dict[str, Any] = {k: old[k] for k in ("seen_revision", "quote", "weight")}
    said["confirmed_at"] = fields.Moment().clean(old.get("confirmed_at"), door.actor)
    if present is not None:
        before = citing.state_of(present)
        for name, value in said.items():
            setattr(present, name, value)
        return int(citing.amend(door, record, present, before, said=False))
    target = UUID(old["target"])
    gone = not reach(door.actor, Card).filter(pk=target).exists()
    if new is not None or gone or mine.filter(target_id=target, kind=old["kind"]).exists():
        return 0
    again = Link(id=UUID(old["id"]), workspace_id=record.workspace_id, source_id=record.pk, target_id=target)
    again.kind, again.created_by_id = old["kind"], door.actor.member_id
    for name, value in said.items():
        setattr(again, name, value)
    citing.make(door, record, again, said=False)
    return 1
