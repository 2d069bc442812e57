"""axe-core finds nothing to object to on the pages people use, in both themes and on a narrow screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_policy import sign_in
from threadline.kernel import verbs
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ['violations'], runOnly:
    ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})).violations
    .map(v => `${v.id}: ${v.help} | ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')}`)"""
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


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_accessible(browser: Browser, live_server: LiveServer, world: World, look: str) -> None:
    furnish(world)
    context = browser.new_context(bypass_csp=True, **LOOKS[look])
    page = context.new_page()
    sign_in(page, live_server, world.user("owner").email)
    found = {}
    for path in PAGES:
        page.goto(f"{live_server.url}/w/north/{path}")
        if said := objections(page):
            found[path] = said
    context.close()
    assert found == {}


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


def test_nothing_is_cut_off_at_320_pixels(browser: Browser, live_server: LiveServer, world: World) -> None:
    furnish(world)
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    sign_in(page, live_server, world.user("owner").email)
    wide = {}
    for path in PAGES:
        page.goto(f"{live_server.url}/w/north/{path}")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[path] = over
    context.close()
    assert wide == {}


def test_what_is_wrong_is_found(page: Page) -> None:
    page.set_content("<html><body><img src='x.png'><button></button></body></html>")
    assert {"image-alt", "button-name"} <= {one.partition(":")[0] for one in objections(page)}
