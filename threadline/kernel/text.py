"""Text that people write: Markdown in the database, safe HTML on the page, plain words in search.

`[[F-112]]` cites a record and `@ana.silva` mentions a member, except in code. Nobody else
in Threadline marks a string as safe HTML; what `render` returns is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from threadline.formats.markdown import clean_html, parser, whole_characters, words_of

KeyResolver = Callable[[str], tuple[str, str, str] | None]
MentionResolver = Callable[[str], tuple[str, str] | None]

# What parsing costs, in steps of about 10 microseconds for each such character. Text that
# exceeds the sum, or the length, was made to keep the server busy or is a log: it is shown as
# it stands and cites nothing. A page of 100,000 characters of real writing costs a third.
_COST = {"\n": 4, "<": 3, "://": 3, "[": 2, "|": 2, **dict.fromkeys("*_`~&>@:\\!#", 1)}
MAX_COST = 20_000
MAX_FORMATTED = 200_000

# Text in which no character and no line start means anything to Markdown, so that its plain
# form is itself. Most feedback is like that, and an import asks for 100,000 plain forms.
_MEANS_SOMETHING = re.compile(r"[\\`*_\[\]<>&~|#]|^ {0,3}(?:[-+=:]|\d{1,9}[.)])", re.MULTILINE)


def citations(text: str) -> list[str]:
    """Keys cited in `text`, upper-cased, each once, in order of appearance."""
    if "[[" not in text or not is_formatted(text):
        return []
    return list(dict.fromkeys(token.content for token in _inline(text) if token.type == "citation"))


def mentions(text: str) -> list[str]:
    """Handles mentioned in `text` as written, each once regardless of case, in order."""
    if "@" not in text or not is_formatted(text):
        return []
    found: dict[str, str] = {}
    for token in _inline(text):
        if token.type == "mention":
            found.setdefault(token.content.casefold(), token.content)
    return list(found.values())


def render(text: str, *, resolve_key: KeyResolver, resolve_mention: MentionResolver) -> str:
    """Safe HTML of Markdown `text`.

    `resolve_key(key)` gives (url, title, state) of a record the reader may see, else None;
    a key without one stays as written, so absent and forbidden look the same.
    `resolve_mention(handle)` gives (name, url), else None. Each is asked once per key.
    Headings begin at h3, below the page's own. Images become links: nothing is fetched
    until the reader asks.
    """
    if not is_formatted(text):
        return clean_html(f"<pre>{escapeHtml(text)}</pre>")
    simple = _paragraphs(_normal(text))
    if simple is not None:
        return simple
    env = {"resolve_key": cache(resolve_key), "resolve_mention": cache(resolve_mention)}
    return clean_html(parser.render(_normal(text), env))


def _paragraphs(text: str) -> str | None:
    """What the parser would make of text that it would only cut into paragraphs; None for any other text."""
    inside = text.replace("\n", "")
    if "@" in text or "://" in text or not inside.isprintable() or _MEANS_SOMETHING.search(text):
        return None
    if text.startswith(" ") or "\n " in text or not inside:
        return None
    blocks = (block.strip("\n") for block in re.split(r"\n{2,}", text))
    made = ("<br>\n".join(line.rstrip() for line in block.split("\n")) for block in blocks if block)
    return "".join(f"<p>{block}</p>\n" for block in made)


def plain(text: str) -> str:
    """The words of `text` without markup, a line per block: for search and previews."""
    text = _normal(text)
    if not is_formatted(text):
        return text
    if text.replace("\n", "").isprintable() and not _MEANS_SOMETHING.search(text):
        return "\n".join(filter(None, (line.strip() for line in text.split("\n"))))
    return "\n".join(filter(None, (_words_of_block(token) for token in parser.parse(text))))


def excerpt(text: str, n: int) -> str:
    """The first words of `text` on one line, at most `n` characters, with "…" if cut."""
    # Beyond a few screens nothing can reach the excerpt, however much of it is markup.
    words = " ".join(plain(text[: 4_000 + 4 * n]).split())
    if len(words) <= n:
        return words
    kept = words[: max(n - 1, 0)]
    if not words[len(kept)].isspace() and " " in kept[n // 2 :]:
        kept = kept[: kept.rindex(" ")]
    return (kept.rstrip(" .,;:") + "…")[:n]


def is_formatted(text: str) -> bool:
    """Whether the Markdown of `text` is read at all; False where parsing would take too long."""
    if len(text) > MAX_FORMATTED:
        return False
    return sum(weight * text.count(mark) for mark, weight in _COST.items()) <= MAX_COST


def _inline(text: str) -> Iterator[Token]:
    """Every inline token of `text`, those in image captions too."""
    waiting = list(reversed(parser.parse(_normal(text))))
    while waiting:
        token = waiting.pop()
        yield token
        waiting.extend(reversed(token.children or []))


def _words_of_block(token: Token) -> str:
    words = words_of(token.children) if token.children else ""
    if token.type in ("fence", "code_block"):
        words = token.content
    return "\n".join(filter(None, (line.strip() for line in words.split("\n"))))


def _normal(text: str) -> str:
    # One form for é, so that a handle typed on another system is the same handle.
    return unicodedata.normalize("NFC", whole_characters(text))
