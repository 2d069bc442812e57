"""Criteria, read by the official parser."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from threadline.inbound.requirements.gherkin import Step, parse


def test_bare_steps_a_scenario_and_a_whole_feature_are_read_alike() -> None:
    steps = "Given a basket\nWhen I come back\nThen it is full"
    wanted = (Step("Given", "a basket"), Step("When", "I come back"), Step("Then", "it is full"))
    for said in (steps, f"Scenario: Kept\n{steps}", f"@slow\nFeature: Baskets\n  Scenario: Kept\n{steps}"):
        parsed = parse(said)
        assert parsed.sound
        assert parsed.scenarios[0].steps == wanted


def test_outlines_rules_and_other_languages() -> None:
    outline = parse("Scenario Outline: Sizes\nGiven <n> files\nThen all are there\nExamples:\n|n|\n|1|\n|2|")
    assert [(s.name, s.rows) for s in outline.scenarios] == [("Sizes", 2)]
    ruled = parse("Feature: F\nRule: R\nScenario: A\nGiven a\nThen b\nRule: Q\nScenario: B\nGiven a\nThen b")
    assert [s.name for s in ruled.scenarios] == ["A", "B"]
    german = parse("# language: de\nFunktionalität: F\nSzenario: Korb\nAngenommen ein Korb\nDann ist er da")
    assert [s.name for s in german.scenarios] == ["Korb"]


def test_what_does_not_parse_names_the_line_as_written() -> None:
    assert parse("Given a\nWhn b\nThen c").problems == (
        "Line 2: “Whn b” is no step. Begin with Given, When, Then, And or But.",
    )
    assert parse("Scenario: A\nGiven a\nNonsense").problems[0].startswith("Line 3: “Nonsense”")
    assert not parse("").sound
    assert not parse("Scenario: A").sound


def test_advice_is_given_and_not_forced() -> None:
    several = "Given a\nWhen b\nThen c\nWhen d\nThen e"
    assert parse(several).advice == ("More than one When: that is more than one scenario.",)
    assert parse("Given a\nWhen b\nAnd c\nThen d").advice == ()
    assert parse("Given a\nWhen I click the button").advice == (
        "No Then: what should one see?",
        "It names what is on the screen: say what is done, not with which button.",
    )
    assert parse("\n".join(["Given a", *["And b"] * 6, "Then c"])).advice == (
        "8 steps: more than 7 are hard to follow.",
    )


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    parsed = parse(text)
    assert parsed.sound <= (not parsed.problems)
