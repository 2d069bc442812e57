"""One ranking from many: Borda's points and Kemeny's fewest disagreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EXACT = 12  # items up to which the best order of all is found
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

    Exact up to 12 items, by the best order of every set of them (M. Held and R. Karp, 1962). Beyond that Borda's
    order, improved by moving one item at a time until none helps.
    """
    over, points = preferences(ballots), borda(ballots)
    items = sorted(points)
    if len(items) <= EXACT:
        best = _best(items, over)
        return best, kemeny_score(best, over)
    order = sorted(items, key=lambda item: (-points[item], item))
    while (better := _moved(order, over)) is not None:
        order = better
    return tuple(order), kemeny_score(order, over)


def _best(items: Sequence[str], over: Mapping[tuple[str, str], int]) -> tuple[str, ...]:
    """The best order of a set puts one of it first and the rest in their best order; sets are bits."""
    count = len(items)
    gains = [[0] * (1 << count) for _ in items]  # of putting one ahead of all in a set
    for at, gain in enumerate(gains):
        for among in range(1, 1 << count):
            low = among & -among
            gain[among] = gain[among ^ low] + over.get((items[at], items[low.bit_length() - 1]), 0)
    best = [0] * (1 << count)
    for among in range(1, 1 << count):
        best[among] = max(
            gains[at][among ^ (1 << at)] + best[among ^ (1 << at)] for at in range(count) if among >> at & 1
        )
    left, order = (1 << count) - 1, []
    while left:
        at = next(
            at for at in range(count)
            if left >> at & 1 and gains[at][left ^ (1 << at)] + best[left ^ (1 << at)] == best[left]
        )  # fmt: skip
        order.append(items[at])
        left ^= 1 << at
    return tuple(order)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items as they stand in an order, how many put them so, and how many the other way round."""

    above: str
    below: str
    so: int
    otherwise: int


def pairs(order: Sequence[str], ballots: Ballots) -> list[Pair]:
    """Every two of an order, those first on which people disagree most; of equal ones the higher in the order."""
    over = preferences(ballots)
    found = [
        Pair(a, b, over.get((a, b), 0), over.get((b, a), 0)) for at, a in enumerate(order) for b in order[at + 1 :]
    ]
    return sorted(found, key=lambda p: abs(p.so - p.otherwise))


def apart(order: Sequence[str], other: Sequence[str]) -> int:
    """How many pairs two orders of the same items put differently (M. Kendall's distance, 1938)."""
    place = {item: at for at, item in enumerate(other)}
    return sum(place[a] > place[b] for at, a in enumerate(order) for b in order[at + 1 :])


def _moved(order: list[str], over: Mapping[tuple[str, str], int]) -> list[str] | None:
    score = kemeny_score(order, over)
    for at, item in enumerate(order):
        rest = [*order[:at], *order[at + 1 :]]
        for to in range(len(order)):
            other = [*rest[:to], item, *rest[to:]]
            if kemeny_score(other, over) > score:
                return other
    return None
