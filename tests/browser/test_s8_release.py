"""S8, the steps that need no later room: blockers, a slip of nine days, a drop, and go or no-go signed."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_releases import furnish
from threadline.inbound.decisions.models import Decision, Dissent
from threadline.inbound.releases import rules
from threadline.kernel import verbs
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_s8_a_release_slips_loses_an_item_and_goes_out(page: Page, live_server: LiveServer, world: World) -> None:
    """S8 (4) to (7), in the order a release manager walks them."""
    made = furnish(world)
    verbs.update(world.pm, "release", made.pk, {"rollback_plan": "Turn the switch off."})
    feature = verbs.card(world.pm, "F-1")
    verbs.update(world.pm, "feature", feature.pk, {"starts_on": "2026-05-04", "due_on": "2026-05-20"})
    rules.start_release(world.pm, release=made)
    sign_in(page, live_server, world.user("product_manager").email)
    base = f"{live_server.url}/w/north/R-1"

    # (4) What keeps it back is named, each with its records.
    page.goto(base)
    ready = page.get_by_role("region", name="Ready?")
    for lack, key in (("Every gate is passed", "GT-1"), ("Every item rests on evidence", "F-1")):
        row = ready.get_by_role("listitem").filter(has_text=lack)
        expect(row).to_contain_text("no")
        expect(row.get_by_role("link", name=key)).to_be_visible()

    # (5) It slips nine days: what is in it moves along, and whoever was told is listed.
    page.goto(f"{base}/do/reschedule_release")
    page.locator("[name=due_on]").fill("2026-06-07")
    page.locator("[name=reason]").fill("The vendor is late.")
    page.get_by_role("button", name="Move the release").last.click()
    page.wait_for_url(base)
    assert fresh(made).due_on == date(2026, 6, 7)
    page.goto(f"{live_server.url}/w/north/F-1")
    expect(page.get_by_role("main")).to_contain_text("29 May")
    page.goto(f"{base}/told")
    expect(page.get_by_role("main")).to_contain_text("Ana Lima")

    # (6) An item is dropped: what mentions it is found first.
    page.goto(f"{base}/drop?feature=F-1")
    expect(page.get_by_role("listitem").filter(has_text="Ana Lima was told")).to_contain_text("Bulk edit in May")
    page.get_by_label("Why does it leave?").fill("No time.")
    page.get_by_role("button", name="Drop it").click()
    expect(page.get_by_role("link", name="Drop F-2")).to_be_visible()
    expect(page.get_by_role("link", name="Drop F-1")).to_have_count(0)

    # (7) The gate is passed, somebody says no-go, and it is signed all the same, with a reason and a waiver.
    page.goto(f"{live_server.url}/w/north/GT-1/do/pass_gate")
    page.locator("[name=evidence]").fill("p95 is 180 ms.")
    page.get_by_role("button", name="Pass", exact=True).last.click()
    page.wait_for_url("**/GT-1")
    page.goto(f"{base}/do/ready_release")
    page.get_by_role("button", name="Call it ready").last.click()
    page.wait_for_url(base)
    rules.voice_release(world.contributor, release=fresh(made), view="no_go", reason="Support is not trained.")
    rules.voice_release(world.pmm, release=fresh(made), view="go", reason="Press is briefed.")
    page.goto(f"{base}/do/ship_release")
    page.get_by_role("button", name="Ship").last.click()
    expect(page.get_by_role("main")).to_contain_text("Cora Contributor said no-go")
    expect(page.get_by_role("main")).to_contain_text("Nothing is predicted on D-1")
    page.locator("[name=despite]").fill("Support reads it on Monday.")
    page.locator("[name=waiver]").fill("A repair.")
    page.get_by_role("button", name="Ship").last.click()
    page.wait_for_url(base)
    voices = page.get_by_role("region", name="Go or no-go")
    expect(voices.get_by_role("listitem").filter(has_text="Cora Contributor")).to_contain_text(
        "Support is not trained."
    )
    expect(voices).to_contain_text("Decided")
    voices.get_by_role("link", name="D-1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Does Lantern 2.0.0 go out?")
    expect(page.get_by_role("main")).to_contain_text("Support reads it on Monday.")
    assert Decision.objects.get().waiver_reason == "A repair."
    assert Dissent.objects.get().owner_id == world.contributor.member_id
