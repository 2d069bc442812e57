"""Attack row C10: a script that found its way into a page is not run, and the browser says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in, sign_in_by_form
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INJECTED = (
    "<script>window.taken = 'inline'</script>"
    "<script src='data:text/javascript,window.taken=1'></script>"
    "<img src='/static/nothing.png' onerror=\"window.taken = 'handler'\">"
    "<a id='trap' href=\"javascript:window.taken='link'\">trap</a>"
    "<form action='https://evil.example/'><button id='leak'>leak</button></form>"
    "<style>body { display: none }</style>"
)


def inject(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("</main>", f"{INJECTED}</main>"))


@pytest.mark.parametrize("path", ["/w/north/", "/w/north/features/", "/w/north/{key}", "/w/north/{key}/edit"])
def test_an_injected_script_is_not_run(page: Page, live_server: LiveServer, world: World, path: str) -> None:
    feature = world.make("feature")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    sign_in(page, live_server, world.user("product_manager").email)
    page.route("**/w/north/**", inject)
    page.goto(live_server.url + path.format(key=feature.key))
    page.wait_for_load_state("networkidle")
    page.click("#trap")
    assert page.evaluate("window.taken") is None
    assert any("Content Security Policy" in line for line in said), said
    assert page.is_visible("main"), "a style that was injected is not applied either"
    page.evaluate("document.getElementById('leak').click()")
    assert page.url.startswith(live_server.url)


def test_our_own_pages_break_no_policy(page: Page, live_server: LiveServer, world: World) -> None:
    feature = world.make("feature", title="Rejoin", body="**Words**")
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    sign_in_by_form(page, live_server, world.user("owner").email)
    paths = ["", "features/", feature.key, f"{feature.key}/edit", "review", "members", "settings", "profile", "tokens"]
    for path in paths:
        page.goto(f"{live_server.url}/w/north/{path}")
        page.wait_for_load_state("networkidle")
    for path in ("/accounts/2fa/", "/accounts/sessions/", "/accounts/email/", "/welcome"):
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
    assert said == []
