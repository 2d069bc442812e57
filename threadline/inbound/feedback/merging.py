"""Merging notes that say the same: every voice is kept, and none counts twice.

A merged note stays what it is, with its author, its account and its words; it points to the
one it repeats. What cited it then cites the survivor as well, so that nothing that is found
by the survivor misses a feature. Demand counts customers, not links, so both links are one.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q

from threadline.inbound.feedback import queries, refusing
from threadline.inbound.feedback.models import Feedback
from threadline.inbound.feedback.rules import OPEN
from threadline.kernel import citing
from threadline.kernel.actions import Ask, action
from threadline.kernel.cards import Card
from threadline.kernel.changes import Change
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of

MERGED = "merge_feedback"  # the action's name in the log


@action(Feedback, verb="update", label="Merge into", states=(*OPEN, "declined"), bulk=True)
def merge_feedback(
    door: Door,
    *,
    feedback: Feedback,
    into: Annotated[str, Ask("The note it repeats", "Its key or title.", to="feedback")],
) -> Feedback:
    """Say that this note repeats another. Both keep their words and their customers; features see both."""
    survivor = _survivor(door, into)
    if survivor.pk == feedback.pk:
        raise Invalid(("into", "A note cannot repeat itself, nor one that repeats it."))
    for repeat in _repeats_of(door, feedback):
        door.change(repeat, {"merged_into": survivor.pk})
    door.change(feedback, {"state": "merged", "merged_into": survivor.pk})
    _carry(door, feedback, survivor)
    refusing.forget_refusal(door, feedback, survivor.pk)
    return feedback


@action(Feedback, verb="update", label="Not a repeat", states=("merged",), bulk=True)
def unmerge_feedback(door: Door, *, feedback: Feedback) -> Feedback:
    """Let the note stand for itself again, with the features and repeats that were its own."""
    survivor_id = feedback.merged_into_id
    if survivor_id is None:
        raise Conflict("It repeats nothing.", feedback.version)
    door.change(feedback, {"state": "new", "merged_into": None})
    own = [ident for ident, line in _lines(survivor_id).items() if str(feedback.pk) in line]
    for repeat in door.whoever_may_see(Feedback, own):
        door.change(repeat, {"merged_into": feedback.pk})
    _take_back(door, feedback, survivor_id)
    refusing.note_refusal(door, feedback, Card.objects.get(workspace_id=feedback.workspace_id, pk=survivor_id))
    return door.find(Feedback, feedback)


def _survivor(door: Door, into: Any) -> Feedback:
    """The note at the end of the chain, so that no repeat points to a repeat."""
    found = door.get(Feedback, into)
    while found.merged_into_id is not None:  # one step in practice: merging collapses chains
        found = door.get(Feedback, found.merged_into_id)
    return found


def _repeats_of(door: Door, note: Feedback) -> list[Feedback]:
    ids = Feedback.objects.filter(workspace_id=note.workspace_id, merged_into_id=note.pk).values_list("pk", flat=True)
    return door.whoever_may_see(Feedback, list(ids))


def _carry(door: Door, feedback: Feedback, survivor: Feedback) -> None:
    """What cites the note cites the survivor too, with the greater weight; its quote stays where it was said."""
    theirs = {(link.source_id, link.kind): link for link in queries.citing(survivor)}
    mine = [link for link in queries.citing(feedback) if link.source_id != survivor.pk]
    sources = _sources(door, mine)
    for link in mine:
        record, there = sources[link.source_id], theirs.get((link.source_id, link.kind))
        if there is None:
            made = Link(
                workspace_id=link.workspace_id,
                source_id=link.source_id,
                target_id=survivor.pk,
                kind=link.kind,
                seen_revision=survivor.revision,
                weight=link.weight,
                created_by_id=door.actor.member_id,
            )
            citing.make(door, record, made, said=False)
        elif link.weight > there.weight:
            before, there.weight = citing.state_of(there), link.weight
            citing.amend(door, record, there, before, said=False)


def _sources(door: Door, links: list[Link]) -> dict[UUID, Record]:
    """The citing records, whoever may see them: a count must not depend on who merges."""
    found: dict[UUID, Record] = {}
    for kind in {link.source.kind for link in links}:
        ids = [link.source_id for link in links if link.source.kind == kind]
        found.update({r.pk: r for r in door.whoever_may_see(type_of(kind).model, ids)})
    return found


def _lines(survivor_id: UUID) -> dict[UUID, list[str]]:
    """Of each repeat of the survivor: what it was merged into, one after the other, since it stood for itself."""
    log = Change.objects.filter(
        card_id__in=Feedback.objects.filter(merged_into_id=survivor_id).values("pk"),
        kind=Feedback.kind,
        diff__has_key="merged_into",
    )
    found: dict[UUID, list[str]] = {}
    for ident, diff in log.order_by("pk").values_list("card_id", "diff"):
        line, into = found.setdefault(ident, []), diff["merged_into"][1]
        if into is None:
            line.clear()
        elif into in line:  # back where it was: a merge was undone or taken apart
            del line[line.index(into) + 1 :]
        else:
            line.append(into)
    return found


def _take_back(door: Door, feedback: Feedback, survivor_id: UUID) -> None:
    """Links that others have only through this note: made by merging, and no other repeat of theirs says so.

    The survivor has links through all its repeats, a repeat through those that came along with it.
    """
    mine = queries.citing(feedback)
    lines = _lines(survivor_id)
    there: dict[tuple[UUID, str], list[Link]] = {}
    for link in Link.objects.filter(
        Q(target_id=survivor_id) | Q(target_id__in=lines),
        workspace_id=feedback.workspace_id,
        source_id__in=[link.source_id for link in mine],
    ):
        there.setdefault((link.source_id, link.kind), []).append(link)
    sources = _sources(door, mine)
    for link in mine:
        found = there.get((link.source_id, link.kind), [])
        carried = [one for one in found if _was_carried(one)]
        saying = [lines[one.target_id] for one in found if one not in carried and one.target_id in lines]
        for one in carried:
            if not any(str(one.target_id) in line for line in saying):
                citing.drop(door, sources[link.source_id], one)


def _was_carried(link: Link) -> bool:
    """Whether merging wrote the link last: nobody has taken it for their own since."""
    log = Change.objects.filter(workspace_id=link.workspace_id, card_id=link.source_id)
    said = log.filter(diff__has_key="+link").order_by("-pk").values_list("action", "diff")
    for action_name, diff in said:
        if any(side and side["id"] == str(link.pk) for side in diff["+link"]):
            return action_name == MERGED
    return False
