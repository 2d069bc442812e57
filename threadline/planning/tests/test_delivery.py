"""DORA's measures (dora.dev) on forty deployments that are counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from threadline.planning.delivery import Deployed, measures

START = datetime(2026, 3, 2, 9, 0)


def test_forty_deployments_in_twenty_working_days() -> None:
    made = []
    for n in range(40):
        at, took = START + timedelta(hours=12 * n), {3: 20, 17: 180, 30: 35}.get(n)
        failed = at if took else None
        made.append(
            Deployed(at, at - timedelta(hours=n), failed, at + timedelta(minutes=took) if took else None, n < 4)
        )
    found = measures(made, 20)
    assert (found.count, found.a_day, found.fail_rate, found.rework_rate) == (40, 2.0, 0.075, 0.1)
    assert found.recovery == timedelta(minutes=35)
    assert found.lead_time == timedelta(hours=19.5)
    assert found.still_broken == 0


def test_what_nothing_says_is_not_made_up() -> None:
    found = measures([], 20)
    assert (found.lead_time, found.recovery, found.fail_rate, found.rework_rate) == (None, None, None, None)
    broken = measures([Deployed(START, failed=START)], 1)
    assert (broken.recovery, broken.still_broken, broken.fail_rate) == (None, 1, pytest.approx(1.0))
