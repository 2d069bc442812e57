"""What in a transcript could say who somebody is: suggested for a person to look at, never applied unseen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 2_000
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_WEB = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']{3,300}")
_PHONE = re.compile(r"(?<![\w.])\+?\(?\d[\d\s()./-]{6,18}\d(?![\w])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_ADDRESS = re.compile(r"(?<!\d)(?:\d{1,3}\.){3}\d{1,3}(?!\d)")
_DATE = re.compile(r"^\d{1,4}[./ -]\d{1,2}[./ -]\d{1,4}$")
_KINDS = (("mail", _MAIL), ("web address", _WEB), ("account", _IBAN), ("card", _CARD), ("network address", _ADDRESS),
          ("phone", _PHONE))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a turn that could tell who it is; ``turn`` counted from 0."""

    turn: int
    start: int
    end: int
    kind: str
    text: str

    @property
    def instead(self) -> str:
        """What stands in its place."""
        return f"[{self.kind}]"


def suggest(turns: Sequence[dict[str, Any]], names: Iterable[str] = ()) -> list[Span]:
    """The stretches to look at, in order; ``names`` are those that are known to be of people."""
    known = _names(names)
    found: list[Span] = []
    for number, turn in enumerate(turns):
        taken: list[tuple[int, int]] = []
        kinds = [*_KINDS, *([("name", known)] if known else [])]
        for kind, pattern in kinds:
            for match in pattern.finditer(turn["t"]):
                if not _fits(kind, match[0]) or any(a < match.end() and match.start() < b for a, b in taken):
                    continue
                taken.append(match.span())
                found.append(Span(number, *match.span(), kind, match[0]))
        if len(found) >= MOST:
            break
    return sorted(found[:MOST], key=lambda s: (s.turn, s.start))


def _names(names: Iterable[str]) -> re.Pattern[str] | None:
    parts = {part for name in names for part in (name.strip(), *name.split()) if len(part) > 2}
    if not parts:
        return None
    either = "|".join(re.escape(p) for p in sorted(parts, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


def _fits(kind: str, text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    if kind == "card":
        return 13 <= len(digits) <= 19 and _luhn(digits)
    if kind == "phone":
        return 7 <= len(digits) <= 15 and not _DATE.match(text)
    if kind == "network address":
        return all(int(part) < 256 for part in text.split("."))
    return True


def _luhn(digits: Sequence[int]) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    odd = digits[-1::-2]
    even = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(odd) + sum(even)) % 10 == 0


def applied(turns: Sequence[dict[str, Any]], spans: Iterable[Span]) -> list[dict[str, Any]]:
    """The turns with what stands in place of the spans."""
    by: dict[int, list[Span]] = {}
    for span in spans:
        by.setdefault(span.turn, []).append(span)
    found = [dict(t) for t in turns]
    for number, mine in by.items():
        text = found[number]["t"]
        for span in sorted(mine, key=lambda s: -s.start):
            text = text[: span.start] + span.instead + text[span.end :]
        found[number]["t"] = text
    return found
