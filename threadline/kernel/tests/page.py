"""Shared by the tests of text: a reader of HTML, known records and people, odd markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import strategies as st

from threadline.formats.markdown import is_safe_link
from threadline.kernel.text import render

RECORDS = {
    "F-112": ("/northgate/features/F-112", "Rejoin <a raid>", "planned"),
    "OBJ-3": ("/northgate/objectives/OBJ-3", 'The "calm" start', "active"),
}
PEOPLE = {"ana.silva": ("Ana Silva", "/northgate/people/ana")}
_HARMLESS = "p h3 h4 h5 h6 ul ol li blockquote pre hr br table thead tbody tr th td em strong s code a span"
HARMLESS = set(_HARMLESS.split())


def shown(text: str) -> str:
    return render(text, resolve_key=RECORDS.get, resolve_mention=PEOPLE.get)


class Page(HTMLParser):
    """The elements and attributes that a browser would find in a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.links: list[dict[str, str | None]] = []
        self.words = ""
        self.open_links = self.deepest_link = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "a":
            self.links.append(dict(attrs))
            self.open_links += 1
            self.deepest_link = max(self.deepest_link, self.open_links)

    def handle_endtag(self, tag: str) -> None:
        self.open_links -= tag == "a"

    def handle_data(self, data: str) -> None:
        self.words += data


def assert_harmless(html: str) -> Page:
    page = Page(html)
    assert page.tags <= HARMLESS
    assert {name for name, _ in page.attributes} <= {"href", "rel", "class", "title", "data-state", "start"}
    for link in page.links:
        assert link["rel"] == "nofollow noopener noreferrer"
        assert link.get("href") is None or is_safe_link(str(link["href"]))
    assert page.deepest_link <= 1
    return page


_MARKUP = (
    "* ** _ ` ``` ~~ ~~~ [ ] [[ ]] ( ) ![ < > & # | - + 1. : \\ @ F-112 [[F-112]] @ana.silva http:// "
    "javascript: //evil.example &Tab; &colon; <script> <img src=x onerror= <svg/onload= \" ' = a é "
    "\u0301 \u200d"
)
MARKUP = st.lists(
    st.sampled_from([*_MARKUP.split(), "\n", "\n\n", "    ", "\t", " ", "\0", "\r", "\u2028", "\x1f", "\ud800"])
    | st.text(max_size=3)
).map("".join)
