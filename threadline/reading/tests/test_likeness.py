"""How alike texts are, and how the weights are learnt."""

from __future__ import annotations

import numpy as np
import pytest

from threadline.reading import choosing
from threadline.reading.choosing import Question
from threadline.reading.likeness import MEASURES, Tally, compare, read, unpacked

SAID = [
    ("Cannot rejoin the raid", "The connection dropped and we could not rejoin our party."),
    ("Kicked out of a raid", "Connection lost during the raid; rejoining the party failed."),
    ("More stickers please", "I would buy stickers for my harbour every week."),
    ("Dark colours", "The screen is too bright at night."),
]


def test_what_is_kept_is_read_back_the_same() -> None:
    for title, body in [*SAID, ("", ""), ("Ünïcode 検索", "🙂 emoji"), ("a", "b " * 900)]:
        made = read(title, body)
        kept = unpacked(made.packed())
        for mine, theirs in ((made.words, kept.words), (made.pieces, kept.pieces), (made.pairs, kept.pairs)):
            assert mine.at.tolist() == theirs.at.tolist()
            assert np.minimum(mine.times, 255).tolist() == theirs.times.tolist()
        assert made.words_in_title.tolist() == kept.words_in_title.tolist()


def test_bytes_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="another version"):
        unpacked(b"\x09 nothing")


def test_a_text_is_as_like_itself_as_can_be() -> None:
    texts = [read(*one) for one in SAID]
    measures = compare(texts[0], texts, Tally.of(texts))
    assert measures.shape == (len(SAID), len(MEASURES))
    assert measures[0, :9] == pytest.approx(np.ones(9), abs=1e-5)  # the last two hold a title against a whole
    assert (measures[1] > measures[2])[[0, 2, 4]].all()
    assert np.isfinite(measures).all()


def test_cosine_of_words_agrees_with_the_sum_done_by_hand() -> None:
    """Two texts of two words, one shared: idf of the shared word (2 of 2 texts) is 1, of the others 1 + ln(3/2)."""
    texts = [read("", "alpha beta"), read("", "alpha gamma")]
    rare = 1 + np.log(3 / 2)
    measures = compare(texts[0], texts, Tally.of(texts))
    assert measures[1, 0] == pytest.approx(1 / (1 + rare**2), abs=1e-6)


def test_a_body_that_repeats_its_title_counts_it_once() -> None:
    once, twice = read("Export fails", "on Mondays"), read("Export fails", "Export fails on Mondays")
    assert once.words.times.tolist() == twice.words.times.tolist()


def test_nothing_shares_nothing() -> None:
    texts = [read("", ""), read(*SAID[0])]
    assert np.isfinite(compare(texts[0], texts, Tally.of(texts))).all()
    assert compare(texts[1], [texts[0]], Tally.empty()).max() == 0
    assert compare(texts[1], [], Tally.empty()).shape == (0, len(MEASURES))


def test_taking_a_text_out_of_the_tally_undoes_taking_it_in() -> None:
    tally, text = Tally.of([read(*SAID[0])]), read(*SAID[1])
    before = tally.words.copy()
    tally.count(text, 1)
    assert tally.texts == 2
    assert (tally.words != before).any()
    tally.count(text, -1)
    assert (tally.texts, tally.words.tolist() == before.tolist()) == (1, True)


def _questions(chosen: int, count: int) -> list[Question]:
    """Questions in which people always choose what is highest in one measure; the others are noise."""
    chance = np.random.default_rng(7)
    made = []
    for _ in range(count):
        measures = chance.random((20, 4)).astype(np.float32)
        right = np.zeros(20, bool)
        right[measures[:, chosen].argmax()] = True
        made.append(Question(measures, right))
    return made


def test_the_measure_that_people_go_by_is_learnt() -> None:
    nothing = np.zeros(8)
    weights = choosing.learned(_questions(2, 120), nothing)
    assert choosing.mean_reciprocal(_questions(2, 300)[120:], weights) > 0.9
    assert choosing.mean_reciprocal(_questions(2, 300)[120:], nothing) < 0.9


def test_few_choices_change_little_and_none_nothing() -> None:
    before = np.arange(8.0)
    assert choosing.learned([], before).tolist() == before.tolist()
    few = np.abs(choosing.learned(_questions(1, 2), before) - before).max()
    many = np.abs(choosing.learned(_questions(1, 200), before) - before).max()
    assert few < many


def test_a_question_that_nothing_answers_counts_as_missed() -> None:
    lost = Question(np.ones((3, 4), np.float32), np.zeros(3, bool))
    assert choosing.place_of_right(lost, np.zeros(8)) is None
    assert choosing.mean_reciprocal([lost], np.zeros(8)) == 0


def test_compared_in_parts_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [read("Cannot rejoin", "the raid"), read("", ""), read("Raid", "rejoin the party " * 9), read("Zoom", "")]
    this, tally = read("Rejoin a raid", "after the party left"), Tally.of(texts)
    whole = compare(this, texts, tally)
    monkeypatch.setattr("threadline.reading.likeness.AT_ONCE", 1)
    assert np.allclose(compare(this, texts, tally), whole, atol=1e-6)
    assert not whole[1].any()  # what says nothing is like nothing
    assert np.allclose(np.concatenate([compare(this, [t], tally) for t in texts]), whole, atol=1e-6)
