"""Suggesting by how alike texts are, with weights learnt from the team's own links and merges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from threadline.inbound.feedback.intelligence import meant, weights
from threadline.inbound.feedback.intelligence.keeping import shelf_of
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.later import np
from threadline.reading import choosing, grams, likeness
from threadline.reading.choosing import Matrix
from threadline.reading.likeness import Read
from threadline.reading.meaning import Vectors
from threadline.reading.shelf import Near, Shelf
from threadline.reading.stems import language_of, little, stems

CANDIDATES = 160  # texts compared closely; more cost time and found nothing more on the trackers measured
MANY = 2_000  # asked for when what is near lies outside the reader's reach
SHOWN_WORDS = 6
NEAR_IN_MEANING = 0.3  # a score from which a text without a word in common is still offered


@dataclass(frozen=True, slots=True)
class Alike:
    """A record within reach that is alike: its place on the thread, its likeness (0 to 1) and the words shared.

    ``weighed`` is what it was ordered by, ``measures`` what that was made of.
    """

    id: str
    key: str
    title: str
    state: str
    score: float
    words: tuple[str, ...]
    weighed: float
    measures: Matrix


@dataclass(frozen=True, slots=True)
class Asking:
    """A text that asks, read once however often it asks; ``said`` are its words by their stems."""

    title: str
    body: str
    read: Read
    said: dict[str, str]

    @classmethod
    def of(cls, title: str, body: str) -> Asking:
        """Read a text."""
        return cls(title, body, likeness.read(title, body), _said(f"{title}\n{body}"))


def alike(actor: Actor, asking: Asking, kind: str, limit: int, *, besides: str = "") -> list[Alike] | None:
    """The records of a kind most alike, best first; None when nothing has been read here yet."""
    shelf, title, body = shelf_of(actor.workspace_id), asking.title, asking.body
    if not shelf.ready():
        return None
    vectors = meant.in_force(actor.workspace_id) if besides else None
    near = [n for n in shelf.near(title, body, kind, CANDIDATES + 1) if n.id != besides]
    if vectors is not None:
        near = _with_nearest(shelf, vectors, near, besides, kind)
    found = _within_reach(actor, near)
    if len(found) < limit and len(near) >= CANDIDATES:  # most of what is near is not theirs to see
        found = _within_reach(actor, [n for n in shelf.near(title, body, kind, MANY) if n.id != besides])[:CANDIDATES]
    if not found:
        return []
    measures = likeness.compare(asking.read, [n.read for n, _ in found], shelf.tally())
    meaning = meant.likeness(vectors, besides, [n.id for n, _ in found]) if vectors is not None else None
    weighed = weights.of(actor.workspace_id)
    if meaning is not None:
        measures = np.concatenate([measures, meaning[:, None]], 1)
        weighed = choosing.with_meaning(weighed)
    given = choosing.scores(measures, weighed)
    order = np.argsort(-given, kind="stable")[: 2 * limit]
    rarest = _rarest(asking.said, shelf.tally())
    made = (
        Alike(
            id=found[i][0].id,
            key=found[i][1][0],
            title=found[i][1][1],
            state=found[i][1][2],
            score=shown_score(measures[i], meaning[i] if meaning is not None else None),
            words=_shared(rarest, found[i][0].read),
            weighed=float(given[i]),
            measures=measures[i],
        )
        for i in order
    )
    # What shares only little words shares nothing, unless a model finds it near.
    return [one for one in made if one.words or (meaning is not None and one.score >= NEAR_IN_MEANING)][:limit]


def measured(workspace_id: UUID, asking: Asking, ids: Sequence[str], *, besides: str = "") -> dict[str, Matrix]:
    """The measures of these records; nothing is alike in one that the worker has not read yet."""
    shelf = shelf_of(workspace_id)
    kept = shelf.kept(ids)
    rows_of = likeness.compare(asking.read, list(kept.values()), shelf.tally())
    by = dict(zip(kept, rows_of, strict=True))
    found = np.stack([by.get(i, np.zeros(len(likeness.MEASURES), np.float32)) for i in ids]) if ids else rows_of
    vectors = meant.in_force(workspace_id) if besides and ids else None
    meaning = meant.likeness(vectors, besides, list(ids)) if vectors is not None else None
    if meaning is not None:
        found = np.concatenate([found, meaning[:, None]], 1)
    return dict(zip(ids, found, strict=True))


def _with_nearest(shelf: Shelf, vectors: Vectors, near: list[Near], this: str, kind: str) -> list[Near]:
    """What is near by words, and what is near in meaning without sharing them."""
    here = {n.id for n in near}
    more = [i for i in meant.nearest(vectors, this, kind) if i not in here]
    return [*near, *(Near(i, read, 0.0) for i, read in shelf.kept(more).items())]


def shown_score(measures: Any, meaning: Any = None) -> float:
    """Between 0 and 1, comparable between notes: the mean likeness of words, of pieces, and in meaning if known."""
    parts = [measures[0], measures[4], *([max(meaning, 0.0)] if meaning is not None else [])]
    return float(min(1.0, sum(parts) / len(parts)))


def _within_reach(actor: Actor, near: Sequence[Near]) -> list[tuple[Near, tuple[str, str, str]]]:
    if not near:
        return []
    here, params = reach_sql(actor, "c")
    ids = [rows.key_of(rows.ident(n.id.replace("-", ""))) for n in near]
    found = rows.fetch(
        "SELECT c.id, c.key, c.title, c.state FROM kernel_card c WHERE c.archived_at IS NULL"
        f" AND {here} AND c.id IN ({rows.marks(len(ids))})",
        [*params, *ids],
    )
    by = {rows.hexed(r[0]): (r[1], r[2], r[3]) for r in found}
    return [(n, by[n.id]) for n in near if n.id in by]


def _said(text: str) -> dict[str, str]:
    """The words of a text by their stems; little words left out."""
    said = grams.words(text)
    dull = little(language_of(said) or "english")
    by: dict[str, str] = defaultdict(str)
    for word, stem in zip(said, stems(said), strict=True):
        if len(word) > 2 and word not in dull and not word.isdecimal():
            by.setdefault(stem, word)
    return by


def _rarest(said: dict[str, str], tally: likeness.Tally) -> list[tuple[int, str]]:
    """Where each word is counted, and the word: the rarest first."""
    at = {stem: grams.bucket(stem) for stem in said}
    counted = dict(zip(said, tally.words.take(list(at.values())).tolist(), strict=True)) if at else {}
    return [(at[stem], said[stem]) for stem in sorted(said, key=lambda s: (counted[s], -len(s)))]


def _shared(rarest: list[tuple[int, str]], that: Read) -> tuple[str, ...]:
    """Words of the asking text that stand in the other as well, the rarest first: the reason to show."""
    there = set(that.words.at.tolist())
    return tuple([word for at, word in rarest if at in there][:SHOWN_WORDS])
