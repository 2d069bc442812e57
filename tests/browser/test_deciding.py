"""Two walks of the month-one scenarios, each step by the person who does it: the quarter's plan, a requirement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_policy import sign_in
from threadline.inbound.decisions.models import Decision
from threadline.inbound.priorities.models import ScoreInput
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.kernel import rows, thread, verbs
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ENTRY = "When an agent opens a record, the desk shall write one entry to the audit log."
PART = "When an agent reveals a field, the desk shall write its name to the entry."
ALONE = "The desk shall show a record within 400 ms."
STEPS = "Scenario: A record is opened\n  Given an agent\n  When a record is opened\n  Then the log holds one entry"


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


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, world: World) -> Desk:
    return Desk(browser, live_server, world)


# ---- the quarter's plan ---------------------------------------------------------------------


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
    world.make("strategy", title="Know before they ask", state="active", owner="me")
    for title in ("Roles", "Routing", "Exports"):
        world.make("feature", title=title, state="candidate", owner="me")
    with desk.of("owner") as head:
        desk.do(head, "SG-1/edit", kill_criteria="Two studios turn it off", allocation="70 % desk, 30 % SDK")
        desk.open(head, "strategies/page")
        expect(head.get_by_role("paragraph").filter(has_text="Two studios turn it off")).to_be_visible()
        expect(head.get_by_role("paragraph").filter(has_text="70 % desk, 30 % SDK")).to_be_visible()
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


# ---- requirement to build -------------------------------------------------------------------


def test_s6_from_a_decision_to_a_signed_baseline_and_what_a_change_touches(
    desk: Desk, world: World, tmp_path: Path
) -> None:
    """Steps 1, 2, 5 and 6: exactly what depends on a change is suspect, and the file comes back as it went out."""
    feature = world.make("feature", title="Audit log", owner="me")
    decision = world.make("decision", title="Do we log reads?", owner="me")
    with desk.of("product_manager") as pm:
        write_requirements(desk, pm, feature.key, decision.key)
        desk.do(pm, "BL-1/do/ask_to_sign", people=world.member("contributor").handle)
    with desk.of("contributor") as engineer:
        desk.open(engineer, "BL-1")
        expect(engineer.get_by_role("region", name="What it holds", exact=True)).to_contain_text(ENTRY)
        desk.do(engineer, "BL-1/do/sign_baseline", verdict="approved", words="Buildable.")
        desk.open(engineer, "BL-1")
        expect(engineer.locator(".hero .chip")).to_have_text("Signed")
    assert thread.suspects(world.owner) == []
    with desk.of("product_manager") as pm:
        change_it(desk, pm, feature.key)
        out_and_in(desk, pm, feature.key, tmp_path)


def write_requirements(desk: Desk, pm: Page, key: str, decision: str) -> None:
    """Three sentences typed into the outline, the second made part of the first; a criterion; a baseline."""
    desk.open(pm, f"{key}/requirements")
    for number, sentence in enumerate((ENTRY, PART, ALONE), 1):
        pm.get_by_label("New requirement").fill(sentence)
        pm.get_by_role("button", name="Add it").click()
        expect(pm.locator(f"#RQ-{number}")).to_be_visible()
    desk.do(pm, "RQ-2/do/move_requirement", under="RQ-1")
    desk.do(pm, "RQ-1/do/add_criterion", steps=STEPS)
    verbs.link(desk.world.pm, "RQ-1", decision, "decision")
    desk.open(pm, "RQ-1")
    expect(pm.get_by_text("Do we log reads?").first).to_be_visible()
    desk.open(pm, "AC-1")
    pm.get_by_role("button", name="Accept").click()
    expect(pm.locator(".hero .chip").first).to_contain_text("Accepted")
    desk.open(pm, f"{key}/requirements")
    pm.get_by_label("What is it for?").fill("For the build")
    with pm.expect_navigation():
        pm.get_by_role("button", name="Take a baseline").click()


def change_it(desk: Desk, pm: Page, key: str) -> None:
    """A criterion is reworded: it is open again, and the baseline names it. A sentence changes: its parts are told."""
    desk.do(pm, "AC-1/edit", body=STEPS.replace("holds one entry", "holds one entry with the time in UTC"))
    assert fresh(Criterion.objects.get()).state == "proposed"
    desk.open(pm, "BL-1")
    expect(pm.locator("article.change")).to_have_count(1)
    expect(pm.locator("article.change")).to_contain_text("with the time in UTC")
    assert [s.source_key for s in thread.suspects(desk.world.owner)] == []
    desk.do(pm, "RQ-1/edit", title=ENTRY.replace("one entry", "one entry, in UTC,"))
    suspects = {(s.source_key, s.target_key) for s in thread.suspects(desk.world.owner)}
    assert suspects == {("AC-1", "RQ-1"), ("RQ-2", "RQ-1")}  # and not RQ-3, nor the decision it came from
    desk.open(pm, f"{key}/requirements")
    expect(pm.locator("#RQ-2").get_by_text("changed underneath")).to_be_visible()
    expect(pm.locator("#RQ-1").get_by_text("criteria written for what it said before")).to_be_visible()
    expect(pm.locator("#RQ-3").get_by_text("changed underneath")).to_have_count(0)


def out_and_in(desk: Desk, pm: Page, key: str, folder: Path) -> None:
    """The file of one feature into another one, which then says the same; and into the first, where nothing changes."""
    other = desk.world.make("feature", title="Elsewhere")
    desk.open(pm, f"{key}/requirements")
    pm.get_by_role("link", name="Excel, Markdown, ReqIF").click()
    expect(pm.get_by_text("comes back the same")).to_have_count(3)
    with pm.expect_download() as waiting:
        pm.get_by_role("listitem").filter(has_text="ReqIF 1.2").get_by_role("link", name="Download").click()
    file = folder / "out.reqif"
    waiting.value.save_as(file)
    for to, said in ((other.key, "4 new, 0 changed"), (key, "0 new, 0 changed, 0 moved, 4 as they are")):
        look_at(desk, pm, to, file)
        expect(pm.get_by_role("status").filter(has_text=said)).to_be_visible()
        expect(pm.get_by_text("Nothing in the file is left out.")).to_be_visible()
        if to == other.key:
            assert not Requirement.objects.filter(feature__title="Elsewhere").exists()
            pm.get_by_role("button", name="Bring it in").click()
            expect(pm.get_by_role("status", name="Brought in")).to_contain_text("4 new records")
    both = [
        sorted(Requirement.objects.filter(feature__title=title).values_list("title", flat=True))
        for title in ("Audit log", "Elsewhere")
    ]
    assert both[0] == both[1]
    assert len(both[0]) == 3
    edited_elsewhere(desk, pm, other.key, folder)


def look_at(desk: Desk, pm: Page, key: str, file: Path) -> None:
    """Send a file, to see what it would change."""
    desk.open(pm, f"{key}/carry")
    pm.locator("#file").set_input_files(file)
    with pm.expect_navigation():
        pm.get_by_role("button", name="Look at it").click()


def edited_elsewhere(desk: Desk, pm: Page, key: str, folder: Path) -> None:
    """A sentence mended in the Markdown beside the code: seen first, brought in, taken back."""
    desk.open(pm, f"{key}/carry")
    with pm.expect_download() as waiting:
        pm.get_by_role("listitem").filter(has_text="Markdown").get_by_role("link", name="Download").click()
    text = Path(waiting.value.path()).read_text()
    file = folder / "mended.md"
    file.write_text(text.replace("within 400 ms", "within 300 ms"))
    look_at(desk, pm, key, file)
    expect(pm.locator("article.change ins")).to_contain_text("300")
    pm.get_by_role("button", name="Bring it in").click()
    expect(pm.get_by_role("status", name="Brought in")).to_contain_text("1 brought up to date")
    mended = Requirement.objects.filter(feature__title="Elsewhere", title__contains="300 ms")
    assert mended.count() == 1
    with pm.expect_navigation():
        pm.get_by_role("button", name="Take it back").click()
    assert mended.count() == 0
