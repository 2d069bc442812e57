"""Which feature a note belongs to: its weights learn from the links that people make and the offers they refuse.

What somebody links or refuses counts at once: for every note alike it is a neighbour that speaks for a feature or
against one. At night the weights are learnt as well, from the latest links; they are kept only when they find the
right feature sooner on links made later than those they were learnt from. Whoever links most does not rule: nobody's
links count more in sum than twice those of the person in the middle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID

from threadline.inbound.feedback import queries, refusing
from threadline.inbound.feedback.intelligence import weights
from threadline.inbound.feedback.intelligence.keeping import shelf_of
from threadline.inbound.feedback.intelligence.nearness import CANDIDATES, shown_score
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import rows
from threadline.kernel.work import Progress
from threadline.later import np
from threadline.reading import belonging, choosing, likeness
from threadline.reading.choosing import Matrix, Question, Vector

FEWEST = 30  # linked notes, below which nothing is learnt
MOST = 1_500  # the latest, that are learnt from
HELD_OUT = 4  # the latest of them, one in so many, judge what the others taught
OF_THE_MIDDLE = 2  # how often the links of the person in the middle anybody's may count
WHAT = "belonging"  # the name of what is learnt, beside weights.REPEATS


def in_force(workspace_id: UUID, width: int) -> Vector:
    """The weights for so many measures; one more than :data:`belonging.MEASURES` is likeness in meaning."""
    found = weights.of(workspace_id, WHAT, belonging.OURS)
    return choosing.with_meaning(found) if width > len(belonging.MEASURES) else found


# ---- learning ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Linked:
    """A note that somebody linked, and the features it was linked to."""

    note: str
    by: str
    features: frozenset[str]


def learn(workspace_id: UUID, progress: Progress | None = None) -> weights.Learnt | None:
    """Learn from the team's links; None when there are too few."""
    found = _latest_links(workspace_id)
    asked = [] if len(found) < FEWEST else _questions(workspace_id, found, progress)
    if len(asked) < FEWEST:
        return None
    worth = evenly([one.by for one, _ in asked])
    questions = [question for _, question in asked]
    early = len(asked) - max(1, len(asked) // HELD_OUT)
    ours, standing = np.array(belonging.OURS), weights.of(workspace_id, WHAT, belonging.OURS)
    tried = choosing.learned(questions[:early], ours, worth=worth[:early])
    before, after = (choosing.mean_reciprocal(questions[early:], w, worth[early:]) for w in (standing, tried))
    kept = after > before
    chosen = choosing.learned(questions, ours, worth=worth) if kept else standing
    learnt = weights.Learnt(
        len(asked), len(asked) - early, before, after, kept, rows.now().isoformat(), [float(w) for w in chosen]
    )
    weights.keep(workspace_id, WHAT, learnt)
    return learnt


def evenly(by: Sequence[str]) -> list[float]:
    """How much each person's links count: all that they made, up to twice as many as the person in the middle."""
    counts = Counter(by)
    most = OF_THE_MIDDLE * median(counts.values()) if counts else 0
    return [min(1.0, most / counts[who]) for who in by]


def _latest_links(workspace_id: UUID) -> list[Linked]:
    """The notes linked last, the earliest of them first. Past reach: only weights come of it."""
    found = rows.fetch(
        "SELECT l.target_id, l.source_id, l.created_by_id FROM kernel_link l JOIN kernel_card s ON s.id = l.source_id"
        " JOIN kernel_card n ON n.id = l.target_id WHERE l.workspace_id = %s AND l.kind = %s AND s.kind = %s"
        " AND n.kind = %s AND s.archived_at IS NULL AND n.archived_at IS NULL ORDER BY l.id DESC LIMIT %s",
        [workspace_id, queries.EVIDENCE, queries.FEATURE, Feedback.kind, MOST],
    )
    features: dict[str, set[str]] = defaultdict(set)
    by: dict[str, str] = {}
    for note, feature, who in reversed(found):
        features[rows.hexed(note) or ""].add(rows.hexed(feature) or "")
        by.setdefault(rows.hexed(note) or "", rows.hexed(who) or "")
    return [Linked(note, by[note], frozenset(those)) for note, those in features.items()]


def _questions(workspace_id: UUID, found: Sequence[Linked], progress: Progress | None) -> list[tuple[Linked, Question]]:
    """For each linked note: of the features that come into question, to which did people link it?"""
    asked = []
    for start in range(0, len(found), 100):
        part = found[start : start + 100]
        texts = {
            str(pk): (title, body)
            for pk, title, body in Feedback.objects.filter(
                workspace_id=workspace_id, pk__in=[one.note for one in part]
            ).values_list("pk", "title", "body")
        }
        for one in part:
            question = _question(workspace_id, one, *texts[one.note]) if one.note in texts else None
            if question is not None:
                asked.append((one, question))
        if progress is not None:
            progress(start, len(found), "learning from links")
    return asked


def _question(workspace_id: UUID, one: Linked, title: str, body: str) -> Question | None:
    shelf, asking = shelf_of(workspace_id), likeness.read(title, body)
    tally, ordered = shelf.tally(), weights.of(workspace_id)

    def nearest(kind: str, most: int) -> list[tuple[str, Matrix, float]]:
        near = [n for n in shelf.near(title, body, kind, CANDIDATES + 1) if n.id != one.note]
        if not near:
            return []
        found = likeness.compare(asking, [n.read for n in near], tally)
        given = choosing.scores(found, ordered)
        return [(near[i].id, found[i], float(given[i])) for i in np.argsort(-given, kind="stable")[:most]]

    near = [
        belonging.Neighbour(i, shown_score(row), weighed)
        for i, row, weighed in nearest(Feedback.kind, belonging.NEIGHBOURS)
    ]
    own = {i: row for i, row, _ in nearest(queries.FEATURE, belonging.CONSIDERED)}
    linked = _linked(workspace_id, [n.id for n in near])
    missing = list(dict.fromkeys(f for those in linked.values() for f in those if f not in own))
    kept = shelf.kept(missing)
    own |= dict(zip(kept, likeness.compare(asking, list(kept.values()), tally), strict=True))
    right = np.array([feature in one.features for feature in own], bool)
    if not right.any() or right.all():
        return None
    refused = refusing.refused_by(workspace_id, [n.id for n in near])
    return Question(belonging.measures(own, near, linked, refused), right)


def _linked(workspace_id: UUID, notes: Sequence[str]) -> dict[str, list[str]]:
    """The features that notes are linked to. Past reach: only weights come of it."""
    if not notes:
        return {}
    found: list[Any] = rows.fetch(
        "SELECT l.target_id, l.source_id FROM kernel_link l JOIN kernel_card s ON s.id = l.source_id"
        " WHERE l.workspace_id = %s AND l.kind = %s AND s.kind = %s AND s.archived_at IS NULL"
        f" AND l.target_id IN ({rows.marks(len(notes))})",
        [workspace_id, queries.EVIDENCE, queries.FEATURE, *(rows.ident(n) for n in notes)],
    )
    by: dict[str, list[str]] = defaultdict(list)
    for note, feature in found:
        by[rows.hexed(note) or ""].append(rows.hexed(feature) or "")
    return by
