"""One text that two people changed at the same time, put together from what each did.

The three-way merge of Khanna, Kunal and Pierce, "A Formal Investigation of Diff3" (FSTTCS 2007), over sentences
and lines: what only one of them touched is taken from that one; what both touched differently is a clash, and is
left to people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_PAIRS = 500_000
"""Pairs of equal pieces in two texts; comparing costs at least as many steps, and the same line again and again makes
their square."""

_PIECE = re.compile(r"[^\n]*?(?:[.!?](?=\s)[^\S\n]*|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Merged:
    """The text put together; ``clashes`` holds what each wrote where both wrote, and is empty when all went well."""

    text: str
    clashes: tuple[tuple[str, str], ...] = ()


def merge(base: str, mine: str, theirs: str) -> Merged:
    """What both made of ``base``. Where they clash the text holds mine, so that nothing of it is lost."""
    if mine == theirs or theirs == base:
        return Merged(mine)
    if mine == base:
        return Merged(theirs)
    old, first, second = pieces(base), pieces(mine), pieces(theirs)
    if max(_pairs(old, first), _pairs(old, second)) > MOST_PAIRS:
        return Merged(mine, ((mine, theirs),))
    made: list[str] = []
    clashes: list[tuple[str, str]] = []
    at = from_first = from_second = 0
    for low, high, first_low, second_low in _kept_by_both(old, first, second):
        was, one, other = old[at:low], first[from_first:first_low], second[from_second:second_low]
        made += _joined(was, one, other, clashes)
        made += old[low:high]
        at, from_first, from_second = high, first_low + high - low, second_low + high - low
    return Merged("".join(made), tuple(clashes))


def _pairs(one: list[str], other: list[str]) -> int:
    counted = Counter(other)
    return sum(counted[piece] for piece in one)


def _joined(was: list[str], one: list[str], other: list[str], clashes: list[tuple[str, str]]) -> list[str]:
    if one in (other, was):
        return other
    if other == was:
        return one
    if len(was) == len(one) == len(other) > 1:  # neighbours, each changed by one of them
        return [piece for a, b, c in zip(was, one, other, strict=True) for piece in _joined([a], [b], [c], clashes)]
    clashes.append(("".join(one), "".join(other)))
    return one


def pieces(text: str) -> list[str]:
    """A text in sentences and lines, each with the space that follows; joined they are the text again."""
    return [piece for piece in _PIECE.findall(text) if piece]


def _kept_by_both(old: list[str], first: list[str], second: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where neither changed anything: from and to in the old one, and where that begins in each; the end at last."""
    ours = SequenceMatcher(None, old, first, autojunk=False).get_matching_blocks()
    others = SequenceMatcher(None, old, second, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(ours) and j < len(others):
        a, b = ours[i], others[j]
        low, high = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if low < high:
            yield low, high, a.b + low - a.a, b.b + low - b.a
        if a.a + a.size < b.a + b.size:
            i += 1
        else:
            j += 1
    yield len(old), len(old), len(first), len(second)
