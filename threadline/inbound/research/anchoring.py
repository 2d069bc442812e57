"""Where a highlight stands in a transcript, and whether it is still there after an edit.

A highlight is its words and what stood around them; its place is a hint. Words that are found
again exactly once, or once with the same surroundings, are anchored anew. Anything less is lost
and shown as lost: a quote that silently moves to a like one would be a false quote.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

CONTEXT = 64  # characters kept before and after
_TELLING = 8  # so many of them must agree, next to the words, to tell two like places apart
Turn = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """``turn`` counted from 0, ``start`` in code points within it, ``end`` within ``last``."""

    turn: int
    start: int
    last: int
    end: int


def text_of(turns: Sequence[Turn]) -> str:
    """The words of a transcript, a turn a line."""
    return "\n".join(t["t"] for t in turns)


def offsets(turns: Sequence[Turn]) -> list[int]:
    """Where each turn begins in :func:`text_of`."""
    found: list[int] = []
    at = 0
    for turn in turns:
        found.append(at)
        at += len(turn["t"]) + 1
    return found


def place_of(turns: Sequence[Turn], at: int, length: int, begins: Sequence[int] | None = None) -> Place:
    """The turns and characters of a stretch of :func:`text_of`; ``begins`` are its :func:`offsets` where known."""
    begins = offsets(turns) if begins is None else begins
    first = bisect_right(begins, at) - 1
    last = max(first, bisect_left(begins, at + length) - 1)
    return Place(first, at - begins[first], last, at + length - begins[last])


def around(text: str, at: int, length: int) -> tuple[str, str]:
    """What stands before and after a stretch."""
    return text[max(0, at - CONTEXT) : at], text[at + length : at + length + CONTEXT]


def find_again(text: str, quote: str, before: str, after: str, hint: int | None = None) -> int | None:
    """Where ``quote`` now begins in ``text``; None when it is gone or could be at more than one place.

    ``hint`` is where it would begin if nothing had moved: it is taken when the words stand there
    with surroundings that still agree on at least one side.
    """
    if not quote:
        return None
    places = _all(text, quote)
    if len(places) == 1:
        return places[0]
    agreed = [(at, *_agreement(text, at, len(quote), before, after)) for at in places]
    if hint is not None:
        here = next(((b, a) for at, b, a in agreed if at == hint), None)
        if here is not None and max(here) >= min(_TELLING, max(len(before), len(after))):
            return hint
    best = sorted(agreed, key=lambda found: -(found[1] + found[2]))
    if len(best) > 1 and best[0][1] + best[0][2] > best[1][1] + best[1][2] and best[0][1] + best[0][2] >= _TELLING:
        return best[0][0]
    return None


def _all(text: str, quote: str) -> list[int]:
    found: list[int] = []
    at = text.find(quote)
    while at >= 0 and len(found) < 1_000:
        found.append(at)
        at = text.find(quote, at + 1)
    return found


def _agreement(text: str, at: int, length: int, before: str, after: str) -> tuple[int, int]:
    """How many characters next to the stretch are as they were, on either side."""
    left = text[max(0, at - len(before)) : at]
    right = text[at + length : at + length + len(after)]
    return _same(left[::-1], before[::-1]), _same(right, after)


def _same(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def hints(old: Sequence[Turn], new: Sequence[Turn]) -> Callable[[int, int], int | None]:
    """Tells where a place of the old transcript would be in the new text if its turn was only shifted."""
    head, tail, begins = _same_turns(old, new), _same_turns(old[::-1], new[::-1]), offsets(new)

    def hint(turn: int, start: int) -> int | None:
        if turn >= len(old):
            return None
        if turn < head and turn < len(new):
            return begins[turn] + start
        from_end = len(old) - turn
        if from_end <= tail and from_end <= len(new):
            return begins[len(new) - from_end] + start
        return begins[turn] + start if turn < len(new) else None

    return hint


def _same_turns(old: Sequence[Turn], new: Sequence[Turn]) -> int:
    count = 0
    for a, b in zip(old, new, strict=False):
        if a["t"] != b["t"]:
            break
        count += 1
    return count
