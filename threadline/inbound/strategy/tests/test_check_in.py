"""Check-ins: the number, how sure, why, by whom and when."""

from __future__ import annotations

import pytest

from threadline.inbound.strategy import queries
from threadline.inbound.strategy.rules import check_in
from threadline.kernel import past, undo
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.testing import World, fresh


def test_a_check_in_moves_the_number_and_is_remembered(world: World) -> None:
    result = world.make("key_result", baseline=0, target=10)
    check_in(world.pm, key_result=result.key, value="4", state="at_risk", note="Two studios left")
    check_in(world.owner, key_result=result.key, value=6.5)
    now = fresh(result)
    assert (now.current, now.state) == (6.5, "at_risk")
    told = queries.check_ins(world.viewer, now)
    assert [(c.who, c.value, c.state, c.note) for c in told] == [
        ("Olga Owner", 6.5, "at_risk", ""),
        ("Petra Manager", 4.0, "at_risk", "Two studios left"),
    ]
    assert told[0].at > told[1].at


def test_a_check_in_says_how_sure_one_is_and_keeps_it_until_the_next(world: World) -> None:
    result = world.make("key_result", baseline=0, target=10)
    check_in(world.pm, key_result=result.key, value=4, confidence="70")
    check_in(world.pm, key_result=result.key, value=5)
    assert fresh(result).confidence == 70
    assert [c.confidence for c in queries.check_ins(world.pm, fresh(result))] == [None, 70]
    with pytest.raises(Invalid) as told:
        check_in(world.pm, key_result=result.key, value=4, confidence=101)
    assert [p.field for p in told.value.problems] == ["confidence"]


def test_a_number_that_did_not_move_is_news_as_well(world: World) -> None:
    result = world.make("key_result", baseline=0, target=10, current=4)
    check_in(world.pm, key_result=result.key, value=4, note="Still waiting for the release")
    assert [c.note for c in queries.check_ins(world.pm, fresh(result))] == ["Still waiting for the release"]
    assert fresh(result).version == result.version


def test_history_shows_a_check_in_with_its_reason(world: World) -> None:
    result = world.make("key_result", baseline=0, target=10)
    check_in(world.pm, key_result=result.key, value=4, note="Counted by hand")
    steps = past.history(world.viewer, fresh(result))
    assert {s.why for s in steps if s.action == "check_in"} == {"Counted by hand"}
    assert any(s.diff.get("current") == [None, 4.0] for s in steps)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "value"),
        ({"value": "many"}, "value"),
        ({"value": 1, "state": "fine"}, "state"),
        ({"value": 1, "x": 1}, "x"),
    ],
)
def test_what_is_wrong_is_said(world: World, arguments: dict[str, object], field: str) -> None:
    result = world.make("key_result")
    with pytest.raises(Invalid) as told:
        check_in(world.pm, key_result=result.key, **arguments)
    assert [p.field for p in told.value.problems] == [field]


def test_only_those_who_may_change_it_check_in(world: World) -> None:
    result = world.make("key_result")
    for actor in (world.viewer, world.contributor, world.pmm):
        with pytest.raises(Forbidden):
            check_in(actor, key_result=result.key, value=1)
    with pytest.raises(NotFound):
        check_in(world.stranger, key_result=result.key, value=1)


def test_a_lost_race_is_a_conflict(world: World) -> None:
    result = world.make("key_result")
    check_in(world.pm, key_result=result.key, value=1, expect=1)
    with pytest.raises(Conflict):
        check_in(world.pm, key_result=result.key, value=2, expect=1)


def test_a_check_in_can_be_undone(world: World) -> None:
    result = world.make("key_result", baseline=0, target=10, current=1)
    check_in(world.pm, key_result=result.key, value=9, state="done")
    undo.undo(world.pm, past.history(world.pm, fresh(result))[0].batch)
    assert (fresh(result).current, fresh(result).state) == (1, "on_track")
