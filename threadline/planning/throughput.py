"""When so much work is done, and how much is done by when, from a team's own past days.

The number finished on a day is drawn from the days seen, so the first passage is an exact
convolution and needs no simulation. A team's rate is no constant, though: taken alone, the days
promise too much. ``drift`` spreads the rate by a log-normal factor whose width the same history
shows; the answer is then a mixture of exact ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from threadline.planning.model import Floats, Ints

MOST_DAYS = 2_000
_POINTS = 15  # of the mixture over the drift; more change no answer by a day


@dataclass(frozen=True)
class When:
    """``chance[d]`` is the chance that everything is done within d working days; index 0 is today."""

    chance: Floats

    def day(self, sure: float) -> int | None:
        """The first day that is sure enough (0.85 for P85); None when the horizon ends before it."""
        enough = np.flatnonzero(self.chance >= sure - 1e-12)
        return int(enough[0]) if len(enough) else None


def when(days: Ints, items: int, *, drift: float = 0.0, horizon: int = MOST_DAYS) -> When:
    """The chance that ``items`` are done within each number of days, given what past ``days`` finished.

    Raises ValueError for a history with nothing finished: nothing can be said from it.
    """
    history = np.asarray(days, dtype=np.int64)
    if not len(history) or history.sum() == 0:
        raise ValueError("nothing was finished in these days, so they say nothing of the days to come")
    if items <= 0:
        return When(np.ones(1))
    if drift <= 0:
        return When(_passage(_distribution(history), items, horizon))
    parts = [_passage(_faster(history, rate), items, horizon) for rate in _rates(drift)]
    longest = max(len(p) for p in parts)
    whole = np.array([np.concatenate([p, np.full(longest - len(p), p[-1])]) for p in parts])
    return When(whole.mean(axis=0))


def _distribution(history: Ints) -> Floats:
    return np.bincount(history) / len(history)


def _faster(history: Ints, rate: float) -> Floats:
    """The same days at another rate: each count split between the two whole numbers around it."""
    scaled = history * rate
    low = np.floor(scaled).astype(np.int64)
    made = np.zeros(int(low.max()) + 2)
    np.add.at(made, low, 1 - (scaled - low))
    np.add.at(made, low + 1, scaled - low)
    return made / len(history)


def _rates(drift: float) -> list[float]:
    """Equally likely factors of exp(N(0, drift))."""
    normal = NormalDist(0.0, drift)
    return [float(np.exp(normal.inv_cdf((i + 0.5) / _POINTS))) for i in range(_POINTS)]


def _passage(chances: Floats, items: int, horizon: int) -> Floats:
    """F(d) = 1 - the chance that fewer than ``items`` are done after d days; d from 0."""
    left = np.zeros(items)
    left[0] = 1.0
    done = [0.0]
    for _ in range(horizon):
        left = np.convolve(left, chances)[:items]
        done.append(1.0 - float(left.sum()))
        if done[-1] > 1 - 1e-9:
            break
    chance: Floats = np.clip(np.array(done), 0.0, 1.0)
    return chance


def how_many(days: Ints, horizon: int, sure: float, *, drift: float = 0.0) -> int:
    """The most items of which one can be so sure (0.85) that they are done within ``horizon`` days."""
    history = np.asarray(days, dtype=np.int64)
    rates = _rates(drift) if drift > 0 else [1.0]
    totals = [_total(_faster(history, rate), horizon) for rate in rates]
    longest = max(len(t) for t in totals)
    whole = np.array([np.concatenate([t, np.zeros(longest - len(t))]) for t in totals]).mean(axis=0)
    at_least = whole[::-1].cumsum()[::-1]
    return int(np.flatnonzero(at_least >= sure - 1e-12)[-1])


def _total(chances: Floats, horizon: int) -> Floats:
    made = np.ones(1)
    for _ in range(horizon):
        made = np.convolve(made, chances)
    return made


def drift_of(days: Ints, window: int = 28) -> float:
    """How far the rate wanders: the spread of log ratios of successive window totals, over root 2.

    0.0 for a history too short to show any.
    """
    history = np.asarray(days, dtype=float)
    count = len(history) // window
    if count < 3:
        return 0.0
    totals = history[len(history) - count * window :].reshape(count, window).sum(axis=1)
    ratios = np.diff(np.log(np.maximum(totals, 0.5)))
    return float(np.std(ratios, ddof=1) / np.sqrt(2)) if len(ratios) > 1 else 0.0
