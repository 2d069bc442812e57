"""Means of two groups: Welch's test, the lift relative to the first, and what was known of people before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from threadline.later import later, np
from threadline.planning.trials.shares import ALPHA, Difference

special = later("scipy.special")


@dataclass(frozen=True, slots=True)
class Group:
    """What was measured in one group: its mean, its standard deviation and how many, two or more."""

    mean: float
    sd: float
    n: int

    @property
    def variance(self) -> float:
        """That of the mean."""
        return self.sd**2 / self.n


def group_of(values: Sequence[float]) -> Group:
    """From what each of them had; the deviation with n - 1."""
    return Group(float(np.mean(values)), float(np.std(values, ddof=1)), len(values))


def share_of(hits: int, of: int) -> Group:
    """A share is a mean of noughts and ones."""
    share = hits / of
    return Group(share, sqrt(share * (1 - share)), of)


def welch(first: Group, second: Group) -> Difference:
    """Second less first when the groups may spread differently (B. L. Welch, 1947)."""
    return _judged(second.mean - first.mean, first.variance + second.variance, _freedom(first, second))


def relative(first: Group, second: Group) -> Difference | None:
    """The lift as a share of the first mean, its error by the delta method; None from nothing.

    The first mean is uncertain as well, so this can be unclear where the plain difference is clear.
    """
    if first.mean == 0:
        return None
    a, b = first.mean, second.mean
    variance = second.variance / a**2 + first.variance * b**2 / a**4
    return _judged((b - a) / a, variance, _freedom(first, second))


def adjusted(before: tuple[Sequence[float], Sequence[float]], after: tuple[Sequence[float], Sequence[float]]) -> float:
    """Second less first, less what already differed before (CUPED: A. Deng and others, 2013).

    The slope is taken within the groups. Over both together it would hold part of the effect when they differed
    before, and pull the difference towards nothing.
    """
    slope = _slope(before, after)
    gone = [float(np.mean(y) - slope * np.mean(x)) for x, y in zip(before, after, strict=True)]
    return gone[1] - gone[0]


def adjusting(
    before: tuple[Sequence[float], Sequence[float]], after: tuple[Sequence[float], Sequence[float]]
) -> Difference | None:
    """:func:`adjusted` with its interval; as analysis of covariance has it. None when nobody differed before.

    R. A. Fisher, "Statistical Methods for Research Workers", 1932: what is left over the common slope, with one
    degree of freedom for each group and one for the slope.
    """
    spread = sum(float(np.var(x)) * len(x) for x in before)
    freedom = sum(map(len, after)) - 3
    if spread <= 0 or freedom < 1:
        return None
    slope = _slope(before, after)
    left = sum(
        float(np.sum((np.subtract(y, np.mean(y)) - slope * np.subtract(x, np.mean(x))) ** 2))
        for x, y in zip(before, after, strict=True)
    )
    apart = float(np.mean(before[1]) - np.mean(before[0]))
    error = left / freedom * (1 / len(before[0]) + 1 / len(before[1]) + apart**2 / spread)
    return _judged(adjusted(before, after), error, freedom)


def _slope(before: tuple[Sequence[float], Sequence[float]], after: tuple[Sequence[float], Sequence[float]]) -> float:
    """cov(after, before) / var(before) around the mean of each group."""
    both = [(np.subtract(x, np.mean(x)), np.subtract(y, np.mean(y))) for x, y in zip(before, after, strict=True)]
    return float(sum((x * y).sum() for x, y in both) / sum((x * x).sum() for x, _ in both))


def _freedom(first: Group, second: Group) -> float:
    """Welch and Satterthwaite's degrees of freedom."""
    a, b = first.variance, second.variance
    whole = a**2 / max(first.n - 1, 1) + b**2 / max(second.n - 1, 1)
    return (a + b) ** 2 / whole if whole else float(max(first.n + second.n - 2, 1))


def _judged(value: float, variance: float, freedom: float) -> Difference:
    error = sqrt(variance)
    half = error * float(special.stdtrit(freedom, 1 - ALPHA / 2))
    p = 2 * float(special.stdtr(freedom, -abs(value) / error)) if error else float(value == 0)
    return Difference(value, value - half, value + half, p)
