"""The form on a site: calm, without cookies, and nothing that a person wrote is lost."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from threadline.inbound.feedback import rules as notes
from threadline.inbound.feedback.models import Feedback
from threadline.inbound.intake import form, queries, rules, sealing
from threadline.inbound.intake.models import FeedbackSource
from threadline.kernel import verbs
from threadline.kernel.testing import World, fresh


class Visitor:
    """Somebody on the site, in a browser that keeps no cookies and is checked for forgery."""

    def __init__(self, world: World, **values: Any) -> None:
        made = verbs.create(world.pm, "feedback_source", {"title": "Tell us", "way": "form", **values})
        assert isinstance(made, FeedbackSource)
        self.source, self.key = made, queries.intake_of(made).key
        self.browser = Client(enforce_csrf_checks=True)

    def opens(self) -> HttpResponse:
        return self.browser.get(f"/form/{self.key}")

    def sends(self, text: str = "More colours, please.", *, after: int = 10, **values: str) -> HttpResponse:
        opened = sealing.stamp(self.key, time.time() - after)
        return self.browser.post(f"/form/{self.key}", {"text": text, "opened": opened, "website": "", **values})


@pytest.fixture
def visitor(world: World) -> Visitor:
    return Visitor(world)


def test_what_is_sent_becomes_a_note_and_is_thanked_for(visitor: Visitor) -> None:
    answer = visitor.sends(name="Ana", email="ana@acme.example")
    assert answer.status_code == 200
    assert "Thank you" in answer.content.decode()
    note = Feedback.objects.get()
    assert (note.body, note.author, note.state) == ("More colours, please.", "Ana", "new")


def test_it_stands_in_frames_of_the_named_sites_alone_and_sets_no_cookie(world: World, visitor: Visitor) -> None:
    """C9: who may put the form around which page is said by name; nothing else of ours may be framed."""
    answer = visitor.opens()
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    shop = Visitor(world, sites="https://Shop.example/\nhttps://*.acme.example:8443")
    answer = shop.opens()
    assert answer["Content-Security-Policy"].endswith(
        "frame-ancestors https://shop.example https://*.acme.example:8443"
    )
    assert "X-Frame-Options" not in answer.headers
    assert "script" not in answer.content.decode()
    assert not answer.cookies
    assert not shop.sends().cookies


@pytest.mark.parametrize(
    "site", ["shop", "https://shop.example/x", "https://a;script-src", "data:x", "https://u@h.example", "'self'"]
)
def test_sites_are_origins_and_nothing_else(world: World, site: str) -> None:
    """C9: nothing but an origin gets into the header; the sources' page says what was left out."""
    answer = Visitor(world, sites=f"https://shop.example {site}").opens()
    assert answer["Content-Security-Policy"].endswith("frame-ancestors https://shop.example")
    client = Client()
    client.force_login(world.user("product_manager"))
    assert "left out, because it is no site" in client.get("/w/north/feedback/sources").content.decode()


@pytest.mark.parametrize(
    ("after", "values", "because"),
    [
        (10, {"website": "https://pills.example"}, "people do not see"),
        (1, {}, "within 3 seconds"),
        (90_000, {}, "open lately"),
        (10, {"opened": "1.2.3"}, "open lately"),
        (10, {"opened": ""}, "open lately"),
        (10, {"text": "http://a.example http://b.example www.c.example"}, "more than 2 links"),
    ],
)
def test_what_looks_like_spam_is_held_back_and_not_lost(
    world: World, visitor: Visitor, after: int, values: dict[str, str], because: str
) -> None:
    """F5: a hidden field, haste, a forged or old stamp, many links."""
    answer = visitor.sends(after=after, **values)
    assert "Thank you" in answer.content.decode(), "a robot is told nothing"
    note = Feedback.objects.get()
    assert note.state == "held"
    assert because in queries.latest(visitor.source)[0].because
    notes.let_in_feedback(world.pm, feedback=note)
    assert fresh(note).state == "new"


def test_a_stamp_of_another_form_is_none(world: World, visitor: Visitor) -> None:
    other = Visitor(world)
    stamp = sealing.stamp(other.key, time.time() - 10)
    visitor.sends(opened=stamp)
    assert Feedback.objects.get().state == "held"


def test_a_second_press_sends_nothing_twice(visitor: Visitor) -> None:
    stamp = sealing.stamp(visitor.key, time.time() - 10)
    visitor.sends(opened=stamp)
    visitor.sends(opened=stamp)
    assert Feedback.objects.count() == 1


def test_a_refused_form_keeps_what_was_written(visitor: Visitor) -> None:
    answer = visitor.sends(email="no address", name="Ana <b>")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "More colours, please." in page
    assert "Ana &lt;b&gt;" in page
    assert "not an e-mail address" in page
    assert visitor.sends("x" * 5_001).status_code == 422
    assert visitor.sends(" ").status_code == 422
    assert not Feedback.objects.exists()


def test_only_so_many_a_minute_from_one_address(visitor: Visitor) -> None:
    """F5: a flood from one address is stopped, and what was written stays in the form."""
    found = [visitor.sends(f"Note {n}") for n in range(8)]
    assert [a.status_code for a in found] == [200] * 6 + [429] * 2
    assert "Note 7" in found[-1].content.decode()
    assert Feedback.objects.count() == 6


def test_a_paused_form_says_so_and_an_unknown_one_is_not_there(world: World, visitor: Visitor) -> None:
    rules.pause_feedback_source(world.pm, feedback_source=visitor.source)
    assert "closed for now" in visitor.opens().content.decode()
    assert "closed for now" in visitor.sends().content.decode()
    assert not Feedback.objects.exists()
    assert Client().get("/form/" + "a" * 24).status_code == 404
    assert Client().get("/nothing/" + visitor.key).status_code == 404
    assert Client().get(f"/in/{visitor.key}").status_code == 405
    assert form.MOST_LINKS == 2
