"""Key results that are not a way from a baseline to a target: a range to keep, steps, done or not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threadline.inbound.strategy import grading, queries
from threadline.inbound.strategy.rules import check_in
from threadline.kernel import listing, past, undo, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh


def column(world: World, key: str) -> Any:
    [row] = listing.list_page(world.pm, type_of("key_result"), f"key:{key}", names=["progress"]).rows
    return row["progress"]


def test_what_is_to_stay_within_a_range_is_graded_by_its_check_ins(world: World) -> None:
    """The share of check-ins that found it inside: 3 of 4 is 0.75."""
    result = world.make("key_result", shape="keep", baseline=10, target=15)
    assert (fresh(result).progress, column(world, result.key)) == (0, 0)
    for value in (10, 12, 15.5, 15):
        check_in(world.pm, key_result=result.key, value=value)
    now = fresh(result)
    assert (now.held, now.checked, now.progress, column(world, result.key)) == (3, 4, 0.75, 0.75)
    undo.undo(world.pm, past.history(world.pm, now)[0].batch)
    assert (fresh(result).held, fresh(result).checked) == (2, 3)


def test_a_number_that_stays_is_counted_each_time_by_the_range_of_that_day(world: World) -> None:
    result = world.make("key_result", shape="keep", target=3)
    for _ in range(2):
        check_in(world.pm, key_result=result.key, value=2)
    verbs.update(world.pm, "key_result", result, {"target": 1})
    check_in(world.pm, key_result=result.key, value=2)
    assert fresh(result).progress == pytest.approx(2 / 3)


def test_steps_begin_at_none_and_what_is_done_or_not_has_nothing_between(world: World) -> None:
    steps = world.make("key_result", shape="steps", target=5)
    check_in(world.pm, key_result=steps.key, value=3)
    assert (fresh(steps).progress, column(world, steps.key)) == (0.6, 0.6)
    either = world.make("key_result", shape="done")
    assert (either.progress, column(world, either.key)) == (0, 0)
    with pytest.raises(Invalid, match="nothing between"):
        check_in(world.pm, key_result=either.key, value=0.5)
    check_in(world.pm, key_result=either.key, value=1)
    assert (fresh(either).progress, column(world, either.key)) == (1, 1)


@pytest.mark.parametrize("values", [
    {"shape": "keep", "baseline": 5, "target": 5}, {"shape": "keep", "baseline": 6, "target": 5},
    {"shape": "steps", "target": 0}, {"shape": "steps", "target": -2},
])  # fmt: skip
def test_what_could_not_be_graded_is_refused(world: World, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as told:
        world.make("key_result", **values)
    assert [p.field for p in told.value.problems] == ["target"]


def test_the_ends_of_a_range_belong_to_it() -> None:
    assert [grading.within(v, 1, 2) for v in (0.9, 1, 2, 2.1)] == [False, True, True, False]
    assert grading.within(-9, None, 2)
    assert grading.within(9, 1, None)
    assert grading.kept(None, None, 3, 4) is None


rare = st.sampled_from([None, 0.0, 1.0, 3.0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["reach", "keep", "steps", "done"]), rare, rare, st.lists(st.sampled_from([0, 1]), max_size=3))
def test_the_column_and_the_row_agree_for_every_shape(
    world: World, shape: str, low: float | None, high: float | None, values: list[int]
) -> None:
    aim = world.make("objective")
    try:
        result = world.make("key_result", objective=aim.key, shape=shape, baseline=low, target=high)
    except Invalid:
        return
    for value in values:
        check_in(world.pm, key_result=result.key, value=value)
    expected = fresh(result).progress
    assert column(world, result.key) == pytest.approx(expected)
    assert queries.grade_of(world.pm, aim).value == pytest.approx(expected)
    [row] = listing.list_page(world.pm, type_of("objective"), f"key:{aim.key}", names=["progress"]).rows
    assert row["progress"] == pytest.approx(expected)


def test_each_shape_is_said_on_the_objective_and_on_one_page(world: World, client: Client) -> None:
    aim = world.make("objective", title="Quick answers")
    keep = world.make("key_result", objective=aim.key, shape="keep", baseline=10, target=15, unit="%")
    world.make("key_result", objective=aim.key, shape="steps", target=5, current=3)
    either = world.make("key_result", objective=aim.key, shape="done")
    check_in(world.pm, key_result=keep.key, value=12)
    strategy = world.make("strategy", state="active")
    verbs.link(world.pm, strategy, aim, "objective")
    client.force_login(world.user("product_manager"))
    objective = client.get(f"/w/north/{aim.key}").content.decode()
    one_page = client.get("/w/north/strategies/page").content.decode()
    for page in (objective, one_page):
        assert "12, to keep within 10 to 15 %: 1 of 1 check-in did" in page
        assert "3 of 5 steps" in page
        assert "not done yet" in page
    assert '<option value="1">Done</option>' in objective
    client.post(f"/w/north/{either.key}/do/check_in", {"value": "1", "state": "done"})
    assert '<option value="1" selected>Done</option>' in client.get(f"/w/north/{aim.key}").content.decode()


def test_what_a_range_counts_stands_on_pages_of_ranges_alone(world: World, client: Client) -> None:
    client.force_login(world.user("product_manager"))
    keep = world.make("key_result", shape="keep", baseline=10, target=15)
    reach = world.make("key_result", shape="reach", baseline=10, target=15)
    pages = [client.get(f"/w/north/{one.key}").content.decode() for one in (keep, reach)]
    assert ["Within its range" in page for page in pages] == [True, False]
