"""Notes and the features they support: quotes, importance, and a state that follows."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.inbound.feedback.rules import link_to_feature, make_feature, unlink_from_feature
from threadline.kernel import past, thread, undo, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

BODY = "We were in **the last fight** when it dropped us. Twice.\n\nThe whole evening, gone."


@pytest.fixture
def note(world: World) -> Any:
    return world.make("feedback", title="Dropped", body=BODY)


@pytest.fixture
def feature(world: World) -> Any:
    return world.make("feature", title="Rejoin a raid")


def link_of(feature: Any) -> Link:
    return Link.objects.get(source_id=feature.pk, kind="evidence")


def test_linking_makes_the_note_evidence_and_its_state_linked(world: World, note: Any, feature: Any) -> None:
    returned = link_to_feature(world.pm, feedback=note.key, feature=feature.key, quote="it dropped us", weight=3)
    link = link_of(feature)
    assert (link.target_id, link.quote, link.weight) == (note.pk, "it dropped us", 3)
    assert (returned.state, returned.version) == ("linked", 2) == (fresh(note).state, fresh(note).version)
    [node] = thread.why(world.pm, verbs.card(world.pm, feature))
    assert (node.key, node.quote) == (note.key, "it dropped us")


@pytest.mark.parametrize(
    "quote",
    [
        "it dropped us. Twice.",
        "the last fight",
        "**the last fight**",
        "Twice.\n\nThe whole",
        "us. Twice.\r\n\r\nThe",
        "Dropped",
    ],
)
def test_a_quote_stands_in_the_note_as_written_or_as_read(world: World, note: Any, feature: Any, quote: str) -> None:
    link_to_feature(world.pm, feedback=note.key, feature=feature.key, quote=quote)
    assert link_of(feature).quote


@pytest.mark.parametrize("quote", ["it dropped me", "IT DROPPED US", "the last  fight", "Twice. The whole", "x"])
def test_words_that_are_not_there_are_refused_by_every_way(world: World, note: Any, feature: Any, quote: str) -> None:
    ways: list[Any] = [
        lambda: link_to_feature(world.pm, feedback=note.key, feature=feature.key, quote=quote),
        lambda: make_feature(world.pm, feedback=note.key, quote=quote),
        lambda: verbs.link(world.pm, feature, note, "evidence", quote=quote),
        lambda: verbs.create(
            world.pm, "feature", {"title": "X"}, cites=[{"kind": "evidence", "target": note.key, "quote": quote}]
        ),
    ]
    for way in ways:
        with pytest.raises(Invalid) as told:
            way()
        assert [p.field for p in told.value.problems] == ["quote"]
    assert (Link.objects.count(), fresh(note).state) == (0, "new")


@pytest.mark.parametrize("weight", [-1, 4, 1.5, "much"])
def test_importance_has_four_steps(world: World, note: Any, feature: Any, weight: Any) -> None:
    with pytest.raises(Invalid) as told:
        link_to_feature(world.pm, feedback=note.key, feature=feature.key, weight=weight)
    assert [p.field for p in told.value.problems] == ["weight"]


def test_linking_again_renews_quote_and_weight(world: World, note: Any, feature: Any) -> None:
    link_to_feature(world.pm, feedback=note.key, feature=feature.key, quote="Twice.", weight=1)
    link_to_feature(world.pm, feedback=note.key, feature=feature.key, weight=3)
    assert (link_of(feature).quote, link_of(feature).weight) == ("Twice.", 3)


def test_a_note_is_new_again_when_its_last_feature_lets_go(world: World, note: Any, feature: Any) -> None:
    other = world.make("feature")
    for one in (feature, other):
        link_to_feature(world.pm, feedback=note.key, feature=one.key)
    assert unlink_from_feature(world.pm, feedback=note.key, feature=feature.key).state == "linked"
    assert unlink_from_feature(world.pm, feedback=note.key, feature=other.key).state == "new"
    with pytest.raises(Conflict):
        unlink_from_feature(world.pm, feedback=note.key, feature=other.key)


def test_the_state_follows_whichever_way_the_link_came_or_went(world: World, note: Any, feature: Any) -> None:
    link = verbs.link(world.pm, feature, note, "evidence")
    assert fresh(note).state == "linked"
    verbs.unlink(world.pm, link.pk)
    assert fresh(note).state == "new"
    verbs.create(world.pm, "feature", {"title": "With"}, cites=[{"kind": "evidence", "target": note.key}])
    assert fresh(note).state == "linked"


def test_the_state_follows_undo_and_redo(world: World, note: Any, feature: Any) -> None:
    link_to_feature(world.pm, feedback=note.key, feature=feature.key, quote="Twice.", weight=2)
    batch = past.history(world.pm, feature)[0].batch
    done = undo.undo(world.pm, batch)
    assert (fresh(note).state, Link.objects.count()) == ("new", 0)
    undo.undo(world.pm, done.batch)
    assert fresh(note).state == "linked"
    assert (link_of(feature).quote, link_of(feature).weight) == ("Twice.", 2)


def test_the_state_follows_a_feature_into_the_trash_and_back(world: World, note: Any, feature: Any) -> None:
    link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    verbs.archive(world.pm, "feature", feature)
    assert fresh(note).state == "new"
    verbs.restore(world.pm, "feature", feature)
    assert fresh(note).state == "linked"


def test_what_is_no_feature_or_no_evidence_does_not_link_a_note(world: World, note: Any, feature: Any) -> None:
    verbs.link(world.pm, world.make("objective"), note, "rests_on")
    verbs.update(world.pm, "feature", feature, {"body": f"See [[{note.key}]]"})
    assert fresh(note).state == "new"


def test_the_state_is_true_even_where_the_actor_may_not_look(world: World, feature: Any) -> None:
    hidden = world.make("feedback", actor=world.owner, title="Secret", confidentiality=NAMED)
    verbs.link(world.owner, feature, hidden, "evidence")
    assert fresh(hidden).state == "linked"
    verbs.archive(world.pm, "feature", feature)
    assert fresh(hidden).state == "new"


def test_new_and_linked_cannot_be_said_by_hand(world: World, note: Any, feature: Any) -> None:
    verbs.update(world.pm, "feedback", note, {"state": "linked"})
    assert fresh(note).state == "new"
    assert world.make("feedback", state="linked").state == "new"
    link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    verbs.update(world.pm, "feedback", note, {"state": "new"})
    assert fresh(note).state == "linked"


def test_a_mended_body_makes_the_feature_review_its_quote(world: World, note: Any, feature: Any) -> None:
    link_to_feature(world.pm, feedback=note.key, feature=feature.key, quote="Twice.")
    verbs.update(world.pm, "feedback", note, {"body": "Once."})
    assert [(s.source_key, s.quote) for s in thread.suspects(world.pm)] == [(feature.key, "Twice.")]


def test_a_feature_made_of_a_note_rests_on_it(world: World) -> None:
    world.product("Atlas")
    note = world.make("feedback", title="", body=BODY, product="Atlas")
    made = make_feature(world.pm, feedback=note.key, quote="it dropped us", weight=2)
    assert (made.kind, made.state) == ("feature", "idea")
    assert made.title == note.title == "We were in the last fight when it dropped us. Twice. The whole evening, gone."
    assert made.product_id == note.product_id
    assert (link_of(made).quote, link_of(made).weight, fresh(note).state) == ("it dropped us", 2, "linked")
    assert make_feature(world.pm, feedback=note.key, title="Rejoin").title == "Rejoin"


def test_a_contributor_brings_notes_in_and_links_none(world: World, feature: Any) -> None:
    note = world.make("feedback", actor=world.contributor, title="From support")
    for act in (link_to_feature, unlink_from_feature):
        with pytest.raises(Forbidden):
            act(world.contributor, feedback=note.key, feature=feature.key)
    with pytest.raises(Forbidden):
        make_feature(world.contributor, feedback=note.key)
    with pytest.raises(Forbidden):
        verbs.link(world.contributor, feature, note, "evidence")


def test_linking_needs_the_right_to_change_the_feature(world: World, note: Any, feature: Any) -> None:
    """A product marketer may change notes, but not features."""
    with pytest.raises(Forbidden):
        link_to_feature(world.pmm, feedback=note.key, feature=feature.key)
    with pytest.raises(Forbidden):
        make_feature(world.pmm, feedback=note.key)
    assert fresh(note).state == "new"


def test_another_workspace_is_not_there(world: World, note: Any, feature: Any) -> None:
    theirs = world.make("feature", actor=world.stranger, title="Theirs")
    with pytest.raises(NotFound):
        link_to_feature(world.stranger, feedback=note.key, feature=theirs.key)
    with pytest.raises(Invalid) as told:
        link_to_feature(world.pm, feedback=note.key, feature=str(theirs.pk))
    assert [p.field for p in told.value.problems] == ["feature"]
