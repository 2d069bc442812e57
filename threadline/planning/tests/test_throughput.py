"""The exact forecast against the published example and against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from threadline.planning.throughput import drift_of, how_many, when

# A public example of fifteen days and 100 items, as used by throughput forecasters; the
# probabilities were computed by exact convolution.
DAYS = np.array([3, 5, 4, 2, 6, 4, 5, 3, 7, 4, 5, 6, 3, 4, 5])


def test_first_passage_is_the_exact_one() -> None:
    found = when(DAYS, 100)
    assert found.chance[22:27] == pytest.approx([0.3288, 0.6051, 0.8293, 0.9469, 0.9881], abs=1e-4)
    assert [found.day(p) for p in (0.5, 0.7, 0.85, 0.95)] == [23, 24, 25, 26]


def test_simulation_agrees_within_three_standard_errors() -> None:
    rng = np.random.default_rng(7)
    runs = 20_000
    done = np.cumsum(rng.choice(DAYS, size=(runs, 40)), axis=1)
    simulated = (done[:, 23] >= 100).mean()
    exact = when(DAYS, 100).chance[24]
    assert abs(simulated - exact) < 3 * np.sqrt(exact * (1 - exact) / runs)


def test_drift_makes_late_days_later_and_early_days_earlier() -> None:
    steady, drifting = when(DAYS, 100), when(DAYS, 100, drift=0.3)
    assert (drifting.day(0.95) or 0) > (steady.day(0.95) or 0)
    assert (drifting.day(0.05) or 0) < (steady.day(0.05) or 0)


def test_how_many_reads_from_the_lower_tail() -> None:
    assert how_many(DAYS, 10, 0.95) < how_many(DAYS, 10, 0.5) < 10 * DAYS.max()
    assert how_many(np.array([2, 2, 2]), 10, 0.95) == 20


def test_a_history_of_nothing_says_nothing() -> None:
    with pytest.raises(ValueError, match="nothing was finished"):
        when(np.zeros(30, dtype=int), 5)


def test_a_steady_team_does_not_drift_and_a_wandering_one_does() -> None:
    steady = np.full(200, 3)
    wandering = np.repeat([1, 6, 2, 8, 1, 5, 9], 28)
    assert drift_of(steady) == 0.0
    assert drift_of(wandering) > 0.5
    assert drift_of(np.array([1, 2])) == 0.0
