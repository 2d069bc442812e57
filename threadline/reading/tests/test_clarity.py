"""Words that leave a requirement open, and the patterns of clear ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadline.reading.clarity import CLASSES, ERROR, findings, read


def words(text: str, **more: object) -> list[str]:
    return [f.words.lower() for f in findings(text, **more)]  # type: ignore[arg-type]


def test_the_worked_example() -> None:
    """ISO/IEC/IEEE 29148:2018, 5.2.7 has the classes; the sentence is our own vector: five findings."""
    assert words("The system should be fast and support all browsers, etc.") == [
        "should",
        "fast",
        "support",
        "all",
        "etc",
    ]


@pytest.mark.parametrize("group", CLASSES, ids=lambda g: g.kind)
def test_each_class_is_found_with_its_own_severity(group: object) -> None:
    for word in group.words:  # type: ignore[attr-defined]
        said = {"about": "about 5 files"}.get(word, word)
        found = findings(f"The shop shall show {said}.")
        assert [f.kind for f in found if f.kind == group.kind], word  # type: ignore[attr-defined]
        assert {f.severity for f in found if f.kind == group.kind} == {group.severity}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "clear",
    [
        "When the card is refused by the bank, the shop shall show the reason within 2 s.",
        "The shop shall keep at most 30 baskets for each customer.",
        "The shop shall answer no later than 3 s after the request, at least 99 times in 100 requests.",
        "While the device is offline, the application shall keep changes for at least 72 hours.",
        "The export shall hold a note about the order.",
        "The shop shall follow WCAG 2.2 level 3.",
        'The button shall read "Pay fast and easy, etc."',
        "The command shall be `support --all or TBD`, and the service shall run for more than 24 hours.".replace(
            ", and the service shall run", " and run"
        ),
        "As a buyer, I want to see the reason so that I can use another card.",
    ],
)
def test_a_clear_sentence_has_no_finding_that_must_be_mended(clear: str) -> None:
    assert [(f.words, f.kind) for f in findings(clear) if f.severity != "info"] == []


def test_two_obligations_a_bare_number_and_what_binds_nobody() -> None:
    kinds = lambda text: [f.kind for f in findings(text)]  # noqa: E731
    assert kinds("The shop shall save the basket and shall send a mail.") == ["several in one"]
    assert kinds("The shop shall try again after 5.") == ["number without unit"]
    assert kinds("Show the basket.") == ["no obligation"]
    assert kinds("As a buyer, I want to see the reason.") == ["no benefit"]
    assert kinds("The basket shall be saved.") == ["passive"]
    assert kinds("The basket shall be saved by the shop.") == []
    assert kinds("The shop shall not send mail.") == ["negative"]


def test_what_the_house_has_agreed_on_is_let_stand() -> None:
    said = "The system should be fast and support all browsers, etc."
    assert words(said, allowed=["Fast", "ALL"]) == ["should", "support", "etc"]
    assert words(said, allowed=["weak verb"]) == ["fast", "support", "all", "etc"]


def test_an_explanation_need_not_bind() -> None:
    assert findings("Buyers told us so in March.", statement=False) == []


@pytest.mark.parametrize(
    ("said", "pattern", "parts"),
    [
        ("The shop shall keep the basket.", "ubiquitous", {"system": "The shop", "response": "keep the basket"}),
        ("When a card is refused, the shop shall say why.", "event", {"when": "a card is refused"}),
        ("While offline, the app shall queue changes.", "state", {"while": "offline"}),
        ("Where two-step sign-in is on, the app shall ask for a code.", "option", {"where": "two-step sign-in is on"}),
        ("If the disk is full, then the app shall stop.", "unwanted", {"if": "the disk is full", "system": "the app"}),
        ("While offline, when a page opens, the app shall show its copy.", "complex", {"while": "offline"}),
        (
            "As a buyer, I want to pay by phone so that I need no card.",
            "story",
            {"role": "buyer", "benefit": "I need no card"},
        ),
        ("Nice to have.", "free", {}),
    ],
)
def test_patterns(said: str, pattern: str, parts: dict[str, str]) -> None:
    """EARS (Mavin and others, 2009), tables of the five patterns and their combination."""
    found = read(said)
    assert found.pattern == pattern
    assert parts.items() <= dict(found.parts).items()


@given(st.text(max_size=400))
def test_any_text_is_read_and_places_are_true(text: str) -> None:
    read(text)
    for one in findings(text):
        assert 0 <= one.start <= one.end <= len(text)
        assert text[one.start : one.end] == one.words


def test_an_open_point_is_an_error() -> None:
    assert [f.severity for f in findings("The shop shall answer within TBD s.")] == [ERROR]
