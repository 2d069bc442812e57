"""Plans hold, are as good as they can be where that can be counted out, and explain themselves."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from threadline.planning import answers, linear, risk, solving, synthetic
from threadline.planning.checking import broken
from threadline.planning.model import Problem, load_of, objective_of, three_point, value_of


def small(**changes: object) -> Problem:
    """Six items, two releases, two teams: small enough to try every plan."""
    items, releases = 6, 2
    given = Problem(
        values=np.array([8.0, 5.0, 6.0, 4.0, 7.0, 2.0]),
        effort=np.array([[4, 0], [2, 1], [0, 5], [3, 3], [5, 2], [1, 1]], dtype=float),
        spread=np.zeros((items, 2)),
        capacity=np.full((2, releases), 6.0),
        discount=np.array([1.0, 0.8]),
        due=np.full(items, releases - 1),
        earliest=np.zeros(items, dtype=np.int64),
        must_by=np.full(items, -1),
        fixed=np.full(items, -1),
        requires=[(0, 1)],
        after=[(4, 5)],
        excludes=[(2, 3)],
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def best_by_trying(problem: Problem) -> float:
    tried = (np.array(p) for p in product(range(problem.releases + 1), repeat=problem.items))
    return max((objective_of(problem, p) for p in tried if not broken(problem, p)), default=-np.inf)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"together": [(1, 3)]},
        {"must_by": np.array([-1, -1, -1, 1, -1, -1])},
        {"fixed": np.array([-1, 1, -1, -1, -1, -1])},
        {"earliest": np.array([0, 1, 0, 0, 0, 0])},
        {"due": np.array([0, 0, 0, 0, 0, 0])},
        {"published": np.array([2, 2, 2, 1, 2, 2]), "stability": 1.5},
        {"spread": np.full((6, 2), 0.5), "confidence": 0.85},
    ],
    ids=["plain", "together", "must", "fixed", "earliest", "due", "stability", "buffer"],
)
def test_small_plans_are_the_best_there_are(changes: dict[str, object]) -> None:
    problem = small(**changes)
    found = solving.solve(problem, seconds=5, goal=0.0)
    assert found is not None
    assert broken(problem, found.release) == []
    best = best_by_trying(problem)
    assert found.bound >= best - 1e-6
    # A buffer is only approached from the safe side; everything else is solved exactly.
    assert found.objective == pytest.approx(best, rel=0.1 if problem.kappa else 1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_breaks_a_rule(seed: int) -> None:
    problem = synthetic.problem(40, 3, 3, seed, confidence=0.5 if seed % 2 else 0.85)
    found = solving.solve(problem, seconds=10, goal=0.05)
    assert found is not None
    assert broken(problem, found.release) == []
    assert found.objective == pytest.approx(objective_of(problem, found.release))
    assert found.objective <= found.bound + 1e-6


def test_the_checker_sees_each_kind_of_broken_rule() -> None:
    problem = small(together=[(1, 5)], must_by=np.array([0, -1, -1, -1, -1, -1]), earliest=np.array([0, 0, 1, 0, 0, 0]))
    plan = np.array([1, 2, 0, 0, 0, 0])
    assert {b.rule for b in broken(problem, plan)} == {
        "must", "earliest", "requires", "after", "excludes", "together", "capacity"
    }  # fmt: skip


def test_impossible_input_names_what_has_to_give() -> None:
    problem = small(must_by=np.array([0, 0, -1, -1, 0, -1]), after=[], effort=np.full((6, 2), 5.0))
    assert solving.solve(problem, seconds=1) is None
    gives = answers.what_gives(problem)
    assert {g.row.rule for g in gives} == {"capacity"}
    assert sum(g.by for g in gives) == pytest.approx(2 * (15 - 6))


def test_forcing_an_item_in_costs_what_the_bound_loses() -> None:
    problem = small()
    relaxed = linear.Relaxation(problem).solve()
    assert relaxed is not None
    for regret in answers.regrets(problem, list(range(6))):
        assert regret.value is not None
        must_by = problem.must_by.copy()
        must_by[regret.item] = problem.releases - 1
        forced = linear.Relaxation(replace(problem, must_by=must_by)).solve()
        assert forced is not None
        assert regret.value == pytest.approx(relaxed.objective - forced.objective, abs=1e-7)


def test_what_an_item_needs_is_enough_to_bring_it_in() -> None:
    problem = synthetic.problem(40, 3, 3, 5)
    plan = solving.solve(problem, seconds=0.5)
    assert plan is not None
    left_out = [int(f) for f in np.flatnonzero(plan.release == problem.releases)][:5]
    for item in left_out:
        missing = answers.smallest_addition(problem, plan.release, item)
        capacity = problem.capacity.copy()
        capacity[:, missing.release] += missing.effort
        with_item = plan.release.copy()
        with_item[[item, *missing.needs]] = missing.release
        assert "capacity" not in {b.rule for b in broken(replace(problem, capacity=capacity), with_item)}


def test_a_change_of_capacity_moves_few_items() -> None:
    problem = synthetic.problem(120, 4, 4, 2)
    plan = solving.solve(problem, seconds=1)
    assert plan is not None
    capacity = problem.capacity.copy()
    capacity[0, 1] *= 0.8
    changed = replace(problem, capacity=capacity)
    found = answers.what_if(changed, plan.release)
    assert found is not None
    assert broken(changed, found.release) == []
    assert (found.release != plan.release).mean() < 0.15
    assert found.value > 0.95 * plan.value


def test_a_confidence_is_kept_when_efforts_are_drawn() -> None:
    problem = synthetic.problem(120, 4, 4, 3, confidence=0.85)
    plan = solving.solve(problem, seconds=1)
    assert plan is not None
    mean, _ = load_of(problem, plan.release)
    sure = risk.sureness(problem, plan.release, runs=4_000)
    full = sure.fits[mean > 0.8 * problem.capacity]
    assert len(full) > 5
    assert full.min() > 0.85 - 0.03 - 2 * sure.error


def test_more_capacity_never_earns_less() -> None:
    curve = answers.trade_off(synthetic.problem(40, 3, 3, 1), np.array([0.6, 1.0, 1.4]), seconds=0.3)
    bounds = [plan.bound for _, plan in curve if plan is not None]
    assert bounds == sorted(bounds)


def test_who_found_no_plan_in_half_the_time_looks_with_the_rest() -> None:
    problem = synthetic.problem(20, 5, 2, 27, confidence=0.6)
    solver = solving.Solver(problem, linear.reference_spread(problem, None), seconds=0.0)
    assert solver.solve() is None
    found = solver.last_look(60.0)
    assert found is not None
    assert broken(problem, found.release) == []


def test_a_regret_is_what_the_programme_loses_whatever_was_asked_before() -> None:
    problem = synthetic.problem(60, 3, 3, 2)
    together = answers.regrets(problem, [3, 9, 21, 40])
    for one in together:
        (alone,) = answers.regrets(problem, [one.item])
        assert alone.value == pytest.approx(one.value)


def test_a_teller_hears_of_plans_and_can_stop() -> None:
    heard: list[float] = []

    def told(plan: object) -> bool:
        heard.append(plan.objective)  # type: ignore[attr-defined]
        return True

    problem = synthetic.problem(120, 4, 4, 1)
    found = solving.solve(problem, seconds=30, told=told)
    assert found is not None
    assert heard
    assert found.objective == pytest.approx(max(heard))
    assert value_of(problem, found.release) == pytest.approx(found.value)


def test_three_point_estimates() -> None:
    mean, spread = three_point(np.array([2.0]), np.array([4.0]), np.array([12.0]))
    assert (mean[0], spread[0]) == (5.0, pytest.approx(1.6667, abs=1e-4))  # PERT (2, 4, 12): 5.0, 1.667
