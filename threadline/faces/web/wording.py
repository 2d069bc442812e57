"""How values read on a page: dates, numbers, money, sizes, names, in British English."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF ", "INR": "₹"}
FACES = {"web": "", "api": "API", "cli": "command line", "import": "import", "job": "automatic", "sample": ""}


def instant(value: Any) -> datetime | None:
    """An aware datetime from what a row or a log entry holds; None when it holds none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def as_day(value: Any) -> date | None:
    """A date from a date, a datetime, or ISO text."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def on_day(value: Any, today: date | None = None) -> str | None:
    """3 Nov this year, 3 Nov 2025 otherwise; None for none."""
    day = as_day(value) if value is not None else None
    if day is None:
        return None
    year = (today or datetime.now(UTC).date()).year
    return f"{day.day} {MONTHS[day.month - 1]}" if day.year == year else f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_label(day: date, today: date) -> str:
    """Today, Yesterday, or Tuesday 24 November."""
    if (today - day).days in (0, 1):
        return "Today" if day == today else "Yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{year}"


def when(value: Any, now: datetime | None = None) -> dict[str, str] | None:
    """``{iso, text}`` of an instant: how long ago while it is near, the date when it is not."""
    at = instant(value)
    if at is None:
        return None
    passed = ((now or datetime.now(UTC)) - at).total_seconds()
    if passed < 0:
        text = on_day(at) or ""
    elif passed < 60:
        text = "just now"
    elif passed < 3_600:
        text = f"{int(passed // 60)} min ago"
    elif passed < 86_400:
        text = f"{int(passed // 3_600)} h ago"
    elif passed < 2 * 86_400:
        text = "yesterday"
    else:
        text = on_day(at) or ""
    return {"iso": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), "text": text}


def number(value: Any) -> str | None:
    """1,200 or 0.25: thousands apart, at most two decimals, no idle zeros."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return f"{value:,}"
    try:
        whole = float(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{whole:,.0f}" if whole == int(whole) else f"{whole:,.2f}".rstrip("0")


def score(value: Any) -> str | None:
    """A number to compare by: 1,547 rather than 1,546.67, whose decimals say nothing."""
    return number(round(value) if isinstance(value, float) and abs(value) >= 100 else value)


def money(value: Any, currency: str) -> str | None:
    """€412,000, or CHF 412,000."""
    shown = number(value)
    return None if shown is None else f"{_SIGNS.get(currency, currency + ' ')}{shown}"


@lru_cache(maxsize=4_096)
def initials(name: str) -> str:
    """Up to two letters for the avatar."""
    parts = (name or "").split()
    chosen = [parts[0], parts[-1]] if len(parts) > 1 else parts[:1]
    return "".join(part[0] for part in chosen).upper()


def person(name: str, href: str | None = None) -> dict[str, Any]:
    """A person as the kit shows one."""
    return {"name": name or "Somebody", "initials": initials(name or "?"), "href": href}


def plural(count: int, one: str, many: str = "") -> str:
    """1 note, 2 notes."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size_text(count: int) -> str:
    """A number of bytes as people say it."""
    for unit, factor in (("MB", 1024**2), ("kB", 1024)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return plural(count, "byte")


def lower_first(text: str) -> str:
    """A label in the middle of a sentence; words in capitals stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
