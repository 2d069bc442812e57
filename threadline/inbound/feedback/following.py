"""Whoever said something follows what becomes of it: an address of their own, unguessable, which ends.

It shows their own words, where it stands and the reason of a no: what ``outside.py`` draws of :class:`Followed`, and
that is made here alone. Whoever gave the address away must still be here and see the note; all else is read with the
eyes of somebody who may see only what everybody in the workspace may see.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from threadline.inbound import keys
from threadline.inbound.feedback import queries
from threadline.inbound.feedback.models import Feedback, Following
from threadline.inbound.feedback.rules import OPEN
from threadline.kernel import rows, text
from threadline.kernel.access import Actor, actor_of, reach
from threadline.kernel.actions import Ask, action
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden, Invalid
from threadline.kernel.links import Link
from threadline.kernel.members import Role
from threadline.kernel.registry import type_of

_FOR = "feedback.follow"
USUALLY_OPEN, LONGEST_OPEN = 90, 366  # days
_NOBODY = UUID(int=0)  # no member has it

RECEIVED = ("Received", "", "Somebody will read it and say here what becomes of it.")
CONSIDERED = ("Considered", "info", "It is kept with what others asked for and weighed with it.")
NOT_PLANNED = ("Not planned", "bad", "")
TURNED_DOWN = ("Not planned", "bad", "It was considered, and will not be done as things stand.")
# By the furthest of the features that rest on it, the furthest first.
_STANDS = {
    "shipped": ("Shipped", "ok", "It is there to use."),
    "building": ("In the making", "plum", "We are working on it."),
    "planned": ("Planned", "info", "We mean to do it. Plans change; this is not a promise."),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """All that whoever said it reads."""

    company: str
    words: str
    said_on: date | None
    stands: str
    tone: str
    means: str
    reason: str
    until: date


@action(Feedback, verb="decide", label="Let them follow it", states=(*OPEN, "declined", "merged"))
def let_follow(
    door: Door,
    *,
    feedback: Feedback,
    until: Annotated[date | None, Ask("Open until", f"Blank: {USUALLY_OPEN} days from today.")] = None,
) -> Feedback:
    """Make an address for whoever said it: their own words, where it stands, and the reason of a no. Nothing else."""
    today = rows.now().date()
    until = until or today + timedelta(days=USUALLY_OPEN)
    if not today <= until <= today + timedelta(days=LONGEST_OPEN):
        raise Invalid(("until", "Choose a day from today to a year from now."))
    found = Following.objects.filter(workspace_id=feedback.workspace_id, note_id=feedback.pk).first()
    if found is None or feedback.followed_until is None or feedback.followed_until < today:
        _begin(door, feedback, found)
    return door.change(feedback, {"followed_until": until})


def _begin(door: Door, note: Feedback, found: Following | None) -> None:
    """A key that nobody has had before: an address that was closed stays closed."""
    salt = secrets.token_hex(32)
    made = found or Following(workspace_id=note.workspace_id, note_id=note.pk)
    made.member_id, made.salt, made.key_hash = door.actor.member_id, salt, keys.hash_of(keys.key_of(_FOR, salt))
    if found is None:
        rows.insert(made)
    else:
        rows.update(made, ["member_id", "salt", "key_hash"])


@action(Feedback, verb="decide", label="Close their address", states=(*OPEN, "declined", "merged", "held"))
def end_follow(door: Door, *, feedback: Feedback) -> Feedback:
    """Close the address at which whoever said it follows what becomes of it."""
    if feedback.followed_until is None:
        raise Conflict("No address of it is open.", feedback.version)
    return door.change(feedback, {"followed_until": None})


def address_of(note: Feedback) -> str:
    """Where a note within reach is followed; blank where no address is open."""
    if note.followed_until is None or note.followed_until < rows.now().date():
        return ""
    found = Following.objects.filter(workspace_id=note.workspace_id, note_id=note.pk).first()
    return f"{settings.BASE_URL}/note/{keys.key_of(_FOR, found.salt)}" if found is not None else ""


def followed(actor: Actor, note: Feedback) -> dict[str, str] | None:
    """For a note's page: the address, until when, and a letter to send it with, where their own is known."""
    address = address_of(note)
    if not address:
        return None
    email = ""
    if note.contact_id is not None and actor.may("read_private", "intake"):
        people: Any = reach(actor, type_of("contact").model)
        email = people.filter(pk=note.contact_id).values_list("email", flat=True).first() or ""
    said = f"You can read here what becomes of what you told us, until {note.followed_until:%-d %B %Y}:\n\n{address}\n"
    letter = f"mailto:{quote(email)}?subject={quote('What became of your words')}&body={quote(said)}" if email else ""
    return {"address": address, "letter": letter}


def opened(key: str, today: date) -> Followed | None:
    """What a key shows; None for an unknown, ended or closed one. Past reach: the key is the permission."""
    here = Following.objects.select_related("member__workspace", "member__user")
    found = here.filter(key_hash=keys.hash_of(key)).first()
    if found is None:
        return None
    try:
        actor = actor_of(found.member, "web", frozenset({"read"}))
    except Forbidden:
        return None
    notes = reach(actor, Feedback).filter(pk=found.note_id, archived_at=None, followed_until__gte=today)
    note = notes.exclude(state="held").first()
    if note is None or note.followed_until is None:
        return None
    stands, tone, means, reason = _stands(_outsider(actor), note)
    return Followed(
        company=actor.workspace.name, words=text.plain(note.body) or note.title, said_on=note.received_on,
        stands=stands, tone=tone, means=means, reason=reason, until=note.followed_until,
    )  # fmt: skip


def _outsider(actor: Actor) -> Actor:
    return replace(actor, member_id=_NOBODY, role=Role.VIEWER.value, scopes=frozenset({"read"}), extra={})


def _stands(eyes: Actor, note: Feedback) -> tuple[str, str, str, str]:
    """Its label, tone, what that means, and the reason of a no. A repeat stands where the other note does."""
    if note.state == "merged" and note.merged_into_id is not None:
        other = reach(eyes, Feedback).filter(pk=note.merged_into_id, archived_at=None).first()
        return _stands(eyes, other) if other is not None else (*CONSIDERED, "")
    if note.state == "declined":
        return (*NOT_PLANNED, text.plain(note.declined_reason))
    if note.state != "linked":
        return (*RECEIVED, "")
    links = Link.objects.filter(workspace_id=note.workspace_id, target_id=note.pk, kind=queries.EVIDENCE)
    seen = reach(eyes, Card).filter(kind=queries.FEATURE, archived_at=None, pk__in=links.values("source_id"))
    states = set(seen.values_list("state", flat=True))
    otherwise = TURNED_DOWN if states == {"declined"} else CONSIDERED
    return (*next((said for state, said in _STANDS.items() if state in states), otherwise), "")
