"""Two people's changes of one text: put together where they can be, and never lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from threadline.reading.merging import Merged, merge, pieces

BASE = "# Goal\nPlayers rejoin. They wait ten seconds.\n\n- one\n- two\n"
TEXTS = some.text(some.sampled_from("ab. \n!-"), max_size=60)


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        (BASE.replace("ten", "five"), BASE + "- three\n", BASE.replace("ten", "five") + "- three\n"),
        (BASE.replace("Players rejoin.", "Crews rejoin."), BASE.replace("ten", "five"),
         BASE.replace("Players", "Crews").replace("ten", "five")),
        (BASE.replace("- one\n", ""), BASE.replace("# Goal", "# Aim"),
         BASE.replace("- one\n", "").replace("Goal", "Aim")),
        (BASE.replace("two", "2"), BASE.replace("two", "2"), BASE.replace("two", "2")),
    ],
)  # fmt: skip
def test_changes_in_different_places_are_both_kept(mine: str, theirs: str, both: str) -> None:
    assert merge(BASE, mine, theirs) == Merged(both)
    assert merge(BASE, theirs, mine) == Merged(both)


def test_what_both_changed_differently_is_a_clash_with_both_sides() -> None:
    made = merge(BASE, BASE.replace("ten", "five"), BASE.replace("ten", "two"))
    assert [(one.strip(), other.strip()) for one, other in made.clashes] == [
        ("They wait five seconds.", "They wait two seconds.")
    ]
    assert "five" in made.text
    made = merge("", "Mine.", "Theirs.")
    assert made == Merged("Mine.", (("Mine.", "Theirs."),))


def test_what_would_take_too_long_to_compare_is_left_to_people() -> None:
    same = "a\n" * 1_000
    assert merge(same, "b\n" + same, same + "c\n") == Merged("b\n" + same, (("b\n" + same, same + "c\n"),))
    apart = "".join(f"{n}\n" for n in range(5_000))
    assert merge(apart, "b\n" + apart, apart + "c\n") == Merged("b\n" + apart + "c\n")


@given(TEXTS)
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


@given(TEXTS, TEXTS)
def test_one_who_changed_nothing_takes_the_others(base: str, changed: str) -> None:
    assert merge(base, changed, base) == merge(base, base, changed) == merge(base, changed, changed) == Merged(changed)


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_that_anybody_added_is_lost(base: str, mine: str, theirs: str) -> None:
    made = merge(base, mine, theirs)
    kept = made.text + "".join(other for _, other in made.clashes)
    for piece in {*pieces(mine), *pieces(theirs)} - {*pieces(base)}:
        assert piece in kept
    assert bool(made.clashes) == bool(merge(base, theirs, mine).clashes)
