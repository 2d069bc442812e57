"""S6 in a browser: a requirement from the decision to the signed baseline, what a change touches, out and in again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.desk import Desk
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.kernel import thread, verbs
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ENTRY = "When an agent opens a record, the desk shall write one entry to the audit log."
PART = "When an agent reveals a field, the desk shall write its name to the entry."
ALONE = "The desk shall show a record within 400 ms."
STEPS = "Scenario: A record is opened\n  Given an agent\n  When a record is opened\n  Then the log holds one entry"


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, world: World) -> Desk:
    return Desk(browser, live_server, world)


def test_s6_from_a_decision_to_a_signed_baseline_and_what_a_change_touches(
    desk: Desk, world: World, tmp_path: Path
) -> None:
    """Steps 1, 2, 5 and 6: exactly what depends on a change is suspect, and the file comes back as it went out."""
    why = "If reads are logged, an audit takes a day."
    feature = world.make("feature", title="Audit log", owner="me", hypothesis=why)
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
    build_it(desk, feature)
    for what in ("AC-1", "RQ-3"):  # what is taught and promised elsewhere rests on a criterion as well
        world.make("document", title=f"How to, by {what}", body=f"Agents rely on this: [[{what}]].")
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
    desk.do(pm, "RQ-1/cite", target=decision)
    assert Link.objects.filter(kind="decision").count() == 1
    desk.open(pm, "RQ-1")
    expect(pm.get_by_text("Do we log reads?").first).to_be_visible()
    desk.open(pm, "AC-1")
    pm.get_by_role("button", name="Accept").click()
    expect(pm.locator(".hero .chip").first).to_contain_text("Accepted")
    desk.open(pm, f"{key}/requirements")
    pm.get_by_label("What is it for?").fill("For the build")
    with pm.expect_navigation():
        pm.get_by_role("button", name="Take a baseline").click()


def build_it(desk: Desk, feature: Any) -> None:
    """From the plan straight to those who use it, or to those who build it: both ways say what is missing first."""
    world = desk.world
    with desk.of("product_manager") as pm:
        desk.open(pm, feature.key)
        pm.get_by_role("button", name="Plan", exact=True).click()
        expect(pm.locator(".hero .chip").first).to_have_text("Planned")
        for way in ("Start building", "Ship"):
            expect(pm.get_by_role("button", name=way, exact=True)).to_have_count(0)
        desk.open(pm, f"{feature.key}/do/ship_feature")
        pm.locator("main form button.go").first.click()
        refused = pm.get_by_role("main").get_by_text("It is not ready")
        expect(refused).to_contain_text("a customer's words")
        expect(pm.get_by_label("Why not wait?")).to_be_visible()  # the form of the verb that is possible
        assert fresh(feature).state == "planned"
        note, aim = world.make("feedback", title="Who opened it?"), world.make("objective", title="Trust")
        verbs.link(world.pm, feature, note, "evidence")
        verbs.link(world.pm, feature, aim, "objective")
        desk.open(pm, feature.key)
        missing = pm.get_by_text("missing:")
        expect(missing).to_contain_text("agreement on each requirement")
        expect(missing).not_to_contain_text("a customer's words")
        expect(missing).not_to_contain_text("a hypothesis")
        desk.do(pm, f"{feature.key}/do/start_unready_feature", reason="Engineering signed what it needs to begin")
        desk.open(pm, feature.key)
        said = f"Begun before it was ready by {world.member('product_manager').name}"
        expect(pm.get_by_text(said)).to_contain_text("Engineering signed what it needs to begin")
    assert fresh(feature).state == "building"


def change_it(desk: Desk, pm: Page, key: str) -> None:
    """A criterion is reworded: it is open again, and the baseline names it. A sentence changes: its parts are told."""
    desk.do(pm, "AC-1/edit", body=STEPS.replace("holds one entry", "holds one entry with the time in UTC"))
    assert fresh(Criterion.objects.get()).state == "proposed"
    desk.open(pm, "BL-1")
    expect(pm.locator("article.change")).to_have_count(1)
    expect(pm.locator("article.change")).to_contain_text("with the time in UTC")
    assert [(s.source_key, s.target_key) for s in thread.suspects(desk.world.owner)] == [("DOC-1", "AC-1")]
    desk.do(pm, "RQ-1/edit", title=ENTRY.replace("one entry", "one entry, in UTC,"))
    suspects = {(s.source_key, s.target_key) for s in thread.suspects(desk.world.owner)}
    assert suspects == {
        ("DOC-1", "AC-1"),
        ("AC-1", "RQ-1"),
        ("RQ-2", "RQ-1"),
    }  # and not RQ-3, nor the decision it came from
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
