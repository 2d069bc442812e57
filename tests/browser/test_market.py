"""The market by keyboard in a browser: judge what came in, check facts again; accessible in both themes and narrow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import wrong_in_any_look
from threadline.kernel import rows, verbs
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = (
    "intel/inbox", "intel/", "intel/digest", "sources/", "facts/queue", "facts/", "trends/radar", "trends/",
    "competitors/", "competitors/chart", "CM-1", "FC-1", "TN-1", "MI-1", "MS-1", "review", "facts/new",
)  # fmt: skip


def furnish(world: World) -> None:
    """A little of everything that the market has."""
    day = (rows.now().date() - timedelta(days=400)).isoformat()
    rival = world.make(
        "competitor", world.owner, title="Harborline", offer_strength=7, market_strength=3, threat="high", body="Loud"
    )
    given = {"title": "", "aspect": "Team plan", "about": "price", "checked_on": day, "competitor": rival.key}
    fact = world.make("fact", world.owner, value="€29", url="https://rival.example/prices", **given)
    world.make("fact", world.owner, value="€5", **{**given, "aspect": "Widget"})
    feature = world.make("feature", world.owner, title="Cheaper seats", owner="me")
    verbs.link(world.owner, feature, fact, "fact")
    trend = world.make("trend", world.owner, title="Seats give way", ring="prepare", impact=4, strength=3)
    verbs.link(world.owner, trend, fact, "signal")
    world.make("intel_source", world.owner, title="Their blog", url="https://rival.example/feed")
    for n, importance in enumerate((3, 2, 1), 1):
        world.make("intel", world.owner, title=f"Item {n}", body="They moved.", importance=importance)


def test_the_market_is_accessible(browser: Browser, live_server: LiveServer, world: World) -> None:
    furnish(world)
    pages = [f"/w/north/{path}" for path in PAGES]
    assert wrong_in_any_look(browser, live_server, world.user("owner").email, pages) == {}


def test_what_came_in_is_judged_by_keyboard(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/intel/inbox")
    expect(page.locator("#item-title")).to_have_text("Item 1")
    page.keyboard.press("f")
    page.keyboard.type("Price of the Team plan")
    page.keyboard.press("Tab")
    page.keyboard.type("€19")
    page.keyboard.press("Enter")
    expect(page.locator("#item-title")).to_have_text("Item 2")
    page.keyboard.press("d")
    expect(page.locator("#item-title")).to_have_text("Item 3")
    page.keyboard.press("p")
    page.keyboard.type("https://rival.example/new")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#item-title")).to_have_text("rival.example/new")
    page.goto(f"{live_server.url}/w/north/facts/?q=team")
    expect(page.get_by_role("link", name="Price of the Team plan: €19")).to_be_visible()


def test_facts_are_checked_by_keyboard_and_what_cites_them_follows(
    page: Page, live_server: LiveServer, world: World
) -> None:
    furnish(world)
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/review")
    expect(page.get_by_text("has not been checked since")).to_be_visible()
    page.goto(f"{live_server.url}/w/north/facts/queue")
    expect(page.locator("#fact-title")).to_contain_text("Team plan: €29")
    page.keyboard.press("s")
    expect(page.locator("#fact-title")).to_contain_text("Widget: €5")
    page.keyboard.press("v")
    page.keyboard.type("€6")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Every fact was checked in time")).to_be_visible()
    page.goto(f"{live_server.url}/w/north/review")
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    second = verbs.card(world.owner, "FC-2")
    assert (second.revision, fresh(second).title) == (2, "Harborline, Widget: €6")
