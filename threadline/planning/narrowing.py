"""Which releases of which items are worth looking at, so that the exact solver has little to decide.

The relaxation's prices say what each item would earn in each release after paying for what it takes
from others; how far a release stays behind the item's best one is its margin. A good plan hardly
ever takes a large margin, so the small ones make a small programme with good plans in it (a kernel:
Angelelli, Mansini and Speranza, "Kernel search", Computers & Operations Research 37, 2010). From a
plan, one stretch of releases at a time is opened and the others stay.
"""

from __future__ import annotations

import numpy as np

from threadline.planning.linear import Matrix, Relaxed
from threadline.planning.model import Flags, Floats, Ints, Problem

WHOLE = 1e-6


def margins(problem: Problem, made: Matrix, relaxed: Relaxed) -> Floats:
    """F x (T + 1): how far each release, the last column left out, stays behind the item's best; infinite if barred."""
    chosen = np.array([name.rule != "monotone" for name in made.names], dtype=bool)
    priced = made.gain - made.rows.T @ np.where(chosen, relaxed.duals, 0.0)
    each = priced[: made.columns].reshape(problem.items, problem.releases)
    net = np.hstack([np.cumsum(each[:, ::-1], axis=1)[:, ::-1], np.zeros((problem.items, 1))])
    t = np.arange(problem.releases + 1)[None, :]
    first = np.maximum(problem.earliest, problem.fixed)[:, None]
    last = np.where(problem.fixed >= 0, problem.fixed, np.where(problem.must_by >= 0, problem.must_by, len(t[0]) - 1))
    net = np.where((t >= first) & (t <= last[:, None]), net, -np.inf)
    margin: Floats = net.max(axis=1, keepdims=True) - net
    return margin


def used(relaxed: Relaxed) -> Flags:
    """F x (T + 1): what the relaxation takes, in whole or in part."""
    z = relaxed.z
    flags: Flags = np.hstack([z[:, :1], np.diff(z, axis=1), 1 - z[:, -1:]]) > WHOLE
    return flags


def kernel(margin: Floats, taken: Flags, extra: float) -> Flags:
    """What the relaxation takes and, for each item on average, ``extra`` more choices: those of least margin."""
    others = np.sort(margin[~taken])
    allowed = taken.copy()
    if len(others):
        allowed |= margin <= others[min(int(extra * len(margin)), len(others) - 1)]
    allowed &= np.isfinite(margin)
    return allowed


def stretch(allowed: Flags, plan: Ints, first: int, width: int) -> Flags:
    """Of what is allowed, what moves among ``width`` releases and out; everything else stays where it is."""
    releases = allowed.shape[1] - 1
    t = np.arange(releases + 1)
    inside = (t >= first) & (t < first + width) | (t == releases)
    opened: Flags = allowed & inside[None, :] & inside[plan][:, None]
    opened[np.arange(len(plan)), plan] = True
    return opened
