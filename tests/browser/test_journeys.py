"""Two walks through the product as its people take them: the first day, and the weekly triage."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.waiting import until
from threadline.inbound.feedback.models import Feedback
from threadline.kernel.members import Invitation, User
from threadline.kernel.testing import PASSWORD, World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_first_day(page: Page, live_server: LiveServer, world: World) -> None:
    """A new owner starts a workspace, invites somebody, takes a first note to a first feature, and sees the thread."""
    founder = User.objects.create_user("fay@first.example", PASSWORD, name="Fay First")
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=login]", founder.email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/welcome")
    page.fill("[name=name]", "First Light")
    page.fill("[name=slug]", "first-light")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/w/first-light/start/products")
    page.goto(f"{live_server.url}/w/first-light/")
    expect(page.get_by_role("heading", name="A good day to begin")).to_be_visible()
    page.get_by_role("link", name="Invite somebody").click()
    page.fill("[name=email]", "sam@first.example")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("sam@first.example").first).to_be_visible()
    assert Invitation.objects.filter(workspace__slug="first-light").count() == 1

    page.goto(f"{live_server.url}/w/first-light/feedback/new")
    page.fill("[name=body]", "The ferry times are wrong every Sunday.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{live_server.url}/w/first-light/feedback/inbox")
    page.keyboard.press("n")
    page.locator("[data-triage=make] [name=title]").fill("Sunday timetable")
    page.keyboard.press("Enter")
    expect(page.locator("[data-note] .empty h2")).to_have_text("Everything is read")
    until(page, lambda: Feedback.objects.filter(state="linked").count() == 1)
    page.goto(f"{live_server.url}/w/first-light/F-1")
    expect(page.locator("figure.quote")).to_contain_text("The ferry times are wrong")
    page.get_by_role("button", name="Plan", exact=True).click()
    page.goto(f"{live_server.url}/w/first-light/thread")
    expect(page.locator(".share .big-number").first).to_have_text("100%")


def test_the_weekly_triage(page: Page, browser: Browser, live_server: LiveServer, world: World) -> None:
    """Support pastes what it heard; the product manager clears it by keyboard; votes survive, and why not is read."""
    account = world.make("account", title="Blauwal", annual_revenue=40_000, segment="enterprise")
    world.make("account", title="Möwe", annual_revenue=2_000, segment="small_business")
    feature = world.make("feature", title="Rejoin a raid after a disconnect")
    support = browser.new_context().new_page()
    sign_in(support, live_server, world.user("contributor").email)
    heard = ("Rejoin after a disconnect, please.", "After a disconnect I cannot rejoin the raid.", "Add pirates.")
    for said in heard:
        support.goto(f"{live_server.url}/w/north/feedback/new?account={account.key}")
        support.fill("[name=body]", said)
        support.get_by_role("button", name="Save", exact=True).click()
        support.wait_for_url("**/N-*")

    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/feedback/inbox?q=sort:created")
    expect(page.locator("[data-said]")).to_have_text(heard[0])
    for key in ("i", "i", "i", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("[data-said]")).to_have_text(heard[1])
    page.keyboard.press("m")
    expect(page.locator("[data-said]")).to_have_text(heard[2])
    page.keyboard.press("d")
    page.wait_for_function("document.activeElement?.matches('input, textarea')")
    page.keyboard.type("Pirates are not what this harbour is about.")
    page.keyboard.press("Enter")
    expect(page.locator("[data-note] .empty h2")).to_have_text("No note waits that fits this filter")
    until(page, lambda: [n.state for n in Feedback.objects.order_by("number")] == ["linked", "merged", "declined"])
    page.goto(f"{live_server.url}/w/north/{feature.key}")
    figures = page.locator(".figures")
    expect(figures.locator("div", has_text="Notes")).to_contain_text("2")
    expect(figures).to_contain_text("€40,000")
    expect(page.locator(".stacked")).to_contain_text("Enterprise 100%, of all 50%")
    expect(page.locator("figure.quote").first).to_contain_text("Deal-breaker")
    support.goto(f"{live_server.url}/w/north/N-3")
    expect(support.locator("#main")).to_contain_text("Declined")
    expect(support.locator("#main")).to_contain_text("Pirates are not what this harbour is about.")
    support.context.close()
    assert fresh(feature).state == "idea"
