"""Which feature a text belongs to: how alike it is to each, and to the notes that people linked to it, or refused.

Each feature that comes into question is measured by its own text (:data:`likeness.MEASURES`) and by its neighbours:
the notes alike that somebody linked to it count for it, those of which somebody said "not this one" against. The
measures are weighed by :mod:`choosing`, and a team's own links teach the weights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from threadline.later import np
from threadline.reading import likeness
from threadline.reading.choosing import Matrix

CONSIDERED = 24  # features that are weighed by their own text, besides those that notes alike are linked to
NEIGHBOURS = 20  # notes alike that are asked for what they support
MEASURES = (*likeness.MEASURES, "nearest", "near", "beside_nearest", "how_many", "refused")
MANY = 5  # linked notes alike from which more say nothing further
# The weights that stand before a team has taught any, learnt as those of choosing.OURS were; docs/bench-insight.md.
OURS = (
    1.01, -0.09, 0.56, 0.03, 0.98, 0.16, -0.43, 0.53, 1.21, 0.09, 0.24, 0.76, 1.73, 0.18, 0.92, -0.23,
    1.87, 0.57, 0.47, -0.98, 2.99, -0.30, 0.19, 0.45, -0.13, 0.58, 0.76, -1.56, -0.65, 2.09, -0.39, -0.47,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A note alike: how alike it is, and what it was ordered by."""

    id: str
    like: float
    weighed: float


def measures(
    own: Mapping[str, Matrix],
    near: Sequence[Neighbour],
    linked: Mapping[str, Iterable[str]],
    refused: Mapping[str, Iterable[str]],
) -> Matrix:
    """A row for each feature of ``own``, in its order: of its text, and of what its neighbours say.

    ``linked`` and ``refused`` are features by note. A likeness in meaning at the end of ``own`` stays at the end.
    """
    speaks: dict[str, list[Neighbour]] = defaultdict(list)
    against: dict[str, list[float]] = defaultdict(list)
    best = max((one.weighed for one in near), default=0.0)
    for one in near:
        meant = set(linked.get(one.id, ()))
        for feature in meant:
            speaks[feature].append(one)
        for feature in set(refused.get(one.id, ())) - meant:
            against[feature].append(one.like)
    width = len(likeness.MEASURES)
    said = np.zeros((len(own), len(MEASURES) - width), np.float32)
    for row, feature in enumerate(own):
        notes = speaks.get(feature, [])
        if notes:
            behind = max(one.weighed for one in notes) - best
            likes = [one.like for one in notes]
            said[row, :4] = max(likes), _fading(likes), np.exp(behind), min(1.0, len(notes) / MANY)
        # Squared: a no to what is nearly the same is meant for this as well, one to something vaguely alike hardly.
        said[row, 4] = _fading([like**2 for like in against.get(feature, ())])
    texts = np.stack(list(own.values()))
    return np.concatenate([texts[:, :width], said, texts[:, width:]], 1)


def _fading(likenesses: Iterable[float]) -> float:
    """Their sum, each further one counting half of the last: ten lukewarm notes say no more than two warm ones."""
    return float(sum(like / 2**n for n, like in enumerate(sorted(likenesses, reverse=True))))
