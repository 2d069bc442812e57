"""The metric tree in a browser: measured, stepped through by keys, moved by mouse; nothing to object to."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import wrong_in_any_look
from threadline.inbound.metrics.tests.test_tree import grown
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = ("metrics/tree", "metrics/tree?view=outline", "ME-1", "ME-2", "ME-1/do/measure_metric", "ME-2/do/place_metric",
         "requirements/outline", "requirements/carry", "F-1/carry", "SM-1/pairs")  # fmt: skip


def test_metrics_files_of_requirements_and_pairs_are_accessible(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    grown(world)
    world.make("key_result", title="On no tree")
    world.make("metric", title="Alone")
    world.make("requirement", title="The desk shall answer within 2 s.")
    world.make("score_model", title="What counts", method="weighted", criteria="Revenue: 1\nReach: 1\nRisk: 1")
    pages = [f"/w/north/{path}" for path in PAGES]
    assert wrong_in_any_look(browser, live_server, world.user("owner").email, pages) == {}


def test_a_metric_is_measured_and_moved_by_keys_and_by_mouse(page: Page, live_server: LiveServer, world: World) -> None:
    grown(world)
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/ME-1")
    page.get_by_label("Value now").fill("5400")
    with page.expect_navigation():
        page.get_by_role("region", name="5,280").get_by_role("button", name="Measure").click()
    expect(page.get_by_role("heading", name="5,400")).to_contain_text("up 120")
    page.goto(f"{live_server.url}/w/north/metrics/tree")
    page.locator(".tree-root .tree-title").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_contain_text("ME-3")
    page.keyboard.press("m")
    page.keyboard.press("ArrowUp")
    with page.expect_navigation():
        page.keyboard.press("m")
    inside = page.locator("li[data-key='ME-2'] li[data-key='ME-3']")
    expect(inside).to_be_visible()
    node = "li[data-key='{}'] > .tree-node"
    page.locator(node.format("ME-3")).drag_to(page.locator(node.format("ME-1")))
    expect(page.locator("li[data-key='ME-1'] > ul > li[data-key='ME-3']")).to_be_visible()
