"""One ranking from many: Borda's points and Kemeny's fewest disagreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

EXACT = 8  # items up to which every order is tried
Ballots = Mapping[tuple[str, ...], int]


def borda(ballots: Ballots) -> dict[str, int]:
    """Points of each item: the last of a ballot gets none, the one above it one, and so on (J.-C. de Borda, 1784)."""
    points: dict[str, int] = {}
    for order, count in ballots.items():
        for place, item in enumerate(order):
            points[item] = points.get(item, 0) + count * (len(order) - 1 - place)
    return points


def preferences(ballots: Ballots) -> dict[tuple[str, str], int]:
    """How many put the first of a pair above the second."""
    found: dict[tuple[str, str], int] = {}
    for order, count in ballots.items():
        for at, above in enumerate(order):
            for below in order[at + 1 :]:
                found[above, below] = found.get((above, below), 0) + count
    return found


def kemeny_score(order: Sequence[str], over: Mapping[tuple[str, str], int]) -> int:
    """How many pairwise opinions an order agrees with; the most is Kemeny's ranking."""
    return sum(over.get((a, b), 0) for at, a in enumerate(order) for b in order[at + 1 :])


def kemeny(ballots: Ballots) -> tuple[tuple[str, ...], int]:
    """The order most people agree with, and its score (J. Kemeny, 1959); ties go to the alphabet.

    Exact up to 8 items. Beyond that Borda's order, improved by moving one item at a time until none helps.
    """
    over, points = preferences(ballots), borda(ballots)
    items = sorted(points)
    if len(items) <= EXACT:
        best = max(permutations(items), key=lambda order: kemeny_score(order, over))
        return best, kemeny_score(best, over)
    order = sorted(items, key=lambda item: (-points[item], item))
    while (better := _moved(order, over)) is not None:
        order = better
    return tuple(order), kemeny_score(order, over)


def _moved(order: list[str], over: Mapping[tuple[str, str], int]) -> list[str] | None:
    score = kemeny_score(order, over)
    for at, item in enumerate(order):
        rest = [*order[:at], *order[at + 1 :]]
        for to in range(len(order)):
            other = [*rest[:to], item, *rest[to:]]
            if kemeny_score(other, over) > score:
                return other
    return None
