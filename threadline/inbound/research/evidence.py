"""What an insight rests on, person by person; and what would be lost if somebody withdrew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from threadline.inbound.research import queries
from threadline.inbound.research.models import Highlight, Insight, Interview, Participant
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.links import Link


@dataclass(slots=True)
class Said:
    """One piece of evidence: words from an interview, or a note."""

    key: str
    text: str
    where: str  # key of the interview; empty for a note
    turn: int | None = None
    link_id: str = ""
    suspect: bool = False


@dataclass(slots=True)
class Person:
    """Somebody whose words count, once, however often they are quoted."""

    name: str
    key: str
    segment: str
    said: list[Said] = field(default_factory=list)


Sides = dict[tuple[UUID, str], list[Person]]  # by insight and kind of citation


def by_person(actor: Actor, insights: Iterable[Insight]) -> Sides:
    """The evidence of insights within reach, for and against, by who said it, most words first."""
    here = Link.objects.filter(workspace_id=actor.workspace_id, source_id__in=[i.pk for i in insights])
    links = list(here.filter(kind__in=queries.EVIDENCE).order_by("pk"))
    cards = {c.pk: c for c in reach(actor, Card).filter(pk__in=[n.target_id for n in links], archived_at=None)}
    highlights = {h.pk: h for h in reach(actor, Highlight).filter(pk__in=cards)}
    talks = {i.pk: i for i in reach(actor, Interview).filter(pk__in=[h.interview_id for h in highlights.values()])}
    people = {p.pk: p for p in reach(actor, Participant).filter(pk__in=[i.participant_id for i in talks.values()])}
    sides: dict[tuple[UUID, str], dict[Any, Person]] = {}
    for link in links:
        card = cards.get(link.target_id)
        if card is None:
            continue
        highlight = highlights.get(card.pk)
        who, person = _who(card, highlight, talks, people)
        entry = sides.setdefault((link.source_id, link.kind), {}).setdefault(who, person)
        talk = talks.get(highlight.interview_id) if highlight else None
        entry.said.append(
            Said(
                card.key,
                link.quote or (highlight.quote if highlight else card.title),
                talk.key if talk else "",
                highlight.turn if highlight else None,
                str(link.pk),
                card.revision > link.seen_revision,
            )
        )
    return {side: sorted(found.values(), key=lambda p: -len(p.said)) for side, found in sides.items()}


def _who(
    card: Card, highlight: Highlight | None, talks: dict[UUID, Interview], people: dict[UUID, Participant]
) -> tuple[Any, Person]:
    if highlight is None:
        return card.pk, Person("A note", card.key, "")
    talk = talks.get(highlight.interview_id)
    person = people.get(talk.participant_id) if talk and talk.participant_id else None
    if person is not None:
        return person.pk, Person(person.title, person.key, person.segment)
    return highlight.interview_id, Person(talk.title if talk else "Somebody", talk.key if talk else "", "")


@dataclass(frozen=True, slots=True)
class AtStake:
    """What leaves the pages when a participant withdraws."""

    interviews: int
    highlights: int
    insights: list[str]


def at_stake(actor: Actor, participant_id: Any) -> AtStake:
    """What a participant's withdrawal would take away, as far as the actor may see it."""
    talks = queries.interviews_with(actor.workspace_id, rows.ident(participant_id))
    highlights = list(
        reach(actor, Highlight).filter(interview_id__in=talks, archived_at=None).values_list("pk", flat=True)
    )
    insights = queries.insights_on(actor.workspace_id, highlights)
    keys = reach(actor, Card).filter(pk__in=insights, archived_at=None).order_by("number").values_list("key", flat=True)
    return AtStake(reach(actor, Interview).filter(pk__in=talks, archived_at=None).count(), len(highlights), list(keys))
