"""Releases in a browser: what is missing, gates, what dropping touches, and notes that stay as written."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import LOOKS, objections
from threadline.inbound.releases import carrying, delivering
from threadline.inbound.releases.models import Forecast, PlanRun, Release
from threadline.kernel import rows, verbs, work
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = (
    "releases/",
    "R-1",
    "R-1/notes",
    "R-1/drop?feature=F-1",
    "GT-1",
    "RS-1",
    "gates/new?release=R-1",
    "plans/planner",
    "deployments/measures",
    "DY-1",
    "FO-1",
)


def furnish(world: World) -> Release:
    """A release with two features, a gate, a stage, and somebody who was told of the first."""
    made: Release = world.make(
        "release", title="Lantern", version_name="2.0.0", starts_on="2026-05-01", due_on="2026-05-29"
    )
    team = world.make("delivery_team", title="Desk", days_a_week=5)
    for title in ("Bulk edit", "Search"):
        one = world.make("feature", title=title, state="candidate")
        verbs.link(world.pm, made, one, "scope")
        world.make("estimate", feature=one.key, team=team.key, low=2, likely=3, high=5)
    world.make("commitment", title="Bulk edit in May", told_to="Ana Lima", feature="F-1")
    world.make("gate", title="Load test", release=made.key, phase="ready")
    world.make("deployment", title="Build 41", service="app")
    forecast = world.make("forecast", title="When", release=made.key)
    today = rows.now().date()
    Forecast.objects.filter(pk=forecast.pk).update(left=4, made_on=today, history="90:1 70:2 40:1 20:2 10:1 2:1")
    world.make("rollout_stage", title="Our own team", release=made.key, percent=5)
    return made


def own(page: Page, live_server: LiveServer, world: World, path: str) -> None:
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{path}")


@pytest.mark.parametrize("look", LOOKS)
def test_releases_are_accessible(browser: Browser, live_server: LiveServer, world: World, look: str) -> None:
    furnish(world)
    context = browser.new_context(bypass_csp=True, **LOOKS[look])
    page = context.new_page()
    own(page, live_server, world, "")
    found = {}
    for path in PAGES:
        page.goto(f"{live_server.url}/w/north/{path}")
        if said := objections(page):
            found[path] = said
    context.close()
    assert found == {}


def test_a_gate_is_passed_from_the_release(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    own(page, live_server, world, "R-1")
    missing = page.get_by_role("listitem").filter(has_text="Every gate is passed")
    expect(missing.get_by_role("link", name="GT-1")).to_be_visible()
    missing.get_by_role("link", name="GT-1").click()
    page.get_by_role("link", name="Pass", exact=True).or_(page.get_by_role("button", name="Pass", exact=True)).click()
    page.get_by_label("What was seen?").fill("p95 is 180 ms at twice the load.")
    page.get_by_role("button", name="Pass", exact=True).last.click()
    expect(page.get_by_text("p95 is 180 ms at twice the load.").first).to_be_visible()
    page.goto(f"{live_server.url}/w/north/R-1")
    row = page.get_by_role("listitem").filter(has_text="Every gate is passed")
    expect(row.get_by_role("link", name="GT-1")).to_have_count(0)


def test_a_drop_first_names_who_was_told(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    own(page, live_server, world, "R-1")
    page.get_by_role("link", name="Drop F-1").click()
    expect(page.get_by_role("listitem").filter(has_text="Ana Lima was told")).to_contain_text("Bulk edit in May")
    page.get_by_label("Why does it leave?").fill("No time.")
    page.get_by_role("button", name="Drop it").click()
    expect(page.get_by_role("link", name="Drop F-2")).to_be_visible()
    expect(page.get_by_role("link", name="Drop F-1")).to_have_count(0)


def test_notes_stay_as_written(page: Page, live_server: LiveServer, world: World) -> None:
    made = furnish(world)
    own(page, live_server, world, "R-1/notes")
    page.get_by_label("Notes, in Markdown").fill("Everything is faster.")
    page.get_by_role("button", name="Keep the notes").click()
    expect(page.get_by_text("As somebody wrote them.")).to_be_visible()
    verbs.link(world.pm, made, world.make("feature", title="Came late"), "scope")
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="Came late")).to_contain_text("not in the notes yet")
    expect(page.get_by_label("Notes, in Markdown")).to_have_value("Everything is faster.")
    assert fresh(made).notes == "Everything is faster."


def made(world: World) -> None:
    """Make the plan that waits, as the worker does."""
    run = PlanRun.objects.latest("created_at")
    carrying.make_plan(work.Progress(rows.new_id(), run.workspace_id, 1, threading.Event()), run=str(run.pk))


@pytest.mark.parametrize("look", LOOKS)
def test_a_plan_shows_its_mix_and_what_more_days_earn(
    browser: Browser, live_server: LiveServer, world: World, look: str
) -> None:
    furnish(world)
    for number, title in enumerate(("Grow", "Keep"), 1):
        aim = world.make("objective", title=title)
        feature = verbs.card(world.pm, f"F-{number}")
        verbs.update(
            world.pm, "feature", feature.pk, {"reach": 100 * number, "impact": 1, "confidence": 80, "effort": 1}
        )
        verbs.link(world.pm, feature, aim, "objective")
    context = browser.new_context(bypass_csp=True, **LOOKS[look])
    page = context.new_page()
    own(page, live_server, world, "plans/planner")
    page.get_by_label("Share of Grow in percent").fill("50")
    page.get_by_label("Give or take for Grow in percent").fill("30")
    assert objections(page) == []
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_text("Looking for the best plan")).to_be_visible()
    made(world)
    page.reload()
    mix = page.get_by_role("region", name="Investment mix")
    expect(mix.get_by_role("row", name="Grow")).to_contain_text("20% to 80%")
    expect(mix.get_by_role("row", name="Grow")).to_contain_text("50%")
    expect(page.get_by_role("img", name="Score points earned by person-days there are")).to_be_visible()
    expect(page.get_by_role("region", name="Value against cost").get_by_role("row", name="100% now")).to_be_visible()
    assert objections(page) == []
    context.close()


def test_shares_of_more_than_everything_are_refused(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    verbs.link(world.pm, verbs.card(world.pm, "F-1"), world.make("objective", title="Grow"), "objective")
    own(page, live_server, world, "plans/planner")
    page.get_by_label("Share of Grow in percent").fill("120")
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_role("alert")).to_contain_text("The share of Grow must be a number from 0 to 100.")
    expect(page.get_by_label("Share of Grow in percent")).to_have_value("120")


def test_a_failure_counts_in_the_measures(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    world.make("deployment", title="Build 42", service="app")
    world.make("deployment", title="Gateway 7", service="gateway")
    delivering.fail_deployment(world.pm, deployment=world.make("deployment", service="app"), reason="Sign-in broke.")
    own(page, live_server, world, "deployments/measures")
    rate = page.get_by_role("listitem").filter(has_text="Change fail rate")
    expect(rate).to_contain_text("33.3 %")
    expect(page.get_by_text("1 failed and is not said to be well again")).to_be_visible()
    table = page.get_by_role("region", name="The measures week by week")
    expect(table.get_by_role("row").nth(1).get_by_role("cell").first).to_have_text("3")
    page.get_by_label("Service").select_option("gateway")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("listitem").filter(has_text="Change fail rate")).to_contain_text("0.0 %")


def test_a_release_is_forecast_from_its_estimates(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    own(page, live_server, world, "R-1")
    page.get_by_role("button", name="Forecast from estimates").click()
    expect(page.get_by_role("status").filter(has_text="Forecast from estimates")).to_be_visible()
    page.goto(f"{live_server.url}/w/north/FO-2")
    expect(page.get_by_role("img", name="Chance of being done by days from then")).to_be_visible()
    decides = page.get_by_role("region", name="What decides the end", exact=True)
    expect(decides.get_by_role("row").filter(has_text="F-1")).to_contain_text("100%")


def test_a_forecast_is_drawn_and_told(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    own(page, live_server, world, "FO-1")
    expect(page.get_by_role("img", name="Chance of being done by days from then")).to_be_visible()
    table = page.get_by_role("region", name="Done by when", exact=True)
    days = [int(table.get_by_role("row", name=name).get_by_role("cell").first.inner_text()) for name in ("P50", "P95")]
    assert 0 < days[0] < days[1]
    expect(page.get_by_role("region", name="How past forecasts held", exact=True)).to_contain_text("none yet")


@pytest.mark.parametrize("path", ["plans/planner", "deployments/measures", "FO-1"])
def test_rows_are_cards_on_a_narrow_screen(browser: Browser, live_server: LiveServer, world: World, path: str) -> None:
    furnish(world)
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    own(page, live_server, world, path)
    expect(page.locator(".scroll").first).to_be_visible()
    wide = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.ariaLabel)"
    assert page.evaluate(wide) == []
    labels = page.locator(".scroll td[data-label]").evaluate_all(
        "cells => cells.map(e => getComputedStyle(e, '::before').content)"
    )
    assert labels
    assert "none" not in labels
    if path == "plans/planner":  # what its table's head no longer shows
        expect(page.locator("input[name=release]").first).to_be_visible()
        inside = "e.closest('td').scrollWidth <= e.closest('td').clientWidth"
        cut = f"[...document.querySelectorAll('td :is(select, input)')].filter(e => !({inside}))"
        assert page.evaluate(f"{cut}.map(e => e.name)") == []
    context.close()
