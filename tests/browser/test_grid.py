"""The grid in the hand: keys, edits, conflicts, selections, groups, windows, and two people at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import objections
from threadline.faces.web import feeding
from threadline.faces.web.assets import built_names
from threadline.kernel import past, verbs
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COLUMNS = "title,state,effort,owner,product,reach_on,tags,objective"


@pytest.fixture
def grid(page: Page, live_server: LiveServer, world: World) -> Page:
    """Ten features in the product manager's grid."""
    assert "grid.js" in built_names(), "the front end is not built: run make front"
    for n in range(10):
        world.make("feature", title=f"Feature {n}", effort=n + 1)
    sign_in(page, live_server, world.user("product_manager").email)
    return at(page, live_server, "sort:effort")


def at(page: Page, server: LiveServer, query: str = "") -> Page:
    page.goto(f"{server.url}/w/north/features/?columns={COLUMNS}&q={query}")
    page.wait_for_selector("tl-grid[data-ready]")
    return page


def cell(page: Page, title: str, col: int) -> Locator:
    return page.locator("tbody tr", has_text=title).locator(f'[data-col="{col}"]')


def titles(page: Page) -> list[str]:
    return page.locator("tbody th[scope=row] .t").all_inner_texts()


def saved(page: Page) -> None:
    """Until nothing is on its way any more."""
    page.wait_for_selector("tl-grid:not([data-busy])")


def test_cells_are_reached_and_edited_by_keys_alone(grid: Page, world: World) -> None:
    grid.locator("#query").focus()
    grid.keyboard.press("Tab")
    for _ in range(12):
        if grid.evaluate("document.activeElement.id") == "grid-spot":
            break
        grid.keyboard.press("Tab")
    expect(grid.locator("#grid-spot")).to_be_focused()
    assert grid.locator('[role=grid] [tabindex="0"]').count() == 1
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("ArrowRight")
    grid.keyboard.press("ArrowRight")
    grid.keyboard.press("Enter")
    grid.keyboard.type("7.5")
    grid.keyboard.press("Enter")
    expect(cell(grid, "Feature 1", 2)).to_have_text("7.5")
    saved(grid)
    features = {f.title: f for f in type(world.make("feature")).objects.all()}
    assert features["Feature 1"].effort == 7.5
    grid.keyboard.press("Control+Home")
    expect(grid.locator("#grid-spot")).to_contain_text("Feature 0")
    grid.keyboard.press("F2")
    grid.keyboard.type("Renamed")
    grid.keyboard.press("Escape")
    expect(grid.locator("#grid-spot")).to_contain_text("Feature 0")
    grid.keyboard.press("End")
    expect(grid.locator("#grid-spot")).to_have_attribute("data-col", "7")


def test_every_kind_of_field_has_its_editor(grid: Page, world: World) -> None:
    objective = world.make("objective", title="Raise retention")
    world.product("Atlas")
    grid.reload()
    grid.wait_for_selector("tl-grid[data-ready]")
    for col, typed in ((3, "Petra"), (4, "Atlas"), (7, "Raise")):
        cell(grid, "Feature 0", col).dblclick()
        grid.keyboard.type(typed)
        expect(grid.locator(".options [aria-selected=true]")).to_contain_text(typed)
        grid.keyboard.press("Enter")
        expect(cell(grid, "Feature 0", col)).to_contain_text(typed)
    cell(grid, "Feature 0", 5).dblclick()
    grid.locator(".cell-box").fill("2026-03-04")
    grid.keyboard.press("Enter")
    cell(grid, "Feature 0", 6).dblclick()
    grid.keyboard.type("raid, later")
    grid.keyboard.press("Tab")
    expect(cell(grid, "Feature 0", 6)).to_contain_text("raid")
    saved(grid)
    made = fresh(type(world.make("feature")).objects.get(title="Feature 0"))
    assert (made.owner_id, made.product.name, str(made.reach_on)) == (world.pm.member_id, "Atlas", "2026-03-04")
    assert list(Link.objects.filter(source_id=made.pk).values_list("target_id", flat=True)) == [objective.pk]


def test_a_verb_that_needs_a_reason_asks_for_it(grid: Page, world: World) -> None:
    cell(grid, "Feature 0", 1).click()
    grid.keyboard.press("s")
    grid.keyboard.type("decl")
    grid.keyboard.press("Enter")
    dialog = grid.get_by_role("dialog")
    expect(dialog).to_contain_text("Why not?")
    grid.keyboard.type("Too small a market")
    dialog.get_by_role("button", name="Decline").click()
    expect(cell(grid, "Feature 0", 1)).to_have_text("Declined")
    saved(grid)
    assert type(world.make("feature")).objects.get(title="Feature 0").declined_reason == "Too small a market"


def test_what_cannot_be_saved_is_said_at_its_cell(grid: Page) -> None:
    cell(grid, "Feature 0", 2).dblclick()
    grid.keyboard.type("-4")
    grid.keyboard.press("Enter")
    mending = grid.locator(".mending")
    expect(mending).to_contain_text("Must be")
    mending.get_by_role("button", name="Discard").click()
    expect(cell(grid, "Feature 0", 2)).to_have_text("1")


def test_what_cannot_be_saved_is_in_sight_beside_cells_of_every_kind(grid: Page, live_server: LiveServer) -> None:
    grid.goto(f"{live_server.url}/w/north/features/?columns=title,state,starts_on,owner")
    grid.wait_for_selector("tl-grid[data-ready]")
    cell(grid, "Feature 0", 2).click()
    grid.keyboard.type("2026-13-45")
    grid.keyboard.press("Enter")
    mending = grid.locator(".mending")
    expect(mending).to_contain_text("Expected a date")
    discard = mending.get_by_role("button", name="Discard")
    # A click would scroll what its cell cuts off into sight first; people see what is on top where it is.
    box = discard.bounding_box()
    assert box is not None
    on_top = grid.evaluate_handle("([x, y]) => document.elementFromPoint(x, y)", [box["x"] + 9, box["y"] + 9])
    assert discard.evaluate("(one, top) => one === top", on_top)
    discard.click()
    expect(mending).to_have_count(0)


@pytest.fixture
def two(grid: Page, browser: Browser, live_server: LiveServer, world: World) -> Iterator[tuple[Page, Page]]:
    """The product manager's grid and the owner's."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = context.new_page()
    sign_in(other, live_server, world.user("owner").email)
    yield grid, at(other, live_server, "sort:effort")
    context.close()


def test_two_people_see_each_others_edits(two: tuple[Page, Page]) -> None:
    mine, theirs = two
    cell(mine, "Feature 3", 2).dblclick()
    mine.keyboard.type("3.5")
    mine.keyboard.press("Enter")
    expect(cell(theirs, "Feature 3", 2)).to_have_text("3.5")


def test_a_conflict_is_shown_and_settled_by_hand(two: tuple[Page, Page], world: World) -> None:
    mine, _ = two
    feature = type(world.make("feature")).objects.get(title="Feature 3")
    mine.route("**/news?**", lambda route: route.abort())  # what somebody else does is not heard of
    verbs.update(world.owner, "feature", feature.pk, {"effort": 40})
    cell(mine, "Feature 3", 2).dblclick()
    mine.keyboard.type("3.5")
    mine.keyboard.press("Enter")
    mending = mine.locator(".mending")
    expect(mending).to_contain_text("Somebody changed this to 40")
    mending.get_by_role("button", name="Keep mine").click()
    expect(mending).to_have_count(0)
    saved(mine)
    assert fresh(feature).effort == 3.5


def test_without_a_connection_edits_wait_and_are_sent_later(grid: Page, world: World) -> None:
    grid.context.set_offline(True)
    cell(grid, "Feature 4", 2).dblclick()
    grid.keyboard.type("4.5")
    grid.keyboard.press("Enter")
    expect(cell(grid, "Feature 4", 2).locator(".unsynced")).to_have_count(1)
    expect(grid.locator(".status")).to_contain_text("No connection")
    grid.context.set_offline(False)
    expect(cell(grid, "Feature 4", 2).locator(".unsynced")).to_have_count(0)
    assert type(world.make("feature")).objects.get(title="Feature 4").effort == 4.5


def test_selected_rows_are_changed_together_and_undone_together(grid: Page, world: World) -> None:
    cell(grid, "Feature 0", 1).click()
    grid.keyboard.press("x")
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("Shift+X")
    bulk = grid.get_by_role("toolbar", name="Change the selected rows")
    expect(bulk).to_contain_text("3 selected")
    bulk.get_by_role("button", name="Change…").click()
    dialog = grid.get_by_role("dialog")
    dialog.get_by_label("Field").select_option("effort")
    dialog.get_by_label("New value").fill("0.5")
    dialog.get_by_role("button", name="Change").click()
    for n in range(3):
        expect(cell(grid, f"Feature {n}", 2)).to_have_text("0.5")
    saved(grid)
    efforts = type(world.make("feature")).objects.filter(effort=0.5)
    assert efforts.count() == 3
    cell(grid, "Feature 5", 1).click()
    grid.keyboard.press("z")
    expect(cell(grid, "Feature 2", 2)).to_have_text("3")
    assert efforts.count() == 0


def test_cells_are_copied_pasted_and_filled_down(grid: Page, world: World) -> None:
    grid.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cell(grid, "Feature 8", 2).click()
    grid.keyboard.press("Control+c")
    cell(grid, "Feature 1", 2).click()
    grid.keyboard.press("Control+v")
    expect(cell(grid, "Feature 1", 2)).to_have_text("9")
    grid.evaluate("text => navigator.clipboard.writeText(text)", f"0.1\t{world.pm.name}\n0.2\t")
    cell(grid, "Feature 2", 2).click()
    grid.keyboard.press("Control+v")
    expect(cell(grid, "Feature 2", 2)).to_have_text("0.1")
    expect(cell(grid, "Feature 3", 2)).to_have_text("0.2")
    cell(grid, "Feature 2", 2).click()
    grid.keyboard.press("Shift+ArrowDown")
    grid.keyboard.press("Control+d")
    expect(cell(grid, "Feature 3", 2)).to_have_text("0.1")


def test_sorting_grouping_and_filtering_need_no_new_page(grid: Page) -> None:
    grid.evaluate("window.same = true")
    grid.locator("th[data-column=effort] .sort").click()
    expect(grid.locator("th[data-column=effort]")).to_have_attribute("aria-sort", "descending")
    assert titles(grid)[0] == "Feature 9"
    grid.locator("#query").fill("effort<4 sort:title")
    expect(grid.locator("tbody th[scope=row] .t")).to_have_count(3)
    grid.get_by_role("button", name="Group", exact=True).click()
    grid.locator("#group-menu").get_by_role("link", name="State").click()
    expect(grid.locator("tr.group")).to_contain_text("Idea 3")
    assert "group%3Astate" in grid.url
    grid.locator("tr.group .fold").click()
    expect(grid.locator("tbody th[scope=row]")).to_have_count(0)
    grid.get_by_role("button", name="Columns", exact=True).click()
    grid.locator("#column-menu").get_by_role("link", name="Confidence", exact=True).click()
    expect(grid.locator("th[data-column=confidence]")).to_be_visible()
    assert grid.evaluate("window.same") is True


def test_a_list_too_long_to_keep_is_read_in_windows(
    page: Page, live_server: LiveServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "WHOLE", 100)
    verbs_of = [world.make("feature", title=f"Feature {n:03}", effort=n + 1) for n in range(430)]
    sign_in(page, live_server, world.user("product_manager").email)
    at(page, live_server, "sort:effort")
    expect(page.locator(".status")).to_contain_text("430 features")
    cell(page, "Feature 000", 1).click()
    page.keyboard.press("Control+End")
    expect(page.locator("tbody")).to_contain_text(["Feature 429"])
    page.keyboard.press("Home")
    page.keyboard.press("F2")
    page.keyboard.type("The last")
    page.keyboard.press("Enter")
    expect(page.locator("tbody")).to_contain_text(["The last"])
    saved(page)
    assert fresh(verbs_of[-1]).title == "The last"
    page.locator("#query").fill("effort<3 sort:-effort")
    expect(page.locator("tbody th[scope=row] .t")).to_have_text(["Feature 001", "Feature 000"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_grid_is_accessible(browser: Browser, live_server: LiveServer, world: World, scheme: str) -> None:
    for n in range(3):
        world.make("feature", title=f"Feature {n}", effort=n + 1, reach=100, impact=1, confidence=80)
    context = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, live_server, world.user("owner").email)
    found = {}
    for query in ("", "group:state"):
        page.goto(f"{live_server.url}/w/north/features/?q={query}")
        page.wait_for_selector("tl-grid[data-ready]")
        page.locator("tbody td[data-col]").first.click()
        page.keyboard.press("x")
        found[query or "plain"] = objections(page)
    page.keyboard.press("s")
    found["choosing"] = objections(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+ArrowDown")
    found["menu of a column"] = objections(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/w/north/features/")
    page.wait_for_selector("tl-grid[data-ready]")
    found["narrow"] = objections(page)
    context.close()
    assert {name: said for name, said in found.items() if said} == {}


def test_rows_sorted_by_rank_are_dragged_and_moved_by_keys(page: Page, live_server: LiveServer, world: World) -> None:
    made = [world.make("feature", title=f"Feature {n}", rank=n) for n in range(1, 5)]
    unranked = world.make("feature", title="Feature without")
    sign_in(page, live_server, world.user("product_manager").email)
    at(page, live_server, "sort:rank")
    grips = page.locator(".row-grip")
    expect(grips).to_have_count(5)
    start, below = grips.nth(0).bounding_box(), grips.nth(2).bounding_box()
    assert start is not None
    assert below is not None
    page.mouse.move(start["x"] + 4, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 4, start["y"] + 30)
    page.mouse.move(start["x"] + 4, below["y"] + below["height"] - 2, steps=4)
    page.mouse.up()
    expect(page.locator("tbody th .t")).to_have_text(
        ["Feature 2", "Feature 3", "Feature 1", "Feature 4", "Feature without"]
    )
    saved(page)
    assert fresh(made[0]).rank == 3.5
    steps = past.history(world.pm, fresh(made[0]))
    assert [list(step.diff) for step in steps[:-1]] == [["rank"]]
    cell(page, "Feature without", 1).click()
    page.keyboard.press("Alt+Shift+ArrowUp")
    expect(page.locator("tbody th .t").nth(3)).to_have_text("Feature without")
    expect(page.locator("#grid-spot")).to_have_attribute("data-col", "1")
    saved(page)
    assert fresh(unranked).rank == 3.8
    page.keyboard.press("z")
    expect(page.locator("tbody th .t").nth(4)).to_have_text("Feature without")


def test_without_the_order_by_rank_no_row_is_moved(grid: Page) -> None:
    cell(grid, "Feature 3", 1).click()
    grid.keyboard.press("Alt+Shift+ArrowUp")
    expect(grid.locator("#toasts")).to_contain_text("Sort the list by rank first")
    expect(grid.locator(".row-grip")).to_have_count(0)
    assert titles(grid)[3] == "Feature 3"
