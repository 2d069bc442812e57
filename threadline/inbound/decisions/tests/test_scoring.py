"""The arithmetic of predictions against published numbers."""

from __future__ import annotations

import math

import pytest

from threadline.inbound.decisions import scoring
from threadline.inbound.decisions.scoring import Scored

# R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
# Medicine 17 (1998), table I, method 3 (score), 95 %.
NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("hits", "count", "low", "high"), NEWCOMBE)
def test_wilson_interval_is_newcombes(hits: int, count: int, low: float, high: float) -> None:
    assert scoring.wilson(hits, count) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_wilson_interval_of_all_and_of_none_mirror_each_other() -> None:
    none, every = scoring.wilson(0, 7), scoring.wilson(7, 7)
    assert none == (pytest.approx(0), pytest.approx(1 - every[0]))
    assert every[1] == 1.0


def test_brier_score_of_the_usual_examples() -> None:
    """Rain forecast at 100, 70, 30 and 50 %, and it rains: 0, 0.09, 0.49, 0.25."""
    for probability, expected in ((1.0, 0.0), (0.7, 0.09), (0.3, 0.49), (0.5, 0.25)):
        assert scoring.brier([(probability, True)]) == pytest.approx(expected)
    assert scoring.brier([(0.8, True), (0.8, False)]) == pytest.approx((0.04 + 0.64) / 2)


@pytest.mark.parametrize(
    ("baseline", "likely", "actual", "expected"),
    [
        (48, 56, 52, 0.5),  # half as far
        (140, 30, 85, 0.5),  # downwards as well
        (140, 30, 17, 123 / 110),
        (None, 200, 100, 0.5),  # no baseline: counted from nothing
        (0, 70, 70, 1.0),
        (48, 56, 48, None),  # did not move
        (48, 56, 40, None),  # moved the other way
        (48, 48, 52, None),  # no change was predicted
    ],
)
def test_ratio_compares_the_change_and_not_the_number(
    baseline: float | None, likely: float, actual: float, expected: float | None
) -> None:
    assert scoring.ratio(baseline, likely, actual) == (None if expected is None else pytest.approx(expected))


def test_half_and_double_are_equally_far_off() -> None:
    found = scoring.calibrate([_moved(0.5), _moved(2.0), _moved(1.0)])
    assert found.median == pytest.approx(1.0)
    assert found.quarter is not None
    assert found.three_quarters is not None
    assert math.log(found.quarter) == pytest.approx(-math.log(found.three_quarters))


def test_a_correction_is_suggested_from_ten_ratios_on() -> None:
    assert scoring.calibrate([_moved(0.6)] * 9).correction is None
    assert scoring.calibrate([_moved(0.6)] * 10).correction == pytest.approx(0.6)
    astray = scoring.calibrate([_moved(0.6)] * 9 + [_moved(-1.0)])
    assert (astray.correction, astray.astray, astray.count) == (None, 1, 10)


def test_the_worked_example_of_four_features() -> None:
    """Own vector: 1200, 800, 500, 300 predicted; 600, 760, 100, 330 came: 0.569, 75 % within two, order 0.6."""
    pairs = ((1200, 600), (800, 760), (500, 100), (300, 330))
    found = scoring.calibrate([Scored(None, 0.9 * p, 1.1 * p, p, 0.8, a) for p, a in pairs])
    assert [math.log2(r) for r in found.ratios] == pytest.approx([-1.0, -0.074, -2.3219, 0.1375], abs=1e-4)
    assert (found.typical, found.within_two, found.order) == (
        pytest.approx(0.568564, abs=1e-6),
        0.75,
        pytest.approx(0.6),
    )
    assert found.correction is None  # four are too few for one
    mixed = [Scored(None, 0, 9, p, 0.8, a, unit) for (p, a), unit in zip(pairs, ("h", "%", "%", "%"), strict=True)]
    assert scoring.calibrate(mixed).order is None  # hours are not larger than shares


def test_the_worked_example_of_brier() -> None:
    """Own vector: 0.9, 0.8, 0.8, 0.5, 0.5 said of what came, came, did not, came, did not: 0.238."""
    told = zip((0.9, 0.8, 0.8, 0.5, 0.5), (True, True, False, True, False), strict=True)
    assert scoring.brier(list(told)) == pytest.approx(0.238)


def test_ranks_that_are_alike_share_their_middle() -> None:
    """Three people whose first two are alike; the value is by hand."""
    assert scoring.in_order([(1, 2), (1, 3), (5, 9)]) == pytest.approx(math.sqrt(3) / 2)
    assert scoring.in_order([(1, 1), (2, 2)]) is None
    assert scoring.in_order([(1, 1), (1, 2), (1, 3)]) is None


def test_coverage_and_brier_count_every_prediction() -> None:
    found = scoring.calibrate([_moved(1.0)] * 3 + [_moved(9.0)])
    assert (found.hits, found.coverage, found.expected) == (3, 0.75, pytest.approx(0.8))
    assert found.brier == pytest.approx((3 * 0.04 + 0.64) / 4)


def test_nothing_is_said_of_nobody() -> None:
    found = scoring.calibrate([])
    assert (found.count, found.median, found.coverage, found.brier, found.correction) == (0, None, None, None, None)


def test_the_most_likely_value_lies_in_the_range() -> None:
    assert scoring.middle(10, 20, None) == 15
    assert scoring.middle(10, 20, 12) == 12
    assert scoring.middle(10, 20, 99) == 20


def _moved(times: float) -> Scored:
    """From 100, predicted to rise by 10 within 5; moved so many times as far."""
    return Scored(100, 105, 115, 110, 0.8, 100 + 10 * times)
