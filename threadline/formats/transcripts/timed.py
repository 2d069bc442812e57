"""WebVTT and SRT: cues with times. Speakers stand in voice tags (Teams) or before a colon (Zoom)."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

from threadline.formats.refusal import Unreadable
from threadline.formats.transcripts.turns import Found, Turn, joined

MOST_CUES = 100_000
LATEST = 100 * 3_600_000  # a talk of more than a hundred hours is a mistake
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^ \t>]*)?[ \t]+([^>]{1,200})>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z0-9:.][^>]{0,200}>")
_PREFIX = re.compile(r"^\s*(?:\[([^\]\n]{1,60})\]|([^\s:<][^:\n<]{0,58}?)):\s+(?=\S)")
_SKIPPED = ("NOTE", "STYLE", "REGION")


def looks_like_srt(text: str) -> bool:
    """Whether a number stands alone before the first line of times."""
    lines = [line.strip() for line in text[:2_000].splitlines() if line.strip()]
    at = next((i for i, line in enumerate(lines) if "-->" in line), 0)
    return at > 0 and lines[at - 1].isdecimal()


def read(text: str, kind: str, losses: list[str]) -> Found:
    """The turns of a file with cues."""
    lost = Counter[str]()
    cues = list(_speakers(list(_cues(text, lost))))
    turns = joined(cues)
    told = {
        "time": "times could not be read and were left out",
        "reversed": "cues ended before they began: their times were left out",
        "style": "notes and styles were left out",
    }
    losses = [*losses, *(f"{count:,} {told[what]}." for what, count in sorted(lost.items()))]
    return Found(turns, kind, losses)


def _cues(text: str, lost: Counter[str]) -> Iterator[Turn]:
    count = 0
    for lines in _blocks(text):
        at = next((i for i, line in enumerate(lines[:3]) if "-->" in line), None)
        if at is None:
            if lines[0].startswith(_SKIPPED):
                lost["style"] += 1
            continue
        count += 1
        if count > MOST_CUES:
            raise Unreadable(f"More than {MOST_CUES:,} cues: no talk has so many.")
        start, end = _times(lines[at], lost)
        words = "\n".join(lines[at + 1 :])
        if words.strip():
            yield from _voices(words, start, end)


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _times(line: str, lost: Counter[str]) -> tuple[int | None, int | None]:
    match = _TIMING.match(line)
    if match is None:
        lost["time"] += 1
        return None, None
    parts = match.groups()
    start, end = _ms(*parts[:4]), _ms(*parts[4:])
    if end < start or start > LATEST:
        lost["reversed"] += 1
        return None, None
    return start, min(end, LATEST)


def _ms(hours: str | None, minutes: str, seconds: str, rest: str) -> int:
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest.ljust(3, "0"))


def _voices(words: str, start: int | None, end: int | None) -> Iterator[Turn]:
    """One cue as one turn for each voice tag in it."""
    pieces = _VOICE.split(words)
    before = _plain(pieces[0])
    if before.strip():
        yield {"s": "", "a": start, "b": end, "t": before}
    for speaker, said in zip(pieces[1::2], pieces[2::2], strict=True):
        if _plain(said).strip():
            yield {"s": html.unescape(speaker).strip(), "a": start, "b": end, "t": _plain(said)}


def _plain(words: str) -> str:
    return html.unescape(_TAG.sub("", words))


def _speakers(cues: list[Turn]) -> list[Turn]:
    """Names before a colon are speakers when no voice tag names any and they come again and again."""
    if any(cue["s"] for cue in cues):
        return cues
    named = [(_PREFIX.match(cue["t"]), cue) for cue in cues]
    counted = Counter((m[1] or m[2]).strip() for m, _ in named if m)
    most = sum(n for n in counted.values() if n > 1)
    trusted = {name for name, n in counted.items() if n > 1} if most * 4 >= len(cues) else set()
    trusted |= set(counted) if cues and sum(counted.values()) * 10 >= len(cues) * 9 else set()
    last = ""
    for match, cue in named:
        name = (match[1] or match[2]).strip() if match else ""
        if match and name in trusted:
            last = name
            cue["t"] = cue["t"][match.end() :]
        cue["s"] = last
    return cues
