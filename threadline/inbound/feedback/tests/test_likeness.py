"""Suggestions by likeness: read by the worker, within reach, after edits, learnt from merges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from threadline.inbound.feedback.intelligence import keeping, weights
from threadline.inbound.feedback.intelligence.jobs import read_when_written
from threadline.inbound.feedback.merging import merge_feedback
from threadline.inbound.feedback.suggestions import suggest_features, suggest_repeats
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.events import Event
from threadline.kernel.testing import World
from threadline.reading import choosing
from threadline.reading.shelf import Text

RAID = "The connection dropped in the raid and we could not rejoin our party"


@pytest.fixture
def read(world: World) -> Iterator[Any]:
    yield lambda: keeping.catch_up(world.north.pk)
    keeping.shelf_of(world.north.pk).clear()


def keys(found: list[Any]) -> list[str]:
    return [s.key for s in found]


def test_a_note_in_other_forms_of_the_words_is_found_with_the_reason(world: World, read: Any) -> None:
    note = world.make("feedback", title="Dropped", body=RAID)
    same = world.make("feedback", title="Kicked", body="Lost connections while raiding; rejoining our parties fails")
    world.make("feedback", title="Stickers", body="More stickers for the harbour")
    assert read() == 3
    found = suggest_repeats(world.pm, note)
    assert keys(found)[0] == same.key
    assert 0 < found[0].score <= 1
    assert "rejoin" in found[0].words
    assert read() == 0
    world.make("feedback", title="Later the same day", body="More maps")
    assert read() == 1


def test_what_lies_outside_reach_is_neither_suggested_nor_a_way_to_a_suggestion(world: World, read: Any) -> None:
    note = world.make("feedback", title="Dropped", body=RAID)
    secret = world.make("feedback", title="Raid", body=RAID, confidentiality=NAMED)
    feature = world.make("feature", title="Session resume")
    verbs.link(world.pm, feature, secret, "evidence")
    read()
    assert secret.key in keys(suggest_repeats(world.pm, note))
    assert feature.key in keys(suggest_features(world.pm, note))
    assert keys(suggest_repeats(world.contributor, note)) == []
    assert feature.key not in keys(suggest_features(world.contributor, note))


def test_kept_for_others_after_it_was_read_it_is_suggested_no_more(world: World, read: Any) -> None:
    note, other = (world.make("feedback", title=t, body=RAID) for t in ("One", "Other"))
    read()
    assert other.key in keys(suggest_repeats(world.contributor, note))
    verbs.update(world.pm, "feedback", other.key, {"confidentiality": NAMED})
    assert keys(suggest_repeats(world.contributor, note)) == []


def test_edits_the_trash_and_merges_are_followed(world: World, read: Any) -> None:
    note, other, third = (world.make("feedback", title=t, body=RAID) for t in ("One", "Other", "Third"))
    read()
    verbs.update(world.pm, "feedback", other.key, {"title": "Sound", "body": "The music is too loud"})
    verbs.archive(world.pm, "feedback", third.key)
    assert third.key not in keys(suggest_repeats(world.pm, note))  # at once, before anything is read
    read()
    assert keys(suggest_repeats(world.pm, note)) == []
    verbs.restore(world.pm, "feedback", third.key)
    read()
    merge_feedback(world.pm, feedback=third.key, into=other.key)
    found = suggest_repeats(world.pm, note)
    assert keys(found) == [other.key]
    assert found[0].through == (third.key,)


def test_a_listener_reads_one_note_even_if_it_is_older_than_what_was_read(world: World, read: Any) -> None:
    note, late = (world.make("feedback", title=t, body=RAID) for t in ("One", "Late"))
    read()
    keeping.shelf_of(world.north.pk).write([], [str(late.pk)])
    read_when_written(Event("feedback.created", str(world.north.pk), str(late.pk), "", ""))
    assert late.key in keys(suggest_repeats(world.pm, note))


def test_a_feature_is_suggested_through_where_likely_notes_were_linked(world: World, read: Any) -> None:
    note = world.make("feedback", title="Dropped", body=RAID)
    feature, other = world.make("feature", title="Session resume"), world.make("feature", title="Sticker shop")
    neighbour = world.make("feedback", title="Kicked", body="Dropped from a raid, could not rejoin the party")
    verbs.link(world.pm, feature, neighbour, "evidence")
    read()
    found = suggest_features(world.pm, note)
    assert found[0].key == feature.key
    assert found[0].through == (neighbour.key,)
    assert other.key not in keys(found)


def test_what_was_erased_leaves_the_shelf(world: World, read: Any) -> None:
    world.make("feedback", title="Dropped", body=RAID)
    read()
    assert not keeping.forget_the_gone(world.north.pk)
    keeping.shelf_of(world.north.pk).write([Text("erased since", "feedback", "", "words of somebody who is gone")])
    assert keeping.forget_the_gone(world.north.pk)
    assert not keeping.shelf_of(world.north.pk).ready()
    assert not list(keeping.shelf_of(world.north.pk).folder.glob("*"))


def test_a_shelf_that_is_merely_behind_is_read_on_and_not_thrown_away(world: World, read: Any) -> None:
    world.make("feedback", title="Dropped", body=RAID)
    read()
    first = keeping.shelf_of(world.north.pk).state()
    late = world.make("feedback", title="Kicked", body="Lost the raid")
    assert not keeping.forget_the_gone(world.north.pk)
    assert keeping.shelf_of(world.north.pk).state()["texts"] == first["texts"] + 1
    assert keeping.shelf_of(world.north.pk).kept([str(late.pk)])


def _merges(world: World, count: int) -> None:
    """Pairs of notes that say the same, each about its own things."""
    for i in range(count):
        head = world.make("feedback", title=f"Report on gadget{i}", body=f"thing{i} gadget{i} widget{i}")
        twin = world.make("feedback", title=f"Asked for gadget{i}", body=f"thing{i} gadget{i} widget{i}")
        merge_feedback(world.pm, feedback=twin.key, into=head.key)


def test_merges_teach_and_what_was_learnt_is_told(world: World, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FEWEST", 8)
    _merges(world, weights.FEWEST)
    read()
    found = weights.learn(world.north.pk)
    assert found is not None
    assert found.merges == weights.FEWEST
    assert 0 < found.judged_by < found.merges
    assert weights.learnt(world.north.pk) == found
    assert found.kept == (found.after > found.before)


def test_nothing_is_learnt_from_a_handful(world: World, read: Any) -> None:
    _merges(world, 3)
    read()
    assert weights.learn(world.north.pk) is None
    assert weights.of(world.south.pk).tolist() == list(choosing.OURS)


def test_weights_that_judge_worse_are_not_taken(world: World, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FEWEST", 8)
    _merges(world, weights.FEWEST)
    read()
    worse = -100 * np.ones(len(choosing.OURS))
    monkeypatch.setattr(weights.choosing, "learned", lambda *given, **more: worse)
    found = weights.learn(world.north.pk)
    assert found is not None
    assert (found.before, found.kept) == (1.0, False)
    assert weights.of(world.north.pk).tolist() == list(choosing.OURS)
