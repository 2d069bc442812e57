"""How good predictions were: ratios, coverage, Brier scores. Numbers in, numbers out.

A prediction is a range with a probability, and a most likely value. Three questions are asked
of many of them together, because one alone says nothing:

* Did it move as much as we said? The ratio of the actual change to the predicted one, taken as a
  logarithm, so that half and double weigh the same. Its median is robust to one wild project.
* Did it land in the range as often as we said it would? The share of hits with its Wilson
  interval (E. B. Wilson, 1927, Journal of the American Statistical Association 22, 209-212).
* How good were the probabilities? The Brier score (G. W. Brier, 1950, Monthly Weather Review
  78, 1-3), here in its usual form for one outcome: the mean of (probability - outcome) squared.
  0 is perfect; always saying 50 % gives 0.25.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from threadline.later import np

ENOUGH = 10  # predictions with a ratio, below which no correction is suggested
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Scored:
    """One prediction with its outcome; ``probability`` is a share from 0 to 1."""

    baseline: float | None
    low: float
    high: float
    likely: float
    probability: float
    actual: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What many scored predictions say of whoever made them; None where nothing can be said.

    Ratios are actual to predicted change: 1 as said, 0.5 half as much. ``quarter`` and
    ``three_quarters`` hold the middle half of them. ``astray`` counts those without a ratio,
    because the number did not move or moved the other way; ``order`` says whether what was
    predicted larger came out larger, from -1 to 1, where all are in one unit. ``expected`` is the mean stated
    probability, ``coverage`` the share that came true, both from 0 to 1.
    """

    count: int
    ratios: tuple[float, ...]
    order: float | None
    median: float | None
    quarter: float | None
    three_quarters: float | None
    astray: int
    hits: int
    coverage: float | None
    coverage_low: float | None
    coverage_high: float | None
    expected: float | None
    brier: float | None

    @property
    def typical(self) -> float | None:
        """The geometric mean of the ratios: by what factor things came out, over all."""
        return math.exp(sum(map(math.log, self.ratios)) / len(self.ratios)) if self.ratios else None

    @property
    def within_two(self) -> float | None:
        """The share of ratios from half to double."""
        return sum(0.5 <= r <= 2 for r in self.ratios) / len(self.ratios) if self.ratios else None

    @property
    def correction(self) -> float | None:
        """What to multiply the next estimate by; None below ten ratios."""
        return self.median if len(self.ratios) >= ENOUGH else None


def middle(low: float, high: float, likely: float | None) -> float:
    """The most likely value: as given, but within the range; else the middle of it."""
    return min(max(likely, low), high) if likely is not None else (low + high) / 2


def hit(low: float, high: float, actual: float) -> bool:
    """Whether the number landed in the range, its ends included."""
    return low <= actual <= high


def ratio(baseline: float | None, likely: float, actual: float) -> float | None:
    """Actual change to predicted change, above 0; None when it has no logarithm.

    Without a baseline the numbers themselves are compared: they count from nothing.
    """
    start = baseline or 0.0
    predicted, happened = likely - start, actual - start
    if not predicted or not happened or (predicted > 0) != (happened > 0):
        return None
    return happened / predicted


def wilson(hits: int, count: int, z: float = Z95) -> tuple[float, float]:
    """The interval of a share, from 0 to 1; ``count`` above 0, ``z`` 1.96 for 95 %."""
    share, square = hits / count, z * z
    centre = (share + square / (2 * count)) / (1 + square / count)
    half = z / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    return max(0.0, centre - half), min(1.0, centre + half)


def brier(told: Sequence[tuple[float, bool]]) -> float:
    """The mean of (probability - outcome) squared over (probability, came true) pairs, at least one."""
    return sum((p - came) ** 2 for p, came in told) / len(told)


def in_order(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Whether what was predicted larger came out larger: the rank correlation (C. Spearman, 1904), from -1 to 1.

    Those that are alike share the middle of their ranks. None for fewer than three, or where all are alike.
    """
    if len(pairs) < 3:
        return None
    first, second = (_ranks([pair[at] for pair in pairs]) for at in (0, 1))
    middle_rank = (len(pairs) + 1) / 2
    off = [(a - middle_rank, b - middle_rank) for a, b in zip(first, second, strict=True)]
    wide = math.sqrt(sum(a * a for a, _ in off) * sum(b * b for _, b in off))
    return sum(a * b for a, b in off) / wide if wide else None


def _order(scored: Sequence[Scored]) -> float | None:
    """Of changes in one unit; hours and shares are not larger or smaller than each other."""
    if len({s.unit for s in scored}) > 1:
        return None
    start = [s.baseline or 0.0 for s in scored]
    return in_order([(s.likely - at, s.actual - at) for s, at in zip(scored, start, strict=True)])


def _ranks(values: Sequence[float]) -> list[float]:
    return [sum(v < one for v in values) + (sum(v == one for v in values) + 1) / 2 for one in values]


def calibrate(scored: Sequence[Scored]) -> Calibration:
    """What these predictions say together."""
    if not scored:
        return Calibration(0, (), None, None, None, None, 0, 0, None, None, None, None, None)
    ratios = tuple(r for s in scored if (r := ratio(s.baseline, s.likely, s.actual)) is not None)
    told = [(s.probability, hit(s.low, s.high, s.actual)) for s in scored]
    hits, count = sum(came for _, came in told), len(scored)
    quarters = np.exp(np.quantile(np.log(ratios), (0.25, 0.5, 0.75))) if ratios else (None, None, None)
    first, median, third = (None if q is None else float(q) for q in quarters)
    low, high = wilson(hits, count)
    expected = sum(p for p, _ in told) / count
    return Calibration(
        count,
        ratios,
        _order(scored),
        median,
        first,
        third,
        count - len(ratios),
        hits,
        hits / count,
        low,
        high,
        expected,
        brier(told),
    )
