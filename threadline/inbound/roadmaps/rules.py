"""What may be done with roadmaps, the plan they show, and commitments; and what must hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from threadline.inbound.roadmaps.models import Commitment, Roadmap, ShareLink
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.plan import plan
from threadline.kernel.query import QueryError, parse
from threadline.kernel.registry import type_of

Reason = Annotated[str, Ask("Why?", "Kept with the change; whoever compares two days reads it.", long=True)]
LONGEST_OPEN = 366  # days that a link may stay open
USUALLY_OPEN = 30


def settle_roadmap(actor: Actor, roadmap: Roadmap) -> None:
    """What it asks for can be understood."""
    try:
        plan(actor, type_of("feature"), parse(roadmap.query))
    except QueryError as error:
        raise Invalid(("query", error.message)) from None


def settle_share(link: ShareLink, before: dict[str, Any] | None) -> None:
    """It ends, within a year."""
    today = rows.now().date()
    if before is None and link.expires_on is None:
        link.expires_on = today + timedelta(days=USUALLY_OPEN)
    problems = []
    if link.expires_on is None:
        problems.append(Problem("expires_on", "Say until when it is open."))
    elif link.expires_on > today + timedelta(days=LONGEST_OPEN):
        problems.append(Problem("expires_on", "At most a year from today."))
    if problems:
        raise Invalid(*problems)


def settle_commitment(commitment: Commitment, before: dict[str, Any] | None) -> None:
    """It was told on a day that has been."""
    today = rows.now().date()
    if before is None and commitment.told_on is None:
        commitment.told_on = today
    if commitment.told_on is not None and commitment.told_on > today + timedelta(days=1):
        raise Invalid(("told_on", "This day is still to come: nobody was told yet."))


# ---- roadmaps and links ---------------------------------------------------------------------


@action(Roadmap, verb="decide", label="Publish", to="published", states=("draft",))
def publish_roadmap(door: Door, *, roadmap: Roadmap) -> Roadmap:
    """Let its audience read it. Links to it open from now on."""
    return door.change(roadmap, {"state": "published"})


@action(Roadmap, verb="decide", label="Take back to draft", to="draft", states=("published", "retired"))
def unpublish_roadmap(door: Door, *, roadmap: Roadmap, reason: Reason) -> Roadmap:
    """Close every link to it until it is published again."""
    door.why = reason[:2_000] or door.why
    return door.change(roadmap, {"state": "draft"})


@action(Roadmap, verb="decide", label="Retire", to="retired", states=("draft", "published"))
def retire_roadmap(door: Door, *, roadmap: Roadmap) -> Roadmap:
    """Keep it to look back at; links to it close."""
    return door.change(roadmap, {"state": "retired"})


@action(ShareLink, verb="decide", label="Revoke", to="revoked", states=("open",), bulk=True)
def revoke_share_link(door: Door, *, share_link: ShareLink) -> ShareLink:
    """Close it now and for good; whoever has it sees that it is closed."""
    return door.change(share_link, {"state": "revoked"})


# ---- commitments ----------------------------------------------------------------------------


@action(Commitment, verb="update", label="Told anew", states=("open",))
def tell_commitment_anew(
    door: Door,
    *,
    commitment: Commitment,
    words: Annotated[str, Ask("In which words?", "As they heard it this time.", long=True)],
    promised_on: Annotated[date | None, Ask("Day they were told", "Blank when no day was named.")] = None,
) -> Commitment:
    """Write down what they were told now. What they were told before stays in the history."""
    return door.change(commitment, {"words": words, "promised_on": promised_on, "told_on": rows.now().date()})


@action(Commitment, verb="decide", label="Kept", to="kept", states=("open",))
def keep_commitment(door: Door, *, commitment: Commitment) -> Commitment:
    """Say that they have what they were told of."""
    return door.change(commitment, {"state": "kept"})


@action(Commitment, verb="decide", label="Not kept", to="broken", states=("open",))
def break_commitment(door: Door, *, commitment: Commitment, reason: Reason) -> Commitment:
    """Say that it did not come as they were told, and why."""
    door.why = reason[:2_000]
    return door.change(commitment, {"state": "broken"})


@action(Commitment, verb="decide", label="Release from it", to="released", states=("open",))
def release_commitment(door: Door, *, commitment: Commitment, reason: Reason) -> Commitment:
    """Say that they no longer count on it, and how you know."""
    door.why = reason[:2_000]
    return door.change(commitment, {"state": "released"})


@action(Commitment, verb="decide", label="It stands again", to="open", states=("kept", "broken", "released"))
def reopen_commitment(door: Door, *, commitment: Commitment, reason: Reason) -> Commitment:
    """Take it up again; the history keeps what was said before."""
    door.why = reason[:2_000]
    return door.change(commitment, {"state": "open"})
