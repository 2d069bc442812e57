"""When work is done that teams have estimated, item after item: the dependencies drawn many times over.

Each piece of work is one team's part of an item, in person-days low, likely and high; a team has so many of
them a working day and takes one piece after the other. How long a piece takes is drawn from the beta
distribution of PERT (Malcolm, Roseboom, Clark and Fazar 1959: mean (o+4m+p)/6), independently, and the longest
path decides (Monte Carlo over the network: Van Slyke, Operations Research 11, 1963). How often an item lies on
that path is its criticality. The mean path alone promises too much wherever two paths meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadline.planning.model import Floats, Ints, Pair, three_point

RUNS = 10_000
_STEPS = 4_096  # equally likely values that stand for a distribution
_GRID = 4_097  # points its density is summed over
_AT_ONCE = 4_096  # runs that fit the processor's cache together
Drawn = NDArray[np.float32]


class Circle(ValueError):
    """Items that wait for each other: ``items`` in order, the last waits for the first."""

    def __init__(self, items: list[int]) -> None:
        super().__init__("these wait for each other: " + ", ".join(map(str, items)))
        self.items = items


@dataclass(frozen=True)
class Network:
    """``item`` and ``team`` of each piece of work with its ``low``, ``likely`` and ``high`` person-days, all of one
    length; ``pace``: person-days of each team a working day. ``needs`` pairs (f, g): no work on f before all of g is
    done. Of pieces that could begin, a team takes the one that stands first. Items are counted from 0 to ``items``;
    one without work takes no time.
    """

    items: int
    item: Ints
    team: Ints
    low: Floats
    likely: Floats
    high: Floats
    pace: Floats
    needs: Sequence[Pair] = ()


@dataclass(frozen=True)
class Outcome:
    """Working days from the start: ``whole`` of each run, ``each`` items x runs. ``critical``: the share of runs in
    which an item lies on the path that decides the end."""

    whole: Drawn
    each: Drawn
    critical: Floats

    def day(self, sure: float) -> float:
        """By when everything is done, so sure."""
        return float(np.quantile(self.whole, sure, method="inverted_cdf"))


@dataclass(frozen=True)
class Order:
    """Pieces of work in an order in which each comes after all it waits for; ``waits`` names these by their place in
    it. ``piece`` -1 stands for an item without work."""

    piece: list[int]
    item: list[int]
    waits: list[list[int]]


def ordered(network: Network) -> Order:
    """Who takes what when, as one would plan it: by the means, and no team idle while it could begin something.

    The order is then the same in every run, so that whatever takes longer makes nothing end earlier.
    Raises Circle, and ValueError for a team that has work and no days.
    """
    if any(network.pace[k] <= 0 for k in set(network.team.tolist())):
        raise ValueError("a team that has work has no days for it")
    return _Laying(network).order


class _Laying:
    """The order being made: whatever could begin first is placed next."""

    def __init__(self, network: Network) -> None:
        self.team = network.team.tolist()
        mean, _ = three_point(network.low, network.likely, network.high)
        self.takes = (mean / network.pace[network.team]).tolist() if len(mean) else []
        self.needed, self.needing = _neighbours(network)
        self.pieces: list[list[int]] = [[] for _ in range(network.items)]
        for at, item in enumerate(network.item.tolist()):
            self.pieces[item].append(at)
        self.places: list[list[int]] = [[] for _ in range(network.items)]
        self.ready, self.ends = [0.0] * network.items, [0.0] * network.items
        self.free, self.last = [0.0] * len(network.pace), [-1] * len(network.pace)
        self.waiting: set[tuple[int, int]] = set()
        self.opened: set[int] = set()
        self.order = Order([], [], [])
        lacking = [len(one) for one in self.needed]
        for item in _sorted(network):
            if not lacking[item]:
                self._open(item)
        while self.waiting:
            start, at, item = min((max(self.free[self.team[at]], self.ready[i]), at, i) for at, i in self.waiting)
            self.waiting.remove((at, item))
            self._place(at, item, start + self.takes[at])

    def _open(self, item: int) -> None:
        """Everything before it is placed."""
        if item in self.opened:
            return
        self.opened.add(item)
        self.ready[item] = max((self.ends[g] for g in self.needed[item]), default=0.0)
        if self.pieces[item]:
            self.waiting.update((at, item) for at in self.pieces[item])
        else:
            self._place(-1, item, self.ready[item])

    def _place(self, at: int, item: int, done: float) -> None:
        waits = {place for g in self.needed[item] for place in self.places[g]}
        here = len(self.order.piece)
        if at >= 0:
            team = self.team[at]
            waits |= {self.last[team]} - {-1}
            self.free[team], self.last[team] = done, here
        self.places[item].append(here)
        self.order.piece.append(at)
        self.order.item.append(item)
        self.order.waits.append(sorted(waits))
        self.ends[item] = max(self.ends[item], done)
        if self._whole(item):
            for later in self.needing[item]:
                if all(self._whole(g) for g in self.needed[later]):
                    self._open(later)

    def _whole(self, item: int) -> bool:
        return len(self.places[item]) == max(len(self.pieces[item]), 1)


def _neighbours(network: Network) -> tuple[list[list[int]], list[list[int]]]:
    needed: list[list[int]] = [[] for _ in range(network.items)]
    needing: list[list[int]] = [[] for _ in range(network.items)]
    for f, g in dict.fromkeys(network.needs):
        needed[f].append(g)
        needing[g].append(f)
    return needed, needing


def _sorted(network: Network) -> list[int]:
    """Items, each after what it needs; raises Circle."""
    needed, needing = _neighbours(network)
    lacking = [len(one) for one in needed]
    made = [item for item in range(network.items) if not lacking[item]]
    for item in made:  # grows while it is walked
        for later in needing[item]:
            lacking[later] -= 1
            if not lacking[later]:
                made.append(later)
    if len(made) < network.items:
        at = next(item for item, count in enumerate(lacking) if count)
        seen: list[int] = []
        while at not in seen:
            seen.append(at)
            at = next(g for g in needed[at] if lacking[g])
        raise Circle(seen[seen.index(at) :])
    return made


def spread_of(low: float, likely: float, high: float) -> Drawn:
    """Equally likely values that stand for the beta distribution of PERT between two ends; their mean is exact."""
    mean = (low + 4 * likely + high) / 6
    if high <= low:
        return np.full(_STEPS, mean, dtype=np.float32)
    peak = 4 * (likely - low) / (high - low)
    x = np.linspace(0.0, 1.0, _GRID)
    density = x**peak * (1 - x) ** (4 - peak)
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    values = low + (high - low) * np.interp((np.arange(_STEPS) + 0.5) / _STEPS, mass / mass[-1], x)
    return np.asarray(values + (mean - values.mean()), dtype=np.float32)


def simulate(network: Network, *, runs: int = RUNS, seed: int = 1, drift: float = 0.0) -> Outcome:
    """Draw every piece of work ``runs`` times. ``drift``: how far the pace of all teams wanders together, as
    :func:`threadline.planning.throughput.drift_of` reads it: each run's is exp(N(0, drift))."""
    order, rng = ordered(network), np.random.Generator(np.random.SFC64(seed))
    tables = _tables(network, order)
    whole, each = np.empty(runs, dtype=np.float32), np.zeros((network.items, runs), dtype=np.float32)
    critical = np.zeros(network.items)
    for first in range(0, runs, _AT_ONCE):
        count = min(_AT_ONCE, runs - first)
        start, done = _walked(order, tables, rng, count)
        part = each[:, first : first + count]
        for at, item in enumerate(order.item):
            np.maximum(part[item], done[at], out=part[item])
        part.max(axis=0, out=whole[first : first + count], initial=0.0)
        critical += _critical(order, start, done, network.items)
    if drift > 0:
        slower = np.exp(rng.standard_normal(runs, dtype=np.float32) * np.float32(drift))
        whole, each = whole * slower, each * slower
    return Outcome(whole, each, critical / max(runs, 1))


def ends(network: Network, *, runs: int = RUNS, seed: int = 1) -> Drawn:
    """Only the end of each run: the same as :func:`simulate` finds, and some three times as quick."""
    order, rng = ordered(network), np.random.Generator(np.random.SFC64(seed))
    tables, whole = _tables(network, order), np.empty(runs, dtype=np.float32)
    for first in range(0, runs, _AT_ONCE):
        count = min(_AT_ONCE, runs - first)
        _, done = _walked(order, tables, rng, count)
        done.max(axis=0, out=whole[first : first + count], initial=0.0)
    return whole


def _tables(network: Network, order: Order) -> list[Drawn | None]:
    """The working days each piece may take, in the order of the pieces; none for what takes no time."""
    return [
        None if at < 0
        else spread_of(float(network.low[at]), float(network.likely[at]), float(network.high[at]))
        / np.float32(network.pace[network.team[at]])
        for at in order.piece
    ]  # fmt: skip


def _walked(
    order: Order, tables: list[Drawn | None], rng: np.random.Generator, count: int
) -> tuple[list[Drawn | None], Drawn]:
    """When each piece begins (None: at once) and ends, for so many runs: a row for each."""
    places = len(order.piece)
    drawn = rng.integers(0, _STEPS, size=(places, count), dtype=np.uint16)
    done = np.empty((places, count), dtype=np.float32)
    starts: list[Drawn | None] = []
    for at, (table, waits) in enumerate(zip(tables, order.waits, strict=True)):
        start = _latest(done, waits) if waits else None
        if table is None:
            done[at] = 0.0 if start is None else start
        else:
            table.take(drawn[at], out=done[at], mode="clip")
            if start is not None:
                done[at] += start
        starts.append(start)
    return starts, done


def _latest(done: Drawn, waits: list[int]) -> Drawn:
    start: Drawn = done[waits[0]]
    for other in waits[1:]:
        start = np.maximum(start, done[other])
    return start


def _critical(order: Order, starts: list[Drawn | None], done: Drawn, items: int) -> Floats:
    """In how many runs each item lies on a longest path, walked back from the end."""
    on = done == done.max(axis=0, initial=0.0)
    counted = np.zeros((items, done.shape[1]), dtype=bool)
    for at in range(len(order.piece) - 1, -1, -1):
        counted[order.item[at]] |= on[at]
        if (start := starts[at]) is not None:
            for other in order.waits[at]:
                on[other] |= on[at] & (done[other] == start)
    made: Floats = counted.sum(axis=1).astype(float)
    return made
