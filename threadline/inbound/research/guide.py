"""The lines of a study: the questions of its guide, and how many of whom are wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])?\s*")
_QUOTA = re.compile(r"^(?P<segment>.+?)\s*[:=]\s*(?P<count>\d{1,4})\s*$")
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many participants of one segment are wanted."""

    segment: str
    count: int


def lines(text: str) -> list[str]:
    """The questions of a guide or study, one a line, without numbers, bullets and headings."""
    found = (_MARK.sub("", line).strip() for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line for line in found if line][:MOST_LINES]


def quota(text: str) -> list[Wanted]:
    """The segments wanted: "Returning players: 4" is one line. Lines of another form are left out."""
    found = (_QUOTA.match(line) for line in lines(text))
    return [Wanted(m["segment"].strip(), int(m["count"])) for m in found if m]


def numbers(text: str) -> list[int]:
    """The numbers in a list such as "1,3": which questions were asked."""
    return sorted({int(part) for part in text.split(",") if part.strip().isdecimal() and len(part.strip()) < 4})
