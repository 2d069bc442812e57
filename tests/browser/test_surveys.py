"""Surveys in a browser: customers answer on a phone without scripts, a product manager reads what they said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import LOOKS, objections
from threadline.inbound.priorities.models import ScoreInput
from threadline.inbound.surveys import queries, rules
from threadline.inbound.surveys.models import Survey, SurveyAnswer
from threadline.kernel import rows, verbs
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WHOLE = {"buying": [[0, 10, 6, 2], [18, 0, 0, 0], [0, 0, 9, 9]], "ranking": [[1, 3, 2, 4], [3, 1, 2, 4], [2, 3, 1, 4]]}
PHONE = {"width": 320, "height": 640}
WORDS = (
    "Sign in without a password",
    "Search that forgives typing",
    "Dark pages",
    "Export to a spreadsheet",
)


def opened(world: World, method: str) -> Survey:
    """A survey about four features, open."""
    ends = [f" = {price}" if method == "buying" else "" for price in (100, 60, 40, 20)]
    asked = zip(WORDS, ends, strict=True)
    lines = "\n".join(f"{world.make('feature', title='Within the house').key}: {words}{end}" for words, end in asked)
    values = {"title": "What matters to you?", "method": method, "items": lines, "segments": "Small team\nLarge team"}
    made = verbs.create(world.pm, "survey", values)
    return rules.open_survey(world.pm, survey=made.key)


def answered(survey: Survey, people: int) -> None:
    """Sheets as people would have left them, one of them of somebody who did not read."""
    pairs = {"kano": [["like", "neutral"], ["like", "dislike"], ["neutral", "dislike"], ["neutral", "neutral"]],
             "opportunity": [[5, 1], [4, 4], [2, 5], [5, 3]]}  # fmt: skip
    now = rows.now()
    for seed in range(people):
        plan = queries.plan_of(survey, seed)
        if survey.method == "maxdiff":
            said = {str(n): [min(shown), max(shown)] for n, shown in enumerate(plan)}
        elif survey.method in WHOLE:
            said = {"0": WHOLE[survey.method][seed % 3]}
        else:
            said = {str(n): pairs[survey.method][(item + seed % 3) % 4] for n, item in enumerate(plan)}
        SurveyAnswer.objects.create(
            workspace_id=survey.workspace_id, survey=survey, token_hash=str(seed), plan=plan, said=said,
            segment=("Small team", "Large team", "")[seed % 3], finished_at=now,
            began_at=now - timedelta(seconds=1 if seed == 4 else 200),
        )  # fmt: skip


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= 320"))


def begin(page: Page, live_server: LiveServer, survey: Survey) -> None:
    page.goto(f"{live_server.url}{queries.address_of(survey)}")
    page.get_by_label("Which of these are you?").select_option("Small team")
    page.get_by_label("I take part because I want to.").check()
    page.get_by_role("button", name="Begin").click()


@pytest.mark.parametrize("method", ["kano", "opportunity", "maxdiff"])
def test_a_customer_answers_on_a_phone_without_scripts(
    browser: Browser, live_server: LiveServer, world: World, method: str
) -> None:
    survey = opened(world, method)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    begin(page, live_server, survey)
    questions = len(queries.plan_of(survey, 0))
    for number in range(1, questions + 1):
        expect(page.get_by_text(f"{number} of {questions}", exact=False)).to_be_visible()
        first, second = page.locator("[name=first]"), page.locator("[name=second]")
        first.nth(0).check()
        second.nth(1).check()
        page.get_by_role("button", name="Send" if number == questions else "Next").click()
        if number == 1:  # somebody is called away, and goes on by the address they kept
            page.goto(page.url.partition("&n=")[0])
    expect(page.get_by_role("status")).to_have_text("Thank you. Your answers were kept.")
    assert context.cookies() == []
    context.close()
    sheet = SurveyAnswer.objects.get()
    assert sheet.finished_at is not None
    assert (sheet.segment, len(sheet.said)) == ("Small team", questions)


def test_a_customer_buys_and_ranks_on_a_phone_without_scripts(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    """The purse is kept and each place is given once: what is wrong is said, and what was typed stays."""
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    bought = opened(world, "buying")  # 220 in all: two fifths of that for five people are 18 each
    begin(page, live_server, bought)
    expect(page.get_by_text("You have 18 of play money")).to_be_visible()
    page.get_by_label("Dark pages").fill("15")
    page.get_by_label("Export to a spreadsheet").fill("9")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_have_text("You put down 24 and have 18: take 6 away.")
    expect(page.get_by_label("Dark pages")).to_have_value("15")
    page.get_by_label("Export to a spreadsheet").fill("3")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_have_text("Thank you. Your answers were kept.")
    ranked = opened(world, "ranking")
    begin(page, live_server, ranked)
    for place, words in enumerate(WORDS, 1):
        page.get_by_label(words).select_option(str(min(place, 3)))
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_have_text("Give each of them a place of its own; nobody has 4 yet.")
    page.get_by_label(WORDS[3]).select_option("4")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_have_text("Thank you. Your answers were kept.")
    assert context.cookies() == []
    context.close()
    assert [a.said for a in SurveyAnswer.objects.order_by("pk")] == [{"0": [0, 0, 15, 3]}, {"0": [1, 2, 3, 4]}]


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_of_a_survey_is_accessible_and_fits_320_pixels(
    browser: Browser, live_server: LiveServer, world: World, look: str
) -> None:
    found, wide = {}, []
    for method in ("kano", "opportunity", "maxdiff", *WHOLE):
        survey = opened(world, method)
        context = browser.new_context(bypass_csp=True, **{**LOOKS[look], "viewport": PHONE})
        page = context.new_page()
        page.goto(f"{live_server.url}{queries.address_of(survey)}")
        found[f"{method}, welcome"], narrow = objections(page), [fits(page)]
        begin(page, live_server, survey)
        page.locator("form").evaluate("form => { form.noValidate = true; form.submit(); }")
        expect(page.get_by_role("alert")).to_be_visible()
        found[f"{method}, asked again"] = objections(page)
        narrow.append(fits(page))
        rules.close_survey(world.pm, survey=survey.key)
        page.goto(f"{live_server.url}{queries.address_of(survey)}")
        found[f"{method}, closed"] = objections(page)
        wide += [method for one in narrow if not one]
        context.close()
    assert {where: said for where, said in found.items() if said} == {}
    assert wide == []


@pytest.mark.parametrize("look", LOOKS)
def test_results_are_accessible(browser: Browser, live_server: LiveServer, world: World, look: str) -> None:
    context = browser.new_context(bypass_csp=True, **LOOKS[look])
    page = context.new_page()
    sign_in(page, live_server, world.user("product_manager").email)
    found = {}
    for method in ("kano", "opportunity", "maxdiff", *WHOLE):
        survey = opened(world, method)
        answered(survey, 12)
        for path in ("", "/results", "/results?segment=Small+team&with=all"):
            page.goto(f"{live_server.url}/w/north/{survey.key}{path}")
            found[f"{method}{path}"] = objections(page)
    context.close()
    assert {where: said for where, said in found.items() if said} == {}


def test_a_product_manager_asks_reads_and_uses_it_for_scores(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    """From a draft to numbers with a source, with scripts switched off."""
    feature = world.make("feature", title="Within the house")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/surveys/new")
    page.locator("[name=title]").fill("Where are you stuck?")
    page.locator("[name=method]").select_option("opportunity")
    page.locator("main form button.go").first.click()
    page.goto(f"{live_server.url}/w/north/SV-1/do/ask_about")
    page.locator("[name=feature]").fill(feature.key)
    page.locator("[name=words]").fill("Getting all of it out")
    page.locator("main form button.go").click()
    page.goto(f"{live_server.url}/w/north/SV-1")
    expect(page.get_by_text("Getting all of it out").first).to_be_visible()
    page.get_by_role("button", name="Open", exact=True).click()
    page.goto(f"{live_server.url}/w/north/SV-1")
    survey = Survey.objects.get()
    assert page.locator("#leads").input_value().endswith(queries.address_of(survey))
    now = rows.now()
    for n in range(10):
        SurveyAnswer.objects.create(
            workspace_id=survey.workspace_id, survey=survey, token_hash=str(n), plan=[0], finished_at=now,
            said={"0": [5 if n < 9 else 2, 4 if n < 3 else 1]}, began_at=now - timedelta(seconds=60),
        )  # fmt: skip
    page.get_by_role("button", name="Close", exact=True).click()
    page.goto(f"{live_server.url}/w/north/SV-1/results")
    row = page.get_by_role("region", name="Results as a table").get_by_role("row").nth(1)
    expect(row).to_contain_text("15.00")
    expect(row).to_contain_text("extreme")
    page.get_by_role("link", name="Use for scores").click()
    page.locator("main form button.go").click()
    expect(page.get_by_text("Survey SV-1").or_(page.get_by_text("Where are you stuck?")).first).to_be_visible()
    context.close()
    said = {i.name: (i.value, i.basis) for i in ScoreInput.objects.filter(feature=feature)}
    assert said["importance"] == (9.0, "Survey SV-1, 10 people: Where are you stuck?")
    assert said["satisfaction"][0] == 3.0
