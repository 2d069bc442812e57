"""Taking in what a source brought: one note, once, as the source itself and with the rights of a marketer at most."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.models import F

from threadline.inbound.intake import queries, sealing
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake
from threadline.kernel import rows, verbs
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Change
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden
from threadline.kernel.members import Member, Role
from threadline.kernel.registry import type_of

LONGEST = 50_000  # characters of one message that are kept in the note
LONGEST_NAME = 200
Outcome = Delivery.Outcome
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# What begins a citation, a mention, a link with other words than its address, a picture, emphasis or code.
_MARKS = re.compile(r"[\\`*_\[\]<>@~|]|^(\s{0,3})(?=[#=+:-]|\d{1,9}[.)])", re.MULTILINE)
_LINK = re.compile(r"(?:https?:|www\.)\S*", re.IGNORECASE)

_BRACKETS = re.compile(r"[<>\[\]{}]")


Keep = Callable[[Door, str, str], Delivery]  # given the marks of the id and of the body


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, as it came: plain text, never markup, and a sender who is only claimed."""

    text: str
    title: str = ""
    name: str = ""
    email: str = ""
    company: str = ""
    channel: str = "other"
    url: str = ""
    received_on: date | None = None
    rating: float | None = None


def literal(said: str) -> str:
    """A stranger's words as Markdown that reads as they stand: nobody is mentioned, nothing cited, nothing loaded."""
    return _MARKS.sub(lambda found: f"{found[0]}\\" if found[1] is not None else f"\\{found[0]}", tidy(said))


def tidy(said: str) -> str:
    """Text without control and invisible characters."""
    return _CONTROL.sub("", said.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clean_name(said: str) -> str:
    """A name on one line, without the links that a sender may have put into it."""
    return " ".join(_BRACKETS.sub(" ", _LINK.sub("", tidy(said))).split())[:LONGEST_NAME]


def as_source(source: FeedbackSource, group: str = "intake", most: str = Role.PRODUCT_MARKETER.value) -> Actor:
    """The source as an actor: in its own name, by its owner's membership, never with more than a marketer's rights,
    or those that what it brings needs at the least."""
    made_by = Change.objects.filter(card_id=source.pk, version=1).values_list("actor_id", flat=True).first()
    ident = source.owner_id or made_by
    member = Member.objects.select_related("user", "workspace").filter(pk=ident).first() if ident else None
    if member is None:
        raise Forbidden("Nobody owns this source any more. Give it an owner.")
    owner = actor_of(member, face="intake")
    owner.need("create", group)
    role = owner.role if owner.role == Role.CONTRIBUTOR else most
    return replace(owner, name=f"{source.title} (source)"[:120], role=role)


def take(intake: Intake, said: Said, delivery: str, body: bytes, *, held: str = "") -> Delivery:
    """Make a note of what was said, unless this delivery is known; then give back what became of it.

    ``held`` says why it looks like spam: the note then waits apart. Raises Invalid, Forbidden, and
    Conflict when the id came with other words before.
    """
    actor = partial(as_source, intake.source)
    return once(
        intake,
        delivery,
        body,
        actor,
        lambda door, mark, hashed: _keep(door, intake, said, mark, hashed, held),
        why=held,
    )


def once(
    intake: Intake, delivery: str, body: bytes, actor: Callable[[], Actor], keep: Keep, *, why: str = ""
) -> Delivery:
    """Keep what a delivery brought, in one transaction with the memory of it; the same again is not kept again."""
    mark, body_hash = sealing.mark_of(delivery), sealing.mark_of(body.hex())
    known = _known(intake, mark, body_hash)
    if known is not None:
        return known
    try:
        return through_door(actor(), "take_in", lambda door: keep(door, mark, body_hash), why=why)
    except IntegrityError:  # the same came twice at once: the first one stands
        found = _known(intake, mark, body_hash)
        if found is None:
            raise
        return found


def _known(intake: Intake, mark: str, body_hash: str) -> Delivery | None:
    found = next(iter(queries.delivered(intake.source, [mark])), None)
    if found is not None and found.body_hash != body_hash:
        raise Conflict("This delivery id came with other words before. Use a new id.")
    return found


def _keep(door: Door, intake: Intake, said: Said, mark: str, body_hash: str, held: str) -> Delivery:
    source = intake.source
    contact, account = queries.sender_of(door.actor, said.email, said.company)
    values: dict[str, Any] = {
        "title": clean_name(said.title)[:300] or None,
        "body": literal(said.text[:LONGEST]),
        "author": clean_name(said.name) or tidy(said.email)[:LONGEST_NAME],
        "channel": said.channel,
        "received_on": said.received_on or rows.now().date(),
        "url": said.url or None,
        "rating": said.rating,
        "contact": contact,
        "account": account,
        "product": source.product_id,
        "confidentiality": source.confidentiality,
        "owner": None,
        "source": source.key,
        "source_id": mark,
        "state": "held" if held else None,
    }
    if not door.actor.may("read_private", type_of("feedback").group):
        values["author"] = None  # whoever may not read names does not write them
    note = verbs.create(door, "feedback", {n: v for n, v in values.items() if v is not None})
    return write_down(intake, mark, body_hash, Outcome.HELD if held else Outcome.TAKEN, note.pk, because=held)


def write_down(intake: Intake, mark: str, body_hash: str, outcome: str, note: Any, *, because: str = "") -> Delivery:
    """Remember a delivery, in the transaction of what it wrote."""
    made = Delivery(
        workspace_id=intake.workspace_id,
        source_id=intake.source_id,
        mark=mark,
        body_hash=body_hash,
        note_id=note,
        outcome=outcome,
        because=because[:300],
    )
    rows.insert(made)
    Intake.objects.filter(pk=intake.pk).update(taken=F("taken") + 1, last_at=rows.now(), problem="")
    return made


def went_wrong(intake: Intake, problem: str) -> None:
    """Say on the sources' page what was refused; the last one is enough, once in a while."""
    now = rows.now()
    if intake.problem == problem[:300] and intake.problem_at and (now - intake.problem_at).total_seconds() < 60:
        return
    Intake.objects.filter(pk=intake.pk).update(problem=problem[:300], problem_at=now)
