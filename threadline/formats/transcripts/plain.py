"""Transcripts as text: "Name: words", "[Name] 12:04:05" over the words (Zoom), times and names on lines of
their own (Teams), or just paragraphs."""

from __future__ import annotations

import re
from collections import Counter

from threadline.formats.transcripts.turns import Found, Turn, clean, joined

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,]\d{1,3})?"
_NAME = r"[^\s\d\[\](){}<>:][^\[\](){}<>:\n]{0,58}"
_HEAD = re.compile(rf"^\s*(?:\[({_NAME})\]|({_NAME}?))[\s,–-]+[\[(]?{_CLOCK}[\])]?\s*$")
_HEAD_FIRST = re.compile(rf"^\s*[\[(]?{_CLOCK}[\])]?[\s,–-]+({_NAME}?)\s*:?\s*$")
_TIMED = re.compile(rf"^\s*[\[(]?{_CLOCK}[\])]?[\s,–-]+({_NAME}?):\s+(\S.*)$")
_LOOSE = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,]\d{1,3})?"
_RANGE = re.compile(rf"^\s*{_LOOSE}\s*-->\s*{_LOOSE}\s*$")
_SAID = re.compile(rf"^\s*({_NAME}?):\s+(\S.*)$")


def read(text: str, kind: str, losses: list[str]) -> Found:
    """The turns of a text, by whichever way of writing fits most of it."""
    lines = text.split("\n")
    for way in (_teams, _heads, _timed, _names):
        turns = way(lines)
        if turns is not None:
            return Found(turns, kind, losses)
    paragraphs = [clean(part) for part in re.split(r"\n\s*\n", text)]
    if len(paragraphs) < 3 and len(lines) > 10:
        paragraphs = [clean(line) for line in lines]
    turns = [{"s": "", "a": None, "b": None, "t": p} for p in paragraphs if p]
    return Found(turns, kind, [*losses, "Nothing in it says who speaks: each paragraph became a turn."])


def _ms(hours: str | None, minutes: str, seconds: str) -> int | None:
    found = ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000
    return found if found < 360_000_000 else None


def _teams(lines: list[str]) -> list[Turn] | None:
    """A line of times, a line with the name, then the words."""
    starts = [i for i, line in enumerate(lines) if _RANGE.match(line)]
    if len(starts) < 1:
        return None
    cues: list[Turn] = []
    for at, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = _RANGE.match(lines[at])
        block = [line for line in lines[at + 1 : following] if line.strip()]
        if match and len(block) > 1:
            parts = match.groups()
            cues.append({"s": block[0].strip(), "a": _ms(*parts[:3]), "b": _ms(*parts[3:]), "t": " ".join(block[1:])})
    return joined(cues) or None


def _heads(lines: list[str]) -> list[Turn] | None:
    """A line with name and time over the words."""
    found: list[tuple[int, str, int | None]] = []
    for i, line in enumerate(lines):
        if match := _HEAD.match(line):
            found.append((i, (match[1] or match[2]).strip(), _ms(*match.groups()[2:5])))
        elif match := _HEAD_FIRST.match(line):
            found.append((i, match[4].strip(), _ms(*match.groups()[:3])))
    if len(found) < 2:
        return None
    turns = []
    for (at, name, ms), following in zip(found, [*(f[0] for f in found[1:]), len(lines)], strict=True):
        said = clean("\n".join(lines[at + 1 : following]))
        if said:
            turns.append({"s": name, "a": ms, "b": None, "t": said})
    return turns or None


def _timed(lines: list[str]) -> list[Turn] | None:
    """Time, name and words on one line."""
    cues: list[Turn] = []
    hits = 0
    for line in lines:
        match = _TIMED.match(line)
        if match:
            hits += 1
            cues.append({"s": match[4].strip(), "a": _ms(*match.groups()[:3]), "b": None, "t": match[5]})
        elif cues and line.strip():
            cues[-1]["t"] += f"\n{line}"
    return [t | {"t": clean(t["t"])} for t in cues] if hits > 1 else None


def _names(lines: list[str]) -> list[Turn] | None:
    """Name and words on one line; what stands under it belongs to it."""
    matches = [_SAID.match(line) for line in lines]
    counted = Counter(m[1].strip() for m in matches if m)
    filled = sum(bool(line.strip()) for line in lines)
    mostly = sum(counted.values()) * 2 > filled and len(counted) <= 6
    trusted = {name for name, n in counted.items() if n > 1 or mostly}
    if not trusted:
        return None
    turns: list[Turn] = []
    for line, match in zip(lines, matches, strict=True):
        if match and match[1].strip() in trusted:
            turns.append({"s": match[1].strip(), "a": None, "b": None, "t": match[2]})
        elif turns and line.strip():
            turns[-1]["t"] += f"\n{line}"
        elif line.strip():
            turns.append({"s": "", "a": None, "b": None, "t": line})
    return [t | {"t": clean(t["t"])} for t in turns if clean(t["t"])] or None
