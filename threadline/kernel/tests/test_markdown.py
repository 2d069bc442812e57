"""What a browser gets: nothing it would run, fetch or send elsewhere, whatever was written."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from threadline.formats.markdown import clean_html, is_safe_link
from threadline.kernel.tests.page import HARMLESS, MARKUP, PEOPLE, RECORDS, Page, assert_harmless, shown
from threadline.kernel.text import render

INERT = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](<java\nscript:alert(1)>)",
    "[x](&#x6A;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](&#1;javascript:alert(1))",
    "[x](\u00a0javascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![x](data:image/png;base64,AAAA)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x][a]\n\n[a]: javascript:alert(1)",
    "[x]\n\n[x]: <javascript:alert(1)> 'y'",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](\\\\evil.example)",
    "[x](/&Tab;/evil.example)",
    "[x](https:evil.example)",
    "[x](http:///evil.example)",
    "[x](https://bank.example@evil.example)",
    "[x](file:///etc/passwd)",
    "[x](ftp://a.example)",
    "[x](relative/page)",
    "[x](mailto:a@b.example?bcc=c@d.example)",
    "![x](//evil.example/pixel.gif)",
]


@pytest.mark.parametrize("text", INERT)
def test_no_link_comes_of(text: str) -> None:
    page = assert_harmless(shown(text))
    for link in page.links:
        # What is left may only be a path of this site, never another place or a program.
        assert str(link["href"]).startswith("/")
        assert not str(link["href"]).startswith(("//", "/\\"))
    assert page.tags <= {"p", "a", "br"}


@pytest.mark.parametrize(
    "text",
    [
        '[x](https://a.example "t\\" onmouseover=alert(1) x=\\"")',
        "[x](https://a.example 't\"><script>alert(1)</script>')",
        '[x](https://a.example/"onmouseover=alert(1)//)',
        "https://a.example/'onmouseover=alert(1)",
        '![x" onerror="alert(1)](https://a.example/p.png "y\\" onload=\\"")',
        '```"><script>alert(1)</script>\nx\n```',
        '<https://a.example/"onclick=alert(1)>',
    ],
)
def test_no_breaking_out_of_an_attribute(text: str) -> None:
    assert_harmless(shown(text))


PASTED = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<form action="//evil.example"><button>x</button></form>',
    "<style>@import '//evil.example'</style>",
    '<base href="//evil.example/">',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    '<a href="javascript:alert(1)" onclick="alert(1)">x</a>',
    '<a href=" java\nscript:alert(1)">x</a>',
    '<a href="//evil.example">x</a>',
    '<p style="background:url(//evil.example)">x</p>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<!--<img src=--><img src=x onerror=alert(1)>-->",
    '<td background="//evil.example" class="admin align-right">x</td>',
    "<video poster=//evil.example><source onerror=alert(1)></video>",
]


@pytest.mark.parametrize("html", PASTED)
def test_pasted_html_is_words_in_markdown_and_stripped_by_the_cleaner(html: str) -> None:
    assert_harmless(shown(html))
    assert_harmless(shown(f"# {html}\n\n- {html}\n\n|{html}|\n|-|\n|{html}|"))
    cleaned = assert_harmless(clean_html(html))
    assert "alert" not in cleaned.words


def test_tags_that_are_written_are_shown_as_written() -> None:
    assert shown("a <b>bold</b> <i>word</i>") == "<p>a &lt;b&gt;bold&lt;/b&gt; &lt;i&gt;word&lt;/i&gt;</p>\n"
    assert shown("<table>") == "<p>&lt;table&gt;</p>\n"


@pytest.mark.parametrize(
    "url", ["/a\x01b", "/a b", "/a\tb", "/\\a", "//a", "", "a", "https://", "https://a b", "/a\x7f"]
)
def test_unsafe_addresses(url: str) -> None:
    assert not is_safe_link(url)


def test_a_remote_image_is_a_link_to_click() -> None:
    page = assert_harmless(shown("![A *graph*](https://a.example/pixel.gif)"))
    assert page.links[0]["href"] == "https://a.example/pixel.gif"
    assert page.links[0]["class"] == "remote-image"
    assert page.words == "Image: A graph\n"
    assert "Image: https://a.example/p.gif" in shown("![](https://a.example/p.gif)")


@pytest.mark.parametrize(
    ("text", "href", "words"),
    [
        ("https://a.example/b_c_d?e=f#g", "https://a.example/b_c_d?e=f#g", ""),
        ("(https://a.example/b_(c)).", "https://a.example/b_(c)", ""),
        ("**https://a.example**", "https://a.example", ""),
        ("Look: http://a.example/@ana, then", "http://a.example/@ana", ""),
        ("siehe https://a.example。次", "https://a.example", ""),
        ("<https://a.example>", "https://a.example", ""),
        ("<a@b.example>", "mailto:a@b.example", "a@b.example"),
        ("[x](/northgate/f)", "/northgate/f", "x"),
        ("[x](#part)", "#part", "x"),
        ("[https://a.example](https://b.example)", "https://b.example", "https://a.example"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example", "https://münchen.example"),
    ],
)
def test_a_good_link(text: str, href: str, words: str) -> None:
    page = assert_harmless(shown(text))
    assert [link["href"] for link in page.links] == [href]
    assert (words or href) in page.words


@pytest.mark.parametrize(
    "text", ["xhttps://a.example", "https://", "https://.", "ftp://a.example", r"https\://a.example"]
)
def test_no_bare_link(text: str) -> None:
    assert assert_harmless(shown(text)).links == []


def test_layout_of_the_page_is_safe_from_text() -> None:
    assert shown("# a\n\n##### b") == "<h3>a</h3>\n<h6>b</h6>\n"
    table = shown("|a|b|\n|:-:|-:|\n|c|d|")
    assert '<th class="align-center">a</th>' in table
    assert '<td class="align-right">d</td>' in table
    assert "style" not in table
    assert shown("one\ntwo") == "<p>one<br>\ntwo</p>\n"
    assert shown("3. x") == '<ol start="3">\n<li>x</li>\n</ol>\n'


@given(MARKUP)
@example("[x]: <a\n[x]")
@example("https://[")
def test_whatever_the_text_the_page_is_harmless(text: str) -> None:
    assert_harmless(render(text, resolve_key=RECORDS.get, resolve_mention=PEOPLE.get))


@given(MARKUP)
def test_the_cleaner_alone_is_enough(html: str) -> None:
    assert Page(clean_html(html)).tags <= HARMLESS
