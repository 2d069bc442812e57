"""Roadmaps in a browser: bars by hand and by keys, audiences, links, what slipped and who was told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import wrong_in_any_look
from tests.browser.waiting import until
from threadline.inbound.features import rules as features
from threadline.inbound.features.models import Feature
from threadline.inbound.roadmaps import rules, sharing
from threadline.kernel import past, rows, verbs
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = (
    "roadmaps/", "RM-1", "RM-1/timeline", "RM-1/timeline?as=sales&zoom=year", "RM-1/horizons", "RM-1/outcomes",
    "RM-1/compare?from=2020-01-01", "RM-1/links", "RM-2/horizons", "SL-1", "CO-1", "F-1/told",
    "F-1/do/reschedule_feature",
)  # fmt: skip


def furnish(world: World) -> Feature:
    """A team's and a customer's roadmap over a few features, a link, and somebody who was told."""
    today = rows.now().date()
    made = []
    for number, (state, horizon) in enumerate(
        (("building", "now"), ("planned", "next"), ("planned", "next"), ("candidate", "later"))
    ):
        dates: dict[str, Any] = {} if horizon == "later" else {
            "starts_on": today + timedelta(days=number * 12), "due_on": today + timedelta(days=number * 12 + 10),
            "late_on": today + timedelta(days=number * 12 + 16),
        }  # fmt: skip
        made.append(world.make("feature", title=f"Thing {number}", state=state, horizon=horizon, owner="me", **dates))
    verbs.link(world.pm, made[1], made[0], "depends_on")
    team = world.make("roadmap", title="Plan", query="state:candidate,planned,building", lanes="none")
    outside = world.make("roadmap", title="What comes", audience="customer", mode="horizons")
    for one in made[:2]:
        verbs.link(world.pm, outside, one, "shows")
    for one in (team, outside):
        rules.publish_roadmap(world.pm, roadmap=one)
    world.make("share_link", title="Help site", roadmap=outside.pk)
    world.make("commitment", title="Thing 0", told_to="Ana Lima", words="It comes in May.", feature=made[0].pk,
               promised_on=today + timedelta(days=2), owner="me")  # fmt: skip
    first: Feature = made[0]
    return first


def own(page: Page, live_server: LiveServer, world: World, path: str) -> None:
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{path}")


def likely(feature: Feature) -> date | None:
    found: date | None = fresh(feature).due_on
    return found


def test_roadmaps_are_accessible(browser: Browser, live_server: LiveServer, world: World) -> None:
    furnish(world)
    link = sharing.address_of(world.pm, world.make("share_link", roadmap="RM-1")).partition("/roadmap/")[2]
    shared = [f"/roadmap/{link}?view={view}" for view in ("timeline", "horizons")]
    pages = [f"/w/north/{path}" for path in PAGES] + shared
    assert wrong_in_any_look(browser, live_server, world.user("owner").email, pages) == {}


def test_a_bar_is_moved_by_hand_with_a_reason_and_taken_back(page: Page, live_server: LiveServer, world: World) -> None:
    feature = furnish(world)
    before = likely(feature)
    assert before is not None
    page.set_viewport_size({"width": 1440, "height": 900})
    own(page, live_server, world, "RM-1/timeline?zoom=week")
    page.locator("tl-timeline[data-ready]").wait_for()
    page.get_by_label("Why things move").fill("The vendor is late.")
    bar = page.locator(f'.tbar[data-record="{feature.key}"]')
    box = bar.locator(".likely").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 3 * 22 + 2, box["y"] + 8, steps=5)
    page.mouse.up()
    until(page, lambda: likely(feature) == before + timedelta(days=3))
    assert past.history(world.pm, fresh(feature))[0].why == "The vendor is late."
    expect(page.locator("aside.panel")).to_have_count(0)  # a drag is no click
    page.locator(".toast").get_by_role("button", name="Undo").click()
    until(page, lambda: likely(feature) == before)


def test_keys_move_stretch_and_open_a_bar(page: Page, live_server: LiveServer, world: World) -> None:
    feature = furnish(world)
    was = fresh(feature)
    page.set_viewport_size({"width": 1440, "height": 900})
    own(page, live_server, world, "RM-1/timeline")
    page.locator("tl-timeline[data-ready]").wait_for()
    bar = page.locator(f'.tbar[data-record="{feature.key}"]')
    bar.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    until(page, lambda: likely(feature) == was.due_on + timedelta(days=3))
    assert fresh(feature).starts_on == was.starts_on + timedelta(days=2)
    expect(page.locator("#tline-says")).to_contain_text(feature.key)
    expect(bar).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator('.tbar[data-record="F-2"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("aside.panel")).to_contain_text("Thing 1")


def test_only_rows_near_the_view_stand_in_the_page_and_keys_reach_all(
    page: Page, live_server: LiveServer, world: World
) -> None:
    today = rows.now().date()
    for number in range(70):  # all at once, so each has a row of its own
        world.make("feature", title=f"Part {number:02}", state="planned", starts_on=today,
                   due_on=today + timedelta(days=20 + number), late_on=today + timedelta(days=120))  # fmt: skip
    world.make("roadmap", title="Everything", query="state:planned", lanes="none")
    page.set_viewport_size({"width": 1440, "height": 700})
    own(page, live_server, world, "RM-1/timeline?zoom=year")
    page.locator("tl-timeline[data-ready]").wait_for()
    bars = page.locator(".tbar")
    assert 10 < bars.count() < 40
    expect(page.locator('.tbar[data-record="F-70"]')).to_have_count(0)
    page.locator('.tbar[data-record="F-1"]').focus()
    for _ in range(69):
        page.keyboard.press("ArrowDown")
    expect(page.locator('.tbar[data-record="F-70"]')).to_be_focused()
    expect(page.locator('.tbar[data-record="F-70"]')).to_be_in_viewport()
    expect(page.locator('.tbar[data-record="F-1"]')).to_have_count(0)
    page.locator(".tline").evaluate("(one) => one.scrollTo(0, 0)")  # what is held stays, what is far away goes
    expect(page.locator('.tbar[data-record="F-1"]')).to_be_visible()
    expect(page.locator('.tbar[data-record="F-60"]')).to_have_count(0)
    expect(page.locator('.tbar[data-record="F-70"]')).to_be_focused()
    order = bars.evaluate_all("(all) => all.map((one) => Number(one.dataset.record.slice(2)))")
    assert order == sorted(order)


def test_without_a_script_the_timeline_is_drawn_and_leads_to_records(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    furnish(world)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    own(page, live_server, world, "RM-1/timeline")
    expect(page.locator(".tbar")).to_have_count(3)
    page.locator('.tbar[data-record="F-2"]').click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thing 1")
    page.goto(f"{live_server.url}/w/north/RM-1/horizons")
    page.locator('[data-n="2"] button[value="later"]').click()
    expect(page.locator('[data-horizon="later"]')).to_contain_text("Thing 1")
    context.close()


def test_s5_a_roadmap_is_published_and_each_audience_reads_its_fields(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    """S5 (6): published to executives, sales and the public; each sees only its fields."""
    feature = furnish(world)
    verbs.update(world.pm, "feature", feature.pk, {"reach": 4321})
    own_page = browser.new_page()
    own(own_page, live_server, world, "RM-2/links")
    expect(own_page.get_by_role("main")).to_contain_text("Nothing else leaves the house")
    address = own_page.locator('a[href*="/roadmap/"]').get_attribute("href") or ""
    visitor = browser.new_context()
    page = visitor.new_page()
    page.goto(live_server.url + address[address.index("/roadmap/") :])
    expect(page.get_by_role("heading", level=1)).to_have_text("What comes")
    expect(page.get_by_role("main")).to_contain_text("Thing 0")
    expect(page.get_by_role("main")).not_to_contain_text("Thing 2")
    assert "F-1" not in page.content()
    assert visitor.cookies() == []
    own_page.get_by_role("button", name="Revoke").click()
    expect(own_page.get_by_role("main")).to_contain_text("evoked")
    assert page.reload().status == 404  # type: ignore[union-attr]
    visitor.close()
    own_page.close()


def test_s8_what_slips_lists_who_was_told_with_a_note(page: Page, live_server: LiveServer, world: World) -> None:
    """S8 (5): the date moves, people told are listed, each with a drafted note."""
    feature = furnish(world)
    own(page, live_server, world, feature.key)
    page.get_by_role("link", name="See the notes").click()
    assert "“It comes in May.”" in page.get_by_role("textbox").input_value()
    expect(page.get_by_role("main")).to_contain_text("later than they were told")


def test_s5_executives_sales_and_the_public_each_read_their_own_fields(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    """S5 (6), the other three: what one audience reads and the next must not, behind a link each."""
    feature = furnish(world)
    release = world.make("release", title="Lantern")
    verbs.link(world.pm, release, feature, "scope")
    because = "The vendor is late."
    features.reschedule_feature(
        world.pm, feature=feature, due_on=rows.now().date() + timedelta(days=12), reason=because
    )
    reads = {}
    for audience in ("executive", "sales", "public"):
        made = world.make("roadmap", title=f"For {audience}", audience=audience, mode="horizons")
        verbs.link(world.pm, made, feature, "shows")
        rules.publish_roadmap(world.pm, roadmap=made)
        address = sharing.address_of(world.pm, world.make("share_link", roadmap=made.key))
        visitor = browser.new_context()
        page = visitor.new_page()
        page.goto(f"{live_server.url}/roadmap/{address.partition('/roadmap/')[2]}")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"For {audience}")
        expect(page.get_by_role("main")).to_contain_text("Thing 0")
        drawn = page.content()
        reads[audience] = [word for word in (because, "Petra Manager", "Lantern", "F-1") if word in drawn]
        visitor.close()
    assert reads["public"] == []
    assert reads["sales"] == ["F-1"]
    assert {because, "Petra Manager", "F-1"} <= set(reads["executive"])
