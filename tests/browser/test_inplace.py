"""A value changed where it stands, from the keyboard, and everything computed from it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_enter_saves_and_escape_leaves_it(page: Page, live_server: LiveServer, world: World) -> None:
    feature = world.make("feature", title="Rejoin", reach=100, impact=1, confidence=80, effort=2)
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{feature.key}")
    pencil = page.get_by_role("link", name="Change Reach", exact=True)
    pencil.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#here_reach")).to_be_focused()
    page.keyboard.type("900")
    page.keyboard.press("Escape")
    expect(page.locator("#here_reach")).to_have_count(0)
    expect(page.locator("#score .num")).to_have_text("40")
    page.keyboard.press("Enter")
    expect(page.locator("#here_reach")).to_be_focused()
    page.keyboard.type("200")
    page.keyboard.press("Enter")
    expect(page.locator("#score .num")).to_have_text("80")
    assert fresh(feature).reach == 200


def test_what_is_refused_says_why_and_keeps_what_was_typed(page: Page, live_server: LiveServer, world: World) -> None:
    feature = world.make("feature", title="Rejoin", reach=100, impact=1, confidence=80, effort=2)
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{feature.key}")
    page.get_by_role("link", name="Change Confidence", exact=True).click()
    page.locator("#here_confidence").fill("0.8")
    page.keyboard.press("Enter")
    expect(page.locator("[data-here-error]")).to_contain_text("write 80 for 80")
    expect(page.locator("#here_confidence")).to_have_value("0.8")
    assert fresh(feature).confidence == 80
