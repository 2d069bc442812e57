"""The shell in the hand: panel, palette, quick create, toasts and undo, all by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import objections
from tests.browser.waiting import until
from threadline.faces.web.assets import built_names
from threadline.inbound.features.models import Feature
from threadline.inbound.features.rules import plan_feature
from threadline.kernel.access import NAMED
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def features(page: Page, live_server: LiveServer, world: World) -> Page:
    """The list of four features, seen by the owner."""
    assert "app.js" in built_names(), "the front end is not built: run make front"
    for n in range(1, 5):
        world.make("feature", world.owner, title=f"Harbour {n}", reach=10 - n, impact=1, confidence=100, effort=1)
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/features/")
    page.wait_for_selector("tl-grid[data-ready]")
    return page


def focused(page: Page, title: str) -> None:
    """The cell of this record's title has the focus."""
    expect(page.locator("#grid-spot")).to_contain_text(title)
    expect(page.locator("#grid-spot")).to_be_focused()


def panel(page: Page) -> None:
    expect(page.locator(".panel [data-key] h1")).to_be_visible()


def test_a_row_opens_beside_the_list_and_the_focus_comes_back(features: Page) -> None:
    page = features
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused(page, "Harbour 2")
    page.keyboard.press("o")
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 2")
    expect(page.locator(".panel [data-key] h1")).to_be_focused()
    assert page.url.endswith("?open=F-2")
    page.keyboard.press("]")
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 3")
    page.keyboard.press("k")
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 2")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)
    focused(page, "Harbour 2")
    assert "open=" not in page.url


def test_the_panel_has_an_address_and_back_closes_it(features: Page) -> None:
    page = features
    page.get_by_role("link", name="Harbour 1").click()
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 1")
    page.reload()
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 1")
    page.go_back()
    expect(page.locator(".panel")).to_have_count(0)
    page.go_forward()
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 1")


def test_a_record_is_changed_in_the_panel_and_the_list_follows(features: Page, world: World) -> None:
    page = features
    page.keyboard.press("j")
    page.keyboard.press("o")
    panel(page)
    page.keyboard.press("e")
    page.locator(".panel [name=title]").fill("")
    page.locator(".panel").get_by_role("button", name="Save").click()
    expect(page.locator(".panel .problems")).to_be_focused()
    page.locator(".panel [name=title]").fill("Another name")
    page.locator(".panel").get_by_role("button", name="Save").click()
    expect(page.locator(".panel [data-key] h1")).to_have_text("Another name")
    expect(page.locator(".list tbody")).to_contain_text("Another name")
    expect(page.locator("#toasts")).to_contain_text("F-1 is saved")
    page.locator(".panel [data-key] h1").focus()
    page.keyboard.press("z")
    expect(page.locator(".list tbody")).to_contain_text("Harbour 1")
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 1")


def test_space_looks_and_puts_away(features: Page) -> None:
    page = features
    page.keyboard.press("j")
    page.keyboard.press("Space")
    panel(page)
    focused(page, "Harbour 1")
    page.keyboard.press("j")
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 2")
    page.keyboard.press("Space")
    expect(page.locator(".panel")).to_have_count(0)


def test_the_width_of_the_panel_is_remembered(features: Page) -> None:
    page = features
    page.get_by_role("link", name="Harbour 1").click()
    panel(page)
    edge = page.get_by_role("separator", name="Width of the panel")
    before = page.locator(".panel").bounding_box()
    edge.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.reload()
    panel(page)
    after = page.locator(".panel").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == before["width"] + 48


def test_on_a_narrow_screen_a_record_is_its_own_page(features: Page) -> None:
    page = features
    page.set_viewport_size({"width": 700, "height": 900})
    page.get_by_role("link", name="Harbour 1").click()
    page.wait_for_url(re.compile(r"/F-1$"))


def test_the_palette_finds_records_and_places_and_does_what_may_be_done(features: Page, world: World) -> None:
    page = features
    page.keyboard.press("j")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find or do")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="Plan", exact=True)).to_be_visible()
    page.keyboard.type("plan")
    expect(page.get_by_role("option", selected=True)).to_have_text("Plan")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Plan: done")
    expect(page.get_by_role("row", name="Harbour 1")).to_contain_text("Planned")
    page.keyboard.press("Control+k")
    page.keyboard.type("harbour 3")
    expect(page.get_by_role("option", name="Harbour 3")).to_be_visible()
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".panel [data-key] h1")).to_have_text("Harbour 3")
    page.keyboard.press("Control+k")
    page.keyboard.type("own fields")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/fields")


def test_what_the_palette_could_not_do_is_said_with_its_reason(features: Page, world: World) -> None:
    page = features
    page.keyboard.press("j")
    page.keyboard.press("Control+k")
    page.keyboard.type("plan")
    expect(page.get_by_role("option", selected=True)).to_have_text("Plan")
    plan_feature(world.owner, feature=Feature.objects.get(title="Harbour 1"))
    page.keyboard.press("Enter")
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("Somebody changed this since you read it.")


def test_the_palette_says_only_what_is_within_reach(browser: Browser, live_server: LiveServer, world: World) -> None:
    world.make("feature", world.owner, title="Hidden harbour", confidentiality=NAMED)
    page = browser.new_page()
    sign_in(page, live_server, world.user("viewer").email)
    page.goto(f"{live_server.url}/w/north/")
    page.keyboard.press("Control+k")
    page.keyboard.type("hidden harbour")
    expect(page.locator(".palette-none")).to_contain_text("Nothing is called")
    expect(page.get_by_role("option")).to_have_count(0)
    page.close()


def test_something_is_made_from_anywhere_and_nothing_typed_is_lost(features: Page, world: World) -> None:
    page = features
    page.keyboard.press("c")
    title = page.locator(".quick [name=title]")
    expect(title).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".quick .problems")).to_be_focused()
    title.fill("Lighthouse")
    page.keyboard.press("Escape")
    expect(title).to_have_value("Lighthouse")
    page.get_by_role("button", name="And another").click()
    expect(page.locator("#toasts")).to_contain_text("F-5 is here")
    expect(title).to_have_value("")
    title.fill("Second")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".quick")).to_have_count(0)
    expect(page.locator(".list tbody")).to_contain_text("Lighthouse")
    assert Feature.objects.filter(title__in=["Lighthouse", "Second"]).count() == 2


def test_the_first_of_a_kind_makes_a_list_of_the_page_that_taught_how(features: Page) -> None:
    page = features
    page.goto(page.url.replace("/features/", "/personas/"))
    expect(page.locator("#main")).to_contain_text("No personas yet")
    page.keyboard.press("c")
    page.locator(".quick [name=title]").fill("Night-shift nurse")
    page.keyboard.press("Control+Enter")
    expect(page.locator("tl-grid[data-ready] tbody")).to_contain_text("Night-shift nurse")
    expect(page.locator("#main")).not_to_contain_text("No personas yet")
    page.keyboard.press("c")
    page.locator(".quick [name=title]").fill("Ward manager")
    page.keyboard.press("Control+Enter")
    expect(page.locator("tl-grid tbody tr[data-n]")).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator("#grid-spot")).to_be_focused()


def test_a_page_that_is_a_form_is_written_in_at_once_and_sent_by_a_key(features: Page) -> None:
    page = features
    page.goto(page.url.split("?")[0] + "new")
    expect(page.locator("main form.form [name=title]")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#problems")).to_be_focused()
    page.locator("main form.form [name=title]").focus()
    page.keyboard.type("Foghorn")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Foghorn")


def test_a_toast_waits_while_it_is_pointed_at(features: Page) -> None:
    page = features
    page.clock.install()
    page.evaluate("document.dispatchEvent(new CustomEvent('tl:toast', {detail: {text: 'Said'}}))")
    toast = page.locator(".toast", has_text="Said")
    toast.hover()
    page.clock.run_for(20_000)
    expect(toast).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(9_000)
    expect(toast).to_have_count(0)


def test_without_single_keys_the_rest_still_works(features: Page, live_server: LiveServer, world: World) -> None:
    member = world.member("owner")
    member.preferences = {"shortcuts": False}
    member.save()
    page = features
    page.reload()
    page.wait_for_selector("tl-grid[data-ready]")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    focused(page, "Harbour 1")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    assert fresh(member).preferences == {"shortcuts": False}


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_overlays_are_accessible(browser: Browser, live_server: LiveServer, world: World, theme: str) -> None:
    world.make("feature", world.owner, title="Harbour", owner="me")
    member = world.member("owner")
    member.preferences = {"theme": theme}
    member.save()
    context = browser.new_context(bypass_csp=True, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/features/?open=F-1")
    panel(page)
    found = {"panel": objections(page)}
    for name, key in (("palette", "Control+k"), ("sheet", "?"), ("quick", "c")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        page.wait_for_timeout(300)
        found[name] = objections(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    context.close()
    assert {name: said for name, said in found.items() if said} == {}


def test_what_is_typed_before_the_palette_is_there_is_typed_into_it(features: Page) -> None:
    page, held = features, list[Route]()
    page.route(re.compile(r"/palette[^/?]*\.js"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no builtin
    page.keyboard.press("Control+k")
    page.keyboard.type("own fields")  # its letters are keys of the page too
    page.keyboard.press("Enter")
    until(page, lambda: len(held) == 1)
    held[0].continue_()
    page.wait_for_url("**/settings/fields")
