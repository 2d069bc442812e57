"""The feedback inbox in a browser: a dozen notes judged by keyboard alone, undone, refused and retried."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.waiting import until
from threadline.inbound.feedback import queries, rules
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import verbs
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOPICS = ("rejoin the raid", "export the ledger", "dark harbour")
SAID = (
    "Thrown out of a tunnel; I want to {} without waiting.",
    "Please let us {} again, we asked before.",
    "My whole team would {} every single day. The rest is fine.",
    "Why can nobody {} from a phone?",
)


@pytest.fixture
def notes(world: World) -> dict[str, Record]:
    """A dozen notes about three features, by title; the first of the list is the latest."""
    for topic in TOPICS:
        world.make("feature", title=topic.capitalize())
    made = {}
    for number in range(12):
        body = SAID[number % 4].format(TOPICS[number // 4])
        day = f"2026-01-{28 - number:02}"
        made[f"Note {number + 1}"] = world.make("feedback", title=f"Note {number + 1}", body=body, received_on=day)
    answered = world.make("feedback", body="An older wish.", received_on="2025-01-01")
    rules.decline_feedback(world.pm, feedback=answered, reason="We keep to harbours.")
    return made


@pytest.fixture
def inbox(page: Page, live_server: LiveServer, world: World, notes: dict[str, Record]) -> Page:
    """The inbox, open at its first note."""
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/feedback/inbox")
    expect(page.locator("#said")).to_have_text("Note 1")
    return page


def test_a_dozen_notes_by_keyboard_alone(inbox: Page, world: World, notes: dict[str, Record]) -> None:
    page, presses = inbox, 0

    def press(*keys: str, then: str) -> None:
        nonlocal presses
        for key in keys:
            page.keyboard.press(key)
            presses += 1
        expect(page.locator("#said, [data-note] .empty h2")).to_have_text(then)

    press("Enter", then="Note 2")
    press("i", "i", "i", "Enter", then="Note 3")
    press("1", then="Note 4")
    press("m", then="Note 5")
    press("q", "Enter", then="Note 6")
    press("d", "1", "Enter", then="Note 7")
    press("n", then="Note 7")
    page.wait_for_function("document.activeElement?.matches('input, textarea')")
    press("Enter", then="Note 8")
    press("s", then="Note 9")
    for number in range(10, 13):
        press("Enter", then=f"Note {number}")
    press("Enter", then="Note 8")
    press("Enter", then="Everything is read")
    expect(page.locator("[data-left]")).to_have_text("0 to triage")
    expect(page.locator("[data-list] a.msg")).to_have_count(0)
    assert presses <= 2 * 12
    others = {"Note 4": "merged", "Note 6": "declined"}
    until(page, lambda: {n: fresh(r).state for n, r in notes.items()} == dict.fromkeys(notes, "linked") | others)
    assert fresh(notes["Note 6"]).declined_reason == "We keep to harbours."
    assert Link.objects.get(target_id=notes["Note 2"].pk, kind=queries.EVIDENCE).weight == 3
    quoted = Link.objects.filter(target_id=notes["Note 5"].pk, kind=queries.EVIDENCE).values_list("quote", flat=True)
    assert list(quoted) == ["Thrown out of a tunnel; I want to export the ledger without waiting."]
    made = Link.objects.get(target_id=notes["Note 7"].pk, kind=queries.EVIDENCE).source
    assert made.title == "Note 7"


def test_undo_goes_back_step_by_step(inbox: Page, notes: dict[str, Record]) -> None:
    page = inbox
    for number in (2, 3):
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_have_text(f"Note {number}")
    until(page, lambda: {fresh(notes[n]).state for n in ("Note 1", "Note 2")} == {"linked"})
    page.keyboard.press("u")
    expect(page.locator("#said")).to_have_text("Note 2")
    expect(page.locator("[data-left]")).to_have_text("11 to triage")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_have_text("Note 1")
    expect(page.locator("[data-list] a.msg").first).to_contain_text("Thrown out of a tunnel")
    until(page, lambda: {fresh(notes[n]).state for n in ("Note 1", "Note 2")} == {"new"})


def test_an_answer_after_undo_waits_until_it_is_undone(inbox: Page, notes: dict[str, Record]) -> None:
    page, held, sent = inbox, list[Route](), list[str]()
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Note 2")
    until(page, lambda: fresh(notes["Note 1"]).state == "linked")
    page.route("**/undo/*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no builtin
    page.keyboard.press("u")
    expect(page.locator("#said")).to_have_text("Note 1")
    until(page, lambda: bool(held))
    page.keyboard.press("m")
    expect(page.locator("#said")).to_have_text("Note 2")
    assert not any(address.endswith("/merge_feedback") for address in sent)
    held[0].continue_()
    until(page, lambda: fresh(notes["Note 1"]).state == "merged")
    expect(page.locator("[data-list] .failed")).to_have_count(0)


def test_what_the_server_refuses_comes_back_and_is_tried_again(inbox: Page, notes: dict[str, Record]) -> None:
    page, refusing = inbox, re.compile(r"/do/link_to_feature$")
    page.route(refusing, lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Note 2")
    expect(page.locator("[data-list] .failed a.msg")).to_have_count(1)
    expect(page.locator("[data-left]")).to_have_text("12 to triage")
    page.keyboard.press("k")
    expect(page.locator("#said")).to_have_text("Note 1")
    page.unroute(refusing)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Note 2")
    until(page, lambda: fresh(notes["Note 1"]).state == "linked")


def test_a_selected_part_is_all_that_is_linked(inbox: Page, notes: dict[str, Record]) -> None:
    page = inbox
    page.evaluate(
        """() => { const text = document.querySelector('[data-said] p').firstChild;
        const at = text.data.indexOf('rejoin'); const range = document.createRange();
        range.setStart(text, at); range.setEnd(text, at + 'rejoin the raid'.length);
        getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    )
    expect(page.locator("[data-part]")).to_contain_text("rejoin the raid")
    page.locator(".judging .sugg[name=feature]").first.click()
    expect(page.locator("#said")).to_have_text("Note 2")
    until(page, lambda: fresh(notes["Note 1"]).state == "linked")
    assert Link.objects.get(target_id=notes["Note 1"].pk, kind=queries.EVIDENCE).quote == "rejoin the raid"


def test_any_feature_is_found_and_linked_from_the_keyboard(inbox: Page, world: World, notes: dict[str, Record]) -> None:
    page = inbox
    other = world.make("feature", title="Submarine mode")
    page.keyboard.press("f")
    expect(page.locator("#find-feature")).to_be_focused()
    page.keyboard.type("submar")
    expect(page.locator("[data-found]")).to_contain_text("Submarine mode")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Note 2")
    until(page, lambda: fresh(notes["Note 1"]).state == "linked")
    assert Link.objects.get(target_id=notes["Note 1"].pk, kind=queries.EVIDENCE).source_id == other.pk


def test_the_address_holds_note_and_filter(inbox: Page, live_server: LiveServer, world: World) -> None:
    page = inbox
    page.keyboard.press("j")
    expect(page.locator("#said")).to_have_text("Note 2")
    page.reload()
    expect(page.locator("#said")).to_have_text("Note 2")
    page.keyboard.press("/")
    page.keyboard.type("ledger")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=ledger**")
    expect(page.locator("[data-list] a.msg")).to_have_count(4)


def test_one_pane_at_a_time_on_a_narrow_screen(inbox: Page, live_server: LiveServer) -> None:
    page = inbox
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/w/north/feedback/inbox")
    expect(page.locator("[data-note]")).to_be_hidden()
    page.locator("a.msg").nth(2).click()
    expect(page.locator("#said")).to_have_text("Note 3")
    expect(page.locator("[data-list]")).to_be_hidden()
    page.get_by_role("link", name="All that waits").click()
    expect(page.locator("[data-list]")).to_be_visible()


def test_votes_survive_a_merge_made_here(inbox: Page, world: World, notes: dict[str, Record]) -> None:
    page = inbox
    page.keyboard.press("m")
    expect(page.locator("#said")).to_have_text("Note 2")
    until(page, lambda: fresh(notes["Note 1"]).state == "merged")
    merged = fresh(notes["Note 1"])
    assert isinstance(merged, Feedback)
    survivor = Feedback.objects.get(pk=merged.merged_into_id)
    assert [r.key for r in queries.repeats(world.pm, survivor)] == [merged.key]
    assert verbs.card(world.pm, merged).state == "merged"


def test_a_key_before_the_next_note_is_there_judges_nothing(inbox: Page) -> None:
    page, held = inbox, list[Route]()
    page.route("**/inbox-note?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no builtin
    page.reload()
    expect(page.locator("[data-left]")).to_have_text("12 to triage")
    for key in ("Enter", "Enter", "d"):
        page.keyboard.press(key)
    until(page, lambda: len(held) >= 1)
    expect(page.locator("[data-left]")).to_have_text("11 to triage")
    for route in list(held):
        route.continue_()
    expect(page.locator("#said")).to_have_text("Note 2")
    expect(page.locator("[data-left]")).to_have_text("11 to triage")


def test_what_is_not_meant_leaves_the_offers_and_may_come_back(inbox: Page, notes: dict[str, Record]) -> None:
    """The cross beside an offer stays on the note: the offer goes, the next one takes its place and its key."""
    first = inbox.locator(".judging .sugg[name=feature]").first
    key = first.get_attribute("value") or ""
    crosses = inbox.get_by_role("button", name=f"Not {key}", exact=True)
    box = crosses.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24
    crosses.click()
    back = inbox.locator(".refused button")
    expect(back).to_contain_text(key)
    expect(inbox.locator("#said")).to_have_text("Note 1")
    expect(inbox.locator(f'.judging .sugg[name=feature][value="{key}"]')).to_have_count(0)
    until(inbox, lambda: notes["Note 1"].refused.count() == 1)  # type: ignore[attr-defined]
    back.click()
    expect(inbox.locator(f'.judging .sugg[name=feature][value="{key}"]')).to_have_count(1)
    assert notes["Note 1"].refused.count() == 0  # type: ignore[attr-defined]
