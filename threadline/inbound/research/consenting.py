"""Consent given and withdrawn, and what follows at once: whose words may be seen by anybody.

Words without consent are *withheld*: out of everybody's reach, and so on no page, in no list,
count, search, export, feed, history or answer of the API (see ``kernel.access.WITHHELD``). It is
one condition in one place, not something for each page to remember. That it happened, who did it
and when stands in the log of the consent, the participant and every insight that lost support;
none of those holds the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from threadline.inbound.research import queries
from threadline.inbound.research.models import Consent, Highlight, Insight, Interview, Participant
from threadline.kernel import rows
from threadline.kernel.access import NAMED, WITHHELD
from threadline.kernel.actions import Ask, action
from threadline.kernel.cards import Reader
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.files import Attachment

Reason = Annotated[str, Ask("What was said", "Kept in the history; no names.", long=True)]
_NAMES = tuple(name for name, _ in queries.SCOPES)


def settle_consent(consent: Consent, before: dict[str, Any] | None) -> None:
    """Consent has a day; what is withdrawn agrees to nothing; being quoted needs taking part."""
    today = rows.now().date()
    if consent.given_on and consent.given_on > today + timedelta(days=1):
        raise Invalid(("given_on", "Consent cannot be of a day to come."))
    agreed = any(getattr(consent, name) for name in _NAMES)
    if before is None and consent.given_on is None and agreed:
        consent.given_on = today
    if consent.expires_on and consent.given_on and consent.expires_on < consent.given_on:
        raise Invalid(("expires_on", "Consent cannot end before it was given."))
    if before is not None and "state" not in before and consent.state == "withdrawn" and agreed:
        consent.state, consent.withdrawn_on = "given", None  # taken back by mistake, and given again
    if not consent.title:
        consent.title = f"Consent of {today.isoformat()}"


@action(Consent, verb="update", label="Withdraw", states=("given",))
def withdraw_consent(
    door: Door,
    *,
    consent: Consent,
    scopes: Annotated[list[str] | None, Ask("Only these", "Blank: all of it.")] = None,
    reason: Reason = "",
) -> Consent:
    """Take consent back, all of it or in part. What it allowed leaves every page at once."""
    chosen = [_scope(one) for one in scopes] if scopes else list(_NAMES)
    door.why = reason[:2_000] or door.why
    values: dict[str, Any] = {name: False for name in chosen if getattr(consent, name)}
    if all(not getattr(consent, name) or name in values for name in _NAMES):
        values["state"] = "withdrawn"
    if not values:
        raise Conflict("None of this was agreed to.", consent.version)
    return door.change(consent, values | {"withdrawn_on": rows.now().date()})


def _scope(raw: str) -> str:
    by = {name: name for name in _NAMES} | {label.lower(): name for name, label in queries.SCOPES}
    found = by.get(raw.strip().lower())
    if found is None:
        raise Invalid(("scopes", f"Expected some of: {', '.join(_NAMES)}."))
    return found


@action(Participant, verb="update", label="Withdraw consent", states=("active", "do_not_contact"))
def withdraw_participant(door: Door, *, participant: Participant, reason: Reason = "") -> Participant:
    """Take back everything this person agreed to. Their words leave every page, export and search at once."""
    door.why = reason[:2_000] or door.why
    open_ones = Consent.objects.filter(
        workspace_id=participant.workspace_id, participant_id=participant.pk, state="given", archived_at=None
    )
    if not open_ones.exists():
        raise Conflict("No consent of theirs is on record, so none can be withdrawn.", participant.version)
    values = dict.fromkeys(_NAMES, False) | {"state": "withdrawn", "withdrawn_on": rows.now().date()}
    for consent in door.whoever_may_see(Consent, list(open_ones.values_list("pk", flat=True))):
        door.change(consent, values)
    return door.find(Participant, participant)


# ---- what follows -----------------------------------------------------------------------


def follow_consent(door: Door, participant_id: UUID) -> None:
    """Withhold, or let be seen again, all that a participant said, as their consent now stands."""
    workspace_id = door.actor.workspace_id
    now = queries.standing(workspace_id, participant_id)
    out = now.withdrawn and "take_part" not in now.scopes
    for person in door.whoever_may_see(Participant, [participant_id]):
        if person.state in ("active", "withdrawn") and (person.state == "withdrawn") != (out and not now.scopes):
            door.change(person, {"state": "withdrawn" if not now.scopes else "active"})
    interviews = door.whoever_may_see(Interview, queries.interviews_with(workspace_id, participant_id))
    for interview in interviews:
        if out and interview.confidentiality != WITHHELD:
            door.change(interview, {"confidentiality": WITHHELD})
        elif not out and interview.confidentiality == WITHHELD:
            door.change(interview, {"confidentiality": queries.seen_before(interview)})
        if now.known and "recording" not in now.scopes:
            _take_off_recordings(door, interview)
    follow_interviews(door, [i.pk for i in interviews])


def _take_off_recordings(door: Door, interview: Interview) -> None:
    here = Attachment.objects.filter(workspace_id=interview.workspace_id, card_id=interview.pk, removed_at=None)
    for file in here:
        if file.name.lower().endswith(queries.MEDIA):
            file.removed_at = rows.now()
            rows.update(file, ["removed_at"])
            door.log(interview, {"+file": [{"id": str(file.pk), "name": file.name}, None]})


def follow_interviews(door: Door, interviews: Iterable[UUID]) -> None:
    """Let the highlights of interviews be seen by whoever may see the interview, if consent allows it."""
    ids = list(interviews)
    by_id = {i.pk: i for i in door.whoever_may_see(Interview, ids)}
    stands = {
        pk: queries.standing(i.workspace_id, i.participant_id) if i.participant_id else None for pk, i in by_id.items()
    }
    changed = []
    for highlight in door.whoever_may_see(Highlight, queries.highlight_ids(door.actor.workspace_id, ids)):
        interview, standing = by_id[highlight.interview_id], stands[highlight.interview_id]
        level = interview.confidentiality if standing is None or standing.quotable else WITHHELD
        if level == NAMED:
            _same_readers(interview, highlight)
        values = {"confidentiality": level, "product": interview.product_id}
        if (highlight.confidentiality, highlight.product_id) != (level, interview.product_id):
            if WITHHELD in (level, highlight.confidentiality):
                changed.append(highlight.pk)
            door.change(highlight, values)
    follow_highlights(door, changed)


def _same_readers(interview: Interview, highlight: Highlight) -> None:
    here = Reader.objects.filter(workspace_id=interview.workspace_id)
    wanted = set(here.filter(card_id=interview.pk).values_list("member_id", flat=True))
    here.filter(card_id=highlight.pk).exclude(member_id__in=wanted).delete()
    there = set(here.filter(card_id=highlight.pk).values_list("member_id", flat=True))
    rows.insert(
        *(
            Reader(workspace_id=interview.workspace_id, card_id=highlight.pk, member_id=m)
            for m in sorted(wanted - there, key=str)
        )
    )


def follow_highlights(door: Door, highlights: Iterable[UUID]) -> None:
    """Insights that cite words which were withdrawn, or came back, say so and are suspect to what cites them."""
    for insight in door.whoever_may_see(Insight, queries.insights_on(door.actor.workspace_id, highlights)):
        lost = queries.withheld_behind(insight)
        if lost == insight.lost:
            continue
        values: dict[str, Any] = {"lost": lost}
        if lost > insight.lost and insight.state == "stands":
            values["state"] = "shaken"
        door.change(insight, values)


def may_be_quoted(interview: Interview) -> None:
    """Refuse to quote somebody who has not agreed to it."""
    if interview.participant_id is None:
        return
    now = queries.standing(interview.workspace_id, interview.participant_id)
    if not now.quotable:
        raise Invalid(("interview", ("This person has not agreed to be quoted, not even anonymously. "
                                    "Record their consent on the participant's page first.")))  # fmt: skip


def may_be_recorded(interview: Interview) -> None:
    """Refuse the recording of somebody whose consent is on record and does not cover it."""
    now = queries.standing(interview.workspace_id, interview.participant_id)
    if now.known and "recording" not in now.scopes:
        raise Invalid(("file", "This person has not agreed to be recorded. Record their consent first."))
