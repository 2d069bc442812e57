"""S3 in a browser as one journey: ten interviews, what they say, the decision that rests on it, and who withdraws."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from threadline.exchange.exporting import FORMATS
from threadline.house import tokens
from threadline.inbound.decisions import queries as decided
from threadline.inbound.decisions.models import Decision
from threadline.inbound.research.models import Highlight, Insight, Interview, Participant
from threadline.kernel.changes import Change
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What each of the ten said after "When did the stock last not agree?" and "What did you do then?"; the words in
# brackets are highlighted, with the code behind them.
SAID = {
    "P1": ("Monday. [I counted the store twice] since the tablet slept.|counts twice", "I wrote it on my arm."),
    "P2": ("It never agrees. [We keep a second list on paper] and believe that.|paper list", "Nothing, honestly."),
    "P3": ("Last week. [The paper list was right], the screen was wrong.|paper list", "I changed the screen."),
    "P4": ("In June. A nine was typed for a four.", "[I rang the depot and asked them to count again].|counts twice"),
    "P5": ("Every Friday. [I photograph the shelf before I count it].|photographs", "I compare the two."),
    "P6": ("I do not know. My colleague counts.", "[She keeps her list in the first aid box].|paper list"),
    "P7": ("At sea. [The lighthouse keeper dictated the numbers over the radio].|dictates", "I typed them in port."),
    "P8": ("In winter. Gloves and a touch screen.", "[I count on paper and type it in the office].|paper list"),
    "P9": ("Yesterday. [I counted again because the sync had eaten half].|counts twice", "I was late for school."),
    "P10": ("It agrees, mostly.", "When not, [I take a photograph and send it to the owner].|photographs"),
}
GONE = "P7"
WORDS = "The lighthouse keeper dictated the numbers over the radio"


def vtt(name: str) -> bytes:
    """What a recorder wrote of the talk with somebody."""
    asked = ("When did the stock last not agree?", "What did you do then?")
    lines, at = ["WEBVTT", ""], 0
    for question, answer in zip(asked, SAID[name], strict=True):
        said = answer.partition("|")[0].replace("[", "").replace("]", "")
        for who, words in (("Mira", question), (name, said)):
            lines += [
                f"00:{at // 60:02}:{at % 60:02}.000 --> 00:{at // 60:02}:{at % 60 + 8:02}.000",
                f"<v {who}>{words}</v>",
                "",
            ]
            at += 10
    return "\n".join(lines).encode()


def test_ten_interviews_to_one_decision_and_one_who_withdraws(
    page: Page, live_server: LiveServer, world: World
) -> None:
    at = f"{live_server.url}/w/north"
    past = [world.make("study", title=f"Stock counts {year}", questions="Why does the stock not agree?", state="done")
            for year in (2024, 2025)]  # fmt: skip
    sign_in(page, live_server, world.user("product_manager").email)
    write_study(page, at, past)
    recruit(page, at, world)
    bring_in(page, at)
    code_by_keyboard(page, at)
    insight = write_insight(page, at)
    decision = decide(page, at, world, insight)
    withdraw(page, at)
    nothing_is_left(page, at, world, insight, decision)


def write_study(page: Page, at: str, past: list[Any]) -> None:
    """A study is written, and shown the two that answer one of its questions."""
    page.goto(f"{at}/studies/new")
    page.fill("#id_title", "Why counts do not agree")
    page.fill("#id_questions", "Why does the stock not agree with the screen?\nWho counts, and when?")
    page.fill("#id_guide", "When did the stock last not agree?\nWhat did you do then?")
    page.fill("#id_quota", "Warehouses: 6\nBoats: 4")
    page.get_by_role("button", name="Save", exact=True).click()
    answers = page.get_by_role("region", name="Already answered?")
    for one in past:
        expect(answers.locator(".card").first).to_contain_text(one.key)
    page.get_by_role("button", name="Start recruiting").click()
    expect(page.locator("#main")).to_contain_text("Running")


def recruit(page: Page, at: str, world: World) -> None:
    """Ten participants with consent: one by hand on the pages, the others alike."""
    page.goto(f"{at}/participants/new")
    page.fill("#id_title", "P1")
    page.fill("#id_segment", "Warehouses")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Record consent").click()
    page.get_by_label("Take part").check()
    page.get_by_label("Be quoted anonymously").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{at}/PA-1")
    expect(page.get_by_role("region", name="Consent by scope")).to_contain_text("given")
    for name in list(SAID)[1:]:
        person = world.make("participant", title=name, segment="Boats" if name > "P6" else "Warehouses")
        world.make("consent", participant=person.key, take_part=True, quote_anonymous=True)


def bring_in(page: Page, at: str) -> None:
    """Ten transcripts in one go; each finds its participant by the name of the file."""
    page.goto(f"{at}/ST-3")
    page.get_by_role("link", name="Bring in transcripts").click()
    files: list[Any] = [{"name": f"call with {n}.vtt", "mimeType": "text/vtt", "buffer": vtt(n)} for n in SAID]
    page.set_input_files("[name=files]", files)
    page.get_by_role("button", name="Bring them in").click()
    expect(page.locator("body")).to_contain_text("40 turns in 10 interviews.")
    expect(page.locator("section[aria-labelledby=talks] tr", has=page.locator("a[href*='/IV-']"))).to_have_count(10)
    assert Interview.objects.filter(participant=None).count() == 0


def code_by_keyboard(page: Page, at: str) -> None:
    """In each talk, one sentence by keys, with a code: by its digit where it has one here, else by its name."""
    for talk in Interview.objects.order_by("number"):
        name = talk.participant.title if talk.participant else ""
        place = next(n for n, said in enumerate(SAID[name]) if "[" in said)
        said, _, code = SAID[name][place].partition("|")
        words = said.partition("[")[2].partition("]")[0]
        sentences = said.replace("[", "").replace("]", "")
        before = sentences.index(words)
        page.goto(f"{at}/{talk.key}/read")
        page.locator("#main").focus()
        for key in ["j"] * (2 * place + 2):
            page.keyboard.press(key)
        # A sentence before the marked one is passed by; the words themselves need not be a whole sentence.
        for _ in range(1 + sentences[:before].count(". ") + sentences[:before].count("? ")):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("c")
        expect(page.locator("#picker-text")).to_be_focused()
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        expect(page.locator(".hl")).to_have_count(1)
        expect(page.locator(".hl")).to_contain_text(words)
        expect(page.locator(".hl")).to_contain_text(code)
    assert Highlight.objects.count() == 10


def write_insight(page: Page, at: str) -> Insight:
    """From the board: those who keep a list of their own, and who dictates, make one insight."""
    page.goto(f"{at}/ST-3/board")
    for words in (WORDS, "We keep a second list on paper", "The paper list was right"):
        page.goto(f"{at}/ST-3/board")
        card = page.locator(".note-card", has_text=words)
        card.get_by_text("Move to").click()
        card.get_by_label("or a new one").fill("Lists of their own")
        card.get_by_role("button", name="Move").click()
        expect(
            page.get_by_role("region", name="Lists of their own").locator(".note-card", has_text=words)
        ).to_be_visible()
    pile = page.get_by_role("region", name="Lists of their own")
    expect(pile.locator(".note-card")).to_have_count(3)
    pile.get_by_label("What does it say?").fill("People trust lists of their own more than the screen")
    pile.get_by_role("button", name="Make it an insight").click()
    expect(page.get_by_role("region", name="Speaks for it")).to_contain_text(WORDS)
    page.get_by_role("button", name="It stands").click()
    expect(page.locator("#main")).to_contain_text("Stands")
    insight = Insight.objects.get()
    page.goto(f"{at}/ST-3")
    expect(page.locator("#main")).to_contain_text("What was said again and again")
    return insight


def decide(page: Page, at: str, world: World, insight: Insight) -> Decision:
    """Three options, of which one cites the insight and one the very words; a dissent; a prediction; the choice."""
    page.goto(f"{at}/decisions/ask")
    page.get_by_label("What is the question?").fill("How shall a count survive a dead connection?")
    page.get_by_role("button", name="Has it been decided?").click()
    for number, words in enumerate(("Keep counts on the device", "Print count sheets", "Leave it as it is"), 1):
        page.get_by_label(f"Option {number}").fill(words)
    page.get_by_role("button", name="Make the draft").click()
    expect(page.locator("article.alternative")).to_have_count(3)
    mark = Highlight.objects.get(quote__contains=WORDS)
    for option, evidence in (("DO-1", insight.key), ("DO-2", mark.key)):
        page.goto(f"{at}/D-1")
        page.get_by_label(f"Cite evidence for {option}").click()
        page.get_by_label("Evidence").fill(evidence)
        page.get_by_label("In their words").fill(WORDS if evidence == mark.key else "")
        page.locator("main form button.go").click()
        expect(page.locator("#main")).to_contain_text(evidence)
    fill(page, f"{at}/D-1/do/dissent_from", words="Paper never runs out of battery.")
    due = (decided.today() + timedelta(days=60)).isoformat()
    fill(page, f"{at}/D-1/do/predict", metric="Counts done twice", low="5", high="15", due_on=due)
    page.goto(f"{at}/D-1")
    page.get_by_role("button", name="Propose").click()
    page.locator("article.alternative").first.get_by_role("link", name="Choose this").click()
    page.get_by_label("Why this one").fill("People believe what they hold.")
    page.locator("main form button.go").click()
    page.goto(f"{at}/D-1")
    expect(page.locator("article.alternative.chosen")).to_contain_text(insight.title)
    expect(page.locator(".dissents")).to_contain_text("Paper never runs out of battery.")
    expect(page.locator(".prediction")).to_contain_text("80% sure")
    expect(page.locator("#main")).not_to_contain_text("Lost support")
    return Decision.objects.get()


def fill(page: Page, address: str, **values: str) -> None:
    """Answer what is asked before something is done, and do it."""
    page.goto(address)
    for name, value in values.items():
        page.locator(f"main [name={name}]").fill(value)
    with page.expect_navigation():
        page.locator("main form button.go").first.click()


def withdraw(page: Page, at: str) -> None:
    """One of the ten takes everything back; what goes is said beforehand."""
    person = Participant.objects.get(title=GONE)
    page.goto(f"{at}/{person.key}")
    page.get_by_role("link", name="Withdraw consent").click()
    expect(page.get_by_text("1 highlight in 1 interview leave")).to_be_visible()
    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.locator(".chip", has_text="Consent withdrawn").first).to_be_visible()


def nothing_is_left(page: Page, at: str, world: World, insight: Insight, decision: Decision) -> None:
    """The words are on no page, in no export and no search; the decision shows its loss; the log says who and when."""
    mark = Highlight.objects.get(quote__contains=WORDS)
    talk = Interview.objects.get(participant__title=GONE)
    places = [
        "", "highlights/", "interviews/", "insights/", "decisions/", "thread", "review?mine=0", "notifications",
        "search?q=lighthouse", "search?q=dictated", "search?q=radio", "palette?q=lighthouse", "ST-3", "ST-3/board",
        "ST-3/history", "ST-3/give?as=csv", "ST-3/give?as=md", insight.key, f"{insight.key}/history", decision.key,
        f"{decision.key}/history", "DO-1", "DO-2", "DO-2/history", f"PA-{GONE[1:]}", f"PA-{GONE[1:]}/history", "codes/",
        *(f"CD-{n}" for n in range(1, 5)), "studies/", "trash",
    ]  # fmt: skip
    for place in places:
        answer = page.request.get(f"{at}/{place}")
        assert answer.status == 200, place
        assert "lighthouse" not in answer.text().replace("q=lighthouse", "").replace('value="lighthouse"', ""), place
    assert b"lighthouse" not in page.request.get(f"{at}/ST-3/give?as=qdpx").body()
    for kind in ("highlight", "interview", "insight", "option", "decision"):
        for name in FORMATS:
            exported = page.request.get(f"{at}/{kind}s/export.{name}")
            assert b"lighthouse" not in exported.body(), (kind, name)
    token = {"Authorization": f"Bearer {tokens.create(world.pm, name='Test', scopes=['read'])[1]}"}
    api = f"{at.partition('/w/')[0]}/api/v1"
    for path in ("highlights", "search?q=lighthouse", "insights", f"highlights/{mark.key}", f"insights/{insight.key}"):
        answer = page.request.get(f"{api}/{path}", headers=token)
        assert answer.status == (404 if path.endswith(mark.key) else 200), path
        assert "lighthouse keeper" not in answer.text(), path
    for gone in (mark.key, f"{mark.key}/history", talk.key, f"{talk.key}/read", f"{talk.key}/transcript"):
        assert page.request.get(f"{at}/{gone}").status == 404, gone

    page.goto(f"{at}/{insight.key}")
    expect(page.locator("#main")).to_contain_text("We keep a second list on paper")
    page.goto(f"{at}/{decision.key}")
    expect(page.locator("article.alternative").first).to_contain_text("lost 1")
    expect(page.locator("article.alternative").nth(1)).to_contain_text("lost 1")
    expect(page.locator("article.alternative").nth(1)).to_contain_text("taken back with their consent")
    page.goto(f"{at}/PA-{GONE[1:]}/history")
    expect(page.locator("#main")).to_contain_text("Petra Manager")
    expect(page.locator("#main")).to_contain_text("Withdraw consent")
    said = Change.objects.filter(action="withdraw_participant")
    assert {c.actor_name for c in said} == {"Petra Manager"}
    assert insight.pk in {c.card_id for c in said}, "the insight that lost support says who and when as well"
