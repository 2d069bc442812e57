"""What changed in a metric on a day, with its seasons and its drift taken off: values by day in, words out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from threadline.inbound.metrics.queries import Value
from threadline.planning.trials import before_after

YEAR = 365.25
FEWEST_A_YEAR, MOST_A_YEAR = 2, 26  # values; read more often, two years of them are more than are kept


@dataclass(frozen=True, slots=True)
class Changed:
    """How much higher the number stands from a day on, and what a plain comparison of means would say."""

    value: float
    low: float
    high: float
    plain: float


def a_year(values: Sequence[Value]) -> int | None:
    """How many values make a year, by how often they are read; None when that is too seldom, too often or unknown."""
    gaps = [(b.on - a.on).days for a, b in pairwise(values)]
    found = round(YEAR / median(gaps)) if gaps and median(gaps) > 0 else 0
    return found if FEWEST_A_YEAR <= found <= MOST_A_YEAR else None


def may_be_asked(values: Sequence[Value]) -> bool:
    """Whether there are two years of values and some after them."""
    season = a_year(values)
    return season is not None and len(values) >= 2 * season + 4


def changed(values: Sequence[Value], on: date) -> Changed | None:
    """What changed on that day; None with less than two years before it, or nothing after it."""
    season = a_year(values)
    numbers = [one.value for one in values]
    at = next((n for n, one in enumerate(values) if one.on >= on), len(values))
    found = before_after.step(numbers, at, season=season) if season else None
    if found is None:
        return None
    before, after = numbers[:at], numbers[at:]
    return Changed(found.value, found.low, found.high, sum(after) / len(after) - sum(before) / len(before))
