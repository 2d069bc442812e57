"""Forecasts of releases: from which days, kept how, and whether they held."""

from __future__ import annotations

from datetime import timedelta

import pytest

from threadline.inbound.releases import forecasting
from threadline.inbound.releases.models import Forecast, Release
from threadline.kernel import rows, verbs
from threadline.kernel.actions import all_actions
from threadline.kernel.changes import Change
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db
SHIP = "ship_feature"


def shipped(world: World, count: int) -> None:
    """Features shipped three days apart, up to yesterday."""
    ship = {a.name: a for a in all_actions()}[SHIP]
    for n in range(count):
        one = world.make("feature", state="building")
        ship(world.pm, feature=one)
        Change.objects.filter(card_id=one.pk, action=SHIP).update(at=rows.now() - timedelta(days=1 + 3 * n))


def release_of(world: World, count: int) -> Release:
    made: Release = world.make("release", title="Lantern")
    for _ in range(count):
        verbs.link(world.pm, made, world.make("feature"), "scope")
    return made


def test_few_days_say_nothing(world: World) -> None:
    shipped(world, 4)
    with pytest.raises(Invalid, match="says nothing yet"):
        forecasting.forecast_release(world.pm, release=release_of(world, 2))


def test_a_forecast_is_kept_with_the_days_it_was_read_from(world: World) -> None:
    shipped(world, 30)
    forecasting.forecast_release(world.pm, release=release_of(world, 4))
    made = Forecast.objects.get()
    assert (made.left, made.made_on) == (4, rows.now().date())
    days = forecasting.from_words(made.history)
    assert (sum(days), days[-1], days[-4], days[-2]) == (30, 1, 1, 0)
    assert forecasting.in_words(days) == made.history
    assert made.made_on < made.likely_on < made.sure_on <= made.surest_on


def test_more_work_is_done_later(world: World) -> None:
    days = [0, 1, 0, 2, 1, 0] * 30
    few, many = (forecasting.day_of(forecasting.chances(days, left), 0.85) or 0 for left in (3, 12))
    assert 0 < few < many


def test_forecasts_are_held_against_what_came(world: World) -> None:
    shipped(world, 30)
    made = release_of(world, 4)
    forecasting.forecast_release(world.pm, release=made)
    assert [one.of for one in forecasting.coverage(world.pm)] == [0, 0, 0]
    forecast = Forecast.objects.get()
    Release.objects.filter(pk=made.pk).update(shipped_on=forecast.sure_on, state="shipped")
    assert [(one.held, one.of) for one in forecasting.coverage(world.pm)] == [(0, 1), (1, 1), (1, 1)]
    assert fresh(forecast).sure_on == forecast.sure_on


def test_the_interval_of_wilson() -> None:
    low, high = forecasting.wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)  # Newcombe 1998, method 3


def resolved(world: World, history: str, count: int, days: int) -> None:
    """Forecasts of four features, each of whose releases shipped so many days after it was made."""
    made_on = rows.now().date() - timedelta(days=90)
    for _ in range(count):
        release = world.make("release")
        Release.objects.filter(pk=release.pk).update(state="shipped", shipped_on=made_on + timedelta(days=days))
        forecast = world.make("forecast", release=release.pk)
        Forecast.objects.filter(pk=forecast.pk).update(made_on=made_on, left=4, history=history)


def test_forecasts_that_came_out_late_make_the_next_later(world: World) -> None:
    shipped(world, 30)
    plain = release_of(world, 4)
    forecasting.forecast_release(world.pm, release=plain)
    before = Forecast.objects.get()
    assert before.learnt == ""
    resolved(world, before.history, 30, 60)
    forecasting.forecast_release(world.pm, release=plain)
    after = Forecast.objects.exclude(pk=before.pk).filter(release=plain).get()
    assert len(forecasting.learnt_of(after.learnt)) == 30
    assert min(forecasting.learnt_of(after.learnt)) > 0.9
    assert after.likely_on is not None
    assert before.likely_on is not None
    assert after.likely_on > before.likely_on
    assert fresh(before).likely_on == before.likely_on  # what was said stays said


def test_too_few_forecasts_correct_nothing(world: World) -> None:
    shipped(world, 30)
    made = release_of(world, 4)
    resolved(world, "1:1 4:1 7:1 10:1 13:1 16:1", 29, 60)
    forecasting.forecast_release(world.pm, release=made)
    assert Forecast.objects.get(release=made).learnt == ""


def test_a_release_learns_from_forecasts_of_the_teams_that_do_its_work(world: World) -> None:
    shipped(world, 30)
    made, ours, theirs = release_of(world, 4), world.make("delivery_team"), world.make("delivery_team")
    history = "1:1 4:1 7:1 10:1 13:1 16:1"
    resolved(world, history, 30, 60)
    late = list(Release.objects.filter(state="shipped"))
    resolved(world, history, 30, 1)
    early = list(Release.objects.filter(state="shipped").exclude(pk__in=[one.pk for one in late]))
    for releases, team in ((late, ours), (early, theirs), ([made], ours)):
        for one in releases:
            feature = world.make("feature")
            verbs.link(world.pm, one, feature, "scope")
            world.make("estimate", feature=feature.key, team=team.key, low=1, likely=2, high=3)
    whose, came = forecasting.came_out(world.pm, made)
    assert (whose, len(came)) == (f"team={ours.pk}", 30)
    assert min(came) > 0.9
    assert forecasting.learnt_from(world.pm, whose) == f"of releases with work of {ours.title}"
    feature = world.make("feature")
    verbs.link(world.pm, made, feature, "scope")
    world.make("estimate", feature=feature.key, team=theirs.key, low=1, likely=2, high=3)
    whose, came = forecasting.came_out(world.pm, made)
    assert len(came) == 60
    assert str(theirs.pk) in whose
    forecasting.forecast_release(world.pm, release=made)
    kept = Forecast.objects.get(release=made).learnt
    assert len(forecasting.learnt_of(kept)) == 60
    assert "team=" in kept


def test_work_that_nobody_estimated_learns_by_product(world: World) -> None:
    made = release_of(world, 4)
    resolved(world, "1:1 4:1 7:1 10:1 13:1 16:1", 30, 60)
    assert forecasting.came_out(world.pm, made)[0] == "product"
