"""Urgency and churn by rules: what they see, with which words, and what they do not fall for."""

from __future__ import annotations

import pytest

from threadline.reading import signs

URGENCY, CHURN = ("urgent", "can wait"), ("churn risk", "staying")


@pytest.mark.parametrize(
    ("said", "labels", "label", "words"),
    [
        ("You charged me twice for the pass. Please look ASAP.", URGENCY, "urgent", ("asap", "charged me twice")),
        ("Since this morning nobody can open the till", URGENCY, "urgent", ("nobody can",)),
        ("We’re blocked, the deadline is Friday, and the map is unusable", URGENCY, None, ()),  # one line, one point
        ("No rush, but a darker theme would be nice to have", URGENCY, "can wait", ("no rush", "nice to have")),
        ("This is not urgent. It can wait.", URGENCY, "can wait", ("not urgent", "can wait")),
        ("Please cancel my plan, I want a refund", CHURN, "churn risk", ("cancel my", "refund")),
        ("We need\n  our money   back", CHURN, "churn risk", ("money back",)),
        ("I deleted the app", CHURN, "churn risk", ("deleted the app",)),
        ("The cancel button is too small", CHURN, None, ()),
        ("Uninstalled and reinstalled, still slow", CHURN, None, ()),
        ("I do not want to cancel my plan", CHURN, None, ()),
        ("We have just renewed for three years", CHURN, "staying", ("renewed",)),
        ("Wir kündigen sofort", CHURN, None, ()),
        ("", CHURN, None, ()),
    ],
)
def test_words_make_the_label_or_nothing_does(
    said: str, labels: tuple[str, ...], label: str | None, words: tuple[str, ...]
) -> None:
    found = signs.seen("", said, labels)
    assert (found.label, found.words) if found else (label, words) == (None, ())


def test_one_star_tips_what_wavers_and_nothing_else() -> None:
    assert signs.seen("", "Too expensive", CHURN) is None
    assert signs.seen("", "Too expensive", CHURN, stars=4) is None
    assert signs.seen("", "Fine", CHURN, stars=1) is None
    assert signs.seen("", "Asap", URGENCY, stars=1).words == ("asap",)  # type: ignore[union-attr]


def test_a_text_that_says_both_says_nothing() -> None:
    assert signs.seen("", "We renewed, but now we want a refund", CHURN) is None


def test_every_word_is_found_where_it_stands() -> None:
    """None is so written that it could never match."""
    for label, rules in signs.RULES.items():
        for points, looked_for in signs._LOOKED_FOR[label]:
            assert points in (1, 2)
            sign = next(s for s in rules if looked_for.pattern.count("|") == len(s.words) - 1 and s.points == points)
            assert sign.what
        for sign in rules:
            for word in sign.words:
                plain = word.replace("*", "s")
                assert any(found.search(plain) for _, found in signs._LOOKED_FOR[label]), word
