"""Declining, reopening, and how a note gets its title."""

from __future__ import annotations

import pytest

from threadline.inbound.feedback.merging import merge_feedback
from threadline.inbound.feedback.rules import decline_feedback, link_to_feature, reopen_feedback
from threadline.kernel import past, verbs
from threadline.kernel.errors import Conflict, Forbidden, Invalid
from threadline.kernel.testing import World, fresh


def test_a_no_has_a_reason_that_is_kept(world: World) -> None:
    note = world.make("feedback")
    decline_feedback(world.pmm, feedback=note.key, reason="We leave the old console behind")
    assert (fresh(note).state, fresh(note).declined_reason) == ("declined", "We leave the old console behind")
    assert past.history(world.viewer, fresh(note))[0].why == "We leave the old console behind"


@pytest.mark.parametrize("reason", [None, "", "  \n "])
def test_a_no_without_a_reason_is_refused_by_every_way(world: World, reason: str | None) -> None:
    note = world.make("feedback")
    with pytest.raises(Invalid):
        decline_feedback(world.pm, feedback=note.key, reason=reason)
    with pytest.raises(Invalid) as told:
        verbs.update(world.pm, "feedback", note, {"state": "declined", "declined_reason": reason})
    assert [p.field for p in told.value.problems] == ["declined_reason"]


def test_a_no_can_be_taken_back_and_the_state_follows(world: World) -> None:
    plain, supporting = world.make("feedback"), world.make("feedback")
    link_to_feature(world.pm, feedback=supporting.key, feature=world.make("feature").key)
    for note, state in ((plain, "new"), (supporting, "linked")):
        decline_feedback(world.pm, feedback=note.key, reason="No")
        reopen_feedback(world.pm, feedback=note.key, reason="A partner asked")
        assert (fresh(note).state, fresh(note).declined_reason) == (state, "")
    with pytest.raises(Conflict):
        reopen_feedback(world.pm, feedback=plain.key)


def test_a_declined_note_is_linked_only_after_it_is_reopened(world: World) -> None:
    note, feature = world.make("feedback"), world.make("feature")
    decline_feedback(world.pm, feedback=note.key, reason="No")
    with pytest.raises(Conflict):
        link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    verbs.link(world.pm, feature, note, "evidence")  # a feature may rest on it all the same
    assert fresh(note).state == "declined"
    assert reopen_feedback(world.pm, feedback=note.key).state == "linked"


def test_a_declined_note_may_turn_out_to_be_a_repeat(world: World) -> None:
    note, other = world.make("feedback"), world.make("feedback")
    decline_feedback(world.pm, feedback=note.key, reason="No")
    merge_feedback(world.pm, feedback=note.key, into=other.key)
    assert fresh(note).state == "merged"


def test_a_contributor_brings_in_and_does_not_answer(world: World) -> None:
    note = world.make("feedback", actor=world.contributor)
    with pytest.raises(Forbidden):
        decline_feedback(world.contributor, feedback=note.key, reason="No")


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("I lost the **boss key**\n\nagain", "I lost the boss key again"),
        ("word " * 40, ("word " * 18).strip() + "…"),
        ("# Heading\n\n- one", "Heading one"),
    ],
)
def test_a_note_without_a_title_is_named_by_its_first_words(world: World, body: str, title: str) -> None:
    assert world.make("feedback", title="", body=body).title == title


def test_a_note_says_something(world: World) -> None:
    for body in ("", None, "   "):
        with pytest.raises(Invalid) as told:
            world.make("feedback", title="", body=body)
        assert [p.field for p in told.value.problems] == ["body"]
