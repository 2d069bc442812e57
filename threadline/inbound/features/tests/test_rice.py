"""RICE against published examples, and how a missing source widens the score.

Sources: the examples of Intercom's article (McBride, 2016) and of two public guides to it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadline.inbound.features import rice
from threadline.kernel import fields

SOURCED = ("Usage log", date(2026, 3, 4))
NONE = ("", None)


def card(**given: Any) -> rice.ScoreCard:
    values = {"reach": 1000.0, "impact": 1.0, "confidence": 80.0, "effort": 2.0}
    return rice.score_card({n: given.get(n, (v, *SOURCED)) for n, v in values.items()})


@pytest.mark.parametrize(
    ("reach", "impact", "confidence", "effort", "score"),
    [
        (500, 3, 80, 2, 600),
        (2000, 1, 80, 4, 400),
        (2000, 2, 80, 3, 1066.67),
        (5000, 0.5, 100, 1, 2500),
        (10, 3, 100, 6, 5),
        (10000, 3, 100, 0.5, 60000),
    ],
)
def test_published_examples(reach: float, impact: float, confidence: float, effort: float, score: float) -> None:
    assert rice.score(reach, impact, confidence, effort) == pytest.approx(score, abs=0.005)


def test_with_every_source_the_score_is_one_number() -> None:
    made = card()
    assert (made.low, made.likely, made.high) == (400, 400, 400)
    assert made.certain
    assert [i.problem for i in made.inputs] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [
        ("reach", 1000.0, 500, 1500),
        ("reach", 0.0, 0, 0),
        ("effort", 2.0, 1, 3),
        ("impact", 1.0, 0.5, 2),
        ("impact", 3.0, 2, 3),
        ("impact", 0.25, 0.25, 0.5),
        ("confidence", 80.0, 50, 100),
        ("confidence", 30.0, 30, 100),
    ],
)
def test_an_unsourced_input_counts_as_a_range(name: str, value: float, low: float, high: float) -> None:
    made = card(**{name: (value, *NONE)})
    [one] = [i for i in made.inputs if i.name == name]
    assert (one.low, one.high, one.sourced) == (low, high, False)
    assert one.problem.startswith(f"No source: counts as {low:g} to {high:g}")
    assert made.unsourced == (name,)
    assert not made.certain


def test_the_range_of_the_score_takes_every_input_at_its_worst_and_best() -> None:
    made = card(reach=(1000.0, *NONE), impact=(1.0, *NONE), confidence=(80.0, *NONE), effort=(2.0, *NONE))
    assert made.likely == 400
    assert made.low == pytest.approx(500 * 0.5 * 0.5 / 3)
    assert made.high == pytest.approx(1500 * 2 * 1.0 / 1)


def test_a_blank_source_is_none() -> None:
    assert card(reach=(1000.0, "  ", None)).unsourced == ("reach",)


def test_without_an_input_there_is_no_score_and_it_is_said_which() -> None:
    made = card(effort=(None, *NONE), reach=(None, *SOURCED))
    assert (made.low, made.likely, made.high) == (None, None, None)
    assert made.missing == ("reach", "effort")
    assert made.unsourced == ()
    assert {i.name: i.problem for i in made.inputs}["effort"] == "Missing."


maybe = st.booleans().map(lambda sourced: SOURCED if sourced else NONE)


@given(
    st.tuples(
        st.tuples(st.floats(0, 1e6), maybe),
        st.tuples(st.sampled_from([v for v, _ in rice.IMPACTS]), maybe),
        st.tuples(st.floats(0, 100), maybe),
        st.tuples(st.floats(0.05, 1e3), maybe),
    )
)
def test_the_likely_score_always_lies_within_its_range(inputs: tuple[tuple[float, Any], ...]) -> None:
    names = [n for n, _ in rice.INPUTS]
    made = rice.score_card({n: (value, *source) for n, (value, source) in zip(names, inputs, strict=True)})
    assert made.low is not None
    assert made.likely is not None
    assert made.high is not None
    assert made.low <= made.likely <= made.high
    assert made.certain == (not made.unsourced)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (3, 3.0),
        ("2", 2.0),
        ("0.50", 0.5),
        ("High", 2.0),
        ("massive (3)", 3.0),
        (" low ", 0.5),
        ("", None),
        (None, None),
    ],
)
def test_impact_is_taken_by_number_or_word(raw: Any, kept: float | None) -> None:
    assert rice.Impact().clean(raw, None) == kept  # type: ignore[arg-type] - no actor is asked


@pytest.mark.parametrize("raw", [4, 1.4, "1.35", 0, "huge", -1, True, "nan", [], {"a": 1}])
def test_impact_between_the_steps_is_refused(raw: Any) -> None:
    with pytest.raises(fields.Refused, match="one of 3, 2, 1"):
        rice.Impact().clean(raw, None)  # type: ignore[arg-type] - no actor is asked
