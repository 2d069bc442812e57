"""A desk with the server under it: one page for each person who sits down at it, and what they do there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from threadline.kernel.testing import World


class Desk:
    """The server, and a browser for each person who sits at it."""

    def __init__(self, browser: Browser, live_server: LiveServer, world: World) -> None:
        self.browser, self.server, self.world = browser, live_server, world

    @contextmanager
    def of(self, role: str) -> Iterator[Page]:
        """A page on which the person of this role is signed in."""
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        sign_in(page, self.server, self.world.user(role).email)
        yield page
        context.close()

    def open(self, page: Page, path: str) -> None:
        page.goto(f"{self.server.url}/w/north/{path}")

    def do(self, page: Page, path: str, **values: str) -> None:
        """Open what asks something before it is done, answer, and press its button."""
        self.open(page, path)
        for name, value in values.items():
            field = page.locator(f"main [name={name}]")
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        with page.expect_navigation():
            page.locator("main form button.go").first.click()
