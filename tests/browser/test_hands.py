"""Pages in the hand: keys, ticking rows, dialogs, and the same work without any script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from threadline.faces.web.assets import built_names
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def at_home(page: Page, live_server: LiveServer, world: World) -> Page:
    """The owner, signed in, with three features."""
    assert "app.js" in built_names(), "the front end is not built: run make front"
    for n in range(3):
        world.make("feature", world.owner, title=f"Feature {n}")
    sign_in(page, live_server, world.user("owner").email)
    return page


def test_keys_lead_where_they_say(at_home: Page, live_server: LiveServer) -> None:
    page = at_home
    page.goto(f"{live_server.url}/w/north/features/")
    page.keyboard.press("/")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("c")
    expect(page.locator("#query")).to_have_value("c")
    page.locator("#main").focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Find or do")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Make something new")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("c")
    expect(page.get_by_role("dialog", name="New feature")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/feedback/")


def test_single_keys_can_be_turned_off(at_home: Page, live_server: LiveServer) -> None:
    page = at_home
    page.goto(f"{live_server.url}/w/north/profile")
    page.uncheck("[name=shortcuts]")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{live_server.url}/w/north/features/")
    page.locator("#main").focus()
    page.keyboard.press("c")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith("/features/")


def test_rows_are_ticked_and_changed_together_without_a_script(
    at_home: Page, browser: Browser, live_server: LiveServer, world: World
) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=at_home.context.storage_state())
    page = context.new_page()
    page.goto(f"{live_server.url}/w/north/features/")
    page.locator('input[name="ids"]').nth(1).check()
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="1 feature")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    context.close()


def test_what_cannot_be_undone_is_asked_for_in_a_modal_dialog(
    at_home: Page, live_server: LiveServer, world: World
) -> None:
    page = at_home
    member = world.member("viewer")
    page.goto(f"{live_server.url}/w/north/members")
    page.get_by_role("row", name="Vito").get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Remove Vito Viewer?")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("row", name="Vito").get_by_role("button", name="Remove").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("They can no longer come in")).to_be_visible()
    assert fresh(member).left_at is not None


def test_the_theme_is_chosen_from_any_page_and_stays(at_home: Page, live_server: LiveServer) -> None:
    page = at_home
    page.goto(f"{live_server.url}/w/north/features/")
    page.locator("button.who").click()
    page.select_option("#theme-choice", "dark")
    page.wait_for_url("**/features/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{live_server.url}/w/north/review")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_two_people_who_edit_the_same_text_lose_nothing(
    at_home: Page, browser: Browser, live_server: LiveServer, world: World
) -> None:
    feature = world.make("feature", world.owner, title="First")
    other = browser.new_context().new_page()
    sign_in(other, live_server, world.user("product_manager").email)
    for page in (at_home, other):
        page.goto(f"{live_server.url}/w/north/{feature.key}/edit")
    at_home.fill("#id_title", "From Olga")
    at_home.get_by_role("button", name="Save").click()
    at_home.wait_for_url(f"**/{feature.key}")
    other.fill("#id_title", "From Petra")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_text("Olga Owner saved this")).to_be_visible()
    expect(other.locator("#id_title")).to_have_value("From Petra")
    other.get_by_label("Keep what is saved").check()
    other.get_by_role("button", name="Save").click()
    other.wait_for_url(f"**/{feature.key}")
    assert fresh(feature).title == "From Olga"
    other.context.close()


def test_everything_works_without_a_script(browser: Browser, live_server: LiveServer, world: World) -> None:
    note = world.make("feedback", body="I lost the boss key")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/features/new")
    page.fill("#id_title", "Rejoin a raid")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Add a reason").click()
    page.fill("#id_target", note.key)
    page.fill("#id_quote", "the boss key")
    page.get_by_role("button", name="Add this reason").click()
    page.get_by_role("link", name="Back to the record").click()
    expect(page.locator("figure.quote")).to_contain_text("the boss key")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.locator(".hero .chip")).to_have_text("Planned")
    page.goto(f"{live_server.url}/w/north/features/")
    page.locator('input[name="ids"]').check()
    page.get_by_role("button", name="To the trash").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Rejoin a raid")).to_be_visible()
    context.close()
