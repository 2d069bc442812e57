"""Grades of key results and objectives: plain arithmetic, no database.

A grade is the share of the way from baseline to target, between 0 and 1 (Doerr, Measure What
Matters). An aspirational objective does well at 0.6 to 0.7; a committed one that ends below 1.0
is a miss. Doerr's bands (0 to 0.3, 0.4 to 0.6, 0.7 to 1) leave gaps between them; ours meet at
0.35 and 0.65.
"""

from __future__ import annotations

from collections.abc import Iterable

AMBER_FROM, GREEN_FROM = 0.35, 0.65


def grade(baseline: float | None, target: float | None, current: float | None) -> float | None:
    """``(current - baseline) / (target - baseline)`` within 0 and 1, rising or falling alike.

    None when baseline and target do not say a distance; 0 when nothing was measured yet.
    """
    if baseline is None or target is None or target == baseline:
        return None
    if current is None:
        return 0.0
    return min(1.0, max(0.0, (current - baseline) / (target - baseline)))


def kept(baseline: float | None, target: float | None, held: int, checked: int) -> float | None:
    """What is to stay within a range: the share of check-ins that found it there.

    None when neither end of the range is known; 0 before the first check-in.
    """
    if baseline is None and target is None:
        return None
    return held / checked if checked else 0.0


def done(current: float | None) -> float:
    """What is done or not: 1 or 0, and nothing between."""
    return 1.0 if current is not None and current >= 1 else 0.0


def within(value: float, low: float | None, high: float | None) -> bool:
    """Whether a number lies in a range; its ends belong to it, and either may be missing."""
    return (low is None or value >= low) and (high is None or value <= high)


def mean(graded: Iterable[tuple[float | None, float]]) -> float | None:
    """The mean of what can be graded, by weight: (grade, weight) pairs; None when nothing can."""
    known = [(grade, weight) for grade, weight in graded if grade is not None]
    whole = sum(weight for _, weight in known)
    return sum(grade * weight for grade, weight in known) / whole if whole else None


def tone(value: float | None, *, committed: bool) -> str:
    """How a grade is coloured: ``bad``, ``warn``, ``ok``, or nothing. Committed is ok only in full."""
    if value is None:
        return ""
    if value < AMBER_FROM:
        return "bad"
    return "ok" if value >= (1.0 if committed else GREEN_FROM) else "warn"
