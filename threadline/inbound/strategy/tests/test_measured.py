"""What is said at a check-in is a value of the metric that the key result is measured by."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from threadline.inbound.metrics import queries
from threadline.inbound.strategy.rules import check_in
from threadline.kernel import rows, verbs
from threadline.kernel.testing import World, fresh


def today() -> date:
    return rows.now().date()


def series(world: World, one: Any) -> list[tuple[date, float]]:
    return [(v.on, v.value) for v in queries.series(world.pm, [one.pk]).get(one.pk, [])]


def test_a_check_in_is_a_value_of_the_metric_it_is_measured_by(world: World) -> None:
    one, other = world.make("metric", title="Users", unit="%"), world.make("metric", title="Wait", unit="h")
    result = world.make("key_result", title="More users", baseline=10, target=20, unit="%")
    verbs.link(world.pm, result, one, "measures")
    check_in(world.pm, key_result=result.key, value=14, note="Spring")
    assert series(world, one) == [(today(), 14.0)]
    check_in(world.pm, key_result=result.key, value=12, on=today() - timedelta(days=9))
    assert series(world, one) == [(today() - timedelta(days=9), 12.0), (today(), 14.0)]
    hours = world.make("key_result", title="Other unit", baseline=10, target=20, unit="%")
    verbs.link(world.pm, hours, other, "measures")
    check_in(world.pm, key_result=hours.key, value=14)
    assert series(world, other) == []
    verbs.link(world.pm, result, other, "measures")  # of two, nobody knows which
    check_in(world.pm, key_result=result.key, value=15)
    assert series(world, one)[-1] == (today(), 14.0)


def test_a_check_in_writes_no_metric_that_its_writer_may_not_see(world: World) -> None:
    one = world.make("metric", title="Users")
    result = world.make("key_result", title="More users", baseline=10, target=20)
    verbs.link(world.pm, result, one, "measures")
    verbs.name_readers(world.pm, one.pk, [])
    check_in(world.owner, key_result=result.key, value=14)
    assert fresh(result).current == 14
    assert fresh(one).current is None
