"""Shares of people who did something: how sure one is, and whether two differ."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from statistics import NormalDist

ALPHA = 0.05
SUSPECT_SPLIT = 0.001  # below this the groups were not drawn as planned, and nothing else is read
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second group has more than the first, with its interval and the chance of as much without a cause."""

    value: float
    low: float
    high: float
    p: float

    @property
    def clear(self) -> bool:
        """Whether it is more than luck would often do."""
        return self.p < ALPHA


def two_sided(z: float) -> float:
    """The chance of a normal number at least as far from 0 on either side."""
    return erfc(abs(z) / sqrt(2))


def wilson(hits: int, of: int, alpha: float = ALPHA) -> tuple[float, float]:
    """The interval of a share (E. B. Wilson, 1927); ``of`` above 0. Holds for small groups and for 0 and 1 too."""
    z, share = NORMAL.inv_cdf(1 - alpha / 2), hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def z_of(first: tuple[int, int], second: tuple[int, int]) -> float:
    """The z test of two proportions with the pooled variance: first less second, each (hits, of).

    The textbook test, as statsmodels' ``proportions_ztest`` has it; 0 when nobody or everybody did it.
    """
    (x, n), (y, m) = first, second
    pooled = (x + y) / (n + m)
    error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return (x / n - y / m) / error if error else 0.0


def difference(first: tuple[int, int], second: tuple[int, int]) -> Difference:
    """Second less first: the interval by R. G. Newcombe's hybrid score (1998, method 10), p by :func:`z_of`."""
    (x, n), (y, m) = first, second
    (low, high), (low2, high2) = wilson(x, n), wilson(y, m)
    a, b = x / n, y / m
    down, up = sqrt((b - low2) ** 2 + (high - a) ** 2), sqrt((high2 - b) ** 2 + (a - low) ** 2)
    return Difference(b - a, b - a - down, b - a + up, two_sided(z_of(first, second)))


def split(first: int, second: int, part: float = 0.5) -> float:
    """The chance of groups at least this far from the planned split, of which the first was to have ``part``.

    Pearson's chi-square (1900) with one degree of freedom. A very small one (A. Fabijan and others, "Diagnosing
    sample ratio mismatch in online controlled experiments", 2019) means that people were lost on the way.
    """
    here, there = (first + second) * part, (first + second) * (1 - part)
    return erfc(sqrt(((first - here) ** 2 / here + (second - there) ** 2 / there) / 2))
