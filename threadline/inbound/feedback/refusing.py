"""What people said "not this one" of: a feature that a note was offered, or a note that it seemed to repeat.

It is not offered to this note again, and notes alike are offered it later. Whoever takes a link or a merge apart
says the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from threadline.inbound.feedback import queries
from threadline.inbound.feedback.models import Feedback, Refused
from threadline.kernel import rows, verbs
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.actions import Ask, action
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid, NotFound

LOGGED = "+refused"
What = Annotated[str, Ask("Not this one", "The key of the feature or note that it was offered.")]


@action(Feedback, verb="update", label="Not this one")
def refuse_offer(door: Door, *, feedback: Feedback, what: What) -> Feedback:
    """Say that a note does not belong to a feature, or repeats no such note; offers for notes like it learn from it."""
    card = _card(door, what)
    if card.pk == feedback.pk:
        raise Invalid(("what", "A note is never offered itself."))
    note_refusal(door, feedback, card)
    return feedback


@action(Feedback, verb="update", label="Offer it again")
def offer_again(door: Door, *, feedback: Feedback, what: What) -> Feedback:
    """Take back that something was not this one."""
    card = _card(door, what)
    if not forget_refusal(door, feedback, card.pk):
        raise Conflict(f"Nobody said that {card.key} is not meant.", feedback.version)
    return feedback


def _card(door: Door, what: str) -> Card:
    try:
        card = verbs.card(door.actor, what)
    except NotFound:
        raise Invalid(("what", "There is no feature or note of this key that you may see.")) from None
    if card.kind not in (queries.FEATURE, Feedback.kind):
        raise Invalid(("what", "Name a feature or a note."))
    return card


def note_refusal(door: Door, note: Feedback, card: Card) -> None:
    """Write down that somebody said no; saying it twice changes nothing."""
    mine = Refused.objects.filter(workspace_id=note.workspace_id, note_id=note.pk, what_id=card.pk)
    if not mine.exists():
        made = rows.blank(
            Refused, workspace_id=note.workspace_id, note_id=note.pk, what_id=card.pk, member_id=door.actor.member_id
        )
        rows.insert(made)
        door.log(note, {LOGGED: [None, {"key": card.key, "title": card.title}]})


def forget_refusal(door: Door, note: Feedback, what: UUID) -> bool:
    """Forget it again, because it was meant after all; whether there was anything to forget."""
    gone, _ = Refused.objects.filter(workspace_id=note.workspace_id, note_id=note.pk, what_id=what).delete()
    if gone:
        card = Card.objects.get(workspace_id=note.workspace_id, pk=what)
        door.log(note, {LOGGED: [{"key": card.key, "title": card.title}, None]})
    return bool(gone)


def refused_of(actor: Actor, note: Feedback) -> list[tuple[str, str]]:
    """(key, title) of what a note within reach was refused, within reach, the latest first."""
    near, params = reach_sql(actor, "c")
    found = rows.fetch(
        "SELECT c.key, c.title FROM inbound_refused r JOIN kernel_card c ON c.id = r.what_id"
        f" WHERE r.workspace_id = %s AND r.note_id = %s AND c.archived_at IS NULL AND {near} ORDER BY r.id DESC",
        [note.workspace_id, note.pk, *params],
    )
    return [(key, title) for key, title in found]


def refused_by(workspace_id: UUID, notes: Sequence[str]) -> dict[str, set[str]]:
    """What each of these notes was refused, features and notes, by id. Past reach: to leave out and to weigh."""
    if not notes:
        return {}
    found = rows.fetch(
        "SELECT r.note_id, r.what_id FROM inbound_refused r WHERE r.workspace_id = %s"
        f" AND r.note_id IN ({rows.marks(len(notes))})",
        [workspace_id, *(rows.ident(n) for n in notes)],
    )
    by: dict[str, set[str]] = defaultdict(set)
    for note, what in found:
        by[rows.hexed(note) or ""].add(rows.hexed(what) or "")
    return by
