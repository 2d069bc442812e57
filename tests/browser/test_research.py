"""S3 in a browser: from a study to an insight to a participant who withdraws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from threadline.inbound.research import highlighting, transcribing
from threadline.inbound.research.models import Consent, Highlight, Insight
from threadline.kernel import verbs
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Change
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

VTT = """WEBVTT

1
00:12:04.000 --> 00:12:06.000
<v Mira>When did you last stop half way?</v>

2
00:12:09.000 --> 00:12:25.000
<v P7>Last week 🙂. I lost the boss key because my train went into a tunnel. I just closed the game.</v>

3
00:12:31.000 --> 00:12:33.000
<v Mira>What did you do next?</v>

4
00:12:34.000 --> 00:12:50.000
<v P7>Nothing for three days. The others had to wait for me.</v>
"""
WORDS = "I lost the boss key because my train went into a tunnel."


def clean(page: Page) -> None:
    """No axe rule is broken on the page as it stands."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}))"
        ".violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 140)).join(' | '))"
    )
    assert found == [], page.url


def earlier(world: World) -> tuple[Any, Any]:
    """A study and an insight of last year that answer a question of this year's."""
    study = world.make("study", title="Disconnects in raids", questions="What do players do after a disconnect?")
    insight = world.make("insight", title="Players stop for days after a disconnect costs them a boss key")
    return study, insight


def test_from_a_study_to_an_insight_to_a_withdrawal(page: Page, live_server: LiveServer, world: World) -> None:
    sign_in(page, live_server, world.user("product_manager").email)
    study, known = earlier(world)
    at = f"{live_server.url}/w/north"

    # 1. A study is written, and shown what answers one of its questions already.
    page.goto(f"{at}/studies/new")
    page.fill("#id_title", "Why players leave raids")
    page.fill("#id_questions", "What do players do after a disconnect costs a boss key?\nWho waits for whom?")
    page.fill("#id_guide", "The last raid you played: walk me through it\nWhat did you do next?")
    page.fill("#id_quota", "Returning players: 4")
    page.get_by_role("button", name="Save", exact=True).click()
    answers = page.get_by_role("region", name="Already answered?")
    expect(answers).to_contain_text(study.key)
    expect(answers).to_contain_text(known.key)
    clean(page)
    page.get_by_role("button", name="Start recruiting").click()

    # 2. A participant, with consent.
    page.goto(f"{at}/participants/new")
    page.fill("#id_title", "P7")
    page.fill("#id_segment", "Returning players")
    page.fill("#id_full_name", "Anna Persson")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="P7")).to_be_visible()
    page.get_by_role("link", name="Record consent").click()
    page.get_by_label("Take part").check()
    page.get_by_label("Be quoted anonymously").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{at}/PA-1")
    expect(page.get_by_role("region", name="Consent by scope")).to_contain_text("given")
    clean(page)

    # 3. An interview and its transcript.
    page.goto(f"{at}/ST-2")
    page.get_by_role("link", name="Add an interview").click()
    page.fill("#id_title", "P7, returning player")
    page.fill("#id_participant", "PA-1")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Bring in a transcript").click()
    page.set_input_files("[name=file]", {"name": "call.vtt", "mimeType": "text/vtt", "buffer": VTT.encode()})
    page.get_by_role("button", name="Bring it in").click()
    page.wait_for_url("**/IV-1/read")
    expect(page.locator(".turn")).to_have_count(4)
    expect(page.get_by_text("12:09").first).to_be_visible()

    # 4. Words are marked and coded without a mouse: to the second turn, its second sentence, a new code.
    page.locator("#main").focus()
    for key in ("j", "j", "ArrowRight", "ArrowRight", "c"):
        page.keyboard.press(key)
    page.keyboard.type("lost progress")
    page.keyboard.press("Enter")
    mark = page.locator(".hl")
    expect(mark).to_have_count(1)
    expect(mark).to_contain_text(WORDS)
    expect(mark).to_contain_text("lost progress")
    made = Highlight.objects.get()
    assert (made.quote, made.turn, made.start, made.speaker) == (WORDS, 1, len("Last week 🙂. "), "P7")
    # The next with the digit of that code.
    page.locator("#main").focus()
    for key in ("j", "j", "ArrowRight", "ArrowRight", "1"):
        page.keyboard.press(key)
    expect(mark).to_have_count(2)
    painted = page.evaluate("[...CSS.highlights.get('tl-thread')].map(r => r.toString())")
    assert painted == [WORDS, "The others had to wait for me."]
    page.locator("#find-in").fill("three days")
    expect(page.locator("#found-in")).to_have_text("1 of 1")
    clean(page)

    # 5. An insight from the board.
    page.goto(f"{at}/ST-2/board")
    page.locator(".note-card").first.focus()
    page.keyboard.press("n")
    page.keyboard.type("Lost keys")
    page.keyboard.press("Enter")
    pile = page.get_by_role("region", name="Lost keys")
    expect(pile.locator(".note-card")).to_have_count(1)
    clean(page)
    pile.get_by_label("What does it say?").fill("A lost key keeps people away for days")
    pile.get_by_role("button", name="Make it an insight").click()
    expect(page.get_by_role("region", name="Speaks for it")).to_contain_text(WORDS)
    page.get_by_role("button", name="It stands").click()
    clean(page)
    insight = Insight.objects.get(title="A lost key keeps people away for days")
    feature = world.make("feature", title="Rejoin a raid")
    verbs.link(world.pm, feature, insight, "evidence")
    page.goto(f"{at}/{feature.key}")
    expect(page.locator(".tree")).to_contain_text(WORDS)

    # 7. The participant withdraws: told beforehand what goes, and it is gone.
    page.goto(f"{at}/PA-1")
    page.get_by_role("link", name="Withdraw consent").click()
    expect(page.get_by_text("2 highlights in 1 interview leave every page")).to_be_visible()
    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.locator(".chip", has_text="Consent withdrawn").first).to_be_visible()
    for place in ("highlights/", "search?q=tunnel", f"{insight.key}", f"{insight.key}/history", f"{feature.key}",
                  "interviews/", "ST-2", "ST-2/board", ""):  # fmt: skip
        page.goto(f"{at}/{place}")
        assert "went into a tunnel" not in page.content(), place
    for gone in (made.key, "IV-1", "IV-1/read"):
        answer = page.goto(f"{at}/{gone}")
        assert answer is not None
        assert answer.status == 404, gone
    page.goto(f"{at}/{insight.key}")
    expect(page.get_by_text("Nobody's words support it any more")).to_be_visible()
    page.goto(f"{at}/review?record={feature.key}")
    expect(page.locator("#main")).to_contain_text(insight.key)
    page.goto(f"{at}/{insight.key}/history")
    expect(page.locator("#main")).to_contain_text("Petra Manager")
    assert Change.objects.filter(card_id=Consent.objects.get().pk, action="withdraw_participant").exists()


def test_a_talk_is_read_and_marked_without_a_script(browser: Browser, live_server: LiveServer, world: World) -> None:
    interview = world.make("interview", title="P8")
    turns = [{"s": "P8", "a": None, "b": None, "t": "I keep a paper list. It works."}]
    through_door(world.pm, "t", lambda d: transcribing.set_transcript(d, interview, turns, source="", because="t"))
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{interview.key}/read")
    page.get_by_label("Their words").fill("I keep a paper list.")
    page.get_by_role("textbox", name="Codes").fill("workaround")
    page.get_by_role("button", name="Highlight", exact=True).click()
    expect(page.locator(".hl")).to_contain_text("I keep a paper list.")
    page.get_by_role("link", name="Show marks").click()
    expect(page.locator(".said mark")).to_have_text("I keep a paper list.")


def test_words_are_marked_with_the_mouse_and_taken_back(page: Page, live_server: LiveServer, world: World) -> None:
    interview = world.make("interview", title="P9")
    turns = [{"s": "P9", "a": None, "b": None, "t": f"Turn {n} said so."} for n in range(1, 400)]
    through_door(world.pm, "t", lambda d: transcribing.set_transcript(d, interview, turns, source="", because="t"))
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{interview.key}/read#t-300")
    expect(page.locator("#t-300")).to_be_in_viewport()
    page.evaluate(
        "() => { const r = document.createRange(); r.setStart(document.querySelector('#t-300 .said').firstChild, 5);"
        " r.setEnd(document.querySelector('#t-301 .said').firstChild, 8); getSelection().removeAllRanges();"
        " getSelection().addRange(r) }"
    )
    page.get_by_role("toolbar").get_by_role("button", name="Highlight").click()
    expect(page.locator(".hl")).to_have_count(1)
    assert Highlight.objects.get().quote == "300 said so.\nTurn 301"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".hl")).to_have_count(0)


def test_a_card_moves_by_keys_and_its_form(page: Page, live_server: LiveServer, world: World) -> None:
    study = world.make("study")
    interview = world.make("interview", study=str(study.pk))
    for word in ("one", "two"):
        highlighting.highlight_words(world.pm, interview=interview.pk, quote=f"words {word}")
    first = Highlight.objects.order_by("pk").first()
    assert first is not None
    highlighting.cluster_highlight(world.pm, highlight=first.pk, cluster="A pile")
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{study.key}/board")
    page.get_by_role("region", name="Not sorted yet").locator(".note-card").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#board-says")).to_contain_text("lies in A pile")
    assert set(Highlight.objects.values_list("cluster", flat=True)) == {"A pile"}
    card = page.get_by_role("region", name="A pile").locator(".note-card").first
    card.get_by_text("Move to").click()
    card.get_by_label("or a new one").fill("Elsewhere")
    card.get_by_role("button", name="Move").click()
    expect(page.get_by_role("region", name="Elsewhere").locator(".note-card")).to_have_count(1)
    assert fresh(first).cluster in ("A pile", "Elsewhere")
