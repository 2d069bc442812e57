"""The board in the hand: drag, the same by keys, moves that ask or are refused, and two people at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import objections
from threadline.faces.web.assets import built_names
from threadline.kernel import verbs
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def board(page: Page, live_server: LiveServer, world: World) -> Page:
    """Three ideas on the product manager's board."""
    assert "board.js" in built_names(), "the front end is not built: run make front"
    for n in range(3):
        world.make("feature", title=f"Feature {n}", effort=n + 1)
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/features/?as=board&q=sort:title")
    page.wait_for_selector("tl-board[data-ready]")
    return page


def lane(page: Page, label: str) -> Locator:
    return page.locator(".lane").filter(has=page.locator("h2", has_text=label))


def drag(page: Page, title: str, label: str) -> None:
    card = page.locator(".board-card", has_text=title).bounding_box()
    to = lane(page, label).bounding_box()
    assert card is not None
    assert to is not None
    page.mouse.move(card["x"] + 40, card["y"] + 70)
    page.mouse.down()
    page.mouse.move(card["x"] + 60, card["y"] + 80)
    page.mouse.move(to["x"] + 60, to["y"] + 120, steps=4)
    page.mouse.up()


def test_a_card_is_dragged_to_another_state(board: Page, world: World) -> None:
    drag(board, "Feature 1", "Planned")
    expect(lane(board, "Planned").locator(".board-card")).to_contain_text(["Feature 1"])
    expect(lane(board, "Idea").locator(".count")).to_have_text("2")
    board.wait_for_selector("tl-board:not([data-busy])")
    assert type(world.make("feature")).objects.get(title="Feature 1").state == "planned"


def test_a_move_that_is_not_allowed_says_why(board: Page) -> None:
    drag(board, "Feature 1", "Building")
    expect(board.locator("#toasts")).to_contain_text("Nothing leads from Idea to Building")
    expect(lane(board, "Idea").locator(".board-card")).to_have_count(3)


def test_every_drag_has_a_way_by_keys_and_a_reason_is_asked_for(board: Page, world: World) -> None:
    board.locator(".board-card a").first.focus()
    board.keyboard.press("ArrowDown")
    board.keyboard.press("m")
    dialog = board.get_by_role("dialog")
    expect(dialog).to_contain_text("Move F-2 to")
    dialog.get_by_role("button", name=re.compile("^Declined")).focus()
    board.keyboard.press("Enter")
    expect(board.get_by_role("dialog")).to_contain_text("Why not?")
    board.keyboard.type("Nobody asked for it")
    board.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect(lane(board, "Declined").locator(".board-card")).to_contain_text(["Feature 1"])
    board.wait_for_selector("tl-board:not([data-busy])")
    assert type(world.make("feature")).objects.get(title="Feature 1").declined_reason == "Nobody asked for it"


@pytest.mark.parametrize("hand", ["mouse", "keys"])
def test_a_move_that_needs_more_opens_the_form_that_asks_for_it(board: Page, world: World, hand: str) -> None:
    feature = type(world.make("feature")).objects.get(title="Feature 1")
    verbs.update(world.pm, "feature", feature.pk, {"state": "planned"})
    expect(lane(board, "Planned").locator(".board-card")).to_contain_text(["Feature 1"])
    for answer in ("", "The fair is in May"):
        if hand == "mouse":
            drag(board, "Feature 1", "Shipped")
        else:
            board.locator(".board-card a", has_text="Feature 1").focus()
            board.keyboard.press("m")
            board.get_by_role("dialog").get_by_role("button", name=re.compile("^Shipped")).focus()
            board.keyboard.press("Enter")
        asked = board.get_by_role("dialog", name="Ship before it is ready")
        expect(asked.get_by_role("status")).to_contain_text("It is not ready: a customer's words")
        expect(asked.get_by_label("Why not wait?")).to_be_focused()
        if not answer:  # thought better of: the card is where it was, with nothing left over
            board.keyboard.press("Escape")
            expect(asked).to_have_count(0)
            expect(lane(board, "Planned").locator(".board-card")).to_contain_text(["Feature 1"])
            expect(board.locator(".mending")).to_have_count(0)
            continue
        board.keyboard.type(answer)
        board.keyboard.press("Tab")
        board.keyboard.press("Tab")
        board.keyboard.press("Enter")
    expect(lane(board, "Shipped").locator(".board-card")).to_contain_text(["Feature 1"])
    expect(board.locator(".board-card a", has_text="Feature 1")).to_be_focused()
    board.wait_for_selector("tl-board:not([data-busy])")
    assert fresh(feature).state == "shipped"


def test_any_field_of_choices_can_make_the_columns(board: Page, world: World) -> None:
    board.locator("#query").fill("sort:title group:owner")
    expect(board.locator(".lane h2")).to_contain_text(["None"])
    feature = type(world.make("feature")).objects.get(title="Feature 0")
    verbs.update(world.owner, "feature", feature.pk, {"owner": str(world.pm.member_id)})
    expect(lane(board, world.pm.name).locator(".board-card")).to_contain_text(["Feature 0"])
    drag(board, "Feature 2", world.pm.name)
    expect(lane(board, world.pm.name).locator(".board-card")).to_have_count(2)
    board.wait_for_selector("tl-board:not([data-busy])")
    assert type(feature).objects.get(title="Feature 2").owner_id == world.pm.member_id


def test_what_others_change_moves_by_itself(board: Page, world: World) -> None:
    feature = type(world.make("feature")).objects.get(title="Feature 0")
    verbs.update(world.owner, "feature", feature.pk, {"title": "Feature renamed"})
    expect(board.locator(".board-card", has_text="Feature renamed")).to_be_visible()
    assert fresh(feature).title == "Feature renamed"


def test_a_board_is_there_without_a_script(browser: Browser, live_server: LiveServer, world: World) -> None:
    world.make("feature", title="Seen without a script")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/features/?as=board")
    expect(lane(page, "Idea").get_by_role("link")).to_contain_text(["Seen without a script"])
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_is_accessible(browser: Browser, live_server: LiveServer, world: World, scheme: str) -> None:
    for n in range(3):
        world.make("feature", title=f"Feature {n}", effort=n + 1, owner=str(world.pm.member_id))
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/features/?as=board")
    page.wait_for_selector("tl-board[data-ready]")
    found = {"board": objections(page)}
    page.locator(".board-card a").first.focus()
    page.keyboard.press("m")
    found["menu"] = objections(page)
    context.close()
    assert {name: said for name, said in found.items() if said} == {}


def test_a_board_has_rows_by_a_second_field(board: Page, world: World) -> None:
    feature = type(world.make("feature")).objects.get(title="Feature 0")
    verbs.update(world.owner, "feature", feature.pk, {"owner": str(world.pm.member_id)})
    board.locator("button[popovertarget=band-menu]").focus()
    board.keyboard.press("Enter")
    expect(board.locator("#band-menu a").first).to_be_focused()
    for _ in range(20):
        if board.locator("#band-menu a:focus").inner_text() == "Owner":
            break
        board.keyboard.press("ArrowDown")
    board.keyboard.press("Enter")
    expect(board.locator("#query")).to_have_value("sort:title group:state,owner")
    expect(board.locator(".band-head")).to_contain_text([f"{world.pm.name} 1", "None"])
    mine = board.locator(f'.cell[data-band="{world.pm.member_id}"]')
    expect(mine.locator(".board-card")).to_have_count(1)

    card = board.locator(".board-card a", has_text="Feature 2")
    card.focus()
    board.keyboard.press("m")
    board.get_by_role("dialog").get_by_role("button", name=re.compile(f"^{world.pm.name}")).focus()
    board.keyboard.press("Enter")
    expect(mine.locator(".board-card")).to_have_count(2)
    board.wait_for_selector("tl-board:not([data-busy])")
    assert type(feature).objects.get(title="Feature 2").owner_id == world.pm.member_id


def test_a_card_is_dragged_to_another_row_and_column_at_once(board: Page, world: World) -> None:
    feature = type(world.make("feature")).objects.get(title="Feature 0")
    verbs.update(world.owner, "feature", feature.pk, {"owner": str(world.pm.member_id)})
    board.goto(board.url.split("?")[0] + "?as=board&q=sort:title+group:state,owner")
    board.wait_for_selector("tl-board[data-ready]")
    card = board.locator(".board-card", has_text="Feature 1").bounding_box()
    to = board.locator(f'.cell[data-band="{world.pm.member_id}"][data-lane="planned"]').bounding_box()
    assert card is not None
    assert to is not None
    board.mouse.move(card["x"] + 40, card["y"] + 70)
    board.mouse.down()
    board.mouse.move(card["x"] + 60, card["y"] + 60)
    board.mouse.move(to["x"] + 60, to["y"] + 30, steps=4)
    board.mouse.up()
    there = board.locator(f'.cell[data-band="{world.pm.member_id}"][data-lane="planned"] .board-card')
    expect(there).to_contain_text(["Feature 1"])
    board.wait_for_selector("tl-board:not([data-busy])")
    moved = type(feature).objects.get(title="Feature 1")
    assert (moved.state, moved.owner_id) == ("planned", world.pm.member_id)
