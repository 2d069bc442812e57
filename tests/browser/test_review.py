"""The review queue and the history by keyboard: confirm, choose several, mend beside it, slide through the days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from threadline.kernel import thread, verbs
from threadline.kernel.changes import Change
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def queue(page: Page, live_server: LiveServer, world: World) -> Page:
    """Three features of the product manager that rest on notes that changed."""
    for number in range(3):
        note = world.make("feedback", body=f"Forty agents wait {number}.")
        feature = world.make("feature", title=f"Feature {number}", owner="me")
        verbs.link(world.pm, feature, note, "evidence")
        verbs.update(world.owner, "feedback", note, {"body": f"Fourteen agents wait {number}."}, why="Misheard")
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/review")
    expect(page.locator("[data-suspect]")).to_have_count(3)
    return page


def test_confirming_goes_on_to_the_next(queue: Page, world: World) -> None:
    page = queue
    page.keyboard.press("j")
    expect(page.locator("[data-suspect]").nth(0)).to_be_focused()
    page.keyboard.press("y")
    expect(page.locator("[data-suspect]")).to_have_count(2)
    expect(page.locator("[data-suspect]").nth(0)).to_be_focused()
    page.keyboard.press("y")
    expect(page.locator("[data-suspect]")).to_have_count(1)
    expect(page.locator("[data-suspect]").nth(0)).to_be_focused()
    page.keyboard.press("y")
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    assert thread.suspects(world.pm) == []


def test_several_are_confirmed_at_once_and_undone_at_once(queue: Page, world: World) -> None:
    page = queue
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("[data-chosen]")).to_have_text("2 chosen")
    page.get_by_role("button", name="Still true: confirm them").click()
    expect(page.locator("[data-suspect]")).to_have_count(1)
    assert len(thread.suspects(world.pm)) == 1
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("[data-suspect]")).to_have_count(3)


def test_mending_opens_beside_the_queue(queue: Page) -> None:
    page = queue
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".panel form [name=title]")).to_have_value("Feature 0")
    expect(page.locator("[data-suspect]")).to_have_count(3)


def test_asking_speaks_on_the_record_that_changed(queue: Page, world: World) -> None:
    page = queue
    page.keyboard.press("j")
    expect(page.locator("[data-suspect]").nth(0)).to_be_focused()
    page.keyboard.press("a")
    page.wait_for_function("document.activeElement?.matches('input, textarea')")
    page.keyboard.type("Are you sure of fourteen?")
    page.get_by_role("button", name="Ask", exact=True).first.click()
    page.wait_for_url("**/review**")
    assert Change.objects.filter(action="comment", kind="feedback").count() == 1


def test_the_slider_shows_each_day_and_two_days_show_who_changed_what(
    page: Page, live_server: LiveServer, world: World
) -> None:
    feature = world.make("feature", title="First title")
    verbs.update(world.owner, "feature", feature, {"title": "Second title"}, why="Clearer")
    first, second = Change.objects.filter(card_id=feature.pk).order_by("pk")
    Change.objects.filter(pk=first.pk).update(at=first.at - timedelta(days=3))
    type(feature).objects.filter(pk=feature.pk).update(created_at=first.at - timedelta(days=3))
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{feature.key}/history")
    page.locator("[data-slide] input").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-slide-page]")).to_contain_text("First title")
    days = {"from": (first.at - timedelta(days=2)).date(), "to": second.at.date()}
    page.goto(f"{live_server.url}/w/north/{feature.key}/history?from={days['from']}&to={days['to']}")
    between = page.locator("section[aria-labelledby=between]")
    expect(between.locator("del")).to_have_text("First")
    expect(between.locator(".by-whom")).to_contain_text("Olga Owner")
    expect(between.locator(".by-whom")).to_contain_text("Clearer")
