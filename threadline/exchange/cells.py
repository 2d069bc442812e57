"""What a cell means: dates in any order, numbers with signs around them, words that stand for others.

Everything here prepares a value for the field's own ``clean``, which has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from threadline.kernel import fields

_NUMBERS = re.compile(r"^(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})(?:[ T,]+(.*))?$")
_TIME = re.compile(
    r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?m?\.?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)
_DAY, _MONTH = r"(\d{1,2})(?:st|nd|rd|th)?", r"([a-z]{3,9})"
_WORDED = re.compile(
    rf"^(?:[a-z]{{3,9}},?\s+)?(?:{_DAY}\s+{_MONTH}|{_MONTH}\s+{_DAY}),?\s+(\d{{4}})\b(.*)$", re.IGNORECASE | re.DOTALL
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_OUT_OF = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(?:/|out of|of|von|sur|de)\s*(\d+(?:[.,]\d+)?)\s*$", re.IGNORECASE)
_STARS = re.compile(r"^\s*([★⭐*\ufe0f]+)[☆\s]*$")
_AMOUNT = re.compile(r"^-?\d[\d.,'\u2019\u00a0\u202f ]*$")
_UNIT = re.compile(r"^(-?[\d.,]+)\s*(?:stars?|points?|%|/)?$", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Unread(ValueError):
    """A cell that cannot be what its column should be; the text is shown."""


def tidy(text: str) -> str:
    """Text without what no database and no reader wants: control characters, half surrogates."""
    return _CONTROL.sub("", text)


# ---- dates ------------------------------------------------------------------------------


def parts_of(text: str) -> tuple[int, int, int] | None:
    """The three numbers of a date written as numbers, as they stand."""
    found = _NUMBERS.match(text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def order_of(values: Iterable[Any]) -> tuple[str, str, int]:
    """The order that written dates have, the text that shows it, and how many were undecided.

    "" when no value is a date in numbers that begins with day or month. The first value that
    can only be read one way decides; when none can, the order is "dmy" and the text is "".
    """
    seen = 0
    for value in values:
        parts = parts_of(value) if isinstance(value, str) else None
        if parts is None or parts[0] > 31:
            continue
        seen += 1
        if parts[0] > 12 >= parts[1]:
            return "dmy", str(value).strip(), seen
        if parts[1] > 12 >= parts[0]:
            return "mdy", str(value).strip(), seen
    return ("dmy", "", seen) if seen else ("", "", 0)


def moment(value: Any, order: str) -> date | datetime | None:
    """A date, or a date with its time where the cell names one (UTC unless it says), or raises :class:`Unread`."""
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _counted(float(value))
    text = str(value).strip()
    if not text:
        return None
    found = _NUMBERS.match(text)
    if found:
        day = _ordered(int(found[1]), int(found[2]), int(found[3]), order, text)
        return _at(day, found[4], text)
    worded = _WORDED.match(text)
    if worded:
        month = _MONTHS.get((worded[2] or worded[3])[:3].lower())
        if month is not None:
            day = _made(int(worded[5]), month, int(worded[1] or worded[4]), text)
            return _at(day, worded[6].strip(" ,") or None, text)
    if text.isascii() and text.isdigit() and len(text) in (8, 10, 13):
        return _made(int(text[:4]), int(text[4:6]), int(text[6:]), text) if len(text) == 8 else _counted(float(text))
    raise Unread("Expected a date such as 2026-11-22.")


def _counted(seconds: float) -> datetime:
    """An instant counted in seconds or milliseconds since 1970."""
    seconds = seconds / 1000 if seconds > 1e11 else seconds
    if not 1e8 <= seconds < 1e10:
        raise Unread("Expected a date such as 2026-11-22.")
    return datetime.fromtimestamp(seconds, UTC)


def _ordered(first: int, second: int, third: int, order: str, text: str) -> date:
    if first > 31:
        return _made(first, second, third, text)
    year = third + 2000 if third < 70 else third + 1900 if third < 100 else third
    if order == "ymd":
        return _made(first + 2000 if first < 70 else first, second, third, text)
    return _made(year, first, second, text) if order == "mdy" else _made(year, second, first, text)


def _made(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unread(f"There is no such day: {text[:40]}.") from None


def _at(day: date, time: str | None, text: str) -> date | datetime:
    if time is None:
        return day
    found = _TIME.match(time.strip())
    if found is None:
        raise Unread(f"The time is not understood: {text[:40]}.")
    hour = int(found[1]) % 12 + (12 if found[4].lower() == "p" else 0) if found[4] else int(found[1])
    zone = (found[5] or "Z").upper().replace("UTC", "Z").replace("GMT", "Z")
    try:
        return datetime.fromisoformat(f"{day.isoformat()}T{hour:02}:{found[2]}:{found[3] or '00'}{zone}")
    except (ValueError, OverflowError):
        raise Unread(f"There is no such time: {text[:40]}.") from None


# ---- numbers ----------------------------------------------------------------------------


def number(value: Any, kind: fields.Number, out_of: float | None) -> Any:
    """A number from a cell; with ``out_of`` on the file's scale, brought onto the field's own."""
    top = out_of
    if isinstance(value, str):
        value, said = _written(value.strip())
        top = (said or out_of) if out_of else None
    if top is None or kind.high is None or value is None or isinstance(value, bool | date):
        return value
    try:
        scaled = float(value) * kind.high / top
    except ValueError:
        return value  # no number: the field will say so
    return round(scaled) if kind.whole else round(scaled, 6)


def _written(text: str) -> tuple[Any, float | None]:
    """A number as people write one, and the top of its scale if it names that."""
    share = _OUT_OF.match(text)
    if share:
        return float(share[1].replace(",", ".")), float(share[2].replace(",", ".")) or None
    stars = _STARS.match(text)
    if stars:
        return sum(c in "★⭐*" for c in stars[1]), None
    unit = _UNIT.match(text)
    plain = unit[1] if unit else text.strip("€$£¥ ")
    return (_point(plain) if _AMOUNT.match(plain) else text), None


def _point(text: str) -> str:
    """The digits with a decimal point, whichever of point and comma the writer used for it."""
    text = re.sub(r"['\u2019\u00a0\u202f ]", "", text)
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        return text.replace(thousands, "").replace(",", ".")
    if text.count(",") == 1 and len(text) - text.index(",") - 1 != 3:
        return text.replace(",", ".")
    return text.replace(",", "") if "," in text else text.replace(".", "") if text.count(".") > 1 else text
