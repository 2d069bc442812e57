"""Objectives and their key results, as rows and columns."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threadline.inbound.strategy import grading, queries
from threadline.kernel import listing, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh


def column(world: World, kind: str, query: str = "", actor: Any = None) -> list[float | None]:
    page = listing.list_page(actor or world.pm, type_of(kind), query, names=["progress"])
    return [row["progress"] for row in page.rows]


def with_results(world: World, *numbers: tuple[float | None, float | None, float | None], **values: Any) -> Any:
    aim = world.make("objective", **values)
    for baseline, target, current in numbers:
        world.make("key_result", objective=aim.key, baseline=baseline, target=target, current=current)
    return aim


def test_the_column_of_an_objective_is_the_mean_of_its_key_results(world: World) -> None:
    with_results(world, (0, 10, 7), (0, 10, 4), (0, 10, 10))
    assert column(world, "objective") == [pytest.approx(0.7)]


def test_a_key_result_counts_by_its_weight(world: World) -> None:
    aim = with_results(world, (0, 10, 7), (0, 10, 4), (0, 10, 10), (None, 5, 1))
    for key, weight in (("KR-1", 2), ("KR-3", 0), ("KR-4", 9)):
        verbs.update(world.pm, "key_result", key, {"weight": weight})
    assert column(world, "objective") == [pytest.approx((2 * 0.7 + 0.4) / 3)]
    assert queries.grade_of(world.pm, aim).value == pytest.approx((2 * 0.7 + 0.4) / 3)
    for key in ("KR-1", "KR-2"):
        verbs.update(world.pm, "key_result", key, {"weight": 0})
    assert (column(world, "objective"), queries.grade_of(world.pm, aim).value) == ([None], None)


def test_the_grade_says_which_key_results_count_and_why_one_does_not(world: World) -> None:
    aim = with_results(world, (50, 70, 62), (6, 3, 4.1), (None, 5, 1), (0, 10, None), ambition="committed")
    told = queries.grade_of(world.pm, aim)
    assert told.value == pytest.approx((0.6 + 0.633333 + 0) / 3, abs=1e-5)
    assert (told.graded, told.of, told.tone) == (3, 4, "warn")
    assert [p.why_not for p in told.parts] == [
        "", "", "Needs a baseline and a target that differ.", "Nothing measured yet: counts as 0.",
    ]  # fmt: skip


def test_an_objective_without_key_results_has_no_grade(world: World) -> None:
    aim = world.make("objective")
    assert queries.grade_of(world.pm, aim).value is None
    assert column(world, "objective") == [None]


def test_key_results_in_the_trash_or_out_of_reach_do_not_count(world: World) -> None:
    aim = with_results(world, (0, 10, 10), (0, 10, 0))
    hidden = world.make(
        "key_result", actor=world.owner, objective=aim.key, baseline=0, target=10, current=0, confidentiality=2
    )
    verbs.archive(world.pm, "key_result", "KR-2")
    assert column(world, "objective") == [1.0]
    assert queries.grade_of(world.pm, aim).of == 1
    assert column(world, "objective", actor=world.owner) == [0.5]
    assert hidden.key in [p.key for p in queries.grade_of(world.owner, aim).parts]


def test_lists_can_be_filtered_and_sorted_by_grade(world: World) -> None:
    with_results(world, (0, 10, 2), title="low")
    with_results(world, (0, 10, 9), title="high")
    with_results(world, title="none")
    page = listing.list_page(world.pm, type_of("objective"), "sort:-progress", names=["title"])
    assert [row["title"] for row in page.rows] == ["high", "low", "none"]
    assert column(world, "objective", "progress>0.5") == [0.9]


rare = st.sampled_from([None, -2.0, 0.0, 0.5, 3.0, 6.0, 1e6])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rare, rare, rare)
def test_the_column_and_the_formula_agree(world: World, baseline: Any, target: Any, current: Any) -> None:
    if baseline is not None and baseline == target:
        return
    aim = world.make("objective")
    result = world.make("key_result", objective=aim.key, baseline=baseline, target=target, current=current)
    expected = grading.grade(baseline, target, current)
    assert column(world, "key_result", f"key:{result.key}") == [pytest.approx(expected)]
    assert column(world, "objective", f"key:{aim.key}") == [pytest.approx(expected)]


def test_a_target_that_is_the_baseline_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as told:
        world.make("key_result", baseline=5, target=5)
    assert told.value.problems[0].field == "target"
    made = world.make("key_result", baseline=5, target=6)
    with pytest.raises(Invalid):
        verbs.update(world.pm, "key_result", made, {"target": 5})
    assert fresh(made).target == 6


def test_an_objective_ends_after_it_begins(world: World) -> None:
    with pytest.raises(Invalid) as told:
        world.make("objective", starts_on="2026-05-01", due_on="2026-04-30")
    assert told.value.problems[0].field == "due_on"
    world.make("objective", starts_on="2026-05-01", due_on="2026-05-01")


def test_a_moved_target_makes_what_relies_on_it_suspect_and_a_new_number_does_not(world: World) -> None:
    result = world.make("key_result", baseline=0, target=10)
    verbs.update(world.pm, "key_result", result, {"current": 4})
    assert fresh(result).revision == 1
    verbs.update(world.pm, "key_result", result, {"target": 8}, why="The market halved")
    assert fresh(result).revision == 2
