"""When so much work is done, and how much is done by when, from a team's own past days.

The number finished on a day is drawn from the days seen, so the first passage is an exact
convolution and needs no simulation. A team's rate is no constant, though: taken alone, the days
promise too much. ``drift`` spreads the rate by a log-normal factor whose width the same history
shows; the answer is then a mixture of exact ones. What is left of a lean, too late or too early,
shows in how past forecasts came out, and ``relearnt`` takes it out again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from threadline.planning.model import Floats, Ints

MOST_DAYS = 2_000
RECENT = 120  # days that say how fast a team is now
REMEMBERED = 730  # days that say how far its rate wanders; what was before says little of today
LEAST_DAYS = 28  # that a rate is read from
ENOUGH = 30  # forecasts that have come out, before they correct the next
NEWEST = 400  # of them at most: teams change
_DOUBT = 30  # forecasts that the uncorrected answer weighs as much as
_FURTHEST = 0.99  # what came later yet moves a day this far and no further: beyond it no chance was worked out
_WEEKS = 6  # of a block at most
_SURELY = 1e-9  # what is left of doubt when a walk ends
_POINTS = 15  # of the mixture over the drift; more change no answer by a day


@dataclass(frozen=True)
class When:
    """``chance[d]`` is the chance that everything is done within d working days; index 0 is today."""

    chance: Floats

    def day(self, sure: float) -> int | None:
        """The first day that is sure enough (0.85 for P85); None when the horizon ends before it."""
        enough = np.flatnonzero(self.chance >= sure - 1e-12)
        return int(enough[0]) if len(enough) else None


def when(days: Ints, items: int, *, drift: float = 0.0, weekly: bool = False, horizon: int = MOST_DAYS) -> When:
    """The chance that ``items`` are done within each number of days, given what past ``days`` finished.

    ``weekly`` for days that run without a gap up to today: days of rest are then drawn from days of rest.
    Raises ValueError for a history with nothing finished: nothing can be said from it.
    """
    history = np.asarray(days, dtype=np.int64)
    if not len(history) or history.sum() == 0:
        raise ValueError("nothing was finished in these days, so they say nothing of the days to come")
    if items <= 0:
        return When(np.ones(1))
    rates = _rates(drift) if drift > 0 else [1.0]
    rests = _rests(history) if weekly else np.zeros(len(history), dtype=bool)
    kinds = [history[~rests], history[rests]] if rests.any() else [history]
    steps = [np.array([_capped(_faster(kind, rate), items) for rate in rates]) for kind in kinds]
    ahead = [int(rests[at - 7]) for at in range(7)] if rests.any() else [0]
    return When(_passage([steps[kind] for kind in ahead], items, horizon))


def _rests(history: Ints) -> np.ndarray:
    """Which days lie on a day of the week that sees less than half of its even share: days of rest."""
    of_week = (np.arange(len(history)) - len(history)) % 7
    if len(history) < 28:
        return np.zeros(len(history), dtype=bool)
    means = np.array([history[of_week == at].mean() for at in range(7)])
    rests: np.ndarray = (means < history.mean() / 2)[of_week]
    return rests


def outlook(days: Ints, items: int) -> When:
    """When ``items`` are done, from every past day there is: how fast of late, and how far that wandered before.

    Days before the first thing was finished do not count: there was no team yet, or no record of it.
    """
    lived = np.trim_zeros(np.asarray(days, dtype=np.int64)[-REMEMBERED:], "f")
    recent = np.asarray(days, dtype=np.int64)[-min(max(len(lived), LEAST_DAYS), RECENT) :]
    return when(recent, items, drift=drift_of(lived), weekly=True)


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


def _capped(chances: Floats, items: int) -> Floats:
    """The chances of 0 to ``items`` - 1 in a day; more than that is done whatever it is."""
    made = np.zeros(items)
    made[: len(chances)] = chances[:items]
    return made


def _passage(week: Sequence[Floats], items: int, horizon: int) -> Floats:
    """F(d) = 1 - the chance that fewer than ``items`` are done after d days; d from 0. For each day of the week
    to come one row of chances for each rate; the rates are equally likely, and all walked together.

    What d days do is the d-fold convolution of one: worked out day by day for a block of whole weeks, then block by
    block, and each day of a block is one product with what the block began with.
    """
    rates = len(week[0])
    slowest = min(float((np.arange(items) * day).sum(axis=1).min()) + 1e-9 for day in week)
    weeks = int(np.clip(np.sqrt(items / slowest) / 7, 1, _WEEKS))
    days = 7 * weeks
    walked = np.zeros((days + 1, rates, items))
    walked[0, :, 0] = 1.0
    for day in range(days):
        each = week[day % len(week)]
        for count in np.flatnonzero(each.any(axis=0)):
            walked[day + 1, :, count:] += each[:, count, None] * walked[day, :, : items - count]
    fewer = walked[:days].cumsum(axis=2)[:, :, ::-1].reshape(days, -1)
    size = 1 << (2 * items).bit_length()
    block, left = np.fft.rfft(walked[days], size), walked[0]
    found = np.zeros(0)
    while len(found) <= horizon and (not len(found) or found[-1] <= 1 - _SURELY):
        found = np.concatenate([found, 1.0 - fewer @ left.ravel() / rates])
        left = np.fft.irfft(np.fft.rfft(left, size) * block, size)[:, :items]
    enough = np.flatnonzero(found > 1 - _SURELY)
    last = min(int(enough[0]) if len(enough) else horizon, horizon)
    chance: Floats = np.maximum.accumulate(np.clip(found[: last + 1], 0.0, 1.0))
    return chance


def came_out(chance: Floats, day: int) -> float:
    """Where in its forecast the day lies that came: 0 early, 1 late (the probability integral transform).

    A day is no point but holds a chance of its own; the middle of it counts. Forecasts that say what
    comes have these values spread evenly (Dawid 1984).
    """
    last = len(chance) - 1
    return float(chance[min(max(day - 1, 0), last)] + chance[min(max(day, 0), last)]) / 2 if day > 0 else 0.0


def relearnt(chance: Floats, came: Sequence[float]) -> Floats:
    """The chances as past forecasts came out: what was called 0.5 and held 58 times in 100 is 0.58.

    Each chance becomes the share of values ``came`` (oldest first) that are not above it, mixed with itself
    as though it had ``_DOUBT`` forecasts more. Unchanged until ``ENOUGH`` have come out.
    """
    if len(came) < ENOUGH:
        return chance
    known = np.sort(np.minimum(np.asarray(came, dtype=float)[-NEWEST:], _FURTHEST))
    made: Floats = (np.searchsorted(known, chance, side="right") + _DOUBT * chance) / (len(known) + _DOUBT)
    return made


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
    """How far the rate wanders: the spread of log ratios of successive window totals, over root 2, less the
    spread that luck alone gives them.

    Luck is in the days already: counted here again it would make every answer too late. It is the variance
    of a day about its own window, over window x mean squared. Only the last ``REMEMBERED`` days speak.
    0.0 for a history too short to show any.
    """
    history = np.asarray(days, dtype=float)[-REMEMBERED:]
    count = len(history) // window
    if count < 3 or not history.any():
        return 0.0
    windows = history[len(history) - count * window :].reshape(count, window)
    ratios = np.diff(np.log(np.maximum(windows.sum(axis=1), 0.5)))
    luck = windows.var(axis=1, ddof=1).mean() / (window * max(windows.mean(), 1 / window / count) ** 2)
    return float(np.sqrt(max((ratios**2).mean() / 2 - luck, 0.0)))
