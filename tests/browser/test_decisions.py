"""Decisions in a browser: a draft with three options, evidence, dissent and a prediction, without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import wrong_in_any_look
from threadline.inbound.decisions import predicting, queries, rules
from threadline.inbound.decisions.models import Decision
from threadline.kernel import verbs
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = (
    "decisions/", "decisions/ask?question=How+do+players+sign+in", "decisions/overrides", "predictions/calibration",
    "D-1", "D-2", "DO-1", "DD-1", "DP-1", "D-2/do/decide", "D-2/do/predict",
)  # fmt: skip


def furnish(world: World) -> None:
    """One decision with an outcome, one still open."""
    note = world.make("feedback", world.owner, body="She has no address.")
    insight = world.make("insight", world.owner, title="Paper is what people have")
    for title in ("How do players sign in?", "How do players pay?"):
        decision = world.make("decision", world.owner, title=title, owner="me", reversible="costly")
        options = [
            rules.add_option(world.owner, decision=decision.key, option=words, detail="So.")
            for words in ("Paper", "Mail")
        ]
        rules.argue_for(world.owner, option=options[0].pk, evidence=note.key, quote="no address")
        rules.argue_against(world.owner, option=options[1].pk, evidence=insight.key)
        rules.dissent_from(world.contributor, decision=decision.key, words="People lose paper.")
        predicting.predict(
            world.owner, decision=decision.key, metric="Tickets", baseline=140, low=20, high=40, due_on=queries.today()
        )
        rules.propose_decision(world.owner, decision=decision.key)
    rules.override_scores(world.owner, decision="D-1", expected_benefit="Fewer tickets", review_on=queries.today())
    rules.decide(world.owner, decision="D-1", option="DO-1", rationale="They have paper.")
    predicting.score_prediction(world.owner, prediction="DP-1", actual=17)
    verbs.update(world.owner, "feedback", note, {"body": "She has one now."})


def test_decisions_are_accessible(browser: Browser, live_server: LiveServer, world: World) -> None:
    furnish(world)
    pages = [f"/w/north/{path}" for path in PAGES]
    assert wrong_in_any_look(browser, live_server, world.user("owner").email, pages) == {}


def test_a_decision_with_three_options_evidence_dissent_and_a_prediction(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    """Step 6 of the scenario from ten interviews to one decision, with scripts switched off."""
    insight = world.make("insight", world.owner, title="Paper is what people have")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/decisions/ask")
    page.get_by_label("What is the question?").fill("How do players keep a harbour?")
    page.get_by_role("button", name="Has it been decided?").click()
    expect(page.get_by_text("Nothing like it was found")).to_be_visible()
    for number, words in enumerate(("Four words on paper", "An e-mail address", "Leave it to support"), 1):
        page.get_by_label(f"Option {number}").fill(words)
    page.get_by_role("button", name="Make the draft").click()
    expect(page.locator("article.alternative")).to_have_count(3)
    page.get_by_label("Cite evidence for DO-1").click()
    page.get_by_label("Evidence").fill(insight.key)
    page.locator("main form button.go").click()
    page.goto(f"{live_server.url}/w/north/D-1/do/dissent_from")
    page.get_by_label("In your words").fill("People lose paper.")
    page.locator("main form button.go").click()
    _predict(page, live_server)
    page.goto(f"{live_server.url}/w/north/D-1")
    page.get_by_role("button", name="Propose").click()
    page.locator("article.alternative").first.get_by_role("link", name="Choose this").click()
    page.get_by_label("Why this one").fill("Paper they have.")
    page.locator("main form button.go").click()
    page.goto(f"{live_server.url}/w/north/D-1")
    expect(page.locator("article.alternative.chosen")).to_contain_text("Paper is what people have")
    expect(page.locator(".dissents")).to_contain_text("People lose paper.")
    expect(page.locator(".prediction")).to_contain_text("80% sure")
    context.close()
    made = Decision.objects.get()
    assert (made.state, made.chosen.title if made.chosen else "") == ("decided", "Four words on paper")
    verbs.archive(world.owner, "insight", insight)
    assert [o.lost for o in queries.options(world.pm, made)] == [1, 0, 0]


def _predict(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/w/north/D-1/do/predict")
    due = (queries.today() + timedelta(days=60)).isoformat()
    for name, value in (("metric", "Tickets a week"), ("low", "20"), ("high", "40"), ("due_on", due)):
        page.locator(f"[name={name}]").fill(value)
    page.locator("main form button.go").click()
