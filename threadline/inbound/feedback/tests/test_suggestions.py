"""Suggestions: the likeliest first, with the reason, within reach, behind one interface."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from threadline.inbound.feedback import suggestions
from threadline.inbound.feedback.intelligence import jobs, keeping
from threadline.inbound.feedback.merging import merge_feedback
from threadline.inbound.feedback.suggestions import suggest_features, suggest_repeats
from threadline.kernel import similar, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.events import Event
from threadline.kernel.registry import type_of
from threadline.kernel.similar import words_of
from threadline.kernel.testing import World

RAID = "The connection dropped in the raid and we could not rejoin our party"


@pytest.fixture
def note(world: World) -> Any:
    for i in range(3):
        world.make("feedback", title=f"Sticker {i}", body="I would like to buy more stickers for my harbour")
    return world.make("feedback", title="Dropped", body=RAID)


def keys(found: list[Any]) -> list[str]:
    return [s.key for s in found]


def test_the_note_that_says_the_same_comes_first_and_never_itself(world: World, note: Any) -> None:
    same = world.make(
        "feedback", title="Kicked out", body="Dropped from a raid, could not rejoin the party. Connection!"
    )
    found = suggest_repeats(world.pm, note)
    assert found[0].key == same.key
    assert {"connection", "dropped", "rejoin"} <= set(found[0].words)
    assert note.key not in keys(found)
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)


def test_the_limit_holds(world: World, note: Any) -> None:
    for i in range(8):
        world.make("feedback", title=f"Raid {i}", body="rejoin the raid party after the connection dropped")
        world.make("feature", title=f"Raid {i}", body="rejoin the raid party after the connection dropped")
    assert len(suggest_repeats(world.pm, note, limit=3)) == 3
    assert len(suggest_features(world.pm, note, limit=3)) == 3


def test_repeats_of_one_note_are_one_suggestion(world: World, note: Any) -> None:
    head = world.make("feedback", title="Survivor", body="something else entirely")
    for i in range(2):
        repeat = world.make("feedback", title=f"Raid {i}", body="could not rejoin the raid party")
        merge_feedback(world.pm, feedback=repeat.key, into=head.key)
    found = suggest_repeats(world.pm, note)
    assert keys(found)[0] == head.key
    assert keys(found).count(head.key) == 1
    assert found[0].through


def test_a_note_is_not_told_to_repeat_what_repeats_it(world: World, note: Any) -> None:
    repeat = world.make("feedback", title="Raid", body=RAID)
    merge_feedback(world.pm, feedback=repeat.key, into=note.key)
    assert not {repeat.key, note.key} & set(keys(suggest_repeats(world.pm, note)))


def test_features_are_found_by_their_own_words(world: World, note: Any) -> None:
    feature = world.make("feature", title="Rejoin a raid", body="After a dropped connection")
    world.make("feature", title="Sticker shop")
    found = suggest_features(world.pm, note)
    assert found[0].key == feature.key
    assert "rejoin" in found[0].words


def test_features_are_found_through_notes_alike(world: World, note: Any) -> None:
    """Its own text shares no word with the note."""
    feature = world.make("feature", title="Session resume")
    neighbour = world.make("feedback", title="Kicked", body="Dropped from a raid, could not rejoin the party")
    verbs.link(world.pm, feature, neighbour, "evidence")
    [found] = suggest_features(world.pm, note)
    assert (found.key, found.words, found.through) == (feature.key, (), (neighbour.key,))


def test_what_it_supports_already_is_not_suggested(world: World, note: Any) -> None:
    feature = world.make("feature", title="Rejoin a raid party after a dropped connection")
    verbs.link(world.pm, feature, note, "evidence")
    assert suggest_features(world.pm, note) == []


def test_nothing_out_of_reach_or_in_the_trash_is_suggested(world: World, note: Any) -> None:
    hidden = [
        world.make(kind, actor=world.owner, title="Rejoin", body=RAID, confidentiality=NAMED)
        for kind in ("feedback", "feature")
    ]
    gone = world.make("feature", title="Rejoin", body=RAID)
    verbs.archive(world.pm, "feature", gone)
    world.make("feature", actor=world.stranger, title="Rejoin", body=RAID)
    world.make("feedback", actor=world.stranger, title="Rejoin", body=RAID)
    assert suggest_features(world.pm, note) == []
    assert all(s.title.startswith("Sticker") for s in suggest_repeats(world.pm, note))
    assert hidden[0].key in keys(suggest_repeats(world.owner, note))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "?!",
        "a b c",
        '" OR * NEAR( scope : w',
        "' & | ! <-> :*",
        "\\",
        "x" * 5_000,
        "word " * 3_000,
        "日本語のテキスト 🎉",
    ],
)
def test_any_text_is_answered(world: World, body: str) -> None:
    world.make("feature", title="Rejoin a raid")
    note = world.make("feedback", title="T", body=body)
    assert isinstance(suggest_features(world.pm, note), list)
    assert isinstance(suggest_repeats(world.pm, note), list)
    assert len(words_of(body)) <= similar.MOST_WORDS


def test_common_words_are_left_out_when_the_budget_is_small(
    world: World, note: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rare word decides, however many share the common ones."""
    for i in range(6):
        world.make("feedback", title=f"Party {i}", body="our party in the raid, the connection")
    rare = world.make("feedback", title="R", body="rejoin")
    monkeypatch.setattr(similar, "COMMON", 4)
    monkeypatch.setattr(similar, "BUDGET", 4)
    if not similar.rows.is_postgres():  # there the statistics of the table say what is common
        assert keys(suggest_repeats(world.pm, note)) == [rare.key]


def test_the_declaration_offers_both_and_another_way_can_take_their_place(
    world: World, note: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = type_of("feedback").answers()
    assert {"suggested_features", "suggested_repeats", "repeats"} <= asked.keys()

    class Silent:
        def features(self, *_: Any) -> list[Any]:
            return []

        def repeats(self, *_: Any) -> list[Any]:
            return []

    world.make("feedback", title="Raid", body=RAID)
    assert asked["suggested_repeats"](world.pm, note) != []
    monkeypatch.setattr(suggestions, "current", Silent())
    assert asked["suggested_repeats"](world.pm, note) == []


def test_a_new_feature_is_read_before_the_thousands_that_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a large import reading takes minutes, and each note that is judged meanwhile asks for the feature."""
    for n in range(5):
        world.make("feedback", body=f"Words that wait to be read, {n}")
    feature = world.make("feature", title="Rejoin a raid")
    shelf, found = keeping.shelf_of(world.north.pk), []
    through = keeping.catch_up

    def seen(workspace_id: UUID, progress: Any = None) -> int:
        found.append(bool(shelf.kept([str(feature.pk)])))
        return through(workspace_id, progress)

    monkeypatch.setattr(keeping, "catch_up", seen)
    shelf.clear()
    event = Event("feature.created", str(world.north.pk), str(feature.pk), str(world.pm.member_id), "")
    jobs.read_when_written(event)
    assert found == [True]
    assert shelf.state()["texts"] == 6
