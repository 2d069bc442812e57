"""What changed in a metric on a day: seasons and drift are not taken for it, and too little says nothing."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest
from django.test import Client

from threadline.inbound.metrics import changing, drawing, rules
from threadline.inbound.metrics.queries import Value
from threadline.kernel.testing import World

FIRST = date(2022, 1, 15)


def monthly(count: int, step: float = 0.0, at: int = 0) -> list[Value]:
    """A number with seasons and a little luck, and from one month on a step."""
    source = random.Random(3)
    return [
        Value(FIRST + timedelta(days=round(30.44 * n)),
              50 + 5 * math.sin(2 * math.pi * n / 12) + source.gauss(0, 0.4) + step * (n >= at))
        for n in range(count)
    ]  # fmt: skip


def test_a_step_is_found_and_a_season_is_none() -> None:
    values = monthly(45, step=4, at=30)
    found = changing.changed(values, values[30].on)
    assert found is not None
    assert found.low < 4 < found.high
    assert found.low > 2
    nothing = changing.changed(monthly(45), values[30].on)
    assert nothing is not None
    assert nothing.low < 0 < nothing.high


@pytest.mark.parametrize(("days", "season"), [(30.44, 12), (91, 4), (14, 26), (7, None), (400, None)])
def test_how_often_it_is_read_says_what_a_year_is(days: float, season: int | None) -> None:
    values = [Value(FIRST + timedelta(days=round(days * n)), 1.0) for n in range(9)]
    assert changing.a_year(values) == season


def test_too_little_says_nothing() -> None:
    values = monthly(30)
    assert changing.may_be_asked(values)
    assert not changing.may_be_asked(values[:27])
    assert changing.changed(values, values[20].on) is None
    assert changing.changed(values, values[-1].on + timedelta(days=1)) is None
    assert not changing.may_be_asked([])


def test_the_line_is_drawn_by_day(world: World) -> None:
    one = world.make("metric", title="Returns")
    chart = drawing.line(one, [Value(FIRST + timedelta(days=d), v) for d, v in ((0, 1.0), (10, 2.0), (100, 3.0))])
    assert chart is not None
    first, second, last = (dot["x"] for dot in chart["dots"])
    assert (second - first) / (last - first) == pytest.approx(0.1, abs=0.002)


def test_the_page_answers_for_a_day(world: World, client: Client) -> None:
    one = world.make("metric", title="Returns", unit="%")
    values = monthly(40, step=4, at=30)
    for value in values:
        rules.measure_metric(world.pm, metric=one.key, value=value.value, on=value.on)
    client.force_login(world.user("viewer"))
    page = client.get(f"/w/north/{one.key}").content.decode()
    assert "Did something change on" in page
    assert "seasons and drift" not in page
    page = client.get(f"/w/north/{one.key}?since={values[30].on}").content.decode()
    assert "seasons and drift taken off" in page
    assert "higher" in page
    assert "not why" in page
    page = client.get(f"/w/north/{one.key}?since={values[3].on}").content.decode()
    assert "Two years of values before that day are needed" in page
    assert client.get(f"/w/north/{one.key}?since=yesterday").status_code == 200
