"""Where a system forces its own colours, backgrounds and shadows are gone: marks must be drawn by lines."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import furnish
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OUTLINE = "e => { const s = getComputedStyle(e); return s.outlineStyle + ' ' + parseInt(s.outlineWidth) }"
BORDER = (
    "e => { const s = getComputedStyle(e); return s.borderTopStyle + ' ' + Math.ceil(parseFloat(s.borderTopWidth)) }"
)


def outlined(one: Locator) -> bool:
    """Whether a line is drawn round it."""
    return bool(one.evaluate(OUTLINE) in ("solid 2", "dashed 2", "dashed 1", "auto 1"))


def test_what_is_here_chosen_and_in_hand_is_seen_without_backgrounds(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    furnish(world)
    for n in range(3):
        world.make("feature", world.owner, title=f"Other {n}")
        world.make("feedback", world.owner, body=f"The tide is late, said {n}")
    context = browser.new_context(forced_colors="active", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    sign_in(page, live_server, world.user("owner").email)
    _in_the_grid(page, live_server.url)
    _in_the_palette(page)
    _in_the_inbox(page, live_server.url)
    _on_a_record(page, live_server.url)
    context.close()


def _in_the_grid(page: Page, at: str) -> None:
    page.goto(f"{at}/w/north/features/")
    page.wait_for_selector("tl-grid[data-ready]")
    assert outlined(page.locator(".rooms [aria-current=page]").first)
    assert outlined(page.locator(".tab[aria-current]").first)
    page.keyboard.press("ArrowDown")
    here = page.locator(".table :is(td, th).on")
    expect(here).to_have_count(1)
    assert outlined(here)
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".table :is(td, th).in").first).to_be_visible()
    assert all(outlined(one) for one in page.locator(".table :is(td, th).in").all())
    other = page.locator(".table tbody tr").last
    assert not outlined(other)  # what is neither here nor chosen has no line


def _in_the_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("Rejoin")
    chosen = page.locator(".palette [aria-selected=true]")
    expect(chosen).to_have_count(1)
    assert outlined(chosen)
    assert page.locator(".palette").evaluate(BORDER) == "solid 1"
    page.keyboard.press("Escape")


def _in_the_inbox(page: Page, at: str) -> None:
    page.goto(f"{at}/w/north/feedback/inbox")
    chosen = page.locator(".msg[aria-current]")
    if chosen.count() == 0:
        page.keyboard.press("j")
    expect(chosen.first).to_be_visible()
    assert outlined(chosen.first)


def _on_a_record(page: Page, at: str) -> None:
    page.goto(f"{at}/w/north/F-1")
    assert page.locator(".chip").first.evaluate(BORDER) == "solid 1"
    here = page.locator(".thread .here").first
    ring = here.evaluate("e => getComputedStyle(e, '::after').outlineStyle")
    gap = page.locator(".thread .gap").first.evaluate("e => getComputedStyle(e, '::after').borderTopStyle")
    assert (ring, gap) == ("solid", "solid")
    page.keyboard.press("Tab")
    assert page.evaluate(f"({OUTLINE})(document.activeElement)") not in ("none 0", "none 3")
