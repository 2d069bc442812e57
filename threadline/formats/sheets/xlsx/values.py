"""What numbers and texts in a workbook's cells stand for, where openpyxl leaves it open or guesses wrong.

Dates are day numbers that only the number format tells from other numbers (ECMA-376 part 1,
18.17.4 and 18.8.30); odd characters in text are written _xHHHH_ (22.9.2.19).
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape

from threadline.formats.sheets.sheet import Cell

# What XML cannot hold, what a reader of XML would change (CR), and what looks like an escape.
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)

_BUILT_IN_DATES = {*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58}
_BUILT_IN_TIMES = {*range(18, 23), *range(32, 36), 45, 47, 55, 56}
_LAST_DAY = 2_958_465  # 31 December 9999


def unescaped(text: str) -> str:
    """`text` with _xHHHH_ turned back into characters, pairs of them into one where they make one."""
    if "_x" not in text:
        return text
    return str(unescape(text)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def escaped(text: str) -> str:
    """`text` as a workbook holds it, before XML's own escapes."""
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def date_kind(format_id: int, code: str | None) -> str:
    """ "date", "time" (a date with time, or a time alone), "span", or "" for no date at all.

    Openpyxl takes names of formats such as "Standard" for dates, and leaves out the built-in
    dates of East Asian programs.
    """
    if code is None:
        if format_id == 46:
            return "span"
        return "date" if format_id in _BUILT_IN_DATES else "time" if format_id in _BUILT_IN_TIMES else ""
    marks = _QUOTED.sub("", code.partition(";")[0]).lower()
    if re.search(r"\[[hms]+\]", marks):
        return "span"
    words = [word for word in re.findall("[a-z]+", marks) if not word.strip("dmyhs")]
    if any("h" in word or "s" in word for word in words):
        return "time"
    return "date" if words else ""


def moment(days: float, kind: str, from_1904: bool) -> Cell:
    """The date, date with time, or time of day (as text) that a day number stands for."""
    if kind == "span" or not (0 if kind == "time" else 1) <= days < _LAST_DAY - 1_462 * from_1904:
        return days
    return shown(from_excel(days, MAC_EPOCH if from_1904 else WINDOWS_EPOCH), kind == "date" and days == int(days))


def shown(value: date | time | timedelta, whole_day: bool = False) -> Cell:
    """A value of Python's as a cell: times of day are text, spans of time numbers of days."""
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if isinstance(value, time):
        return value.isoformat()
    return value.date() if whole_day and isinstance(value, datetime) else value
