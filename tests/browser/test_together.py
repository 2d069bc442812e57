"""One record in several hands: its keys, who else is here, and what they change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.waiting import until
from threadline.inbound.features.models import Feature
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def feature(world: World) -> Feature:
    made = world.make("feature", title="Rejoin", reach=100, impact=1, confidence=80, effort=2)
    assert isinstance(made, Feature)
    return made


@pytest.fixture
def olga(browser: Browser, live_server: LiveServer, world: World, feature: Feature) -> Iterator[Page]:
    """The owner at the same record, in a browser of her own."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/{feature.key}")
    expect(page.locator("html[data-js]")).to_be_attached()
    yield page
    page.context.close()


@pytest.fixture
def petra(page: Page, live_server: LiveServer, world: World, feature: Feature) -> Page:
    """The product manager at the record."""
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{feature.key}")
    expect(page.locator("html[data-js]")).to_be_attached()
    return page


def test_what_a_record_asks_for_most_has_a_key_each(petra: Page, world: World, feature: Feature) -> None:
    petra.locator("#main").focus()
    petra.keyboard.press("a")
    expect(petra.locator("#here_owner")).to_be_focused()
    petra.locator("#here_owner").select_option(label=world.pm.name)
    petra.keyboard.press("Enter")
    expect(petra.locator(".rail .person").first).to_contain_text(world.pm.name)
    petra.locator("#main").focus()
    petra.keyboard.press("p")
    expect(petra.locator("#here_reach")).to_be_focused()
    petra.keyboard.type("900")
    petra.keyboard.press("Enter")
    expect(petra.locator("#score .num")).to_have_text("360")
    petra.locator("#main").focus()
    petra.keyboard.press("s")
    expect(petra.locator(".menu:popover-open :is(a, button)").first).to_be_focused()
    petra.keyboard.press("p")
    expect(petra.locator(".menu:popover-open button", has_text="Plan")).to_be_focused()
    petra.keyboard.press("Enter")
    expect(petra.locator(".hero .chip").first).to_have_text("Planned")
    now = fresh(feature)
    assert (now.owner_id, now.reach, now.state) == (world.pm.member_id, 900, "planned")


def test_a_menu_is_walked_by_arrows_and_letters(petra: Page) -> None:
    petra.locator("#main").focus()
    petra.keyboard.press("s")
    choices = petra.locator(".menu:popover-open :is(a, button)")
    expect(choices.first).to_be_focused()
    petra.keyboard.press("ArrowDown")
    expect(choices.nth(1)).to_be_focused()
    petra.keyboard.press("End")
    expect(choices.last).to_be_focused()
    petra.keyboard.press("d")
    expect(choices.filter(has_text="Decline")).to_be_focused()
    petra.keyboard.press("Escape")
    expect(petra.locator(".menu:popover-open")).to_have_count(0)
    expect(petra.locator("#main")).to_be_focused()


def test_two_people_at_one_record_see_each_other(petra: Page, olga: Page, world: World) -> None:
    olga.reload()
    expect(olga.get_by_role("img", name="Petra")).to_be_visible()
    petra.reload()
    expect(petra.get_by_role("img", name="Olga Owner is here too")).to_be_visible()
    olga.close()
    petra.reload()
    expect(petra.locator("html[data-js]")).to_be_attached()
    expect(petra.get_by_role("img", name="Olga")).to_have_count(0)


def test_what_one_changes_the_other_reads_without_asking(petra: Page, olga: Page, feature: Feature) -> None:
    olga.get_by_role("link", name="Change title", exact=True).focus()
    olga.keyboard.press("Enter")
    expect(olga.locator("#here_title")).to_be_focused()
    olga.keyboard.type("Rejoin a raid")
    olga.keyboard.press("Enter")
    until(olga, lambda: fresh(feature).title == "Rejoin a raid")
    expect(petra.get_by_role("heading", level=1)).to_have_text("Rejoin a raid")
    expect(petra.locator("#toasts")).to_contain_text("Olga Owner changed F-1.")


def test_what_is_being_typed_is_not_swept_away(petra: Page, olga: Page, feature: Feature) -> None:
    petra.locator("#comment-body").fill("I was about to say")
    petra.locator("#comment-body").focus()
    olga.get_by_role("link", name="Change Reach", exact=True).click()
    olga.locator("#here_reach").fill("300")
    olga.keyboard.press("Enter")
    until(olga, lambda: fresh(feature).reach == 300)
    expect(petra.locator("#toasts")).to_contain_text("Olga Owner changed F-1.")
    expect(petra.locator("#comment-body")).to_have_value("I was about to say")
