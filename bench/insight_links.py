"""Measure which feature a note is said to belong to, before and after it learns from links and refusals.

Of each group of duplicates the first is taken for a feature, known by its title and the beginning of its text; the
others are notes that arrive in their order and are linked to it. What a note is offered rests on what came before it
alone. Whoever links a note refuses those of the first three offers that stood before the right one.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from threadline.reading import belonging, choosing, likeness
from threadline.reading.belonging import CONSIDERED, NEIGHBOURS, Neighbour, measures
from threadline.reading.choosing import Matrix, Question, Vector
from threadline.reading.shelf import Shelf, Text

CANDIDATES, OFFERED, REFUSED, BEGINNING = 160, 5, 3, 200
EARLY, HELD_OUT = (
    0.6,
    4,
)  # of the notes teach, the later ones judge; the last one in four of the early says what is kept


@dataclass
class Arrived:
    """A note with the features that come into question, and its neighbours."""

    id: str
    own: dict[str, Matrix]
    near: list[Neighbour]
    linked: dict[str, list[str]]
    right: str


def arrived(docs: Sequence[tuple[str, str]], right: dict[int, set[int]]) -> list[Arrived]:
    """The notes of a set in their order."""
    group = {min(those | {asking}): sorted(those | {asking}) for asking, those in right.items()}
    linked = {str(i): f"f{first}" for first, those in group.items() for i in those if i != first}
    features = [Text(f"f{first}", "feature", docs[first][0], docs[first][1][:BEGINNING]) for first in group]
    notes = [Text(str(i), "note", *said) for i, said in enumerate(docs) if i not in group]
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "shelf")
        shelf.write([*features, *notes])
        return [_asked(shelf, i, *docs[int(i)], linked) for i in sorted(linked, key=int)]


def _asked(shelf: Shelf, this: str, title: str, body: str, linked: dict[str, str]) -> Arrived:
    asking, tally, ordered = likeness.read(title, body), shelf.tally(), np.array(choosing.OURS)

    def nearest(kind: str, most: int) -> list[tuple[str, Matrix, float]]:
        near = [n for n in shelf.near(title, body, kind, CANDIDATES + 1) if n.id != this]
        found = likeness.compare(asking, [n.read for n in near], tally)
        given = choosing.scores(found, ordered) if near else np.zeros(0)
        return [(near[i].id, found[i], float(given[i])) for i in np.argsort(-given, kind="stable")[:most]]

    near = [Neighbour(i, _like(row), weighed) for i, row, weighed in nearest("note", NEIGHBOURS)]
    own = {i: row for i, row, _ in nearest("feature", CONSIDERED)}
    before = {n.id: [linked[n.id]] for n in near if n.id in linked and int(n.id) < int(this)}
    kept = shelf.kept([f for (f,) in before.values() if f not in own])
    own |= dict(zip(kept, likeness.compare(asking, list(kept.values()), tally), strict=True))
    return Arrived(this, own, near, before, linked[this])


def _like(row: Matrix) -> float:
    return float(min(1.0, (row[0] + row[4]) / 2))


def as_it_was(one: Arrived) -> int | None:
    """Where the right feature stood by the rule before: its own likeness, and that of notes linked to it, halving."""
    scores = {f: _like(row) for f, row in list(one.own.items())[:OFFERED]}
    again: dict[str, int] = defaultdict(int)
    for n in sorted(one.near, key=lambda n: -n.like):
        for feature in one.linked.get(n.id, ()):
            scores[feature] = scores.get(feature, 0.0) + n.like / 2 ** again[feature]
            again[feature] += 1
    order = sorted(scores, key=lambda f: -scores[f])
    return order.index(one.right) + 1 if one.right in order else None


def questions(notes: Sequence[Arrived], weights: Vector) -> list[Question]:
    """What is chosen among, note by note, with what was refused until then."""
    refused: dict[str, list[str]] = {}
    made = []
    for one in notes:
        names = list(one.own)
        question = Question(measures(one.own, one.near, one.linked, refused), np.array([f == one.right for f in names]))
        made.append(question)
        order = [names[i] for i in np.argsort(-choosing.scores(question.measures, weights))]
        stood = order.index(one.right) if one.right in order else REFUSED
        refused[one.id] = order[: min(stood, REFUSED)]
    return made


def taught(early: Sequence[Question], standing: Vector) -> tuple[Vector, bool]:
    """The weights that the early notes teach, and whether they were kept: better on the last of them."""
    cut = len(early) - max(1, len(early) // HELD_OUT)
    tried = choosing.learned(early[:cut], standing)
    better = choosing.mean_reciprocal(early[cut:], tried) > choosing.mean_reciprocal(early[cut:], standing)
    return (choosing.learned(early, standing) if better else standing), better


def report(sets: dict[str, tuple[list[tuple[str, str]], dict[int, set[int]]]]) -> list[str]:
    """The rows of the table: the rule before, weights of the other sets, and taught, all on the later notes."""
    came = {name: arrived(*given) for name, given in sets.items()}
    start = np.array(belonging.OURS)
    asked = {name: questions(notes, start) for name, notes in came.items()}
    found = []
    for name, notes in came.items():
        cut = int(len(notes) * EARLY)
        others = [q for other, part in asked.items() if other != name for q in part]
        weights = choosing.learned(others, np.zeros(len(start))) if others else start
        better, kept = taught(asked[name][:cut], weights)
        ways: list[tuple[str, list[int | None]]] = [
            ("the rule before", [as_it_was(one) for one in notes[cut:]]),
            ("weights from the other sets", _places(asked[name][cut:], weights)),
            (f"taught by its earlier links ({'kept' if kept else 'no better, not kept'})",
             _places(asked[name][cut:], better)),
        ]  # fmt: skip
        found += [f"| {name}, {len(notes) - cut} notes | {way} | {_figures(places)} |" for way, places in ways]
    every = choosing.learned([q for part in asked.values() for q in part], np.zeros(len(start)))
    found.append("")
    found.append(f"Weights of all sets: {', '.join(f'{w:.2f}' for w in every)}")
    return found


def _places(asked: Sequence[Question], weights: Vector) -> list[int | None]:
    return [choosing.place_of_right(q, weights) for q in asked]


def _figures(places: Sequence[int | None]) -> str:
    ranks = np.array([p or 10**9 for p in places], float)
    return " | ".join(f"{f:.3f}" for f in (*((ranks <= k).mean() for k in (1, 5, 10)), (1 / ranks).mean()))
