"""A document as text and live parts: ``{{requirements F-12}}`` on a line of its own is drawn when it is read.

``{{requirements}}`` alone is what holds of the whole product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

NAMES = ("evidence", "numbers", "requirements", "decisions", "release")
MOST = 40  # live parts that are drawn in one document
_LINE = re.compile(
    rf"^[ \t]{{0,3}}\{{\{{[ \t]*(?:({'|'.join(NAMES)})[ \t]+([A-Z][A-Z0-9]{{0,9}}-[1-9][0-9]{{0,17}})|(requirements))"
    r"[ \t]*\}\}[ \t]*$"
)
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Live:
    """A live part: which one, of which record; of the whole product when it names none."""

    name: str
    key: str = ""


@dataclass(slots=True)
class Line:
    """One line of a live part: a record with what stands beside it, or words alone."""

    text: str
    key: str = ""
    note: str = ""
    quote: str = ""
    depth: int = 0


@dataclass(slots=True)
class Drawn:
    """A live part as its reader may see it; ``missing`` says why it has no lines."""

    title: str
    lines: list[Line] = field(default_factory=list)
    missing: str = ""


def lines_of(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it stands in a block of code or begins one."""
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        yield line, bool(fence)


def moved(text: str, before: str, now: str) -> str:
    """The text with the live parts of one record turned into those of another; other words stay to the letter."""
    lines = text.splitlines(keepends=True)
    for at, (line, is_code) in enumerate(lines_of(text)):
        asked = None if is_code else _LINE.match(line)
        if asked is not None and asked[2] == before:
            lines[at] = lines[at].replace(before, now, 1)
    return "".join(lines)


def parts_of(text: str) -> list[Words | Live]:
    """The document in order. What stands in a block of code is text."""
    found: list[Words | Live] = []
    kept: list[str] = []
    live = 0
    for line, is_code in lines_of(text):
        asked = None if is_code or live >= MOST else _LINE.match(line)
        if asked is None:
            kept.append(line)
            continue
        if any(one.strip() for one in kept):
            found.append(Words("\n".join(kept)))
        kept, live = [], live + 1
        found.append(Live(asked[1] or asked[3], asked[2] or ""))
    if any(one.strip() for one in kept):
        found.append(Words("\n".join(kept)))
    return found
