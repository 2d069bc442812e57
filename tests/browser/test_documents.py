"""Documents in a browser: written by keyboard, cited with two brackets, kept to the letter, merged."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_accessibility import wrong_in_any_look
from threadline.inbound.documents.models import Document
from threadline.kernel import verbs
from threadline.kernel.testing import World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WRITTEN = "Setext\n======\n\n* one\n* two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n{{requirements F-1}}\n\nLast __words__."


@pytest.fixture
def feature(world: World) -> str:
    return str(world.make("feature", title="Rejoin a raid").key)


def opened(page: Page, live_server: LiveServer, world: World, key: str) -> None:
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{key}/edit")
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_be_visible()


def test_a_text_is_written_by_keyboard_and_cites_with_two_brackets(
    page: Page, live_server: LiveServer, world: World, feature: str
) -> None:
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/documents/new")
    page.fill("[name=title]", "Why we let people back in")
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.focus()
    page.keyboard.type("# Problem\nPeople fall out of raids, see [[rejoin")
    option = page.get_by_role("option", name="Rejoin a raid")
    expect(option).to_be_visible()
    page.keyboard.press("Enter")
    expect(text.locator("[data-cite]")).to_have_text(f"[[{feature}]]")
    page.keyboard.type("and more.\n- first\nsecond\n\n> ")
    page.keyboard.type("said so")
    page.keyboard.press("Control+b")
    page.keyboard.type(" loudly")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/DOC-*")
    body = Document.objects.get(title="Why we let people back in").body
    said = f"People fall out of raids, see [[{feature}]] and more."
    assert body == f"# Problem\n\n{said}\n\n* first\n* second\n\n> said so **loudly**"
    expect(page.locator(".prose a.citation").first).to_contain_text("Rejoin a raid")


def test_what_nobody_touches_stays_to_the_letter(
    page: Page, live_server: LiveServer, world: World, feature: str
) -> None:
    made = world.make("document", title="Old words", body=WRITTEN)
    opened(page, live_server, world, made.key)
    page.fill("[name=title]", "Old words, new name")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/{made.key}")
    assert fresh(made).body == WRITTEN
    page.goto(f"{live_server.url}/w/north/{made.key}/edit")
    page.locator(".writing-text").get_by_text("Last words.").click()
    page.keyboard.press("End")
    page.keyboard.type(" And one more.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/{made.key}")
    assert fresh(made).body == WRITTEN.replace("__words__.", "**words**. And one more.")


def test_the_signs_can_be_seen_and_are_remembered(
    page: Page, live_server: LiveServer, world: World, feature: str
) -> None:
    made = world.make("document", title="Signs", body="Some *words*")
    opened(page, live_server, world, made.key)
    page.get_by_role("button", name="Plain text").click()
    field = page.locator("textarea[name=body]")
    expect(field).to_have_value("Some *words*")
    field.fill("Some **other** words")
    page.reload()
    expect(page.locator("textarea[name=body]")).to_be_visible()
    page.locator("textarea[name=body]").fill("Some **other** words")
    page.get_by_role("button", name="Plain text").click()
    expect(page.get_by_role("textbox", name="Text", exact=True).locator("strong")).to_have_text("other")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/{made.key}")
    assert fresh(made).body == "Some **other** words"


def test_two_people_in_two_places_keep_both(page: Page, live_server: LiveServer, world: World, feature: str) -> None:
    made = world.make("document", title="Together", body="First part.\n\nSecond part.\n\nThird part.")
    opened(page, live_server, world, made.key)
    page.locator(".writing-text").get_by_text("Third part.").click()
    page.keyboard.press("End")
    page.keyboard.type(" Mine.")
    verbs.update(world.owner, "document", made.pk, {"body": "First part. Theirs.\n\nSecond part.\n\nThird part."})
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/{made.key}")
    assert fresh(made).body == "First part. Theirs.\n\nSecond part.\n\nThird part. Mine."


def test_nothing_is_lost_when_the_server_refuses(
    page: Page, live_server: LiveServer, world: World, feature: str
) -> None:
    made = world.make("document", title="Refused", body="Words")
    opened(page, live_server, world, made.key)
    page.get_by_role("textbox", name="Text", exact=True).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" that stay")
    page.fill("[name=owner]" if page.locator("input[name=owner]").count() else "[name=title]", "x" * 600)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_text("Words that stay")


def test_the_editor_can_be_used_by_everybody(
    browser: Browser, live_server: LiveServer, world: World, feature: str
) -> None:
    made = world.make("document", title="For everybody", body=WRITTEN)
    address = f"/w/north/{made.key}/edit"
    assert wrong_in_any_look(browser, live_server, world.user("product_manager").email, [address]) == {}


def test_a_comment_cites_with_two_brackets_too(page: Page, live_server: LiveServer, world: World, feature: str) -> None:
    made = world.make("document", title="Talked about", body="Words")
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{made.key}")
    page.locator("#comment-body").focus()
    page.keyboard.type("As in [[rejoin")
    expect(page.get_by_role("option", name="Rejoin a raid")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#comment-body")).to_have_value(f"As in [[{feature}]] ")


def test_selected_words_are_spoken_about(page: Page, live_server: LiveServer, world: World, feature: str) -> None:
    made = world.make("document", title="Spoken about", body="Nobody comes back to a raid.\n\nSo they stop playing.")
    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{live_server.url}/w/north/{made.key}")
    expect(page.locator("#comment-body")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.locator(".prose p", has_text="So they stop").select_text()
    page.get_by_role("button", name="Comment on this").click()
    expect(page.locator("#comment-body")).to_have_value("> So they stop playing.\n\n")
    page.keyboard.type("All of them?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("link", name="Show these words")).to_be_visible()
    verbs.update(world.owner, "document", made.pk, {"body": "Nobody comes back to a raid."})
    page.reload()
    expect(page.get_by_text("These words have been changed since.")).to_be_visible()
