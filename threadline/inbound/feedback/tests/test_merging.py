"""Merging: repeats keep their voice, features see both, chains collapse, and all of it can be undone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from threadline.inbound.feedback import queries
from threadline.inbound.feedback.merging import merge_feedback, unmerge_feedback
from threadline.inbound.feedback.rules import link_to_feature, unlink_from_feature
from threadline.kernel import past, thread, undo, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh


@pytest.fixture
def notes(world: World) -> list[Any]:
    """Four notes, each of another author."""
    return [world.make("feedback", title=f"Note {i}", body="Lost the raid", author=f"Author {i}") for i in range(4)]


@pytest.fixture
def feature(world: World) -> Any:
    return world.make("feature", title="Rejoin a raid")


def cited(feature: Any) -> set[Any]:
    return set(Link.objects.filter(source_id=feature.pk, kind="evidence").values_list("target_id", flat=True))


def merge(world: World, note: Any, into: Any, **extra: Any) -> Any:
    return merge_feedback(world.pm, feedback=note.key, into=into.key, **extra)


def test_a_repeat_keeps_its_words_and_author_and_points_to_its_survivor(world: World, notes: list[Any]) -> None:
    merge(world, notes[0], notes[1])
    repeat = fresh(notes[0])
    assert (repeat.state, repeat.merged_into_id) == ("merged", notes[1].pk)
    assert (repeat.title, repeat.body, repeat.author) == ("Note 0", "Lost the raid", "Author 0")
    assert fresh(notes[1]).state == "new"
    assert [r.key for r in queries.repeats(world.viewer, fresh(notes[1]))] == [notes[0].key]


def test_what_cites_the_repeat_cites_the_survivor_too(world: World, notes: list[Any], feature: Any) -> None:
    link_to_feature(world.pm, feedback=notes[0].key, feature=feature.key, quote="Lost", weight=2)
    merge(world, notes[0], notes[1])
    assert cited(feature) == {notes[0].pk, notes[1].pk}
    carried = Link.objects.get(source_id=feature.pk, target_id=notes[1].pk)
    assert (carried.quote, carried.weight) == ("", 2)
    assert Link.objects.get(target_id=notes[0].pk).quote == "Lost"
    assert fresh(notes[1]).state == "linked"
    assert not thread.suspects(world.pm)


def test_a_link_both_had_keeps_its_quote_and_the_greater_weight(world: World, notes: list[Any], feature: Any) -> None:
    link_to_feature(world.pm, feedback=notes[0].key, feature=feature.key, weight=3)
    link_to_feature(world.pm, feedback=notes[1].key, feature=feature.key, quote="the raid", weight=1)
    merge(world, notes[0], notes[1])
    kept = Link.objects.get(source_id=feature.pk, target_id=notes[1].pk)
    assert (kept.quote, kept.weight) == ("the raid", 3)


def test_chains_collapse_from_either_end(world: World, notes: list[Any], feature: Any) -> None:
    a, b, c, d = notes
    link_to_feature(world.pm, feedback=a.key, feature=feature.key)
    merge(world, a, b)
    merge(world, b, c)  # a follows
    merge(world, d, a)  # into a repeat: to its survivor
    assert [fresh(n).merged_into_id for n in notes] == [c.pk, c.pk, None, c.pk]
    assert c.pk in cited(feature)
    assert {r.key for r in queries.repeats(world.pm, fresh(c))} == {a.key, b.key, d.key}


def test_a_note_repeats_neither_itself_nor_one_of_its_repeats(world: World, notes: list[Any]) -> None:
    a, b, c, _ = notes
    with pytest.raises(Invalid) as told:
        merge(world, a, a)
    assert told.value.problems[0].field == "into"
    merge(world, a, b)
    merge(world, b, c)
    for repeat in (a, b):
        with pytest.raises(Invalid):
            merge(world, c, repeat)
    with pytest.raises(Conflict):
        merge(world, a, c)  # already a repeat


def test_other_workspaces_the_trash_and_what_is_hidden_are_no_survivors(world: World, notes: list[Any]) -> None:
    theirs = world.make("feedback", actor=world.stranger, title="Theirs")
    hidden = world.make("feedback", actor=world.owner, title="Hidden", confidentiality=NAMED)
    verbs.archive(world.pm, "feedback", notes[3])
    for ref in (str(theirs.pk), hidden.key, notes[3].key, str(uuid4()), "N-999", "F-1"):
        with pytest.raises(Invalid) as told:
            merge_feedback(world.pm, feedback=notes[0].key, into=ref)
        assert [p.field for p in told.value.problems] == ["into"]
    with pytest.raises(NotFound):
        merge_feedback(world.stranger, feedback=str(notes[0].pk), into=theirs.key)


def test_a_merge_can_be_undone_whole(world: World, notes: list[Any], feature: Any) -> None:
    a, b, c, _ = notes
    for note in (a, b):
        link_to_feature(world.pm, feedback=note.key, feature=feature.key, weight=1)
    merge(world, a, b)
    before = ([fresh(n).merged_into_id for n in notes], [fresh(n).state for n in notes], cited(feature))
    batch = uuid4()
    merge(world, b, c, batch=batch)
    assert fresh(a).merged_into_id == c.pk
    undo.undo(world.pm, batch)
    assert ([fresh(n).merged_into_id for n in notes], [fresh(n).state for n in notes], cited(feature)) == before


def test_many_merges_are_one_batch_to_undo(world: World, notes: list[Any], feature: Any) -> None:
    link_to_feature(world.pm, feedback=notes[0].key, feature=feature.key)
    batch = uuid4()
    for note in notes[:3]:
        merge(world, note, notes[3], batch=batch)
    undo.undo(world.pm, batch)
    assert [fresh(n).state for n in notes] == ["linked", "new", "new", "new"]
    assert cited(feature) == {notes[0].pk}


def test_taken_apart_a_note_stands_for_itself_again(world: World, notes: list[Any], feature: Any) -> None:
    a, b, _, _ = notes
    link_to_feature(world.pm, feedback=a.key, feature=feature.key)
    merge(world, a, b)
    returned = unmerge_feedback(world.pm, feedback=a.key)
    assert (returned.state, returned.merged_into_id) == ("linked", None)
    assert cited(feature) == {a.pk}
    assert fresh(b).state == "new"
    with pytest.raises(Conflict):
        unmerge_feedback(world.pm, feedback=a.key)


def test_taken_apart_the_survivor_keeps_what_is_its_own(world: World, notes: list[Any]) -> None:
    a, b, c, _ = notes
    own, shared, taken = (world.make("feature", title=t) for t in ("own", "shared", "taken"))
    link_to_feature(world.pm, feedback=b.key, feature=own.key)
    for note in (a, c):
        link_to_feature(world.pm, feedback=note.key, feature=shared.key)
    for feature in (own, taken):
        link_to_feature(world.pm, feedback=a.key, feature=feature.key)
    merge(world, a, b)
    merge(world, c, b)
    link_to_feature(world.pm, feedback=b.key, feature=taken.key, weight=2)  # somebody made it their own
    unmerge_feedback(world.pm, feedback=a.key)
    assert b.pk in cited(own)
    assert b.pk in cited(shared)  # the other repeat still says so
    assert b.pk in cited(taken)
    unmerge_feedback(world.pm, feedback=c.key)
    assert b.pk not in cited(shared)


def test_taken_apart_a_note_gets_its_own_repeats_back(world: World, notes: list[Any]) -> None:
    a, b, c, d = notes
    merge(world, a, b)
    merge(world, d, c)
    merge(world, b, c)
    unmerge_feedback(world.pm, feedback=b.key)
    assert [fresh(n).merged_into_id for n in notes] == [b.pk, None, None, c.pk]


def test_unlinking_the_survivor_unlinks_what_repeats_it(world: World, notes: list[Any], feature: Any) -> None:
    link_to_feature(world.pm, feedback=notes[0].key, feature=feature.key)
    merge(world, notes[0], notes[1])
    unlink_from_feature(world.pm, feedback=notes[1].key, feature=feature.key)
    assert cited(feature) == set()


def test_links_of_features_out_of_reach_are_carried_as_well(world: World, notes: list[Any]) -> None:
    secret = world.make("feature", actor=world.owner, title="Secret", confidentiality=NAMED)
    verbs.link(world.owner, secret, notes[0], "evidence")
    merge(world, notes[0], notes[1])
    assert cited(secret) == {notes[0].pk, notes[1].pk}


def test_a_repeat_is_made_and_ended_by_its_verbs_alone(world: World, notes: list[Any]) -> None:
    for values in ({"state": "merged"}, {"merged_into": notes[1].key}):
        with pytest.raises(Invalid):
            verbs.update(world.pm, "feedback", notes[0], values)
        with pytest.raises(Invalid):
            world.make("feedback", **values)
    merge(world, notes[0], notes[1])
    with pytest.raises(Invalid):
        verbs.update(world.pm, "feedback", notes[0], {"state": "new"})


def test_the_log_says_who_merged_and_history_shows_it(world: World, notes: list[Any]) -> None:
    merge(world, notes[0], notes[1], why="Same evening, same party")
    step = past.history(world.viewer, fresh(notes[0]))[0]
    assert (step.action, step.who, step.why) == ("merge_feedback", "Petra Manager", "Same evening, same party")
    assert step.diff["merged_into"] == [None, str(notes[1].pk)]


def test_those_who_may_not_change_notes_do_not_merge(world: World, notes: list[Any]) -> None:
    for actor in (world.contributor, world.viewer):
        with pytest.raises(Forbidden):
            merge_feedback(actor, feedback=notes[0].key, into=notes[1].key)
    merge_feedback(world.pmm, feedback=notes[0].key, into=notes[1].key)
    with pytest.raises(Forbidden):
        unmerge_feedback(world.viewer, feedback=notes[0].key)
