"""Taking in a mail: a note of what its writer added, or a follow-up of the note that it answers.

A mail is known again by its Message-ID, whichever way it came to a source. Whoever passes one
on is one of us; the customer is whoever wrote the mail that was passed on. What seems sent by a
program, or by somebody else than it says, is held back as a note and never becomes a follow-up.
Nothing is ever answered, so no two machines can talk each other into a flood.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from django.conf import settings
from django.db import IntegrityError

from threadline.formats.mail import File, Letter, read_mail, sender
from threadline.formats.mailtext import subject_of
from threadline.formats.refusal import Unreadable
from threadline.house import filing
from threadline.inbound.intake import queries, sealing, taking
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake, KeptMail
from threadline.kernel import rows, verbs
from threadline.kernel.access import Actor
from threadline.kernel.actions import Ask, action, through_door
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.members import Member
from threadline.kernel.registry import type_of

LARGEST_FILE = 10 * 1024 * 1024
LONGEST_KEPT = 250_000
_COMMENT = 18_000  # characters of a follow-up; all of it is kept beside
_LONG_AGO = date(1990, 1, 1)
Outcome = Delivery.Outcome


@dataclass(frozen=True, slots=True)
class Meant:
    """Whose words a mail brings: the customer's, and what the colleague who passed it on said."""

    text: str
    subject: str
    name: str
    address: str
    remark: str
    colleague: Member | None


def take_letter(
    intake: Intake, letter: Letter, *, actor: Actor | None = None, door: Door | None = None, held: str = ""
) -> Delivery:
    """Make a note or a follow-up of a mail, once; then give back what became of it.

    With ``actor`` (or within their ``door``) a person brings it in, who is believed about where it
    comes from; without, the source does by itself. Raises Invalid or Forbidden.
    """
    actor = door.actor if door is not None else actor
    by = actor or taking.as_source(intake.source)
    body = hashlib.sha256(
        "\0".join((letter.address, letter.subject, letter.whole)).encode("utf-8", "replace")
    ).hexdigest()
    body_hash, mark = sealing.mark_of(body), sealing.mark_of(f"mail {letter.ident or body}")
    held = held or _doubt(intake, letter, trusted=actor is not None)
    first = next(iter(queries.delivered(intake.source, [mark])), None)
    if first is not None and first.body_hash != body_hash:
        held, mark = "its Message-ID came before with other words", sealing.mark_of(f"mail {letter.ident} {body}")
        first = next(iter(queries.delivered(intake.source, [mark])), None)
    if first is None:
        first = _kept(door or by, intake, letter, mark, body_hash, held)
    _bring_files(by, first, letter.files)
    return first


def _kept(by: Actor | Door, intake: Intake, letter: Letter, mark: str, body_hash: str, held: str) -> Delivery:
    try:
        return through_door(
            by,
            "take_in",
            lambda door: _keep(door, intake, letter, mark, body_hash, held),
            why=held and f"Held back: {held}.",
        )
    except IntegrityError:  # the same came twice at once: the first one stands
        found = next(iter(queries.delivered(intake.source, [mark])), None)
        if found is None:
            raise
        return found


def _doubt(intake: Intake, letter: Letter, *, trusted: bool) -> str:
    """Why a person should look at a mail before it counts; blank for one that seems meant."""
    if letter.machine:
        return letter.machine
    if letter.address and letter.address in settings.DEFAULT_FROM_EMAIL.lower():
        return "it came from this server itself"
    if trusted:
        return ""
    if letter.forged:
        return letter.forged
    colleague = queries.colleague_at(intake.workspace_id, letter.address)
    if colleague is not None and not letter.proved:
        return "it says that a colleague sent it, and no mail server vouches for that"
    return ""


def _meant(intake: Intake, letter: Letter) -> Meant:
    colleague = queries.colleague_at(intake.workspace_id, letter.address)
    passed_on = letter.forwarded
    if colleague is not None and passed_on is not None and passed_on.text:
        name, address = sender(passed_on.sender)
        subject = subject_of(passed_on.subject or letter.subject)
        return Meant(passed_on.text, subject, name, address, passed_on.said_above, colleague)
    text = letter.text
    if passed_on is not None and passed_on.text and passed_on.text not in text:
        text = "\n\n".join(filter(None, (passed_on.said_above, passed_on.text)))
    name, address = ("", "") if colleague else (letter.name, letter.address)
    return Meant(text, subject_of(letter.subject), name, address, "", colleague)


def _keep(door: Door, intake: Intake, letter: Letter, mark: str, body_hash: str, held: str) -> Delivery:
    meant = _meant(intake, letter)
    answered = None if held else _answered(door, intake, letter)
    if answered is not None:
        verbs.comment(door, answered.pk, _follow_up(letter, meant))
        note = answered.pk
    else:
        note = verbs.create(door, "feedback", _values(door, intake, letter, meant, mark, held)).pk
        if meant.remark:
            verbs.comment(door, note, taking.literal(meant.remark)[:_COMMENT])
    because = f"Held back: {held}." if held else "A follow-up." if answered is not None else ""
    outcome = Outcome.HELD if held else Outcome.TAKEN
    made = taking.write_down(intake, mark, body_hash, outcome, note, because=because)
    head = f"From: {letter.name} <{letter.address}>\nDate: {letter.sent_at or ''}\nSubject: {letter.subject}\n\n"
    said = taking.tidy(head + letter.whole)[:LONGEST_KEPT]
    rows.insert(KeptMail(workspace_id=intake.workspace_id, delivery_id=made.pk, note_id=note, said=said))
    return made


def _answered(door: Door, intake: Intake, letter: Letter) -> Card | None:
    """The note that a mail answers, where this source brought it and it is still at hand."""
    marks = [sealing.mark_of(f"mail {ident}") for ident in letter.answers]
    known = {d.mark: d for d in queries.delivered(intake.source, marks) if d.note_id is not None}
    for mark in marks:
        found = known.get(mark)
        try:
            note = verbs.card(door.actor, found.note_id) if found is not None else None
        except NotFound:
            continue
        if note is not None and note.state != "held":
            return note
    return None


def _follow_up(letter: Letter, meant: Meant) -> str:
    """What a follow-up says as a comment. No address and no name: whoever may read those finds the mail itself."""
    who = "One of us wrote" if meant.colleague is not None and letter.forwarded is None else "Answered"
    on = f" on {letter.sent_at:%-d %B %Y}" if letter.sent_at else ""
    said = taking.literal(meant.text or letter.subject or "(nothing but files)")[:_COMMENT]
    remark = f"{taking.literal(meant.remark)[:2_000]}\n\n" if meant.remark else ""
    return f"{who} by mail{on}:\n\n{remark}{said}"


def _values(door: Door, intake: Intake, letter: Letter, meant: Meant, mark: str, held: str) -> dict[str, Any]:
    source = intake.source
    contact, account = queries.sender_of(door.actor, meant.address)
    sent, today = letter.sent_at, rows.now().date()
    values: dict[str, Any] = {
        "title": taking.clean_name(meant.subject)[:300] or None,
        "body": taking.literal(meant.text[: taking.LONGEST]) or taking.literal(meant.subject) or "(an empty mail)",
        "author": taking.clean_name(meant.name) or meant.address or None,
        "channel": "email",
        "received_on": sent.date() if sent and _LONG_AGO <= sent.date() <= today else today,
        "contact": contact,
        "account": account,
        "reported_by": meant.colleague.pk if meant.colleague else None,
        "product": source.product_id,
        "confidentiality": source.confidentiality,
        "source": source.key,
        "source_id": mark,
        "state": "held" if held else None,
    }
    if not door.actor.may("read_private", type_of("feedback").group):
        values["author"] = None  # whoever may not read names does not write them; the whole mail has it
    return {"owner": None, **{n: v for n, v in values.items() if v is not None}}


def _bring_files(by: Actor, made: Delivery, files: tuple[File, ...]) -> None:
    """Put what lies with a mail on its note, once, however often it is read; say what is left out."""
    if made.note_id is None or not files:
        return
    left_out = []
    try:
        here = {f.sha256 for f in filing.files_of(by, verbs.card(by, made.note_id))}
    except NotFound:
        return
    for one in files:
        if len(one.content) > LARGEST_FILE:
            left_out.append(f"{one.name} (more than {LARGEST_FILE // 1024 // 1024} MB)")
        elif hashlib.sha256(one.content).hexdigest() not in here:
            try:
                filing.attach(by, made.note_id, one.name, [one.content])
            except (Invalid, Forbidden, NotFound) as error:
                said = error.problems[0].message if isinstance(error, Invalid) else str(error)
                left_out.append(f"{one.name} ({said})")
    if left_out:
        said = f"{made.because} Left out: {', '.join(left_out)}".strip()[:300]
        Delivery.objects.filter(pk=made.pk).update(because=said)
        made.because = said


def read(intake: Intake, raw: bytes) -> Letter:
    """A mail as its source reads it; raises Unreadable."""
    return read_mail(raw, vouching=intake.source.vouching)


@action(FeedbackSource, verb="update", label="Take in a mail", states=("open",))
def take_in_mail(
    door: Door,
    *,
    feedback_source: FeedbackSource,
    mail: Annotated[str, Ask("Mail", "Its whole source, head and all, as “Show original” gives it.", long=True)],
) -> FeedbackSource:
    """Make a note of a mail, or a follow-up of the note that it answers. The same mail again changes nothing."""
    intake = queries.intake_of(feedback_source)
    try:
        made = take_letter(intake, read(intake, mail.encode("utf-8", "replace")), door=door)
    except Unreadable as refused:
        raise Invalid(("mail", str(refused))) from None
    except Conflict as error:
        raise Invalid(("mail", str(error))) from None
    door.why = made.because
    return door.find(FeedbackSource, feedback_source)
