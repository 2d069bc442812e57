"""The life of a feature: which step is possible when, by whom, and with what reason."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.inbound.features import rules
from threadline.kernel import past, undo, verbs
from threadline.kernel.actions import actions_on
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh

STEPS: dict[str, tuple[set[str], str, bool]] = {  # verb: from, to, needs a reason
    "consider_feature": ({"idea"}, "candidate", False),
    "plan_feature": ({"idea", "candidate"}, "planned", False),
    "start_unready_feature": ({"planned"}, "building", True),
    "ship_feature": ({"building"}, "shipped", False),
    "ship_unready_feature": ({"planned"}, "shipped", True),
    "set_feature_aside": ({"candidate", "planned"}, "idea", True),
    "unplan_feature": ({"planned"}, "candidate", True),
    "pause_feature": ({"building"}, "planned", True),
    "withdraw_feature": ({"shipped"}, "building", True),
    "decline_feature": ({"idea", "candidate", "planned", "building"}, "declined", True),
    "reconsider_feature": ({"declined"}, "candidate", True),
}
STATES = [s.name for s in type_of("feature").states]


def in_state(world: World, state: str) -> Any:
    reason = {"declined_reason": "Too dear"} if state == "declined" else {}
    return world.make("feature", state=state, **reason)


def test_the_table_names_every_verb_of_features() -> None:
    apart = {"start_feature"}  # for what is ready alone: requirements/tests/test_readiness.py
    assert {a.name for a in actions_on("feature") if a.states} == set(STEPS) | apart


WAYS = [(verb, state) for verb in STEPS for state in STATES if (verb, state) != ("ship_feature", "planned")]


@pytest.mark.parametrize(("verb", "state"), WAYS)  # to ship what is planned is for what is ready alone
def test_each_step_leads_from_its_states_and_from_no_other(world: World, verb: str, state: str) -> None:
    starts, end, needs_reason = STEPS[verb]
    feature = in_state(world, state)
    act = getattr(rules, verb)
    given = {"reason": "Because"} if needs_reason else {}
    if state in starts:
        act(world.pm, feature=feature.key, **given)
        assert fresh(feature).state == end
        assert past.history(world.pm, fresh(feature))[0].why == ("Because" if needs_reason else "")
    else:
        with pytest.raises(Conflict):
            act(world.pm, feature=feature.key, **given)
        assert fresh(feature).state == state


@pytest.mark.parametrize("verb", [v for v, (_, _, needs) in STEPS.items() if needs])
@pytest.mark.parametrize("reason", [None, "", "   "])
def test_a_step_back_needs_a_reason(world: World, verb: str, reason: str | None) -> None:
    feature = in_state(world, sorted(STEPS[verb][0])[0])
    with pytest.raises(Invalid) as told:
        getattr(rules, verb)(world.pm, feature=feature.key, reason=reason)
    assert [p.field for p in told.value.problems] == ["reason"]


@pytest.mark.parametrize("verb", STEPS)
def test_only_those_who_decide_take_a_step(world: World, verb: str) -> None:
    feature = in_state(world, sorted(STEPS[verb][0])[0])
    given = {"reason": "Because"} if STEPS[verb][2] else {}
    for actor in (world.pmm, world.contributor, world.viewer):
        with pytest.raises(Forbidden):
            getattr(rules, verb)(actor, feature=feature.key, **given)
    with pytest.raises(NotFound):
        getattr(rules, verb)(world.stranger, feature=feature.key, **given)
    assert fresh(feature).version == 1


def test_no_state_is_a_dead_end() -> None:
    assert {state for starts, _, _ in STEPS.values() for state in starts} == set(STATES)


def test_a_feature_cannot_be_declined_without_a_reason_by_any_way(world: World) -> None:
    feature = world.make("feature")
    with pytest.raises(Invalid):
        verbs.update(world.pm, "feature", feature, {"state": "declined"})
    with pytest.raises(Invalid):
        world.make("feature", state="declined")
    verbs.update(world.pm, "feature", feature, {"state": "declined", "declined_reason": "Too dear"})
    with pytest.raises(Invalid):
        verbs.update(world.pm, "feature", feature, {"declined_reason": ""})


def test_the_reason_of_a_no_goes_when_the_no_goes_and_returns_with_undo(world: World) -> None:
    feature = world.make("feature")
    rules.decline_feature(world.pm, feature=feature.key, reason="Too dear")
    rules.reconsider_feature(world.pm, feature=feature.key, reason="A partner pays")
    assert (fresh(feature).state, fresh(feature).declined_reason) == ("candidate", "")
    undo.undo(world.pm, past.history(world.pm, fresh(feature))[0].batch)
    assert (fresh(feature).state, fresh(feature).declined_reason) == ("declined", "Too dear")
