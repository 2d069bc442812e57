"""The form on a site, in a browser: without script, in a frame, by keyboard, accessible and narrow in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_accessibility import objections
from threadline.inbound.feedback.models import Feedback
from threadline.inbound.intake import queries, sealing
from threadline.inbound.intake.models import FeedbackSource
from threadline.kernel import verbs
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def form_of(world: World) -> str:
    made = verbs.create(world.owner, "feedback_source", {"title": "Tell us", "way": "form"})
    assert isinstance(made, FeedbackSource)
    return queries.intake_of(made).key


def test_it_is_sent_by_keyboard_without_script(
    browser: Browser, live_server: LiveServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = form_of(world)
    monkeypatch.setattr(sealing, "stamp", lambda k, at, real=sealing.stamp: real(k, at - 10))
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 560})
    page = context.new_page()
    page.goto(f"{live_server.url}/form/{key}")
    page.get_by_label("What would make this better for you?").fill("Ten languages, please.")
    page.keyboard.press("Tab")
    page.keyboard.type("Ana")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the field that people do not see
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Thank you. Somebody will read this.")
    assert context.cookies() == []
    note = Feedback.objects.get()
    assert (note.body, note.author, note.state) == ("Ten languages, please.", "Ana", "new")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_320_pixels(
    browser: Browser, live_server: LiveServer, world: World, scheme: str
) -> None:
    key = form_of(world)
    context = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": 320, "height": 560})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_server.url}/form/{key}")
    assert objections(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("What would make this better for you?").fill("x")
    page.get_by_label("Your e-mail").fill("a@b")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("This is not an e-mail address")).to_be_visible()
    assert objections(page) == []
    context.close()
