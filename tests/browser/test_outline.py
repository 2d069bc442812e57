"""The outline of requirements in a browser: a line is dragged to its place; what was being typed stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.waiting import until
from threadline.inbound.requirements.tests.test_tree import add, shape
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_line_is_dragged_before_another_and_into_it(page: Page, live_server: LiveServer, world: World) -> None:
    feature = world.make("feature")
    for title in ("One shall stand.", "Two shall stand.", "Three shall stand."):
        add(world, feature, title)
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{feature.key}/requirements")
    grip = "#{} [data-grip]"
    page.locator(grip.format("RQ-3")).drag_to(page.locator("#RQ-1"), target_position={"x": 200, "y": 4})
    expect(page.locator("#RQ-3 .path")).to_have_text("1")
    assert shape(world, feature) == ["1 Three shall stand.", "2 One shall stand.", "3 Two shall stand."]
    low = (page.locator("#RQ-1").bounding_box() or {"height": 60})["height"] - 4
    page.locator(grip.format("RQ-2")).drag_to(page.locator("#RQ-1"), target_position={"x": 300, "y": low})
    expect(page.locator("#RQ-2 .path")).to_have_text("2.1")
    until(page, lambda: shape(world, feature)[2] == "2.1 Two shall stand.")
    low = (page.locator("#RQ-3").bounding_box() or {"height": 60})["height"] - 4
    page.locator(grip.format("RQ-2")).drag_to(page.locator("#RQ-3"), target_position={"x": 30, "y": low})
    expect(page.locator("#RQ-2 .path")).to_have_text("2")
    page.locator("#line-RQ-1").fill("One shall stand firm.")
    page.locator(grip.format("RQ-1")).drag_to(page.locator("#RQ-3"), target_position={"x": 200, "y": 4})
    expect(page.locator("#RQ-1 .path")).to_have_text("1")
    until(page, lambda: shape(world, feature)[0] == "1 One shall stand firm.")
