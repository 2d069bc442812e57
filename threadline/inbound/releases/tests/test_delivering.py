"""Deployments: when they went out, whether they held, and what they say of a service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from threadline.inbound.releases import delivering
from threadline.kernel import rows
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db


def test_it_went_out_now_unless_said_otherwise(world: World) -> None:
    before = rows.now()
    made = world.make("deployment", service="app")
    assert before <= made.deployed_at <= rows.now()
    with pytest.raises(Invalid, match="after it went out"):
        world.make("deployment", deployed_at="2026-03-02T09:00:00Z", written_at="2026-03-02T10:00:00Z")


def test_a_failure_has_a_beginning_and_an_end(world: World) -> None:
    made = world.make("deployment", service="app")
    delivering.fail_deployment(world.pm, deployment=made, reason="Sign-in broke.")
    assert delivering.delivered(world.pm, "app")[0].still_broken == 1
    delivering.recover_deployment(world.pm, deployment=made, reason="Rolled back.")
    whole, _ = delivering.delivered(world.pm, "app")
    assert (whole.fail_rate, whole.still_broken) == (1.0, 0)
    assert whole.recovery == fresh(made).recovered_at - fresh(made).failed_at
    delivering.hold_deployment(world.pm, deployment=made, reason="It was the network.")
    assert delivering.delivered(world.pm, "app")[0].fail_rate == 0.0


def test_a_failure_can_name_its_time(world: World) -> None:
    out = rows.now() - timedelta(hours=6)
    made = world.make("deployment", service="app", deployed_at=out.isoformat())
    failed, well = (out + timedelta(hours=n) for n in (1, 3))
    delivering.fail_deployment(world.pm, deployment=made, reason="Sign-in broke.", at=failed)
    delivering.recover_deployment(world.pm, deployment=fresh(made), reason="Rolled back.", at=well)
    assert delivering.delivered(world.pm, "app")[0].recovery == timedelta(hours=2)


def test_a_failure_is_neither_before_it_went_out_nor_to_come(world: World) -> None:
    out = rows.now() - timedelta(hours=6)
    made = world.make("deployment", deployed_at=out.isoformat())
    with pytest.raises(Invalid, match="before it went out"):
        delivering.fail_deployment(world.pm, deployment=made, reason="x", at=out - timedelta(minutes=1))
    with pytest.raises(Invalid, match="yet to come"):
        delivering.fail_deployment(world.pm, deployment=made, reason="x", at=rows.now() + timedelta(hours=1))
    failed = delivering.fail_deployment(world.pm, deployment=made, reason="x", at=out + timedelta(hours=1))
    with pytest.raises(Invalid, match="before it failed"):
        delivering.recover_deployment(world.pm, deployment=failed, reason="x", at=out)


def test_one_service_at_a_time_and_only_what_is_in_reach(world: World) -> None:
    world.make("deployment", service="app")
    world.make("deployment", service="gateway", unplanned=True)
    world.make("deployment", service="secret", confidentiality=2)
    assert delivering.services(world.viewer) == ["app", "gateway"]
    assert delivering.delivered(world.viewer, "app")[0].rework_rate == 0.0
    assert delivering.delivered(world.viewer, "gateway")[0].rework_rate == 1.0
    assert delivering.delivered(world.viewer, "secret")[0].count == 0


def test_weeks_begin_on_mondays_and_hold_what_went_out_in_them(world: World) -> None:
    now = rows.now()
    world.make("deployment", service="app", deployed_at=now.isoformat())
    world.make("deployment", service="app", deployed_at=(now - timedelta(days=7)).isoformat())
    world.make("deployment", service="app", deployed_at=(now - timedelta(days=200)).isoformat())
    whole, weeks = delivering.delivered(world.pm, "app")
    assert (len(weeks), whole.count) == (delivering.WEEKS, 2)
    assert {week.first.weekday() for week in weeks} == {0}
    assert [week.measured.count for week in weeks[-2:]] == [1, 1]
