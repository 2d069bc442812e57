"""How the worth of a fact decays: half of it is gone after each half-life.

freshness = 0.5 ^ (age / half-life), both in days. Prices change quickly, positioning slowly;
the half-lives of 90, 180 and 365 days are this house's choice, and each fact may have its own.
Below a quarter (after two half-lives) a fact is not relied on until somebody checks it again.
"""

from __future__ import annotations

from datetime import date, timedelta

LINE = 0.25
HALVES = 2  # half-lives until the line is reached: 0.5 ** 2 == 0.25
HALF_LIVES = {"price": 90, "feature": 180, "positioning": 365, "company": 365, "customers": 180, "other": 180}


def half_life_of(about: str, own: int | None) -> int:
    """Days: the fact's own half-life, else that of what it is about."""
    return own or HALF_LIVES[about]


def freshness(age: int, half_life: int) -> float:
    """What a fact is worth after ``age`` days, between 0 and 1; one checked tomorrow is worth all."""
    return float(0.5 ** (max(age, 0) / half_life))


def good_until(checked_on: date, half_life: int) -> date | None:
    """The last day on which it is not below the line; None past the end of the calendar."""
    try:
        return checked_on + timedelta(days=HALVES * half_life)
    except OverflowError:
        return None
