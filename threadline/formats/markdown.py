"""Markdown as Threadline reads it: which links are safe, what a citation and a mention are.

`kernel.text` is the way in for everybody else. The parser takes CommonMark without raw
HTML, plus tables, strike-through and bare web addresses. Citations and mentions are rules
of the parser, so code, escapes and links decide for themselves what they swallow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

# A host must follow the scheme, and no user name may precede it: https://bank@evil.example.
_WEB = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s?@\\]+@[^\s?@\\]+", re.IGNORECASE)
# One slash only: browsers read // and /\ as the start of another host.
_LOCAL = re.compile(r"/(?![/\\])[^\s\\]*|#[^\s\\]*")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f]")

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")

_CITATION = re.compile(r"\[\[[ \t]{0,3}([A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,17})[ \t]{0,3}\]\]")
_MENTION = re.compile(r"@([^\W_](?:[\w.-]{0,98}[^\W_])?)")
# Not a mention: ana@mail.example, example.social/@ana, and packages such as @scope/name.
_BEFORE_NO_MENTION = re.compile(r"[^\W_]|[@/.+&=#%-]")
_AFTER_NO_MENTION = re.compile(r"/\w")
_BARE_SCHEME = re.compile(r"(?:^|[^\w.+-])(https?)$", re.IGNORECASE)
_BARE_REST = re.compile(r"://[^\s<>\"`*|\[\]\\\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40]{1,2000}")

_ALIGNED = ("left", "center", "right")
_BLOCKS = {"p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr", "br"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_WORDS = {"em", "strong", "s", "code", "a", "span"}
_NEVER_SHOWN = {"script", "style", "template", "iframe", "svg", "math", "noscript", "textarea", "title"}


def is_safe_link(url: str) -> bool:
    """Whether a link may lead to `url`: http(s) with a host, mailto, or a path of this site."""
    if _UNSEEN.search(url):
        return False
    return any(form.fullmatch(url) for form in (_WEB, _MAIL, _LOCAL))


def _keep_attribute(element: str, name: str, value: str) -> str | None:
    return None if name == "href" and not is_safe_link(value) else value


_cleaner = nh3.Cleaner(
    tags=_BLOCKS | _TABLES | _WORDS,
    clean_content_tags={
        "script",
        "style",
        "template",
        "iframe",
        "svg",
        "math",
        "noscript",
        "textarea",
        "title",
    },
    attributes={"*": set(), "a": {"href", "title", "data-state"}, "ol": {"start"}},
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto"},
    # On every link, ours too: a rule without exceptions cannot be got round.
    link_rel="nofollow noopener noreferrer",
    allowed_classes={
        "a": {"citation", "mention", "remote-image"},
        "span": {"citation-key", "mention"},
        "th": {f"align-{side}" for side in _ALIGNED},
        "td": {f"align-{side}" for side in _ALIGNED},
    },
)


def clean_html(html: str) -> str:
    """`html` from anywhere, reduced to the elements and links that text may hold."""
    return _cleaner.clean(whole_characters(html))


def whole_characters(text: str) -> str:
    """`text` with U+FFFD for each half of a surrogate pair, which no page and no database takes."""
    return text if text.isascii() else _HALF_A_PAIR.sub("\ufffd", text)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser's own name
        return is_safe_link(url)


def _take_citation(state: StateInline, silent: bool) -> bool:
    # The parser looks ahead in silence to find where the words of a link end. A citation is
    # not a link to it there: its brackets are paired, and the outer link is what was meant.
    found = None if silent else _CITATION.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    token = state.push("citation", "", 0)
    token.content = found[1].upper()
    state.pos = found.end()
    return True


def _take_mention(state: StateInline, silent: bool) -> bool:
    start = state.pos
    found = _MENTION.match(state.src, start, state.posMax)
    if not found or _AFTER_NO_MENTION.match(state.src, found.end()):
        return False
    if start and _BEFORE_NO_MENTION.match(state.src[start - 1]):
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content = found[1]
    state.pos = found.end()
    return True


def _take_bare_link(state: StateInline, silent: bool) -> bool:
    """A web address in running text. It is met at its colon, the scheme being text already."""
    if state.linkLevel > 0 or state.src[state.pos] != ":":
        return False
    scheme = _BARE_SCHEME.search(state.src[max(0, state.pos - 6) : state.pos])
    rest = _BARE_REST.match(state.src, state.pos, state.posMax) if scheme else None
    if not scheme or not rest:
        return False
    tail = _without_closing_marks(rest[0])
    shown = scheme[1] + tail
    url = state.md.normalizeLink(shown)
    if not is_safe_link(url):
        return False
    if not silent:
        if not state.pending.endswith(scheme[1]):
            return False
        state.pending = state.pending[: -len(scheme[1])]
        state.push("link_open", "a", 1).attrs = {"href": url}
        state.push("text", "", 0).content = shown
        state.push("link_close", "a", -1)
    state.pos += len(tail)
    return True


def _without_closing_marks(url: str) -> str:
    """`url` without the punctuation of the sentence around it; paired brackets stay."""
    end = len(url)
    unopened = url.count(")") - url.count("(")
    while end and (url[end - 1] in ".,;:!?'~_" or (url[end - 1] == ")" and unopened > 0)):
        unopened -= url[end - 1] == ")"
        end -= 1
    return url[:end]


def _settle(state: StateCore) -> None:
    """What the page needs of the tokens: headings below the page's own, no inline style."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        elif token.type in ("th_open", "td_open"):
            side = str(token.attrs.pop("style", "")).removeprefix("text-align:")
            if side in _ALIGNED:
                token.attrs["class"] = f"align-{side}"
        elif token.children:
            _mark_inside_links(token.children)


def _mark_inside_links(tokens: Sequence[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type in ("link_open", "link_close") else 0
        if depth and token.type in ("citation", "mention", "image"):
            token.meta["inside_link"] = True


_Env = MutableMapping[str, Any]


def _show_citation(tokens: Sequence[Token], index: int, options: OptionsDict, env: _Env) -> str:
    key = tokens[index].content
    if tokens[index].meta.get("inside_link"):
        return escapeHtml(key)
    target = env["resolve_key"](key)
    if target is None:
        return escapeHtml(f"[[{key}]]")
    url, title, state = target
    return (
        f'<a class="citation" href="{escapeHtml(url)}" data-state="{escapeHtml(state)}">'
        f'<span class="citation-key">{escapeHtml(key)}</span> {escapeHtml(title)}</a>'
    )


def _show_mention(tokens: Sequence[Token], index: int, options: OptionsDict, env: _Env) -> str:
    handle = tokens[index].content
    person = None if tokens[index].meta.get("inside_link") else env["resolve_mention"](handle)
    if person is None:
        return escapeHtml(f"@{handle}")
    name, url = person
    return f'<a class="mention" href="{escapeHtml(url)}">@{escapeHtml(name)}</a>'


def _show_image(tokens: Sequence[Token], index: int, options: OptionsDict, env: _Env) -> str:
    """A link instead of the picture: fetching it would tell its host who reads here, and when."""
    token = tokens[index]
    url = str(token.attrs.get("src", ""))
    name = words_of(token.children or []).strip() or url
    if token.meta.get("inside_link"):
        return escapeHtml(name)
    return f'<a class="remote-image" href="{escapeHtml(url)}">Image: {escapeHtml(name)}</a>'


def words_of(tokens: Sequence[Token]) -> str:
    """The words of inline tokens, without markup."""
    return "".join(_words(tokens))


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "image":
            yield from _words(token.children or [])
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "mention":
            yield f"@{token.content}"
        else:
            yield token.content


def _make_parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.before("link", "citation", _take_citation)
    parser.inline.ruler.after("citation", "mention", _take_mention)
    parser.inline.ruler.after("mention", "bare_link", _take_bare_link)
    parser.core.ruler.push("settle", _settle)
    rules = {"citation": _show_citation, "mention": _show_mention, "image": _show_image}
    parser.renderer.rules.update(rules)  # type: ignore[attr-defined]
    return parser


parser = _make_parser()
