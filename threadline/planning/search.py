"""Local search over release plans: single moves and swaps, looked at all at once in arrays.

It answers in a fraction of a second where the exact solver needs many, and gives the solver a
plan to start from. Each round takes the best move found anywhere; when none is left, a few units
are shaken out and it begins again from there, keeping the best plan seen (iterated local search).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from threadline.planning.model import Floats, Ints
from threadline.planning.units import Units

EPS = 1e-9


@dataclass
class State:
    """A plan being changed: releases of units, what is left of each capacity, and each mix's sum."""

    units: Units
    release: Ints
    left: Floats = field(init=False)
    mix: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.recount()

    def recount(self) -> None:
        """Loads from the plan itself, without the rounding that changes add up."""
        u = self.units
        self.left = u.room.copy()
        planned = np.flatnonzero(self.release < u.releases)
        np.subtract.at(self.left.T, self.release[planned], u.weight[planned, :, self.release[planned]])
        self.mix = u.mixes[:, planned].sum(axis=1)

    @property
    def worth(self) -> float:
        """What the plan earns."""
        return float(self.units.worth[np.arange(self.units.count), self.release].sum())

    @property
    def holds(self) -> bool:
        """Whether capacities and mixes are kept."""
        tolerance = 1e-7 * (1 + np.abs(self.units.room))
        return bool((self.left >= -tolerance).all() and (self.mix <= 1e-7).all())

    def put(self, unit: int, release: int) -> None:
        """Move one unit."""
        u, old = self.units, int(self.release[unit])
        if old < u.releases:
            self.left[:, old] += u.weight[unit, :, old]
        if release < u.releases:
            self.left[:, release] -= u.weight[unit, :, release]
        self.mix = self.mix + u.mixes[:, unit] * (int(release < u.releases) - int(old < u.releases))
        self.release[unit] = release

    def windows(self) -> tuple[Ints, Ints]:
        """The releases each unit may be in while the others stay; low above high where only out will do."""
        u = self.units
        low, high = u.low.copy(), u.high.copy()
        if len(u.before):
            later, earlier, gap = u.before.T
            np.maximum.at(low, later, np.minimum(self.release[earlier] + gap, u.releases))
            limit = np.where(self.release[later] < u.releases, self.release[later] - gap, u.releases)
            np.minimum.at(high, earlier, limit)
        return low, high


def apart_from_planned(state: State) -> np.ndarray:
    """Whether a unit may not be planned because one that it excludes is."""
    u = state.units
    unit, other = u.excluding
    found = np.zeros(u.count, dtype=bool)
    found[unit[state.release[other] < u.releases]] = True
    return found


def moves(state: State) -> tuple[Floats, np.ndarray]:
    """U x (T + 1) gain of moving each unit alone, and whether windows (not capacity) allow it."""
    u, release = state.units, state.release
    at = np.arange(u.count)
    low, high = state.windows()
    t = np.arange(u.releases + 1)[None, :]
    allowed = (t >= low[:, None]) & (t <= high[:, None])
    allowed[:, -1] = high >= u.releases
    blocked = apart_from_planned(state) & (release >= u.releases)
    allowed[blocked, :-1] = False
    allowed[at, release] = False
    return u.worth - u.worth[at, release][:, None], allowed


def best_move(state: State) -> tuple[float, int, int] | None:
    """The best single move that fits: (gain, unit, release)."""
    u = state.units
    gain, allowed = moves(state)
    fits = (u.weight <= state.left[None] + EPS).all(axis=1)
    good = allowed[:, :-1] & fits & (gain[:, :-1] > EPS)
    if len(u.mixes):
        enters = state.release >= u.releases
        mixed = ((state.mix[:, None] + u.mixes) <= EPS).all(axis=0) | ~enters
        good &= mixed[:, None]
    best = np.where(good, gain[:, :-1], 0.0)
    at = int(best.argmax())
    unit, to = divmod(at, u.releases)
    return (float(best[unit, to]), unit, to) if best[unit, to] > EPS else None


def best_swap(state: State, prices: Floats) -> tuple[float, int, int, int, int] | None:
    """The best pair of moves that fits together: (gain, in, its release, out, its release).

    One unit enters a release and another leaves it, to where it earns most among the releases
    with room (or out).
    """
    u, release = state.units, state.release
    gain, allowed = moves(state)
    spare = (u.weight <= state.left[None] + EPS).all(axis=1)  # U x T: fits as things stand
    leave = np.where(allowed & np.hstack([spare, np.ones((u.count, 1), bool)]), gain, -np.inf)
    found = None
    for t in range(u.releases):
        inside = np.flatnonzero(release == t)
        entering = np.flatnonzero(allowed[:, t] & (gain[:, t] > EPS))
        if not len(inside) or not len(entering):
            continue
        to = leave[inside].argmax(axis=1)
        loss = leave[inside, to]
        keep = np.isfinite(loss)
        inside, to, loss = inside[keep], to[keep], loss[keep]
        total = gain[entering, t][:, None] + loss[None, :]
        pairs = np.argwhere(total > (found[0] if found else 0.0) + EPS)
        if not len(pairs):
            continue
        a, b = entering[pairs[:, 0]], inside[pairs[:, 1]]
        fits = (u.weight[a, :, t] <= state.left[None, :, t] + u.weight[b, :, t] + EPS).all(axis=1)
        if len(u.mixes):
            change = u.mixes[:, a] * (release[a] >= u.releases) - u.mixes[:, b] * (to[pairs[:, 1]] >= u.releases)
            fits &= ((state.mix[:, None] + change) <= EPS).all(axis=0)
        pairs, a, b = pairs[fits], a[fits], b[fits]
        for i in np.argsort(-total[pairs[:, 0], pairs[:, 1]])[:8]:
            chosen = (float(total[tuple(pairs[i])]), int(a[i]), t, int(b[i]), int(to[pairs[i, 1]]))
            if found is not None and chosen[0] <= found[0]:
                break
            if _stands_together(state, chosen):
                found = chosen
                break
    return found


def _stands_together(state: State, swap: tuple[float, int, int, int, int]) -> bool:
    """Whether both moves keep all pairs; each was only looked at with the other in its old place."""
    _, unit, t, other, to = swap
    old, before = int(state.release[unit]), int(state.release[other])
    state.release[unit], state.release[other] = t, to
    low, high = state.windows()
    u = state.units
    ok = all((low[w] <= r <= high[w]) if r < u.releases else high[w] >= u.releases for w, r in ((unit, t), (other, to)))
    state.release[unit], state.release[other] = old, before
    return ok


def climb(state: State, prices: Floats, deadline: float) -> None:
    """Take the best move or swap until none is left."""
    while time.process_time() < deadline:
        move = best_move(state)
        if move is not None:
            state.put(move[1], move[2])
            continue
        swap = best_swap(state, prices)
        if swap is None:
            return
        state.put(swap[3], swap[4])
        state.put(swap[1], swap[2])


def shake(state: State, rng: np.random.Generator, prices: Floats, count: int) -> None:
    """Push a few units out of one team's crowded releases, the dear ones first, with what requires them."""
    u = state.units
    planned = np.flatnonzero((state.release < u.releases) & (u.high >= u.releases))
    if not len(planned):
        return
    bill = np.einsum("ukt,kt->ut", u.weight, prices)
    at = state.release[planned]
    regret = u.worth[planned, at] - bill[planned, at]
    order = planned[np.argsort(regret + rng.gumbel(0, max(float(regret.std()), EPS), len(planned)))]
    for unit in order[:count]:
        _out(state, int(unit))


def _out(state: State, unit: int) -> None:
    if state.release[unit] >= state.units.releases or state.units.high[unit] < state.units.releases:
        return
    for later, earlier, _ in state.units.before:
        if earlier == unit:
            _out(state, int(later))
    _, high = state.windows()
    if high[unit] >= state.units.releases:
        state.put(unit, state.units.releases)


def improve(
    state: State,
    prices: Floats,
    *,
    seconds: float,
    seed: int = 0,
    goal: float = np.inf,
    stop: Callable[[], bool] = lambda: False,
) -> State:
    """Iterated local search from a plan that holds, for so many CPU seconds or until ``goal`` is earned."""
    rng = np.random.default_rng(seed)
    deadline = time.process_time() + seconds
    climb(state, prices, deadline)
    best = State(state.units, state.release.copy())
    current = best.worth
    while time.process_time() < deadline and best.worth < goal and not stop():
        trial = State(state.units, best.release.copy())
        shake(trial, rng, prices, int(rng.integers(2, 9)))
        climb(trial, prices, deadline)
        if trial.holds and trial.worth >= current - EPS:
            best, current = trial, trial.worth
    return best
