"""Smaller problems have the same answer, and what is closed stays as it was."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from threadline.planning import linear, narrowing, solving, synthetic
from threadline.planning.checking import broken
from threadline.planning.model import Problem, value_of
from threadline.planning.shrinking import shrunk


def one_release(seed: int, items: int = 12) -> Problem:
    """Half earn, a third cost nothing, each needs up to two of a lower number: many rules of shrinking apply."""
    rng = np.random.default_rng(seed)
    effort = rng.integers(0, 6, (items, 2)) * (rng.random((items, 1)) < 0.7)
    none = np.full(items, -1)
    must = none.copy()
    must[rng.integers(items)] = 0
    return Problem(
        values=np.where(rng.random(items) < 0.5, rng.integers(1, 9, items), 0).astype(float),
        effort=effort.astype(float),
        spread=np.zeros((items, 2)),
        capacity=np.maximum(effort.sum(axis=0) * 0.6, 6)[:, None],
        discount=np.ones(1),
        due=np.zeros(items, dtype=np.int64),
        earliest=np.zeros(items, dtype=np.int64),
        must_by=must,
        fixed=none,
        requires=[(f, int(g)) for f in range(1, items) for g in set(rng.integers(0, f, rng.integers(0, 3)).tolist())],
        excludes=[(2, 7)],
        together=[(3, 9)],
    )


def best_value(problem: Problem) -> float:
    plans = (np.array(plan) for plan in product((0, 1), repeat=problem.items))
    return max((value_of(problem, plan) for plan in plans if not broken(problem, plan)), default=-np.inf)


@pytest.mark.parametrize("seed", range(8))
def test_a_smaller_problem_has_the_same_best_plan(seed: int) -> None:
    problem = one_release(seed)
    found = shrunk(problem)
    assert found is not None
    smaller, _ = found
    assert smaller.items < problem.items
    assert best_value(smaller) == best_value(problem)
    plan = solving.solve(problem, seconds=5, goal=0.0)
    if plan is None:
        assert best_value(problem) == -np.inf
    else:
        assert broken(problem, plan.release) == []
        assert plan.value == best_value(problem) == plan.bound


@pytest.mark.parametrize(
    "changes",
    [{"published": np.zeros(12, dtype=np.int64), "stability": 1.0}, {"confidence": 0.85}],
    ids=["published", "buffers"],
)
def test_what_the_rules_do_not_hold_for_stays_as_it_is(changes: dict[str, Any]) -> None:
    assert shrunk(replace(one_release(1), **changes)) is None


def test_what_the_relaxation_takes_is_in_every_kernel_and_pays_its_way() -> None:
    problem = synthetic.problem(60, 4, 3, 1)
    relaxation = linear.Relaxation(problem)
    relaxed = relaxation.solve()
    assert relaxed is not None
    margin, taken = narrowing.margins(problem, relaxation.made, relaxed), narrowing.used(relaxed)
    assert margin[taken].max() < 1e-6  # complementary slackness: nothing taken stays behind the best
    assert margin.min() == 0
    small, large = narrowing.kernel(margin, taken, 0.2), narrowing.kernel(margin, taken, 2.0)
    assert (taken <= small).all()
    assert (small <= large).all()
    assert 60 * 0.2 <= (small & ~taken).sum() < (large & ~taken).sum()


def test_outside_the_stretch_nothing_moves() -> None:
    plan, everything = np.array([0, 1, 2, 3, 4]), np.ones((5, 5), dtype=bool)  # four releases, 4 is out
    opened = narrowing.stretch(everything, plan, 1, 2)
    assert [np.flatnonzero(row).tolist() for row in opened] == [[0], [1, 2, 4], [1, 2, 4], [3], [1, 2, 4]]


def test_objectives_that_are_whole_numbers_have_whole_bounds() -> None:
    whole = replace(one_release(3), values=one_release(3).values * 5)
    made = linear.matrix(whole, linear.reference_spread(whole, None))
    assert solving.grain(made) == 5
    halves = replace(whole, values=whole.values + 0.5)
    assert solving.grain(linear.matrix(halves, linear.reference_spread(halves, None))) == 0
