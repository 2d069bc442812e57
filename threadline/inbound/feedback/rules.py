"""What may be done with a note, and what must hold. Merging has a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from threadline.inbound.feedback import queries, refusing
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import text, verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.links import Link
from threadline.kernel.records import Record

TITLE_LENGTH = 90
OPEN = ("new", "linked")  # the states of a note that is neither answered nor a repeat

ToFeature = Annotated[str, Ask("Feature", "Its key or title.", to="feature")]
Quote = Annotated[str, Ask("Their words", "The part of the note that matters here, word for word.", long=True)]
Weight = Annotated[int, Ask("How much it matters to them", "0 not said, 1 nice to have, 2 important, 3 deal-breaker.")]


def settle_feedback(feedback: Feedback, before: dict[str, Any] | None) -> None:
    """A note without a title is named by its first words; its state follows what cites it."""
    if not feedback.title:
        feedback.title = text.excerpt(text.plain(feedback.body), TITLE_LENGTH)
    if not feedback.title:
        raise Invalid(("body", "Say what was said, or give it a title."))
    if (feedback.state == "merged") != (feedback.merged_into_id is not None):
        raise Invalid(("state", "A note becomes a repeat, or stops being one, by its own verbs: merge and unmerge."))
    if feedback.state == "declined":
        if not feedback.declined_reason.strip():
            raise Invalid(("declined_reason", "Say why it is declined: the person who asked will read it."))
    elif before is not None and before.get("state") == "declined":
        feedback.declined_reason = ""  # it holds no longer; the history keeps it
    if feedback.state in OPEN and (before is None or "state" in before):
        feedback.state = _open_state(feedback, new=before is None)


def _open_state(feedback: Feedback, *, new: bool) -> str:
    is_cited = not new and queries.cited(feedback.workspace_id, [feedback.pk])
    return "linked" if is_cited else "new"


def follow_citations(door: Door, ids: Sequence[UUID], link: Link | None) -> None:
    """Notes that features began or ceased to cite are linked, or new again."""
    notes = door.whoever_may_see(Feedback, ids)
    for note in notes:
        if link is not None and link.target_id == note.pk:
            check_quote(note, link.quote)
    cited = queries.cited(door.actor.workspace_id, ids)
    for note in notes:
        state = "linked" if note.pk in cited else "new"
        if note.state in OPEN and note.state != state:
            door.change(note, {"state": state})


def check_quote(note: Feedback, quote: str) -> None:
    """A quote is what was said, not what was meant: an exact part of the note, as written or as read."""
    if quote and not any(quote in said for said in (note.body, text.plain(note.body), note.title)):
        raise Invalid(("quote", "These words do not stand in the note. Copy the part that matters, word for word."))


@action(Feedback, verb="update", label="Link to a feature", to="linked", states=OPEN, bulk=True)
def link_to_feature(
    door: Door, *, feedback: Feedback, feature: ToFeature, quote: Quote = "", weight: Weight = 0
) -> Feedback:
    """Let a feature rest on this note; it counts as demand from then on."""
    made = verbs.link(door, feature, feedback, queries.EVIDENCE, quote=quote or None, weight=weight or None)
    refusing.forget_refusal(door, feedback, made.source_id)
    return door.find(Feedback, feedback)


@action(Feedback, verb="update", label="Unlink", states=(*OPEN, "declined", "merged"))
def unlink_from_feature(door: Door, *, feedback: Feedback, feature: ToFeature) -> Feedback:
    """Take the note, and whatever repeats it, away from a feature's evidence."""
    source = verbs.card(door.actor, feature)
    repeats = Feedback.objects.filter(workspace_id=feedback.workspace_id, merged_into_id=feedback.pk)
    notes = [feedback.pk, *repeats.values_list("pk", flat=True)]
    links = Link.objects.filter(workspace_id=feedback.workspace_id, source_id=source.pk, kind=queries.EVIDENCE)
    found = list(links.filter(target_id__in=notes).values_list("pk", "target_id"))
    if feedback.pk not in {target for _, target in found}:
        raise Conflict(f"{source.key} does not rest on this note.", feedback.version)
    for link_id, _ in found:
        verbs.unlink(door, link_id)
    refusing.note_refusal(door, feedback, source)
    return door.find(Feedback, feedback)


@action(Feedback, verb="update", label="Make a feature of it", states=OPEN)
def make_feature(
    door: Door,
    *,
    feedback: Feedback,
    title: Annotated[str, Ask("Title", "Blank means the note's own.")] = "",
    quote: Quote = "",
    weight: Weight = 0,
) -> Record:
    """Start a feature from this note, which becomes its first evidence."""
    cites = [{"kind": queries.EVIDENCE, "target": feedback, "quote": quote or None, "weight": weight or None}]
    values = {"title": title or feedback.title, "product": feedback.product_id}
    return verbs.create(door, queries.FEATURE, values, cites=cites)


@action(Feedback, verb="decide", label="Decline", to="declined", states=OPEN, bulk=True)
def decline_feedback(
    door: Door,
    *,
    feedback: Feedback,
    reason: Annotated[str, Ask("Why not?", "The person who asked will read it.", long=True)],
) -> Feedback:
    """Answer with a no and a reason, so that nobody waits for nothing."""
    door.why = reason[:2_000]
    return door.change(feedback, {"state": "declined", "declined_reason": reason})


@action(Feedback, verb="decide", label="Reopen", to="new", states=("declined",), bulk=True)
def reopen_feedback(
    door: Door, *, feedback: Feedback, reason: Annotated[str, Ask("What has changed?", long=True)] = ""
) -> Feedback:
    """Take the no back; the history keeps it."""
    door.why = reason[:2_000] or door.why
    return door.change(feedback, {"state": "new"})


@action(Feedback, verb="decide", label="Let in", to="new", states=("held",), bulk=True)
def let_in_feedback(door: Door, *, feedback: Feedback) -> Feedback:
    """It is no spam: let it wait in the inbox like any other note."""
    return door.change(feedback, {"state": "new"})
