"""Citations, mentions, plain words and excerpts, and the time all of it may take."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threadline.formats.markdown import clean_html, parser
from threadline.kernel.tests.page import MARKUP, PEOPLE, assert_harmless, shown
from threadline.kernel.text import (
    _normal,
    _words_of_block,
    citations,
    excerpt,
    is_formatted,
    mentions,
    plain,
    render,
)

# --- citations and mentions ---------------------------------------------------------------


def test_citations_are_keys_once_in_order() -> None:
    assert citations("See [[f-112]] and [[ OBJ-3 ]], again [[F-112]]. **[[R-9]]**") == [
        "F-112",
        "OBJ-3",
        "R-9",
    ]
    assert citations("# [[H-1]]\n\n> [[Q-2]]\n\n- [[L-3]]\n\n|a|\n|-|\n|[[T-4]]|") == [
        "H-1",
        "Q-2",
        "L-3",
        "T-4",
    ]
    assert citations("[why [[F-1]]](https://a.example) ![[[F-2]]](https://a.example/b.png)") == ["F-1", "F-2"]


@pytest.mark.parametrize(
    "text",
    [
        "`[[F-1]]`",
        "`` a ` [[F-1]] ``",
        "```\n[[F-1]]\n```",
        "~~~\n[[F-1]]",
        "    [[F-1]]",
        r"\[[F-1]]",
        "&#91;[F-1]]",
        "[[F-0]]",
        "[[F-1",
        "[F-1]",
        "[[F1]]",
        "[[-1]]",
        "[[F-1|title]]",
        "[[F-\n1]]",
        "[[F-99999999999999999999]]",
    ],
)
def test_what_is_no_citation(text: str) -> None:
    assert citations(text) == []
    assert "<a" not in render(text, resolve_key=lambda key: ("/x", key, "idea"), resolve_mention=PEOPLE.get)


def test_a_code_span_that_never_closes_hides_nothing() -> None:
    assert citations("a ` b [[F-1]]") == ["F-1"]
    assert mentions("a ` b @ana") == ["ana"]


def test_mentions_are_handles_once_in_order() -> None:
    assert mentions("@Ana.Silva, (@bo-b) @ana.silva and **@c_d**. @ed.") == ["Ana.Silva", "bo-b", "c_d", "ed"]
    assert mentions("@josé und @山田 sowie @jose\u0301") == ["josé", "山田"]
    assert mentions("_@ana_ and ~~@bob~~") == ["ana", "bob"]


@pytest.mark.parametrize(
    "text",
    [
        "ana@silva.example",
        "<ana@silva.example>",
        "https://social.example/@ana",
        "see social.example/@ana",
        "`@ana`",
        "```\n@ana\n```",
        r"\@ana",
        "@@ana",
        "@ ana",
        "@_",
        "install @scope/name",
    ],
)
def test_what_is_no_mention(text: str) -> None:
    assert mentions(text) == []


def test_a_citation_shows_key_title_and_state_escaped() -> None:
    assert shown("[[f-112]]") == (
        '<p><a class="citation" href="/northgate/features/F-112" data-state="planned" '
        'rel="nofollow noopener noreferrer"><span class="citation-key">F-112</span> '
        "Rejoin &lt;a raid&gt;</a></p>\n"
    )
    assert ">@Ana Silva</a>" in shown("Thanks @ana.silva")


def test_absent_and_forbidden_look_the_same_and_stay_text() -> None:
    assert shown("[[F-113]] by @nobody") == "<p>[[F-113]] by @nobody</p>\n"


def test_inside_a_link_a_citation_is_words() -> None:
    page = assert_harmless(shown("[see [[F-112]] by @ana.silva ![p](https://a.example/p.png)](https://a.example)"))
    assert [link["href"] for link in page.links] == ["https://a.example"]
    assert page.words == "see F-112 by @ana.silva p\n"


def test_resolvers_are_asked_once_for_each_key() -> None:
    asked: list[str] = []
    render("[[F-1]] [[f-1]] [[F-2]]", resolve_key=asked.append, resolve_mention=PEOPLE.get)  # type: ignore[arg-type,func-returns-value]
    assert asked == ["F-1", "F-2"]


def test_a_hostile_title_name_and_address_stay_inside() -> None:
    html = render(
        "[[F-1]] @eve",
        resolve_key=lambda key: (
            'javascript:alert(1)" onclick="x',
            "<script>alert(1)</script>",
            '"><img src=x>',
        ),
        resolve_mention=lambda handle: ("</a><svg onload=alert(1)>", "//evil.example"),
    )
    page = assert_harmless(html)
    assert [link.get("href") for link in page.links] == [None, None]
    assert "<script>alert(1)</script>" in page.words


# --- plain words --------------------------------------------------------------------------


def test_plain_words() -> None:
    text = "# Title\n\nSee **[[f-112]]**, @ana and [a link](https://a.example)\nnext\n\n"
    text += "- one\n- `two`\n\n```\ncode *x*\n```\n"
    assert plain(text) == "Title\nSee F-112, @ana and a link\nnext\none\ntwo\ncode *x*"
    assert plain("![A *graph*](https://a.example/p.gif)") == "A graph"
    assert plain("<b>5 &lt; 6</b>") == "<b>5 < 6</b>"
    assert plain("") == ""


def test_excerpt() -> None:
    assert excerpt("**Short** text", 20) == "Short text"
    assert excerpt("The quick brown fox jumps", 16) == "The quick brown…"
    assert excerpt("The quick brown fox jumps", 18) == "The quick brown…"
    assert excerpt("Donaudampfschifffahrt", 10) == "Donaudamp…"
    assert excerpt("One.\n\nTwo.", 20) == "One. Two."


@given(MARKUP, st.integers(0, 80))
def test_excerpt_fits_one_line(text: str, n: int) -> None:
    short = excerpt(text, n)
    assert len(short) <= n
    assert len(short.splitlines()) <= 1


quiet = st.lists(st.text("ab 1.)!?'\"-+=:@/(),é語😀") | st.just("\n") | st.just("https://a.b")).map("".join)


@given(quiet | MARKUP)
def test_the_short_way_to_plain_words_agrees_with_the_parser(text: str) -> None:
    tokens = parser.parse(_normal(text))
    assert plain(text) == "\n".join(filter(None, map(_words_of_block, tokens)))


# --- time ---------------------------------------------------------------------------------

_UNITS = (
    "[ ] [[ ]] [[F-1]] ![ ![[ [a]( ]( [a](<b *a_ ** _a_ *_ ***a ~~a ` `a`` < <a <!-- <! <? <![CDATA[ <a@b> "
    "<http://a> & &amp; @a @a. http:// http://a http://a( http://a) :// > # | |a a| \\ ( ' \" = - é [a][b]"
)
_LINES = "- 1. > = a| ~~~ ``` [a]:b"
_SPACED = "- * @a http://a [ <"
SHAPES = [
    *_UNITS.split(),
    *(f"{mark}\n" for mark in _LINES.split()),
    *(f"{mark} " for mark in _SPACED.split()),
    *("\n", " ", "\t", "a|b\n-|-\n", "a\n=\n", "    a\n"),
]
WHOLE = [
    "".join("  " * depth + "- a\n" for depth in range(440)),
    "a|" * 200 + "\n" + "-|" * 200 + "\n" + "a\n" * 40_000,
    "".join("`" * length + " " for length in range(440)),
    "[" * 50_000 + "]" * 50_000,
    "![a" * 20_000 + "](b)" * 10_000,
    "".join(f"[a{number}]: /b\n" for number in range(8_000)),
]

WORK = """
import sys
from threadline.kernel.text import citations, excerpt, mentions, plain, render
for text in sys.stdin.read().split("\\x1e"):
    for share in (len(text), 12_000):
        part = text[:share]
        render(part, resolve_key=lambda key: None, resolve_mention=lambda handle: None)
        plain(part), citations(part), mentions(part), excerpt(part, 200)
print("done")
"""


@pytest.mark.slow
def test_adversarial_text_ends_in_bounded_time() -> None:
    """About 70 texts of 100 kB and their beginnings: a quadratic rule alone would exceed this."""
    texts = [(shape * 100_000)[:100_000] for shape in SHAPES] + WHOLE
    done = subprocess.run(
        [sys.executable, "-c", WORK],
        input="\x1e".join(texts),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout == "done\n"


def test_the_cost_rule_leaves_real_writing_alone() -> None:
    paragraph = "We lost **three raids** on the train, see [the log](https://a.example) and `rejoin`; cc @ana.\n\n"
    page = paragraph * 300
    assert len(page) > 28_000
    assert is_formatted(page)
    assert shown(page).count("<strong>") == 300
    dense = "[" * 100_000
    assert not is_formatted(dense)
    assert shown(dense) == f"<pre>{dense}</pre>"
    assert plain(dense) == dense
    assert citations("[[F-1]]" * 10_000) == []


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1.) '\"(-+=:!,?\n\n\u00a0é“$%^/;{}*", max_size=40))
def test_simple_text_is_what_the_parser_would_make_of_it(source: str) -> None:
    parsed = clean_html(parser.render(source, {}))
    assert render(source, resolve_key=lambda key: None, resolve_mention=lambda handle: None) == parsed
