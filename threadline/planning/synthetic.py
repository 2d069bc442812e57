"""Made-up planning problems of any size, for tests and measurements; the same for the same seed."""

from __future__ import annotations

import numpy as np

from threadline.planning.model import Mix, Pair, Problem, three_point


def problem(items: int, releases: int, teams: int, seed: int, *, confidence: float = 0.5) -> Problem:
    """A problem with log-normal values, one to four teams an item, and demand of 1.6 times the capacity.

    For 500 items: 150 requires, 25 excludes, 20 together, 12 must-haves, 30 not before, 25 due
    windows and a fifth of the effort for category 0 give or take 3 %; in proportion otherwise.
    """
    rng = np.random.default_rng(seed)
    part = items / 500
    low = np.zeros((items, teams))
    for f in range(items):
        chosen = rng.choice(teams, size=rng.integers(1, min(4, teams) + 1), replace=False)
        low[f, chosen] = rng.uniform(2, 12, size=len(chosen))
    likely = low * rng.uniform(1.1, 1.6, size=(items, 1))
    high = likely * rng.uniform(1.2, 2.5, size=(items, 1))
    effort, spread = three_point(low, likely, high)
    values = rng.lognormal(0.0, 0.8, items) * effort.sum(axis=1) ** 0.5
    capacity = np.repeat((effort.sum(axis=0) / 1.6 / releases)[:, None], releases, axis=1)
    due = np.full(items, releases - 1)
    earliest, must_by = np.zeros(items, dtype=np.int64), np.full(items, -1)
    order = rng.permutation(items)
    due[order[: round(25 * part)]] = rng.integers(0, releases, round(25 * part))
    earliest[order[round(25 * part) : round(55 * part)]] = rng.integers(1, releases, round(30 * part))
    musts = order[round(55 * part) : round(67 * part)]
    must_by[musts] = rng.integers(releases // 2, releases, len(musts))
    category = (rng.random(items) >= 0.25).astype(np.int64)
    return Problem(
        values=values,
        effort=effort,
        spread=spread,
        capacity=capacity,
        discount=np.power(0.93, np.arange(releases), dtype=np.float64),
        due=due,
        earliest=earliest,
        must_by=must_by,
        fixed=np.full(items, -1),
        requires=_pairs(rng, items, round(150 * part), must_by),
        excludes=_apart(rng, items, round(25 * part), set(musts.tolist())),
        together=_free_pairs(rng, items, round(20 * part), must_by, earliest),
        category=category,
        mix=(Mix(0, 0.20, 0.03),),
        confidence=confidence,
    )


def _pairs(rng: np.random.Generator, items: int, count: int, must_by: np.ndarray) -> list[Pair]:
    """Item f requires an item of a lower number, so that no circle forms."""
    made: set[Pair] = set()
    while len(made) < count:
        g, f = sorted(rng.choice(items, 2, replace=False).tolist())
        made.add((f, g))
    return sorted(made)


def _apart(rng: np.random.Generator, items: int, count: int, musts: set[int]) -> list[Pair]:
    free = [f for f in range(items) if f not in musts]
    return [tuple(rng.choice(free, 2, replace=False).tolist()) for _ in range(count)]


def _free_pairs(
    rng: np.random.Generator, items: int, count: int, must_by: np.ndarray, earliest: np.ndarray
) -> list[Pair]:
    free = [f for f in range(items) if must_by[f] < 0 and earliest[f] == 0]
    return [tuple(rng.choice(free, 2, replace=False).tolist()) for _ in range(count)]
