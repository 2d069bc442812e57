"""Saved views in the hand: what is changed stays one's own draft until it is saved or let go of."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from threadline.house import viewing
from threadline.kernel.testing import World
from threadline.kernel.views import SavedView, ViewDraft

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def view(page: Page, live_server: LiveServer, world: World) -> SavedView:
    """A shared view of the ideas, open in the grid."""
    for n in range(1, 5):
        world.make("feature", world.owner, title=f"Harbour {n}", effort=n)
    made = viewing.save_view(
        world.owner, "feature", {"name": "Ideas", "query": "state:idea", "columns": ["title", "effort"], "shared": True}
    )
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/features/?view={made.pk}")
    page.wait_for_selector("tl-grid[data-ready]")
    return made


def test_a_changed_view_is_a_draft_until_it_is_saved(page: Page, view: SavedView) -> None:
    tab = page.locator(".tabs > ul a", has_text="Ideas")
    expect(page.locator("#draft")).to_be_hidden()
    with page.expect_response("**/draft"):
        page.locator("#query").fill("state:idea effort>2")
    expect(page.locator("#draft")).to_contain_text("Only you see these changes")
    expect(tab.locator(".mark")).to_be_visible()
    assert f"view={view.pk}" in page.url
    assert "effort" in page.url
    page.locator(".tabs > ul a", has_text="All").click()
    page.wait_for_selector("tl-grid[data-ready]")
    expect(page.locator("tbody tr")).to_have_count(4)
    tab.click()
    page.wait_for_selector("tl-grid[data-ready]")
    expect(page.locator("#query")).to_have_value("state:idea effort>2")
    page.get_by_role("button", name="Save for everybody").click()
    expect(page.locator(".toast, .note")).to_contain_text("saved for everybody")
    view.refresh_from_db()
    assert view.query == "state:idea effort>2"
    expect(page.locator("#draft")).to_be_hidden()
    assert not ViewDraft.objects.exists()


def test_a_draft_is_let_go_of_and_the_view_is_as_it_was(page: Page, view: SavedView) -> None:
    with page.expect_response("**/draft"):
        page.locator("thead button.sort", has_text="Effort").click()
    assert "sort" in page.url
    assert ViewDraft.objects.get().query == "state:idea sort:-effort"
    page.get_by_role("button", name="Discard").click()
    page.wait_for_selector("tl-grid[data-ready]")
    expect(page.locator("#query")).to_have_value("state:idea")
    expect(page.locator("#draft")).to_be_hidden()
    assert not ViewDraft.objects.exists()
    assert page.url.endswith(f"?view={view.pk}")


def test_the_other_layout_takes_the_view_along(page: Page, view: SavedView) -> None:
    page.locator("#query").fill("state:idea effort<3")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Board").click()
    page.wait_for_selector("tl-board[data-ready]")
    assert f"view={view.pk}" in page.url
    assert "as=board" in page.url
    expect(page.locator(".board-card")).to_have_count(2)
    page.get_by_role("link", name="Table").click()
    page.wait_for_selector("tl-grid[data-ready]")
    assert "as=" not in page.url
    expect(page.locator("#query")).to_have_value("state:idea effort<3")
