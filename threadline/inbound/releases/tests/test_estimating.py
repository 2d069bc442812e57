"""Forecasts from estimates: what is counted, what is refused, what is kept, and what decides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from threadline.inbound.releases import estimating, forecasting
from threadline.inbound.releases.models import Forecast, Release
from threadline.kernel import rows, verbs
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 30)


def release_of(world: World, *features: Any) -> Release:
    made: Release = world.make("release", title="Lantern")
    for one in features:
        verbs.link(world.pm, made, one, "scope")
    return made


def estimated(world: World, team: Any, *points: float, **values: Any) -> Any:
    made = world.make("feature", **values)
    low, likely, high = points if len(points) == 3 else (points[0],) * 3
    world.make("estimate", feature=made.key, team=team.key, low=low, likely=likely, high=high)
    return made


def told(actor: Actor, release: Release) -> estimating.Told:
    return estimating.drawn(estimating.work_of(actor, release))


def test_days_are_weekdays_after_the_day_it_was_made() -> None:
    friday = MONDAY - timedelta(days=3)
    assert estimating.day_after(friday, None, 0) == friday
    assert [estimating.day_after(friday, None, n) for n in (1, 5, 6)] == [
        MONDAY, MONDAY + timedelta(days=4), MONDAY + timedelta(days=7)
    ]  # fmt: skip
    sunday = MONDAY - timedelta(days=1)
    assert estimating.day_after(sunday, MONDAY + timedelta(days=5), 1) == MONDAY + timedelta(
        days=7
    )  # starts a Saturday


def test_a_team_has_its_days_and_takes_one_thing_after_the_other(world: World) -> None:
    team = world.make("delivery_team", days_a_week=10)
    made = release_of(world, *(estimated(world, team, 6) for _ in range(3)))
    found = told(world.pm, made)
    assert set(found.days) == {9}  # 18 person-days at 2 a working day
    assert sorted(one.sure for one in found.parts) == [3, 6, 9]
    assert [one.share for one in found.parts] == [1.0, 1.0, 1.0]


def test_what_it_waits_for_counts_also_when_it_is_no_part_of_the_release(world: World) -> None:
    one, other = (world.make("delivery_team", days_a_week=5) for _ in range(2))
    mine, needed, easy = estimated(world, one, 3), estimated(world, other, 4), estimated(world, other, 1)
    shipped = estimated(world, other, 50, state="shipped")
    made = release_of(world, mine, easy)
    verbs.link(world.pm, mine, needed, "depends_on")
    verbs.link(world.pm, mine, shipped, "depends_on")
    found = told(world.pm, made)
    assert set(found.days) == {7}
    assert {one.id: one.share for one in found.parts} == {str(mine.pk): 1.0, str(needed.pk): 1.0, str(easy.pk): 0.0}
    assert [one.id for one in found.parts if one.beside] == [str(needed.pk)]


def test_what_waits_for_itself_is_refused_by_name(world: World) -> None:
    team = world.make("delivery_team", days_a_week=5)
    one, other = estimated(world, team, 3), estimated(world, team, 3)
    made = release_of(world, one, other)
    verbs.link(world.pm, one, other, "depends_on")
    verbs.link(world.pm, other, one, "depends_on")
    with pytest.raises(Invalid, match=f"{one.key}.*{other.key}"):
        estimating.forecast_from_estimates(world.pm, release=made)


def test_nothing_estimated_and_a_team_without_days_are_refused(world: World) -> None:
    made = release_of(world, world.make("feature"))
    with pytest.raises(Invalid, match="has an estimate"):
        estimating.forecast_from_estimates(world.pm, release=made)
    idle = release_of(world, estimated(world, world.make("delivery_team", title="Quay", days_a_week=0), 3))
    with pytest.raises(Invalid, match="Quay: no days"):
        estimating.forecast_from_estimates(world.pm, release=idle)


def test_it_is_kept_with_what_it_was_read_from_and_says_what_has_no_estimate(world: World) -> None:
    team = world.make("delivery_team", days_a_week=5)
    blank = world.make("feature")
    made = release_of(world, estimated(world, team, 2, 4, 12), blank)
    estimating.forecast_from_estimates(world.pm, release=made)
    kept = Forecast.objects.get()
    today = rows.now().date()
    assert (kept.method, kept.left, kept.made_on, kept.history) == ("estimates", 2, today, "")
    found = estimating.from_words(kept.drawn)
    assert found.missing == [str(blank.pk)]
    assert estimating.in_words(found) == kept.drawn
    assert len(found.days) == 99
    # The likeliest day of 2, 4, 12 at a person-day a day: half are done within the fifth.
    assert kept.likely_on == estimating.day_after(today, None, 5)
    assert kept.likely_on <= kept.sure_on <= kept.surest_on


def test_a_release_that_has_yet_to_start_is_done_later(world: World) -> None:
    team = world.make("delivery_team", days_a_week=5)
    made = release_of(world, estimated(world, team, 1))
    starts = rows.now().date() + timedelta(days=30)
    Release.objects.filter(pk=made.pk).update(starts_on=starts)
    estimating.forecast_from_estimates(world.pm, release=made)
    assert starts <= Forecast.objects.get().likely_on <= starts + timedelta(days=2)


def test_what_is_out_of_reach_is_not_counted(world: World) -> None:
    team = world.make("delivery_team", days_a_week=5)
    hidden = estimated(world, team, 40, confidentiality=2)
    made = release_of(world, estimated(world, team, 1), hidden)
    assert set(told(world.pm, made).days) == {41}
    assert set(told(world.contributor, made).days) == {1}


def test_words_that_nobody_wrote_say_nothing() -> None:
    found = estimating.from_words("days=3x1,x,4,5x1 item=zz:1:2:3 first=soon drift=fast none item=")
    assert (found.days, found.parts, found.first, found.drift) == ([3, 5], [], None, 0.0)
    assert estimating.from_words("").chances(MONDAY) == []


def test_each_method_is_held_against_what_came_by_itself(world: World) -> None:
    team = world.make("delivery_team", days_a_week=5)
    made = release_of(world, estimated(world, team, 2, 4, 12))
    estimating.forecast_from_estimates(world.pm, release=made)
    kept = Forecast.objects.get()
    Release.objects.filter(pk=made.pk).update(shipped_on=kept.sure_on, state="shipped")
    assert [one.of for one in forecasting.coverage(world.pm)] == [0, 0, 0]
    assert [(one.held, one.of) for one in forecasting.coverage(world.pm, "estimates")] == [(0, 1), (1, 1), (1, 1)]


def test_forecasts_that_came_out_late_make_the_next_later(world: World) -> None:
    team = world.make("delivery_team", days_a_week=5)
    made = release_of(world, estimated(world, team, 2, 4, 12))
    estimating.forecast_from_estimates(world.pm, release=made)
    before = Forecast.objects.get()
    past = rows.now().date() - timedelta(days=90)
    for _ in range(30):
        release = world.make("release")
        Release.objects.filter(pk=release.pk).update(state="shipped", shipped_on=past + timedelta(days=60))
        other = world.make("forecast", release=release.pk)
        Forecast.objects.filter(pk=other.pk).update(made_on=past, left=1, method="estimates", drawn=before.drawn)
    estimating.forecast_from_estimates(world.pm, release=made)
    after = Forecast.objects.filter(release=made).exclude(pk=before.pk).get()
    assert len(forecasting.learnt_of(after.learnt)) == 30
    assert after.likely_on > before.likely_on
    assert forecasting.came_out(world.pm, made) == ("all", [])  # what was shipped teaches nothing here
