"""Remarks on words of a record: what they quote, whether it still stands there, and where a browser finds it."""

from __future__ import annotations

import pytest
from django.test import Client

from threadline.faces.web import passages
from threadline.kernel import verbs
from threadline.kernel.testing import World


@pytest.mark.parametrize(
    ("body", "quote"),
    [
        ("> the *raid* was lost\n\nWhy?", "the raid was lost"),
        ("> one\n> two\n\nand", "one two"),
        ("no quote\n> later", ""),
        (">", ""),
        ("\n> after a blank line", "after a blank line"),
        ("> “said”", '"said"'),
        ("> " + "x" * 5_000, "x" * passages.MOST),
    ],
)
def test_what_a_remark_quotes(body: str, quote: str) -> None:
    assert passages.quoted(body) == quote


def test_where_words_stand() -> None:
    words = ["the raid was lost", "a raid and a raid"]
    assert passages.standing("raid was", words) == "here"
    assert passages.standing("a raid", words) == "several"
    assert passages.standing("a boss", words) == "changed"


def test_an_address_names_the_ends_of_long_words() -> None:
    assert passages.address("so-called raid, lost") == "#:~:text=so%2Dcalled%20raid%2C%20lost"
    assert passages.address(" ".join("abcdefghijkl")) == "#:~:text=a%20b%20c%20d%20e,h%20i%20j%20k%20l"


def test_a_remark_follows_its_words_and_says_when_they_are_gone(world: World, client: Client) -> None:
    made = world.make("feature", title="Resume", body="The raid was **lost** at night.\n\nNobody came back.")
    verbs.comment(world.pm, made, "> The raid was lost\n\nEach night?")
    verbs.comment(world.pm, made, "Just a remark")
    client.force_login(world.user("product_manager"), "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/w/north/{made.key}").content.decode()
    assert page.count("Show these words") == 1
    assert 'href="#:~:text=The%20raid%20was%20lost"' in page
    verbs.update(world.pm, "feature", made.pk, {"body": "The raid was won.\n\nNobody came back."})
    page = client.get(f"/w/north/{made.key}").content.decode()
    assert "These words have been changed since." in page
    assert "Show these words" not in page
