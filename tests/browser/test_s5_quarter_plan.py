"""S5 in a browser: the quarter's plan, each step by the person who does it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.desk import Desk
from threadline.inbound.decisions.models import Decision
from threadline.inbound.priorities.models import ScoreInput
from threadline.kernel import past, rows, verbs
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, world: World) -> Desk:
    return Desk(browser, live_server, world)


def score(desk: Desk, page: Page, key: str, numbers: dict[str, str], basis: str) -> None:
    """The numbers of one feature, with where they come from."""
    desk.open(page, f"{key}/numbers")
    for name, value in numbers.items():
        page.locator(f"[name='{name}.value']").fill(value)
        page.locator(f"[name='{name}.basis']").fill(basis)
    with page.expect_navigation():
        page.get_by_role("button", name="Write down").click()


def test_s5_from_aims_to_a_plan_that_the_head_overrules_in_writing(desk: Desk, world: World) -> None:
    """Steps 1 to 5; step 6, the roadmap for each audience, is in test_roadmaps.py."""
    aim = world.make("objective", title="First answers help", state="active", owner="me")
    world.make("key_result", title="Shorter waits", objective=aim.pk, baseline=9, target=6, current=8, owner="me")
    strategy = world.make("strategy", title="Know before they ask", state="active", owner="me")
    verbs.link(world.pm, strategy, aim, "objective")
    for title in ("Roles", "Routing", "Exports"):
        world.make("feature", title=title, state="candidate", owner="me")
    with desk.of("owner") as head:
        desk.do(head, "KR-1/edit", target="4")
        desk.open(head, aim.key)
        expect(head.get_by_role("region", name="Key results")).to_contain_text("8 of 4")
        desk.do(head, "SG-1/edit", kill_criteria="Two studios turn it off", allocation="70 % desk, 30 % SDK")
        desk.open(head, "strategies/page")
        expect(head.get_by_role("paragraph").filter(has_text="Two studios turn it off")).to_be_visible()
        expect(head.get_by_role("paragraph").filter(has_text="70 % desk, 30 % SDK")).to_be_visible()
        expect(head.get_by_role("link", name="First answers help").first).to_be_visible()
    steps = past.history(world.pm, fresh(strategy))  # who changed the goals, and when, stays
    assert any(
        {"kill_criteria", "allocation"} <= set(step.diff) and step.who == world.member("owner").name for step in steps
    )
    with desk.of("product_manager") as pm:
        small = {"reach": "300", "impact": "1", "confidence": "80", "effort": "2"}
        score(desk, pm, "F-1", small, "Questionnaires on file")
        score(desk, pm, "F-2", {**small, "reach": "900"}, "")
        score(desk, pm, "F-3", {**small, "reach": "600", "effort": "3"}, "Usage log")
        desk.open(pm, "features/ranking")
        weak = pm.get_by_role("row").filter(has_text="Routing")
        assert weak.locator("td.unsourced").count() == 4  # visibly weak: hatched, and said to a screen reader
        expect(weak.locator("td.unsourced").first).to_contain_text("without a source")
        expect(weak.locator(".span-mark .may")).to_be_attached()
        assert pm.get_by_role("row").filter(has_text="Roles").locator("td.unsourced").count() == 0
        score_together(desk, pm)
    cut_and_overrule(desk)
    made = Decision.objects.get()
    assert (made.override, made.expected_benefit) == (True, "The partner's contract, before its season")
    assert made.review_on == rows.now().date() + timedelta(days=90)
    begin_on_the_board(desk)
    with desk.of("viewer") as reader:
        desk.open(reader, "features/ranking")
        forced = reader.get_by_role("row").filter(has_text="Roles")
        expect(forced.get_by_role("link", name=f"Override {made.key}")).to_be_visible()


def score_together(desk: Desk, pm: Page) -> None:
    """Blind: nobody's number is on anybody's page until it is revealed; then the spread is."""
    world = desk.world
    wsjf = world.make("score_model", title="What burns", method="wsjf")
    together = world.make("scoring_round", title="The next ones", score_model=wsjf.pk)
    for key in ("F-1", "F-2"):
        verbs.link(world.pm, together, key, "scores")
    for role, value in (("product_manager", "13"), ("contributor", "3")):
        with desk.of(role) as page:
            desk.open(page, f"{together.key}/score")
            assert [one.input_value() for one in page.locator("main table input").all()] == [""] * 8
            for field in page.locator("main table input").all():
                field.fill(value)
            with page.expect_navigation():
                page.get_by_role("button", name="Keep my numbers").click()
    desk.open(pm, together.key)
    pm.get_by_role("button", name="Reveal").click()
    desk.open(pm, f"{together.key}/spread")
    first = pm.get_by_role("row").nth(1)
    expect(first).to_contain_text("3 to 13")
    expect(first).to_contain_text(world.member("contributor").name)
    kept = ScoreInput.objects.filter(name="wsjf_value").values_list("value", "low", "high")
    assert set(kept) == {(8.0, 3.0, 13.0)}


def cut_and_overrule(desk: Desk) -> None:
    """The line at capacity; then the head puts what is below it first."""
    with desk.of("owner") as head:
        desk.open(head, "features/ranking")
        head.get_by_label("Cut at").fill("5")
        with head.expect_navigation():
            head.get_by_role("button", name="Draw the line").click()
        expect(head.get_by_text("The line: 5 person-months are used up here.")).to_be_visible()
        below = head.locator("tr.below").filter(has_text="Roles")
        with head.expect_navigation():
            below.get_by_role("link", name="Put first").click()
        head.get_by_label("What is it to bring that the scores do not see?").fill(
            "The partner's contract, before its season"
        )
        head.get_by_label("Look at it again on").fill((rows.now().date() + timedelta(days=90)).isoformat())
        with head.expect_navigation():
            head.get_by_role("button", name="Open the decision").click()
        expect(head.get_by_role("heading", level=1)).to_contain_text("go ahead of what scores higher")


def begin_on_the_board(desk: Desk) -> None:
    """What goes first is planned and begun at once: the plan asks why it need not wait until it is ready."""
    with desk.of("product_manager") as pm:
        desk.open(pm, "features/?as=board&q=sort:title")
        pm.wait_for_selector("tl-board[data-ready]")
        card = pm.locator(".board-card a", has_text="Roles")
        for lane in ("Planned", "Building"):
            card.focus()
            pm.keyboard.press("m")
            pm.get_by_role("dialog").get_by_role("button", name=re.compile(f"^{lane}")).focus()
            pm.keyboard.press("Enter")
        asked = pm.get_by_role("dialog", name="Start before it is ready")
        expect(asked.get_by_role("status")).to_contain_text("a customer's words, an objective it serves")
        expect(asked.get_by_label("Why not wait?")).to_be_focused()
        pm.keyboard.type("The partner's season begins in May")
        asked.get_by_role("button", name="Start before it is ready").click()
        building = pm.locator(".lane").filter(has=pm.locator("h2", has_text="Building"))
        expect(building.locator(".board-card")).to_contain_text(["Roles"])
        pm.wait_for_selector("tl-board:not([data-busy])")
        desk.open(pm, "F-1")
        said = f"Begun before it was ready by {desk.world.member('product_manager').name}"
        expect(pm.get_by_text(said)).to_contain_text("The partner's season begins in May")
