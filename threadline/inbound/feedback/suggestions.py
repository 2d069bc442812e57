"""What a note may belong to: features it may support, notes it may repeat.

Suggestions are ranked with their reason and never acted on by themselves: no score yet
separates "the same" from "alike" well enough to leave a person out. :class:`Suggester` is all
that pages and the API know. :class:`ByLikeness` compares texts closely on what the worker has
read; where it has read nothing yet, :class:`ByWords` asks the search index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from threadline.inbound.feedback import queries, refusing
from threadline.inbound.feedback.intelligence import nearness
from threadline.inbound.feedback.intelligence.belonging import in_force
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.similar import Likeness, similar
from threadline.reading import belonging, choosing

_FLAT = 60  # reciprocal rank fusion (Cormack and others, 2009): 1 / (60 + rank)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One record to consider. ``words`` are shared; ``through`` are keys of notes alike that support it."""

    id: str
    kind: str
    key: str
    title: str
    state: str
    score: float
    words: tuple[str, ...] = ()
    through: tuple[str, ...] = ()


class Suggester(Protocol):
    """What a way of suggesting must offer; both give the best first, within the actor's reach."""

    def features(self, actor: Actor, feedback: Feedback, limit: int) -> list[Suggestion]:
        """Features that the note may support, without those it supports already."""

    def repeats(self, actor: Actor, feedback: Feedback, limit: int) -> list[Suggestion]:
        """Notes that may say the same, each by the one that it repeats if it was merged."""


class ByWords:
    """By the words in common, rare ones counting more (BM25 over the search index)."""

    def features(self, actor: Actor, feedback: Feedback, limit: int) -> list[Suggestion]:
        """By the feature's own words, and by the notes alike that support it."""
        own = _supported(actor, [str(feedback.pk)])
        alike = similar(actor, _text(feedback), Feedback.kind, belonging.NEIGHBOURS, besides=feedback.pk)
        direct = similar(actor, _text(feedback), queries.FEATURE, limit + len(own))
        scores: dict[str, float] = defaultdict(float)
        found: dict[str, tuple[str, str, str]] = {}
        words: dict[str, tuple[str, ...]] = {}
        through: dict[str, list[str]] = defaultdict(list)
        for rank, one in enumerate(direct, 1):
            scores[one.card_id] += 1 / (_FLAT + rank)
            found[one.card_id], words[one.card_id] = (one.key, one.title, one.state), one.words
        ranks = {note.card_id: (rank, note.key) for rank, note in enumerate(alike, 1)}
        for (note, feature), shown in _supported(actor, ranks).items():
            rank, key = ranks[note]
            scores[feature] += 1 / (_FLAT + rank)
            found[feature] = shown
            through[feature].append(key)
        mine = {feature for _, feature in own} | _refused(actor, feedback)
        best = sorted((f for f in scores if f not in mine), key=lambda f: -scores[f])[:limit]
        return [
            Suggestion(f, queries.FEATURE, *found[f], scores[f], words.get(f, ()), tuple(through[f][:5])) for f in best
        ]

    def repeats(self, actor: Actor, feedback: Feedback, limit: int) -> list[Suggestion]:
        """Notes by their words; several repeats of one note are one suggestion."""
        alike = similar(actor, _text(feedback), Feedback.kind, limit * 3, besides=feedback.pk)
        notes = {str(n.pk): n for n in reach(actor, Feedback).filter(pk__in=[one.card_id for one in alike])}
        heads = {n.merged_into_id for n in notes.values() if n.merged_into_id}
        notes.update({str(n.pk): n for n in reach(actor, Feedback).filter(pk__in=heads, archived_at=None)})
        never = {str(feedback.pk), *_refused(actor, feedback)}
        made: dict[str, Suggestion] = {}
        for one in alike:
            head = str(notes[one.card_id].merged_into_id or one.card_id)
            if head in notes and head not in made and head not in never:
                made[head] = _suggested(notes[head], one)
        return list(made.values())[:limit]


class ByLikeness:
    """By measures of likeness, weighed as the team's own links, merges and refusals taught."""

    def __init__(self) -> None:
        self.meanwhile = ByWords()

    def features(self, actor: Actor, feedback: Feedback, limit: int) -> list[Suggestion]:
        """By the feature's own text, and by where the notes most alike were linked or were not to be."""
        asking, me = nearness.Asking.of(feedback.title, feedback.body), str(feedback.pk)
        direct = nearness.alike(actor, asking, queries.FEATURE, belonging.CONSIDERED, besides=me)
        near = nearness.alike(actor, asking, Feedback.kind, belonging.NEIGHBOURS, besides=me)
        if direct is None or near is None:
            return self.meanwhile.features(actor, feedback, limit)
        notes = {one.id: one for one in near}
        supported = _supported(actor, [me, *notes])
        refused = refusing.refused_by(actor.workspace_id, [me, *notes])
        found = {one.id: (one.key, one.title, one.state) for one in direct}
        words = {one.id: one.words for one in direct}
        linked: dict[str, list[str]] = defaultdict(list)
        through: dict[str, list[str]] = defaultdict(list)
        for (note, feature), shown in sorted(supported.items(), key=lambda link: -_likeness(notes, link[0][0])):
            if note != me:
                linked[note].append(feature)
                through[feature].append(notes[note].key)
                found[feature] = shown
                words.setdefault(feature, notes[note].words)
        mine = {feature for note, feature in supported if note == me} | refused.get(me, set())
        own = {one.id: one.measures for one in direct if one.id not in mine}
        missing = [feature for feature in found if feature not in own and feature not in mine]
        own |= nearness.measured(actor.workspace_id, asking, missing, besides=me)
        if not own:
            return []
        neighbours = [belonging.Neighbour(one.id, one.score, one.weighed) for one in near]
        measures = belonging.measures(own, neighbours, linked, refused)
        shares = choosing.shares(measures, in_force(actor.workspace_id, measures.shape[1])).tolist()
        best = sorted(zip(own, shares, strict=True), key=lambda one: -one[1])[:limit]
        return [
            Suggestion(f, queries.FEATURE, *found[f], share, words.get(f, ()), tuple(through[f][:5]))
            for f, share in best
        ]

    def repeats(self, actor: Actor, feedback: Feedback, limit: int) -> list[Suggestion]:
        """Notes by their likeness; several repeats of one note are one suggestion."""
        asking, me = nearness.Asking.of(feedback.title, feedback.body), str(feedback.pk)
        near = nearness.alike(actor, asking, Feedback.kind, limit * 3, besides=me)
        if near is None:
            return self.meanwhile.repeats(actor, feedback, limit)
        notes = {str(n.pk): n for n in reach(actor, Feedback).filter(pk__in=[one.id for one in near])}
        heads = {n.merged_into_id for n in notes.values() if n.merged_into_id}
        notes.update({str(n.pk): n for n in reach(actor, Feedback).filter(pk__in=heads, archived_at=None)})
        never = {me, *refusing.refused_by(actor.workspace_id, [me]).get(me, ())}
        made: dict[str, Suggestion] = {}
        for one in near:
            head = str(notes[one.id].merged_into_id or one.id) if one.id in notes else ""
            if head in notes and head not in made and head not in never:
                note = notes[head]
                through = () if head == one.id else (one.key,)
                made[head] = Suggestion(
                    head, Feedback.kind, note.key, note.title, note.state, one.score, one.words, through
                )
        return list(made.values())[:limit]


current: Suggester = ByLikeness()


def suggest_features(actor: Actor, feedback: Feedback, limit: int = 5) -> list[Suggestion]:
    """Features that a note within reach may support, the likeliest first."""
    return current.features(actor, feedback, limit)


def suggest_repeats(actor: Actor, feedback: Feedback, limit: int = 5) -> list[Suggestion]:
    """Notes that a note within reach may repeat, the likeliest first."""
    return current.repeats(actor, feedback, limit)


def _likeness(notes: dict[str, nearness.Alike], note: str) -> float:
    return notes[note].score if note in notes else 0.0


def _refused(actor: Actor, feedback: Feedback) -> set[str]:
    return refusing.refused_by(actor.workspace_id, [str(feedback.pk)]).get(str(feedback.pk), set())


def _text(feedback: Feedback) -> str:
    return f"{feedback.title}\n{feedback.body}"


def _suggested(note: Feedback, one: Likeness) -> Suggestion:
    through = () if str(note.pk) == one.card_id else (one.key,)
    return Suggestion(str(note.pk), Feedback.kind, note.key, note.title, note.state, one.score, one.words, through)


def _supported(actor: Actor, notes: Iterable[str]) -> dict[tuple[str, str], tuple[str, str, str]]:
    """(note, feature) pairs of live citations within reach: the feature's key, title and state."""
    ids = [rows.ident(note) for note in notes]
    if not ids:
        return {}
    near, params = reach_sql(actor, "s")
    found = rows.fetch(
        "SELECT l.target_id, s.id, s.key, s.title, s.state FROM kernel_link l JOIN kernel_card s ON s.id = l.source_id"
        f" WHERE l.workspace_id = %s AND l.kind = %s AND s.kind = %s AND s.archived_at IS NULL AND {near}"
        f" AND l.target_id IN ({rows.marks(len(ids))})",
        [actor.workspace_id, queries.EVIDENCE, queries.FEATURE, *params, *ids],
    )
    return {(rows.hexed(n) or "", rows.hexed(f) or ""): (key, title, state) for n, f, key, title, state in found}
