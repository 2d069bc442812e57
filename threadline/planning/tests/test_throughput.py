"""The exact forecast against the published example and against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from threadline.planning import throughput
from threadline.planning.throughput import (
    ENOUGH,
    NEWEST,
    REMEMBERED,
    came_out,
    drift_of,
    how_many,
    outlook,
    relearnt,
    when,
)

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


def test_luck_is_not_taken_for_drift() -> None:
    # Three windows of 14 days of 0 and 14 of 2: each total 28, no drift, though the days differ.
    assert drift_of(np.array([0, 2] * 42)) == 0.0
    # Totals 28, 56, 28 of even days: ratios ln 2 and -ln 2, so the spread is ln 2 / sqrt 2; no luck at all.
    assert drift_of(np.repeat([1, 2, 1], 28)) == pytest.approx(np.log(2) / np.sqrt(2))
    # The same totals from days of 0 and 2, and of 0 and 4: the variance about its window is 28/27, 112/27, 28/27;
    # luck is their mean, 56/27, over 28 x (4/3) squared = 1/24. ln 2 squared / 2 - 1/24 = 0.240227 - 0.041667.
    lucky = np.concatenate([np.tile([0, 2], 14), np.tile([0, 4], 14), np.tile([0, 2], 14)])
    assert drift_of(lucky) ** 2 == pytest.approx(np.log(2) ** 2 / 2 - 1 / 24)


def test_what_was_long_ago_says_nothing_of_drift() -> None:
    wild, calm = np.repeat([1, 9, 1, 9], 28), np.full(REMEMBERED, 3)
    assert drift_of(np.concatenate([wild, calm])) == 0.0


def test_days_of_rest_are_drawn_from_days_of_rest() -> None:
    # Five days of 2 and two of none, up to a Sunday: 3 items are done on the second day, a Tuesday, for sure;
    # drawn from all days alike two days would do with chance (5/7) squared only.
    week = np.tile([2, 2, 2, 2, 2, 0, 0], 8)
    assert when(week, 3, weekly=True).chance[:3] == pytest.approx([0.0, 0.0, 1.0])
    assert when(week, 3).chance[2] == pytest.approx(25 / 49)
    # Up to a Friday: the two days of rest come first.
    assert when(week[:-2], 3, weekly=True).chance[:5] == pytest.approx([0.0, 0.0, 0.0, 0.0, 1.0])


def test_three_weeks_show_no_days_of_rest() -> None:
    week = np.tile([2, 2, 2, 2, 2, 0, 0], 3)
    assert when(week, 3, weekly=True).chance == pytest.approx(when(week, 3).chance)


def test_a_day_lies_in_the_middle_of_its_chance() -> None:
    chance = np.array([0.0, 0.2, 0.6, 1.0])
    assert [came_out(chance, day) for day in (0, 1, 2, 3, 9)] == pytest.approx([0.0, 0.1, 0.4, 0.8, 1.0])


def test_few_forecasts_teach_nothing() -> None:
    chance = np.array([0.0, 0.5, 1.0])
    assert list(relearnt(chance, [0.1] * (ENOUGH - 1))) == [0.0, 0.5, 1.0]


def test_forecasts_that_came_early_bring_the_next_forward() -> None:
    # 20 of 30 lay at 0.4 and 10 at 0.8: what was called 0.5 held for 20 of 30; with thirty forecasts' doubt
    # (20 + 15) / 60 = 7/12, and 0.85 becomes (30 + 25.5) / 60 = 0.925. Nothing and certainty stay.
    came = [0.4] * 20 + [0.8] * 10
    assert relearnt(np.array([0.0, 0.5, 0.85, 1.0]), came) == pytest.approx([0.0, 7 / 12, 0.925, 1.0])


def test_forecasts_that_came_evenly_change_little() -> None:
    chance = np.linspace(0, 1, 11)
    assert relearnt(chance, [(n + 0.5) / 100 for n in range(100)]) == pytest.approx(chance, abs=0.01)


def test_only_the_newest_forecasts_teach() -> None:
    early, late = [0.1] * 50, [0.9] * NEWEST
    assert list(relearnt(np.array([0.5]), early + late)) == list(relearnt(np.array([0.5]), late))


def test_the_time_before_the_first_work_is_not_idleness() -> None:
    lived = np.tile([1, 0, 2, 0, 1, 0, 0, 1], 10)
    young = np.concatenate([np.zeros(600, dtype=int), lived])
    assert outlook(young, 10).chance == pytest.approx(outlook(lived, 10).chance)


def test_forecasts_that_came_later_than_thought_possible_still_name_a_day() -> None:
    assert relearnt(np.array([0.0, 0.98, 0.995]), [1.0] * 30)[1:] == pytest.approx([0.49, (30 + 30 * 0.995) / 60])


def test_blocks_of_weeks_come_to_what_day_after_day_comes_to() -> None:
    # The same by hand: one convolution a day, days of rest in their place, each rate by itself.
    week = np.tile([2, 1, 1, 3, 2, 0, 0], 8)
    worked, rested = np.array([2, 1, 1, 3, 2] * 8), np.zeros(16, dtype=int)
    for items, drift in ((1, 0.0), (7, 0.3), (230, 0.3)):
        whole = np.zeros(400)
        rates = throughput._rates(drift) if drift else [1.0]
        for rate in rates:
            left = np.eye(1, items)[0]
            for day in range(400):
                whole[day] += (1 - left.sum()) / len(rates)
                step = throughput._faster(worked if day % 7 < 5 else rested, rate)
                left = np.convolve(left, step)[:items]
        found = when(week, items, drift=drift, weekly=True).chance
        assert found == pytest.approx(whole[: len(found)], abs=1e-9)
        assert found[-1] > 1 - 1e-9
        assert (np.diff(found) >= 0).all()


def test_a_horizon_that_comes_first_ends_the_walk() -> None:
    assert len(when(DAYS, 100, horizon=10).chance) == 11
    assert when(DAYS, 100, horizon=10).day(0.5) is None
