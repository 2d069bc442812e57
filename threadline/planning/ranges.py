"""Dates as ranges, and the chain of work that decides the end. Plain Python: pages ask for it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from datetime import date, timedelta
from typing import TypeVar

N = TypeVar("N", bound=Hashable)
Z85 = 1.0364333894937898  # the standard normal's 85th percentile


def stretch(estimates: Iterable[tuple[float, float, float]]) -> float | None:
    """How much longer the work takes 85 times in 100 than it does as likely as not; None without an estimate.

    Mean and deviation of each three-point estimate as PERT has them (Malcolm et al. 1959), summed as
    independent, the sum taken as log-normal: its 85th percentile over its median is exp(z * sigma).
    """
    points = list(estimates)
    if not points:
        return None
    mean = sum((low + 4 * likely + high) / 6 for low, likely, high in points)
    variance = sum(((high - low) / 6) ** 2 for low, _, high in points)
    return math.exp(Z85 * math.sqrt(math.log1p(variance / mean**2)))


def sure_by(starts: date, likely: date, ratio: float) -> date:
    """The day before which it is done 85 times in 100, when ``likely`` is the day of as likely as not."""
    return starts + timedelta(days=math.ceil(((likely - starts).days + 1) * ratio) - 1)


def critical(days: Mapping[N, int], needs: Iterable[tuple[N, N]]) -> list[N]:
    """The longest chain of dependent work, first to last (critical path: Kelley and Walker 1959).

    ``needs`` holds (item, what it depends on). Items that depend on each other in a circle, and a chain
    of one, are no chain.
    """
    before: dict[N, list[N]] = {n: [] for n in days}
    after: dict[N, list[N]] = {n: [] for n in days}
    for item, needed in dict.fromkeys(needs):
        if item in days and needed in days and item != needed:
            before[item].append(needed)
            after[needed].append(item)
    open_ = {n: len(b) for n, b in before.items()}
    ready = [n for n in days if not open_[n]]
    total: dict[N, int] = {}
    came: dict[N, N | None] = {}
    for item in ready:  # grows while it is walked
        best = max(before[item], key=lambda b: total[b], default=None)
        total[item] = days[item] + (total[best] if best is not None else 0)
        came[item] = best
        for later in after[item]:
            open_[later] -= 1
            if not open_[later]:
                ready.append(later)
    chained = [n for n in ready if came[n] is not None]
    at: N | None = max(chained, key=lambda n: total[n], default=None)
    chain: list[N] = []
    while at is not None:
        chain.append(at)
        at = came[at]
    return chain[::-1]
