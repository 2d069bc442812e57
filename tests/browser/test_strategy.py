"""Strategy in a browser: the opportunity tree by keys, by drag and without a script; nothing to object to."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import wrong_in_any_look
from threadline.inbound.features.rules import solve_opportunity
from threadline.inbound.strategy import growing, placing, trying
from threadline.kernel import verbs
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = (
    "opportunities/tree", "opportunities/tree?view=outline", "OP-1", "AS-1", "AT-1", "SG-1", "VI-1", "PE-1",
    "AS-1/do/contradict_assumption", "AS-1/do/judge_assumption", "OP-1/do/place_opportunity",
)  # fmt: skip


def furnish(world: World) -> None:
    """A small tree with shaky ground, and a strategy."""
    objective = world.make("objective", world.owner, title="Answers that help")
    outcome = world.make("key_result", world.owner, title="Within four hours", objective=objective.key)
    wide, narrow = (world.make("opportunity", world.owner, title=t) for t in ("I wait all day", "Add a dashboard"))
    feature = world.make("feature", world.owner, title="Summaries", state="planned")
    placing.place_opportunity(world.owner, opportunity=wide.key, under=outcome.key)
    placing.place_opportunity(world.owner, opportunity=narrow.key, under=wide.key)
    solve_opportunity(world.owner, feature=feature.key, opportunity=wide.key)
    belief = world.make("assumption", world.owner, title="Agents read it", importance=9, evidence=2)
    verbs.link(world.owner, feature, belief, "assumes")
    world.make("assumption_test", world.owner, assumption=belief.key, title="Six agents, a week")
    trying.contradict_assumption(world.owner, assumption=belief.key, evidence=world.make("feedback").key)
    world.make("vision", world.owner, title="Back in the game")
    world.make("strategy", world.owner, title="Know before they ask", diagnosis="Slow to know", state="active")
    world.make("persona", world.owner, title="The late shift")
    world.make("opportunity", world.owner, title="I forget my password")
    world.make("feature", world.owner, title="For nobody", state="planned")


def test_strategy_is_accessible(browser: Browser, live_server: LiveServer, world: World) -> None:
    furnish(world)
    pages = [f"/w/north/{path}" for path in PAGES]
    assert wrong_in_any_look(browser, live_server, world.user("owner").email, pages) == {}


def test_a_tree_says_of_words_while_they_are_typed_how_they_read(
    page: Page, live_server: LiveServer, world: World
) -> None:
    furnish(world)
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/opportunities/tree")
    node = page.locator("li[data-key=OP-1] > .tree-node")
    node.locator("summary").click()
    expect(node.get_by_label("Add under it")).to_be_focused()
    page.keyboard.press("Tab")
    said = node.get_by_role("status")
    page.keyboard.type("Add a dark mode button")
    expect(said).to_contain_text("Phrased as a feature (\u201cadd\u201d)")
    node.get_by_label("In words").fill("I cannot read it at night")
    expect(said).to_have_text("")
    node.get_by_label("Add under it").select_option("feature")  # a solution may well be one
    node.get_by_label("In words").fill("Add a dark mode")
    node.get_by_label("Add under it").select_option("opportunity")
    expect(said).to_contain_text("Phrased as a feature")
    node.get_by_label("Add under it").select_option("feature")
    expect(said).to_have_text("")


def test_a_tree_by_keys(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/opportunities/tree")
    title = page.locator(".tree-root .tree-title")
    title.first.focus()
    for stroke, key in (("ArrowRight", "OP-1"), ("ArrowRight", "OP-2"), ("ArrowDown", "F-1"), ("ArrowLeft", "OP-1"),
                        ("ArrowDown", "OP-2")):  # fmt: skip
        page.keyboard.press(stroke)
        expect(page.locator(":focus")).to_contain_text(key)
    page.keyboard.press("m")
    expect(page.get_by_role("status").filter(has_text="OP-2 is picked up")).to_be_attached()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    with page.expect_navigation():
        page.keyboard.press("m")
    expect(page.locator(":focus")).to_contain_text("OP-2")
    outcome = growing.tree(world.owner).outcome
    assert outcome is not None
    assert [c.key for c in outcome.children] == ["OP-1", "OP-2"]
    page.keyboard.press("n")
    page.keyboard.press("Tab")
    page.keyboard.type("Nobody tells me")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Nobody tells me")).to_be_visible()


def test_a_tree_by_mouse(page: Page, live_server: LiveServer, world: World) -> None:
    furnish(world)
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/opportunities/tree?view=outline")
    node = ".ost li[data-key='{}'] > .tree-node"
    page.locator(node.format("F-1")).drag_to(page.locator(node.format("OP-2")))
    expect(page.locator(".ost li[data-key='OP-2'] li[data-key='F-1']")).to_be_visible()
    page.locator(node.format("OP-2")).drag_to(page.locator(node.format("F-1")))
    expect(page.locator(".ost li[data-key='OP-2'] li[data-key='F-1']")).to_be_visible()


def test_a_tree_without_a_script(browser: Browser, live_server: LiveServer, world: World) -> None:
    furnish(world)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/opportunities/tree")
    item = page.locator(".ost li[data-key='OP-1'] > .tree-node")
    item.locator("summary").click()
    item.get_by_label("Add under it").select_option("feature")
    item.get_by_label("In words").fill("Show the queue")
    item.get_by_role("button", name="Add").click()
    expect(page.locator(".ost li[data-key='OP-1'] > ul").get_by_role("link", name="Show the queue")).to_be_visible()
    context.close()
