"""The filter language as text and tree: what it understands, and what it says when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadline.kernel.query import LONGEST, MOST_TERMS, Query, QueryError, Term, Words, nearest, parse, quoted


def test_the_example_of_the_manual_is_understood_whole() -> None:
    text = 'state:planned,candidate demand>5 owner:me -tag:later updated<30d "lost raid" sort:-score group:objective'
    tree = parse(text)
    assert [(t.field, t.op, t.values, t.denied) for t in tree.terms] == [
        ("state", ":", ("planned", "candidate"), False),
        ("demand", ">", ("5",), False),
        ("owner", ":", ("me",), False),
        ("tag", ":", ("later",), True),
        ("updated", "<", ("30d",), False),
    ]
    assert tree.words == (Words('"lost raid"', denied=False, position=text.index('"lost')),)
    assert (tree.sort, tree.group) == ((("score", True),), "objective")


def test_values_in_quotes_keep_their_spaces_and_commas() -> None:
    [term] = parse('title:"one, two",three').terms
    assert term.values == ("one, two", "three")


def test_a_minus_denies_words_and_phrases_too() -> None:
    tree = parse('raid -boss -"lost key"')
    assert [(w.text, w.denied) for w in tree.words] == [("raid", False), ("boss", True), ('"lost key"', True)]
    assert tree.text == "raid"


def test_several_sorts_keep_their_order() -> None:
    assert parse("sort:-score,title").sort == (("score", True), ("title", False))


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_query_asks_for_everything(text: str) -> None:
    assert parse(text) == Query()


@pytest.mark.parametrize(
    ("text", "position"),
    [('say "lost', 4), ('title:"lost', 6), ("state: ", 6), ("a" * (LONGEST + 1), 0), ("nul\x00", 3), ("half\ud800", 4)],
)
def test_what_is_wrong_is_said_with_its_place(text: str, position: int) -> None:
    with pytest.raises(QueryError) as told:
        parse(text)
    assert told.value.position == position
    assert told.value.problems[0].field == "q"


def test_a_query_has_a_limit_of_terms() -> None:
    parse(" ".join(["a"] * MOST_TERMS))
    with pytest.raises(QueryError):
        parse(" ".join(["a"] * (MOST_TERMS + 1)))
    with pytest.raises(QueryError):
        parse(f"state:{','.join('a' * 101)}")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    assert nearest("scroe", ["score", "state", "title"]) == "Did you mean score?"
    assert nearest("zzz", ["score", "state"]) == "Known here: score, state."


@given(st.text(max_size=120))
def test_any_text_is_understood_or_refused_with_a_place_in_it(text: str) -> None:
    place = 0
    try:
        parse(text)
    except QueryError as told:
        place = told.position
    assert 0 <= place <= len(text)


@given(
    st.lists(
        st.text(min_size=1, max_size=12).filter(lambda v: '"' not in v and "\x00" not in v), min_size=1, max_size=5
    )
)
def test_a_quoted_value_comes_back_as_it_was(values: list[str]) -> None:
    kept = [v for v in values if not any("\ud800" <= c <= "\udfff" for c in v)]
    text = "title:" + ",".join(f'"{v}"' for v in kept)
    if kept:
        assert parse(text).terms == (Term("title", ":", tuple(kept), denied=False, position=0),)


def test_quoted_quotes_only_where_it_must() -> None:
    assert [quoted(v) for v in ("plain", "two words", "a,b", "")] == ["plain", '"two words"', '"a,b"', '""']


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 100_000,
        "-" * 100_000,
        '"' * 100_000,
        "a:" * 50_000,
        "state:" + "," * 100_000,
        " " * 100_000 + "x",
        "sort:" + "-" * 100_000,
        "(" * 50_000 + ")" * 50_000,
    ],
)
def test_a_hostile_query_is_refused_at_once(hostile: str) -> None:
    """Attack row E9: refused by its length, before any expression looks at it."""
    with pytest.raises(QueryError):
        parse(hostile)
