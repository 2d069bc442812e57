"""Grades against published and worked numbers.

Sources: the grading of Doerr's Measure What Matters (0.7, 0.4 and 1.0 give 0.7), and two
key results worked by hand: 50 to 70 at 62, and 6 down to 3 at 4.1.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadline.inbound.strategy import grading

numbers = st.floats(-1e6, 1e6)


def test_an_objective_is_the_mean_of_its_key_results() -> None:
    assert grading.mean([(0.7, 1), (0.4, 1), (1.0, 1)]) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("baseline", "target", "current", "grade"),
    [
        (50, 70, 62, 0.6),
        (6, 3, 4.1, 0.633333),
        (0, 10, 12, 1.0),
        (0, 10, -3, 0.0),
        (3, 6, 3, 0.0),
        (0, 1, 1, 1.0),
    ],
)
def test_a_grade_is_the_share_of_the_way(baseline: float, target: float, current: float, grade: float) -> None:
    assert grading.grade(baseline, target, current) == pytest.approx(grade, abs=1e-6)


@pytest.mark.parametrize(("baseline", "target"), [(None, 5), (5, None), (5, 5), (None, None)])
def test_without_a_distance_there_is_no_grade(baseline: float | None, target: float | None) -> None:
    assert grading.grade(baseline, target, 5) is None


def test_what_was_never_measured_counts_as_nothing_reached() -> None:
    assert grading.grade(0, 10, None) == 0.0


def test_what_cannot_be_graded_does_not_pull_the_mean_down() -> None:
    assert grading.mean([(None, 5), (0.5, 1), (None, 1)]) == 0.5
    assert grading.mean([(None, 1)]) is None
    assert grading.mean([(0.5, 0)]) is None
    assert grading.mean([(1.0, 3), (0.0, 1)]) == 0.75
    assert grading.mean([]) is None


@given(numbers, numbers, numbers)
def test_a_grade_stays_between_0_and_1_and_is_blind_to_direction(a: float, b: float, c: float) -> None:
    grade = grading.grade(a, b, c)
    assert grade is None or 0 <= grade <= 1
    assert grading.grade(-a, -b, -c) == grade


@pytest.mark.parametrize(
    ("value", "aspirational", "committed"),
    [
        (0.0, "bad", "bad"),
        (0.34, "bad", "bad"),
        (0.35, "warn", "warn"),
        (0.64, "warn", "warn"),
        (0.65, "ok", "warn"),
        (0.8, "ok", "warn"),
        (0.999, "ok", "warn"),
        (1.0, "ok", "ok"),
        (None, "", ""),
    ],
)
def test_a_committed_objective_is_never_green_below_the_whole(
    value: float | None, aspirational: str, committed: str
) -> None:
    assert grading.tone(value, committed=False) == aspirational
    assert grading.tone(value, committed=True) == committed
