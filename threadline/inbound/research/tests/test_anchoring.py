"""Highlights survive edits of the transcript, or are shown as lost; they never move to other words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadline.inbound.research import anchoring, highlighting, transcribing
from threadline.inbound.research.models import Highlight, Interview
from threadline.kernel.actions import through_door
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World, fresh

TURNS = [
    {"s": "Mira", "a": 0, "b": 1, "t": "When did you last stop?"},
    {"s": "P7", "a": 2_000, "b": 9_000, "t": "Last week 🙂. I lost the key. I closed the game."},
    {"s": "Mira", "a": 9_500, "b": 10_000, "t": "And then?"},
    {"s": "P7", "a": 10_500, "b": 12_000, "t": "Nothing. I lost the key. That was all."},
]


def talk(world: World, turns: list[dict[str, Any]] | None = None) -> Interview:
    """An interview with a transcript."""
    made = world.make("interview")
    put(world, made, turns or TURNS)
    return fresh(made)


def put(world: World, interview: Interview, turns: list[dict[str, Any]]) -> None:
    """Another transcript in place of the one there is."""
    through_door(
        world.pm,
        "t",
        lambda door: transcribing.set_transcript(
            door, door.get(Interview, interview.pk), turns, source="", because="t"
        ),
    )


def mark(world: World, interview: Interview, quote: str, turn: int, start: int) -> Highlight:
    """Highlight words at a place."""
    return highlighting.highlight_words(world.pm, interview=interview.pk, quote=quote, turn=turn, start=start)


def words_at(interview: Interview, highlight: Highlight) -> str:
    """What the transcript says where the highlight says it stands."""
    turns = transcribing.queries.turns_of(fresh(interview))
    text = turns[highlight.turn or 0]["t"]
    return text[highlight.start : (highlight.start or 0) + len(highlight.quote)]


def test_places_count_characters_and_not_bytes(world: World) -> None:
    interview = talk(world)
    made = mark(world, interview, "I lost the key.", 2, len("Last week 🙂. "))
    assert (made.turn, made.start, made.speaker, made.at_ms) == (1, 13, "P7", 2_000)
    assert words_at(interview, made) == "I lost the key."


def test_the_marked_one_of_two_like_places_is_kept(world: World) -> None:
    interview = talk(world)
    second = mark(world, interview, "I lost the key.", 4, len("Nothing. "))
    assert second.turn == 3
    put(world, interview, [{"s": "Mira", "a": None, "b": None, "t": "Welcome."}, *TURNS])
    assert (fresh(second).turn, fresh(second).state) == (4, "placed")
    assert words_at(interview, fresh(second)) == "I lost the key."


def test_words_that_stand_twice_must_be_placed(world: World) -> None:
    with pytest.raises(Invalid, match="stand at 2 places"):
        highlighting.highlight_words(world.pm, interview=talk(world).pk, quote="I lost the key.")


def test_a_mended_turn_keeps_the_highlight_whose_words_still_stand(world: World) -> None:
    interview = talk(world)
    made = mark(world, interview, "I closed the game.", 2, 29)
    transcribing.mend_turn(
        world.pm, interview=interview.pk, turn=2, text="Last Tuesday. I lost the key! I closed the game."
    )
    assert fresh(made).state == "placed"
    assert words_at(interview, fresh(made)) == "I closed the game."


def test_a_highlight_whose_words_are_gone_is_lost_and_keeps_them(world: World) -> None:
    interview = talk(world)
    made = mark(world, interview, "I closed the game.", 2, 29)
    transcribing.mend_turn(
        world.pm, interview=interview.pk, turn=2, text="Last week. I lost the key. I closed the window."
    )
    assert (fresh(made).state, fresh(made).quote) == ("lost", "I closed the game.")
    put(world, interview, TURNS)
    assert fresh(made).state == "placed", "the words are back, and so is it"


def test_like_words_elsewhere_are_not_taken_for_it(world: World) -> None:
    interview = talk(world)
    made = mark(world, interview, "I lost the key.", 2, 13)
    different = [dict(t) for t in TURNS]
    different[1]["t"] = "Entirely other words now."
    different[3]["t"] = "A. I lost the key. B. And once more: I lost the key. C."
    put(world, interview, different)
    assert fresh(made).state == "lost"


def test_words_that_nobody_said_are_not_a_highlight(world: World) -> None:
    with pytest.raises(Invalid, match="do not stand in the transcript"):
        highlighting.highlight_words(world.pm, interview=talk(world).pk, quote="I love it")


def test_earlier_words_stay_out_of_the_log(world: World) -> None:
    interview = talk(world)
    transcribing.mend_turn(world.pm, interview=interview.pk, turn=2, text="Nothing to see.")
    logged = str(list(transcribing.queries.Change.objects.filter(card_id=interview.pk).values_list("diff", flat=True)))
    assert "lost the key" not in logged


@given(st.lists(st.text("ab .🙂", min_size=1, max_size=12), min_size=1, max_size=6), st.data())
def test_whatever_is_found_again_is_the_very_words(parts: list[str], data: st.DataObject) -> None:
    text = "\n".join(parts)
    at = data.draw(st.integers(0, len(text) - 1))
    quote = text[at : at + data.draw(st.integers(1, 8))]
    before, after = anchoring.around(text, at, len(quote))
    edited = data.draw(st.text("ab .🙂", max_size=6)) + text + data.draw(st.text("ab .🙂", max_size=6))
    found = anchoring.find_again(edited, quote, before, after)
    assert found is None or edited[found : found + len(quote)] == quote


@given(st.lists(st.text("ab🙂", min_size=1, max_size=9), min_size=1, max_size=6), st.data())
def test_a_place_and_its_offset_agree(parts: list[str], data: st.DataObject) -> None:
    turns = [{"s": "", "t": t} for t in parts]
    text = anchoring.text_of(turns)
    at = data.draw(st.integers(0, len(text) - 1).filter(lambda n: text[n] != "\n"))
    place = anchoring.place_of(turns, at, 1)
    assert parts[place.turn][place.start] == text[at]
    assert anchoring.offsets(turns)[place.turn] + place.start == at
