"""Erasing a person: who it was and every word of theirs, in what stands, in search, in files and in the history.

What stays is that somebody took part, when, and that they were erased. What colleagues wrote in their
own words, an insight or a decision, is theirs and stays; it says that it lost its support. A backup made
before holds what was there then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction

from threadline.house import filing
from threadline.house.scrubbing import scrub
from threadline.inbound.research import consenting, queries
from threadline.inbound.research.models import Approach, Consent, Highlight, Interview, Participant, Transcript
from threadline.kernel.actions import Ask, action
from threadline.kernel.changes import Change
from threadline.kernel.comments import Comment
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.files import Attachment
from threadline.kernel.links import Link

ERASED = "Erased"
AGREED = "erase"
# What may tell who it is, or what they said, of each record that is theirs.
WORDS: dict[type, tuple[str, ...]] = {
    Participant: ("title", "full_name", "email", "phone", "notes", "account", "contact", "segment"),
    Consent: ("title", "text", "proof"),
    Interview: ("title", "notes"),
    Highlight: ("title", "quote", "memo", "speaker", "before", "after"),
}
_LOGGED = frozenset({"+comment", "+file", "+tags", *(name for names in WORDS.values() for name in names)})


@action(Participant, verb="archive", label="Erase")
def erase_participant(
    door: Door,
    *,
    participant: Participant,
    sure: Annotated[str, Ask("Write “erase”", "It cannot be taken back, not even by undo.")],
) -> Participant:
    """Erase this person for good: name, address, what they said, recordings, and all of it in the history."""
    door.actor.need("read_private", "research")
    if sure.strip().strip("“”\"'").lower() != AGREED:
        raise Invalid(("sure", "Write the word “erase”, so that nobody is erased by a slip."))
    workspace_id = participant.workspace_id
    consents = Consent.objects.filter(workspace_id=workspace_id, participant_id=participant.pk)
    agreements = door.whoever_may_see(Consent, list(consents.values_list("pk", flat=True)))
    talks = door.whoever_may_see(Interview, queries.interviews_with(workspace_id, participant.pk))
    said = door.whoever_may_see(Highlight, queries.highlight_ids(workspace_id, [t.pk for t in talks]))
    theirs = [participant, *agreements, *talks, *said]
    ids = [one.pk for one in theirs]
    _forget_files(ids)
    Transcript.objects.filter(workspace_id=workspace_id, interview_id__in=ids).delete()
    Approach.objects.filter(workspace_id=workspace_id, participant_id=participant.pk).update(about="")
    Comment.objects.filter(workspace_id=workspace_id, card_id__in=ids).update(body="")
    Link.objects.filter(workspace_id=workspace_id, target_id__in=ids).update(quote="")
    for one in agreements:
        gone: dict[str, Any] = dict.fromkeys([name for name, _ in queries.SCOPES], False)
        door.change(one, {**gone, "state": "withdrawn", "title": ERASED, "text": None, "proof": None})
    consenting.follow_consent(door, participant.pk)
    for record in [*talks, *said]:
        _blank(door, record)
    changed = _blank(door, participant)
    _forget_history(door, ids)
    door.log(changed, {"+erased": [None, {"interviews": len(talks), "highlights": len(said)}]})
    return changed


def _blank(door: Door, record: Any) -> Any:
    """The record with nothing of theirs in it."""
    now = door.whoever_may_see(type(record), [record.pk])[0]  # withheld by now, or for few
    values: dict[str, Any] = dict.fromkeys(WORDS[type(record)])
    values["title"] = ERASED
    if isinstance(record, Participant):
        values["state"] = "withdrawn"
    elif isinstance(record, Interview):
        values |= {"turns": 0, "transcript_number": 0}
    else:
        values |= {"quote": ERASED, "state": "lost"}
    return door.change(now, values)


def _forget_files(ids: Sequence[UUID]) -> None:
    here = Attachment.objects.filter(card_id__in=ids)
    paths = [filing.path_of(file) for file in here]
    here.delete()

    def unlink() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(unlink)


def _forget_history(door: Door, ids: Sequence[UUID]) -> None:
    """Blank every word that these records ever had, in the log of this change too."""
    words: set[str] = set()
    for diff in Change.objects.filter(workspace_id=door.actor.workspace_id, card_id__in=ids).values_list(
        "diff", flat=True
    ):
        for name in _LOGGED & diff.keys():
            words |= _texts(diff[name])
    words -= {"", ERASED}
    scrub(door, ids, lambda text: "" if text in words else text)


def _texts(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for one in inside for text in _texts(one)}
