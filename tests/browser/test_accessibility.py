"""axe-core finds nothing to object to on the pages people use, in both themes and on a narrow screen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from threadline.kernel import verbs
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ['violations'], runOnly:
    ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})).violations
    .map(v => `${v.id}: ${v.help} | ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')}`)"""
OF_COLOURS = RUN.replace(
    "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']",
    "{type: 'rule', values: ['color-contrast', 'link-in-text-block']}",
)
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}
Wrong = dict[str, list[str]]
PAGES = (
    "", "features/", "features/?q=group:state", "features/?q=nonsense:1", "F-1", "N-1", "O-1", "F-1/edit",
    "features/new", "F-1/history", "F-1/cite", "F-1/files", "F-1/do/decline_feature", "F-1?as_of=2030-01-01", "review",
    "search?q=harbour", "trash", "notifications", "members", "settings", "settings/fields", "settings/teams", "profile",
    "profile/keys", "feedback/inbox", "key-results/", "settings/products", "settings/tags",
    "tokens", "feedback/import", "start/products", "start/people", "start/begin",
    "thread", "?of=products", "F-1/field/owner",
)  # fmt: skip
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1440, "height": 900}},
    "contrast": {"contrast": "more", "viewport": {"width": 1440, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}


def furnish(world: World) -> None:
    """A little of everything that has a look of its own."""
    account = world.make("account", world.owner, title="Acme", annual_revenue=5_000)
    note = world.make("feedback", world.owner, body="The harbour is *slow*", account=account.key, channel="support")
    objective = world.make("objective", world.owner, title="Keep players")
    feature = world.make("feature", world.owner, title="Rejoin", owner="me", body="See [[N-1]] @owner.north", reach=10,
                         impact=1, confidence=80, effort=2)  # fmt: skip
    verbs.link(world.owner, feature, note.key, "evidence", quote="harbour is *slow*")
    verbs.link(world.owner, feature, objective.key, "objective")
    verbs.update(world.pm, "objective", objective, {"title": "Keep all players"}, why="All of them")
    verbs.comment(world.pm, feature, "Words for @owner.north")
    verbs.tag(world.owner, feature, ["slow"])
    verbs.archive(world.owner, "feedback", world.make("feedback", world.owner, body="Gone"))
    assert world.roles


def objections(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    found: list[str] = page.evaluate(RUN)
    return found


def wrong_in_any_look(browser: Browser, live_server: LiveServer, email: str, addresses: Iterable[str]) -> Wrong:
    """What axe says of pages in the light and the dark theme, with more contrast, and which are cut off at 320 pixels.

    Each page is loaded once: the theme changes its colours, not what else axe looks at.
    """
    # Without motion: a colour halfway from one theme to the other is nobody's.
    context = browser.new_context(bypass_csp=True, viewport=WIDE, reduced_motion="reduce")
    page, wrong = context.new_page(), {}
    sign_in(page, live_server, email)
    for address in addresses:
        page.goto(live_server.url + address)
        if said := _objections_in_all(page):
            wrong[address] = said
    context.close()
    return wrong


def _objections_in_all(page: Page) -> list[str]:
    found = objections(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in page.evaluate(OF_COLOURS)]
    page.emulate_media(color_scheme="light", contrast="more")
    found += [f"more contrast: {one}" for one in page.evaluate(OF_COLOURS)]
    page.emulate_media(contrast="no-preference")
    page.set_viewport_size(NARROW)
    if (over := page.evaluate(OVER)) > 0:
        found.append(f"at 320 pixels it is {over} too wide")
    page.set_viewport_size(WIDE)
    return found


@pytest.mark.parametrize("part", range(2))
def test_pages_are_accessible_and_fit(browser: Browser, live_server: LiveServer, world: World, part: int) -> None:
    furnish(world)
    pages = [f"/w/north/{path}" for path in PAGES[part::2]]
    assert wrong_in_any_look(browser, live_server, world.user("owner").email, pages) == {}


def test_pages_before_signing_in_are_accessible(browser: Browser, live_server: LiveServer, world: World) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    found = {}
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/w/x", "/join/" + "x" * 43):
        page.goto(live_server.url + path)
        if said := objections(page):
            found[path] = said
    context.close()
    assert found == {}


def test_what_is_wrong_is_found(page: Page) -> None:
    page.set_content(
        "<html><body><img src='x.png'><button></button><p style='inline-size: 400px'>Some words</p>"
        "<style>@media (prefers-color-scheme: dark) { p { color: #777; background: #888 } }</style></body></html>"
    )
    found = _objections_in_all(page)
    assert {"image-alt", "button-name", "dark"} <= {one.partition(":")[0] for one in found}
    assert any("too wide" in one for one in found)
