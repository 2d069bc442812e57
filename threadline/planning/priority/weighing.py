"""A weighted score over several criteria, and how far a weight may move before a ranking flips."""

from __future__ import annotations

from collections.abc import Sequence


def weighted(weights: Sequence[float], scores: Sequence[float]) -> float:
    """The mean of scores by weights; weights are at least 0 and not all 0."""
    return sum(w * s for w, s in zip(weights, scores, strict=True)) / sum(weights)


def flip_point(weights: Sequence[float], one: Sequence[float], other: Sequence[float], criterion: int) -> float | None:
    """The share of weight for a criterion at which two items change places, the other weights kept in proportion.

    From 0 to 1; None when no share makes them equal. There must be weight outside the criterion.
    """
    rest = [0.0 if at == criterion else w for at, w in enumerate(weights)]
    apart = weighted(rest, other) - weighted(rest, one)
    by_criterion = one[criterion] - other[criterion]
    if apart + by_criterion == 0:
        return None
    share = apart / (apart + by_criterion)
    return share if 0 <= share <= 1 else None
