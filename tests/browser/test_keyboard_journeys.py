"""Ten journeys from sign-in to done by the keyboard alone: no pointer is touched, the test itself focuses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.waiting import until
from threadline.inbound.features.models import Feature
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import thread, verbs
from threadline.kernel.comments import Comment
from threadline.kernel.testing import PASSWORD, World, fresh
from threadline.kernel.views import SavedView

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# A pointer that comes down writes it where no later page forgets it.
WATCH = "addEventListener('pointerdown', () => sessionStorage.setItem('pointer', 'used'), true)"


@pytest.fixture
def typed(page: Page, live_server: LiveServer, world: World) -> Iterator[Page]:
    """The product manager, signed in by typing; afterwards it is seen that no pointer was used."""
    page.add_init_script(WATCH)
    page.goto(f"{live_server.url}/accounts/login/")
    tab_to(page, page.locator("[name=login]"))
    page.keyboard.type(world.user("product_manager").email)
    tab_to(page, page.locator("[name=password]"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/north/")
    expect(page.locator("html[data-js]")).to_be_attached()
    yield page
    page.wait_for_load_state()
    assert page.evaluate("sessionStorage.getItem('pointer')") is None


def tab_to(page: Page, target: Locator, *, most: int = 120) -> None:
    """Press Tab until it has the focus; fail when it cannot be reached."""
    expect(target).to_be_visible()
    for _ in range(most):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(target).to_be_focused()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def go(page: Page, letter: str, place: str) -> None:
    """``g`` and a letter lead to a room."""
    press(page, "g", letter)
    page.wait_for_url(f"**/{place}")
    expect(page.locator("html[data-js]")).to_be_attached()


def features(page: Page) -> None:
    go(page, "f", "features/")
    page.wait_for_selector("tl-grid[data-ready]")


def test_make_a_feature_from_anywhere_and_open_it(typed: Page) -> None:
    go(typed, "f", "features/")
    press(typed, "c")
    expect(typed.locator(".quick [name=title]")).to_be_focused()
    typed.keyboard.type("Lighthouse keeper")
    press(typed, "Control+Enter")
    expect(typed.locator("#toasts")).to_contain_text("F-1 is here")
    press(typed, "Control+k")
    typed.keyboard.type("lighthouse")
    expect(typed.get_by_role("option", name="Lighthouse keeper")).to_be_visible()
    press(typed, "Enter")
    expect(typed.get_by_role("heading", level=1).filter(has_text="Lighthouse keeper")).to_be_visible()
    assert Feature.objects.get().title == "Lighthouse keeper"


def test_read_through_a_list_beside_it(typed: Page, world: World) -> None:
    for n in range(1, 4):
        world.make("feature", title=f"Harbour {n}", reach=10 - n, impact=1, confidence=100, effort=1)
    features(typed)
    press(typed, "j", "o")
    expect(typed.locator(".panel [data-key] h1")).to_have_text("Harbour 1")
    press(typed, "]", "]")
    expect(typed.locator(".panel [data-key] h1")).to_have_text("Harbour 3")
    press(typed, "Escape")
    expect(typed.locator(".panel")).to_have_count(0)
    expect(typed.locator("#grid-spot")).to_contain_text("Harbour 3")
    press(typed, "Shift+O")
    typed.wait_for_url("**/F-3")


def test_edit_in_the_grid_and_take_it_back(typed: Page, world: World) -> None:
    feature = world.make("feature", title="Harbour")
    features(typed)
    press(typed, "j", "e")
    typed.keyboard.type("Haven")
    press(typed, "Enter")
    until(typed, lambda: fresh(feature).title == "Haven")
    typed.wait_for_selector("tl-grid:not([data-busy])")
    press(typed, "z")
    until(typed, lambda: fresh(feature).title == "Harbour")


def test_change_several_rows_at_once(typed: Page, world: World) -> None:
    for n in range(1, 4):
        world.make("feature", title=f"Harbour {n}", reach=10 - n, impact=1, confidence=100, effort=1)
    features(typed)
    press(typed, "j", "x", "j", "Shift+X")
    bulk = typed.get_by_role("toolbar", name="Change the selected rows")
    expect(bulk).to_contain_text("2 selected")
    tab_to(typed, bulk.get_by_role("button", name="Plan", exact=True))
    press(typed, "Enter")
    until(typed, lambda: Feature.objects.filter(state="planned").count() == 2)


def test_filter_a_list_and_keep_it_as_a_view(typed: Page, world: World) -> None:
    world.make("feature", title="Small", effort=1)
    world.make("feature", title="Large", effort=9)
    features(typed)
    press(typed, "/")
    typed.keyboard.type("effort>5")
    expect(typed.locator("tbody tr")).to_have_count(1)
    tab_to(typed, typed.get_by_role("button", name="Save view"))
    press(typed, "Enter")
    tab_to(typed, typed.locator("#save-view [name=name]"))
    typed.keyboard.type("Large ones")
    press(typed, "Enter")
    expect(typed.locator(".tabs")).to_contain_text("Large ones")
    assert SavedView.objects.get().query == "effort>5"


def test_move_a_card_across_the_board(typed: Page, world: World) -> None:
    feature = world.make("feature", title="Harbour")
    features(typed)
    tab_to(typed, typed.locator(".layouts").get_by_role("link", name="Board"))
    press(typed, "Enter")
    typed.wait_for_selector("tl-board[data-ready]")
    press(typed, "j")
    tab_to(typed, typed.locator(".board-card a"))
    press(typed, "m")
    expect(typed.get_by_role("dialog")).to_contain_text("Move F-1 to")
    press(typed, "ArrowDown", "Enter")
    until(typed, lambda: fresh(feature).state == "planned")


def test_judge_what_customers_said(typed: Page, world: World) -> None:
    world.make("feature", title="Rejoin the raid")
    world.make("feedback", title="One", body="Let us rejoin the raid.", received_on="2026-01-03")
    world.make("feedback", title="Two", body="Add pirates.", received_on="2026-01-02")
    go(typed, "b", "feedback/")
    go(typed, "i", "feedback/inbox")
    expect(typed.locator("#said")).to_have_text("One")
    press(typed, "Enter")
    expect(typed.locator("#said")).to_have_text("Two")
    press(typed, "d")
    typed.wait_for_function("document.activeElement?.matches('input, textarea')")
    typed.keyboard.type("Pirates are not what this harbour is about.")
    press(typed, "Enter")
    until(typed, lambda: sorted(Feedback.objects.values_list("state", flat=True)) == ["declined", "linked"])


def test_give_a_record_to_somebody_and_say_why(typed: Page, world: World) -> None:
    feature = world.make("feature", title="Harbour")
    features(typed)
    press(typed, "j", "Shift+O")
    typed.wait_for_url("**/F-1")
    expect(typed.locator("html[data-js]")).to_be_attached()
    press(typed, "a")
    expect(typed.locator("#here_owner")).to_be_focused()
    typed.keyboard.type(world.pm.name)
    press(typed, "Enter")
    until(typed, lambda: fresh(feature).owner_id == world.pm.member_id)
    expect(typed.locator(".rail")).to_contain_text(world.pm.name)
    tab_to(typed, typed.locator("#comment-body"))
    typed.keyboard.type("Mine from today.")
    press(typed, "Tab", "Enter")
    expect(typed.locator(".talk .prose")).to_contain_text("Mine from today.")
    assert Comment.objects.get().author_id == world.pm.member_id


def test_link_evidence_to_a_feature(typed: Page, world: World) -> None:
    note = world.make("feedback", body="The ferry times are wrong every Sunday.")
    feature = world.make("feature", title="Timetable")
    press(typed, "Control+k")
    typed.keyboard.type("timetable")
    expect(typed.get_by_role("option", name="Timetable")).to_be_visible()
    press(typed, "Enter")
    typed.wait_for_url("**/F-1")
    tab_to(typed, typed.get_by_role("link", name="Add a reason"))
    press(typed, "Enter")
    typed.wait_for_url("**/F-1/cite")
    tab_to(typed, typed.locator("#id_target"))
    typed.keyboard.type(note.key)
    tab_to(typed, typed.locator("#id_quote"))
    typed.keyboard.type("wrong every Sunday")
    tab_to(typed, typed.get_by_role("button", name="Add this reason"))
    press(typed, "Enter")
    expect(typed.locator("#main")).to_contain_text("wrong every Sunday")
    assert [node.key for node in thread.why(world.pm, verbs.card(world.pm, feature.key))] == [note.key]


def test_confirm_what_became_doubtful(typed: Page, world: World) -> None:
    note = world.make("feedback", body="Forty agents wait.")
    feature = world.make("feature", title="Queue", owner="me")
    verbs.link(world.pm, feature, note, "evidence")
    verbs.update(world.owner, "feedback", note, {"body": "Fourteen agents wait."}, why="Misheard")
    go(typed, "q", "review")
    press(typed, "j")
    expect(typed.locator("[data-suspect]").first).to_be_focused()
    press(typed, "y")
    expect(typed.get_by_text("Nothing to review")).to_be_visible()
    assert thread.suspects(world.pm) == []
