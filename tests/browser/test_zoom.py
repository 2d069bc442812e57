"""Twice as large, on a screen of 1,280 pixels: zoomed as a whole, and the text alone (WCAG 2.2: 1.4.4, 1.4.10, 2.4.11).

Nothing has to be scrolled sideways, no words stand outside the button or link they belong to, and what has the focus
is not wholly under what stays in its place.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_accessibility import OVER, PAGES, furnish
from tests.browser.test_policy import sign_in
from threadline.kernel import verbs
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEPS = 45  # presses of Tab on a page
LONG = "Roles for outsourced agents who answer in the evening and at weekends, game by game"
MORE = (
    "features/?as=board", "features/ranking", "features/?q=group:owner", "F-1/requirements", "RQ-1", "DOC-1",
    "DOC-1/edit", "D-1", "decisions/", "strategies/page", "opportunities/tree", "assumptions/map", "metrics/tree",
    "releases/", "roadmaps/",
)  # fmt: skip
# The root's size is 13/16 of what the reader has set: twice of it.
LARGE = """document.addEventListener('DOMContentLoaded', () => {
  const style = document.createElement('style');
  style.textContent = 'html { font-size: 162.5% !important }';
  document.head.append(style);
})"""
# Words of buttons, links in lists of links, tabs, labels and chips that stand outside their own box. What is shortened
# on purpose ends in three dots, and is whole on the page it leads to.
OUTSIDE = """() => {
  const found = new Set();
  for (const one of document.querySelectorAll('button, a.btn, summary, [role=tab], label, .chip, nav a')) {
    const box = one.getBoundingClientRect();
    if (!box.width || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const walk = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode()) {
      const around = text.parentElement;
      if (!text.textContent.trim() || around.closest('.visually-hidden')) continue;
      let shortened = false;
      for (let up = around; up !== one.parentElement; up = up.parentElement)
        shortened ||= getComputedStyle(up).textOverflow === 'ellipsis';
      const range = document.createRange();
      range.selectNodeContents(text);
      const at = range.getBoundingClientRect();
      if (shortened || !at.width) continue;
      if (at.left < box.left - 2 || at.right > box.right + 2 || at.top < box.top - 4 || at.bottom > box.bottom + 4)
        found.add(`${one.tagName.toLowerCase()}.${one.className} ${text.textContent.trim().slice(0, 40)}`);
    }
  }
  return [...found];
}"""
# What has the focus, when no point of it can be seen: "" otherwise.
UNSEEN = """() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  if (one === document.body || !box.width || !box.height) return '';
  const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
  const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  for (const across of [0.1, 0.5, 0.9]) for (const down of [0.15, 0.5, 0.85]) {
    const hit = document.elementFromPoint(left + (right - left) * across, top + (bottom - top) * down);
    const named = [...(one.labels ?? [])].some((label) => label.contains(hit));
    if (hit && (one.contains(hit) || hit.contains(one) || named)) return '';
  }
  return one.outerHTML.slice(0, 120);
}"""


def furnished(world: World) -> None:
    furnish(world)
    verbs.update(world.owner, "feature", "F-1", {"title": LONG})
    world.make("requirement", title=f"The desk shall keep {LONG.lower()}.", feature="F-1")
    world.make("document", title=LONG, body=f"{LONG} [[F-1]]\n\n- one\n- two")
    world.make("decision", title=LONG, owner="me")
    for n in range(12):
        world.make("feature", title=f"{LONG} {n}", owner="me", state="planned" if n % 2 else "candidate", reach=n + 1)
        world.make("opportunity", title=f"{LONG} {n}")
        world.make("metric", title=f"{LONG} {n}")


def zoomed(browser: Browser, how: str) -> BrowserContext:
    if how == "whole":
        return browser.new_context(
            viewport={"width": 640, "height": 400}, device_scale_factor=2, reduced_motion="reduce"
        )
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True, reduced_motion="reduce")
    context.add_init_script(LARGE)
    return context


def wrong_on(page: Page) -> list[str]:
    found = [f"{over} too wide" for over in [page.evaluate(OVER)] if over > 0]
    found += [f"outside its box: {one}" for one in page.evaluate(OUTSIDE)]
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if unseen := page.evaluate(UNSEEN):
            found.append(f"focus unseen: {unseen}")
    return found


@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("how", ["whole", "text"])
def test_twice_as_large_everything_can_be_read_and_reached(
    browser: Browser, live_server: LiveServer, world: World, how: str, part: int
) -> None:
    furnished(world)
    context = zoomed(browser, how)
    page = context.new_page()
    sign_in(page, live_server, world.user("owner").email)
    wrong, met = {}, 0
    for path in (*PAGES, *MORE)[part::2]:
        answer = page.goto(f"{live_server.url}/w/north/{path}")
        assert answer is not None
        met += answer.ok
        if answer.ok and (said := wrong_on(page)):
            wrong[path] = said
    context.close()
    assert met >= 20
    assert wrong == {}
