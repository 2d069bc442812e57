"""Words and pieces of words: the same in every process, in every script."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from threadline.reading import grams
from threadline.reading.stems import language_of, stems


def test_accents_and_capitals_make_no_difference() -> None:
    assert grams.words("Café CAFE café") == ["cafe"] * 3


def test_scripts_without_spaces_come_in_pairs() -> None:
    assert grams.words("検索機能") == ["検索", "索機", "機能"]


def test_a_misspelt_word_shares_most_of_its_pieces() -> None:
    right, wrong = (set(grams.piece_counts([w]).at) for w in ("reconnecting", "reconecting"))
    assert len(right & wrong) / len(right | wrong) > 0.5
    other = set(grams.piece_counts(["sunflower"]).at)
    assert len(right & other) == 0


def test_no_piece_reaches_over_a_space() -> None:
    together = set(grams.piece_counts(["ab", "cd"]).at)
    apart = set(grams.piece_counts(["ab"]).at) | set(grams.piece_counts(["cd"]).at)
    assert together == apart


def test_buckets_are_the_same_everywhere() -> None:
    assert grams.bucket("123456789") == 0xCBF43926 % grams.SIZE  # the check value of CRC-32
    assert grams.piece_counts(["export"]).at.tolist() == sorted(grams.piece_counts(["export"]).at.tolist())


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    said = grams.words(text)
    for counts in (grams.word_counts(said), grams.pair_counts(said), grams.piece_counts(said)):
        assert (np.diff(counts.at) > 0).all()
        assert (counts.times >= 1).all()
        assert ((counts.at >= 0) & (counts.at < grams.SIZE)).all()


def test_stems_follow_the_language_of_the_text() -> None:
    assert language_of("die Berichte werden nicht für den Kunden exportiert".lower().split()) == "german"
    assert stems(["the", "reports", "were", "exported"]) == ["the", "report", "were", "export"]
    german = stems(["ich", "möchte", "die", "berichte", "und", "die", "dateien", "für", "das", "team"])
    assert "bericht" in german
