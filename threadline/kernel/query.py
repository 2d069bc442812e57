"""The filter language, parsed to a tree: ``state:planned,candidate demand>5 -tag:later "lost raid"``.

One text for the web, the API, the command line and saved views. Parsing knows nothing of the
database; :mod:`threadline.kernel.plan` checks names against the declaration and makes SQL.

A term is ``field:value[,value]``, ``field>value`` (also ``>=``, ``<``, ``<=``), a word, or a
phrase in quotes; a minus in front denies it. ``sort:-score,title`` and ``group:objective``
shape the answer. For dates, a duration is an age: ``updated<30d`` means less than 30 days ago.
``field:none`` means blank and ``field:any`` not blank.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from threadline.kernel.errors import Invalid

LONGEST = 2_000
MOST_TERMS = 40
_NAME = r"[A-Za-z][A-Za-z0-9_.]*"
_TERM = re.compile(rf"(-?)({_NAME})(:|>=|<=|>|<)")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")  # no database keeps these
_SPACE = re.compile(r"\s+")


class QueryError(Invalid):
    """The query cannot be understood; ``position`` is the character where it went wrong."""

    def __init__(self, message: str, position: int = 0) -> None:
        self.message, self.position = message, position
        super().__init__(("q", message))


@dataclass(frozen=True, slots=True)
class Term:
    """``field op values``; several values are alternatives."""

    field: str
    op: str
    values: tuple[str, ...]
    denied: bool
    position: int


@dataclass(frozen=True, slots=True)
class Words:
    """Text to find in title and body."""

    text: str
    denied: bool
    position: int


@dataclass(frozen=True, slots=True)
class Query:
    """The tree: every part must hold."""

    terms: tuple[Term, ...] = ()
    words: tuple[Words, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()  # (field, descending)
    group: str = ""

    @property
    def text(self) -> str:
        """The words to find, as one search text."""
        return " ".join(w.text for w in self.words if not w.denied)


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """The tree of a query text; raises :class:`QueryError`."""
    if len(text) > LONGEST:
        raise QueryError(f"The query is too long: {LONGEST:,} characters at most.")
    unkept = _UNKEPT.search(text)
    if unkept is not None:
        raise QueryError("The query contains a character that cannot be searched.", unkept.start())
    terms: list[Term] = []
    words: list[Words] = []
    shape: dict[str, tuple[str, ...]] = {}
    at = _skip(text, 0)
    while at < len(text):
        if len(terms) + len(words) >= MOST_TERMS:
            raise QueryError(f"At most {MOST_TERMS} terms.", at)
        found = _TERM.match(text, at)
        if found is None:
            word, at = _word(text, at)
            words += [word] if word.text else []
        else:
            term, at = _field_term(text, found)
            if term.field in ("sort", "group"):
                shape[term.field] = term.values
            else:
                terms.append(term)
        at = _skip(text, at)
    sort = tuple((v.lstrip("-").lower(), v.startswith("-")) for v in shape.get("sort", ()))
    return Query(tuple(terms), tuple(words), sort, shape.get("group", ("",))[0].lower())


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _field_term(text: str, found: re.Match[str]) -> tuple[Term, int]:
    values, at = _values(text, found.end())
    name, op = found.group(2).lower(), found.group(3)
    if not values:
        raise QueryError(f"Say what {name} should be, for example {name}{op}none.", at)
    return Term(name, op, values, bool(found.group(1)), found.start()), at


def _word(text: str, at: int) -> tuple[Words, int]:
    start, denied = at, text[at] == "-"
    at += denied
    if text[at : at + 1] == '"':
        end = text.find('"', at + 1)
        if end < 0:
            raise QueryError("A quotation mark is not closed.", at)
        return Words(f'"{text[at + 1 : end]}"', denied, start), end + 1
    stop = _SPACE.search(text, at)
    end = stop.start() if stop else len(text)
    return Words(text[at:end], denied, start), end


def _values(text: str, at: int) -> tuple[tuple[str, ...], int]:
    values: list[str] = []
    while at < len(text) and not text[at].isspace():
        if text[at] == '"':
            end = text.find('"', at + 1)
            if end < 0:
                raise QueryError("A quotation mark is not closed.", at)
            values.append(text[at + 1 : end])
            at = end + 1
        elif text[at] == ",":
            at += 1
        else:
            end = at
            while end < len(text) and not text[end].isspace() and text[end] != ",":
                end += 1
            values.append(text[at:end])
            at = end
        if len(values) > 100:
            raise QueryError("At most 100 values.", at)
    return tuple(values), at


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known name, or lists a few."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {close[0]}?"
    return f"Known here: {', '.join(names[:12])}."


def quoted(value: str) -> str:
    """A value as it is written in a query."""
    return f'"{value}"' if re.search(r'[\s,"]', value) or not value else value
