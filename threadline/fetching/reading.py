"""The words of a fetched page, and nothing else of it: no markup, no script, no picture survives."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import nh3

from threadline.fetching.fetch import Answer

LONGEST = 200_000  # characters kept of one page
_BLOCKS = frozenset(
    {
        "p",
        "br",
        "div",
        "section",
        "article",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "dd",
        "dt",
    }
)
_DROPPED = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "nav",
        "footer",
        "form",
        "head",
        "title",
    }
)
_TAG = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,600})</title", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([a-zA-Z0-9_-]{1,40})", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Words:
    """A page as plain text: paragraphs apart by one line break."""

    title: str
    text: str


def words_of(answer: Answer) -> Words:
    """Title and text of an answer, whatever it was written in."""
    said = decode(answer.body, answer.charset)
    if answer.content_type in ("text/plain", "text/markdown"):
        return Words("", tidy(said))
    found = _TITLE.search(said[:200_000])
    return Words(tidy(html.unescape(found[1])).replace("\n", " ")[:300] if found else "", plain(said))


def decode(body: bytes, charset: str = "") -> str:
    """Bytes as text: as the far side says, else as the page says, else UTF-8; never fails."""
    named = charset
    if not named and (meta := _META.search(body[:2_048])):
        named = meta[1].decode("ascii", "ignore")
    try:
        return body.decode(named or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def plain(markup: str) -> str:
    """The words of markup, block by block."""
    kept = nh3.clean(markup, tags=set(_BLOCKS), clean_content_tags=set(_DROPPED), attributes={}, link_rel=None)
    return tidy(html.unescape(_TAG.sub("\n", kept)))


def tidy(text: str) -> str:
    """Lines trimmed, blank ones left out, control and invisible characters gone."""
    lines = (" ".join(line.split()) for line in _CONTROL.sub("", text.replace("\r", "\n")).split("\n"))
    return "\n".join(line for line in lines if line)[:LONGEST]
