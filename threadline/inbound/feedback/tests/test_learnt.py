"""Importance and labels where notes are read, and the page that says what was learnt."""

from __future__ import annotations

import pytest
from django.test import Client

from threadline.inbound.feedback import labelling, merging, rules, teaching
from threadline.inbound.feedback.models import Feedback
from threadline.kernel.listing import list_page
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World

LEARNT = "/w/north/feedback/learnt"


@pytest.fixture
def client(world: World, client: Client) -> Client:
    client.force_login(world.user("product_manager"))
    return client


def keys(world: World, kind: str, query: str, role: str = "product_manager") -> list[str]:
    return [r["key"] for r in list_page(world.actor(role), type_of(kind), query).rows]


def test_notes_are_found_by_how_much_they_matter(world: World) -> None:
    one, two, _ = (world.make("feedback", title=t) for t in ("One", "Two", "Three"))
    feature, other = world.make("feature", title="Export"), world.make("feature", title="Import")
    rules.link_to_feature(world.pm, feedback=one.key, feature=feature.key, weight=3)
    rules.link_to_feature(world.pm, feedback=one.key, feature=other.key, weight=1)
    rules.link_to_feature(world.pm, feedback=two.key, feature=other.key, weight=1)
    assert keys(world, "feedback", "importance:deal_breaker") == [one.key]
    assert keys(world, "feedback", "importance:nice_to_have") == [two.key]
    assert keys(world, "feature", "deal_breakers>0") == [feature.key]
    listed = list_page(world.pm, type_of("feedback"), "sort:created_at", names=["importance"]).rows
    assert [r["importance"] for r in listed] == ["deal_breaker", "nice_to_have", None]


def test_what_a_hidden_feature_was_told_is_not_said(world: World) -> None:
    """A7: the weight of a link from a feature out of reach does not show through the note."""
    note, hidden = world.make("feedback", title="One"), world.make("feature", title="Secret", confidentiality=2)
    rules.link_to_feature(world.pm, feedback=note.key, feature=hidden.key, weight=3)
    assert keys(world, "feedback", "importance:deal_breaker") == [note.key]
    assert keys(world, "feedback", "importance:deal_breaker", "viewer") == []


def test_labels_are_given_and_taken_off_in_the_inbox(world: World, client: Client) -> None:
    note = world.make("feedback", title="", body="It crashes.")
    page = client.get(f"/w/north/feedback/inbox?at={note.key}").content.decode()
    assert 'value="bug" aria-pressed="false"' in page
    labelling.label_feedback(world.pm, feedback=note.key, label="bug")
    page = client.get(f"/w/north/feedback/inbox?at={note.key}").content.decode()
    assert 'value="bug" aria-pressed="true"' in page
    assert page.count("Bug") >= 2  # in the list as well
    labelling.unlabel_feedback(world.pm, feedback=note.key, label="bug")
    assert keys(world, "feedback", "tag:bug") == []


def test_what_was_taught_is_shown_and_taken_back(world: World, client: Client) -> None:
    one, two, three = (world.make("feedback", title=t) for t in ("Note one", "Note two", "Note three"))
    feature = world.make("feature", title="Export")
    rules.link_to_feature(world.pm, feedback=one.key, feature=feature.key)
    merging.merge_feedback(world.pm, feedback=three.key, into=two.key)
    labelling.label_feedback(world.pm, feedback=two.key, label="praise")
    page = client.get(LEARNT).content.decode()
    for words in ("Note one", "linked to", "repeats", "labelled praise", "Take it back"):
        assert words in page
    client.post(f"/w/north/{one.key}/do/unlink_from_feature", {"feature": feature.key, "then": LEARNT})
    client.post(f"/w/north/{three.key}/do/unmerge_feedback", {"then": LEARNT})
    client.post(f"/w/north/{two.key}/do/unlabel_feedback", {"label": "praise", "then": LEARNT})
    assert (teaching.links(world.pm), teaching.merges(world.pm), teaching.labelled(world.pm)) == ([], [], [])
    assert set(Feedback.objects.values_list("state", flat=True)) == {"new"}
    assert "No note is linked to a feature yet" in client.get(LEARNT).content.decode()


def test_what_is_out_of_reach_taught_nothing_that_is_shown(world: World, client: Client) -> None:
    """A7: neither hidden notes nor another company's stand on the page."""
    hidden = world.make("feedback", title="Secret words", confidentiality=2)
    labelling.label_feedback(world.pm, feedback=hidden.key, label="bug")
    client.force_login(world.user("viewer"))
    page = client.get(LEARNT).content.decode()
    assert "Secret words" not in page
    assert "Take it back" not in page
    assert teaching.labelled(world.actor("product_manager", "south")) == []
