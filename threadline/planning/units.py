"""A planning problem as the search sees it: units that move alone, and arrays it can look up.

Items that must come together are one unit: what they earn, weigh and add to a mix is summed, so
no move can part them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from threadline.planning.linear import gains, reference_spread, weights
from threadline.planning.model import Floats, Ints, Pair, Problem


@dataclass(frozen=True)
class Units:
    """U units. ``worth`` U x (T + 1), price of changes included and 0 for left out; ``weight`` U x K x T
    effort as capacity rows count it, ``room`` K x T; ``mixes`` M x U: a plan holds while each row's sum
    over planned units is at most 0; ``low`` and ``high`` U: releases allowed (high T: may be left out).
    ``before`` pairs (u, v, gap): v comes at least ``gap`` releases before u when u is planned.
    """

    worth: Floats
    weight: Floats
    room: Floats
    mixes: Floats
    low: Ints
    high: Ints
    before: Ints
    apart: list[list[int]]
    of: Ints
    impossible: tuple[Pair, ...]

    @cached_property
    def excluding(self) -> Ints:
        """Pairs (u, v), both ways round, of which only one may be planned; 2 x pairs."""
        pairs = [(u, v) for u, others in enumerate(self.apart) for v in others]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2).T

    @property
    def count(self) -> int:
        """U."""
        return len(self.low)

    @property
    def releases(self) -> int:
        """T."""
        return int(self.room.shape[1])

    def unfold(self, release: Ints) -> Ints:
        """A plan of units as one of items."""
        return release[self.of]

    def fold(self, release: Ints) -> Ints:
        """A plan of items as one of units: the latest of each unit's."""
        made = np.zeros(self.count, dtype=np.int64)
        np.maximum.at(made, self.of, release)
        return made


def units(problem: Problem, spread: Floats | None = None) -> Units:
    """The problem's units, with buffers taken at ``spread`` (K x T)."""
    of = _groups(problem)
    count, releases = int(of.max(initial=-1)) + 1, problem.releases
    weight, room = weights(problem, reference_spread(problem, None) if spread is None else spread)
    gain, _ = gains(problem)
    worth = np.hstack([np.cumsum(gain[:, ::-1], axis=1)[:, ::-1], np.zeros((problem.items, 1))])
    low, high = np.zeros(count, dtype=np.int64), np.full(count, releases)
    np.maximum.at(low, of, np.maximum(problem.earliest, problem.fixed))
    last = np.where(problem.must_by >= 0, problem.must_by, releases)
    np.minimum.at(high, of, np.where(problem.fixed >= 0, problem.fixed, last))
    before = [(of[f], of[g], 0) for f, g in problem.requires] + [(of[f], of[g], 1) for f, g in problem.after]
    apart: list[list[int]] = [[] for _ in range(count)]
    for f, g in problem.excludes:
        apart[of[f]].append(int(of[g]))
        apart[of[g]].append(int(of[f]))
    return Units(
        worth=_summed(worth, of, count),
        weight=_summed(weight, of, count),
        room=room,
        mixes=_mixes(problem, of, count),
        low=low,
        high=high,
        before=np.array([b for b in before if b[0] != b[1] or b[2]], dtype=np.int64).reshape(-1, 3),
        apart=apart,
        of=of,
        impossible=tuple((f, g) for f, g in problem.excludes if of[f] == of[g]),
    )


def _summed(each: Floats, of: Ints, count: int) -> Floats:
    made = np.zeros((count, *each.shape[1:]))
    np.add.at(made, of, each)
    return made


def _mixes(problem: Problem, of: Ints, count: int) -> Floats:
    if problem.category is None or not problem.mix:
        return np.zeros((0, count))
    each, rows = problem.effort.sum(axis=1), []
    for band in problem.mix:
        mine = each * (problem.category == band.category)
        rows += [mine - (band.share + band.band) * each, (band.share - band.band) * each - mine]
    return _summed(np.array(rows).T, of, count).T


def _groups(problem: Problem) -> Ints:
    head = list(range(problem.items))

    def top(f: int) -> int:
        while head[f] != f:
            f = head[f]
        return f

    for f, g in problem.together:
        head[max(top(f), top(g))] = min(top(f), top(g))
    _, of = np.unique([top(f) for f in range(problem.items)], return_inverse=True)
    return of.astype(np.int64).reshape(-1)
