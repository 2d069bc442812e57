"""The lint of trees and strategies, on sentences of our own."""

from __future__ import annotations

import pytest

from threadline.inbound.strategy import linting


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("Add a dashboard for agents", "add"),
        ("Dashboard for team leads", "dashboard"),
        ("Support single sign-on", "support"),
        ("I cannot see what the player saw", ""),
        ("I lose the filter I set each morning", ""),
        ("Writing back in another language takes too long", ""),
        ("Nobody tells us when it ships", ""),
        ("", ""),
    ],
)
def test_a_need_reads_differently_from_a_feature(title: str, word: str) -> None:
    assert linting.phrased_as_feature(title) == word


def test_an_opportunity_with_evidence_in_one_place_has_nothing_wrong_with_it() -> None:
    fine = {"evidence": 2, "solutions": 3, "outcomes": 1, "parents": 0}
    assert linting.of_opportunity("I wait all day", **fine) == []
    for change, says in (
        ({"evidence": 0}, "No evidence"),
        ({"solutions": 1}, "1 of 3 solutions"),
        ({"outcomes": 2}, "More than one outcome"),
        ({"parents": 1}, "two places"),
    ):
        [said] = linting.of_opportunity("I wait all day", **{**fine, **change})
        assert says in said
    assert linting.of_opportunity("I wait all day", **{**fine, "solutions": 0}) == []


def test_a_solution_is_untested_until_an_assumption_has_a_test() -> None:
    assert "nothing says yet" in linting.of_solution(assumptions=0, tested=0)[0]
    assert "no assumption" in linting.of_solution(assumptions=2, tested=0)[0]
    assert linting.of_solution(assumptions=2, tested=1) == []


def test_goals_are_no_strategy() -> None:
    whole = {"approach": "kernel", "diagnosis": "x", "actions": "y", "playing": ("", "")}
    assert linting.of_strategy(policy="- Grow revenue by 30%\n- Reach 5 million players", **whole) == [
        "The policy is a list of goals: say how they are reached, and what is not done."
    ]
    assert linting.of_strategy(policy="Win small studios first; turn down custom work.", **whole) == []
    assert linting.of_strategy(policy="Grow by 30 % by serving small studios.\nNo agencies.", **whole) == []
    bare = {**whole, "diagnosis": " ", "actions": ""}
    assert len(linting.of_strategy(policy="", **bare)) == 3


def test_playing_to_win_says_where_and_how() -> None:
    given = {"approach": "playing", "diagnosis": "", "policy": "", "actions": ""}
    assert linting.of_strategy(playing=("Small studios", " "), **given) == ["It does not say how we win."]


def test_key_results_that_are_things_to_do_and_objectives_with_too_many() -> None:
    assert linting.of_key_result("Halve the wait for a first useful answer") == []
    assert linting.of_key_result("Releases a week rise to three") == []
    assert linting.of_key_result("Ship the audit log")[0].startswith("Says what is done (\u201cship\u201d)")
    assert linting.of_objective(5) == []
    assert linting.of_objective(6)[0].startswith("6 key results")
