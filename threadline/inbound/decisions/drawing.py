"""A prediction in words and as a bar: the range, where it started, and what came."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import wording
from threadline.inbound.decisions.models import Prediction

WIDTH = 100.0
MARGIN = 0.08  # of the span, left free at both ends


def value(one: Prediction, number: float) -> str:
    """A number with its unit."""
    shown = wording.number(number) or ""
    return f"{shown}{'' if one.unit == '%' else ' '}{one.unit}".strip()


def sentence(one: Prediction) -> str:
    """From 48%, it should come to 53% to 58%, most likely 55%. 80% sure."""
    start = f"From {value(one, one.baseline)}, it should come to" if one.baseline is not None else "It should come to"
    return (
        f"{start} {value(one, one.low)} to {value(one, one.high)}, most likely {value(one, one.expected)}."
        f" {wording.number(one.probability)}% sure."
    )


def outcome(one: Prediction) -> str | None:
    """What came; None while nobody knows."""
    if one.actual is None:
        return None
    missed = "below the range" if one.actual < one.low else "above the range"
    place = "inside the range" if one.low <= one.actual <= one.high else missed
    return f"It came to {value(one, one.actual)}, {place}, read {wording.on_day(one.measured_on) or 'later'}."


def bar(one: Prediction) -> dict[str, Any]:
    """Places from 0 to 100 along a line that holds every number of the prediction."""
    known = [n for n in (one.baseline, one.low, one.high, one.actual) if n is not None]
    low, high = min(known), max(known)
    span = (high - low) or abs(high) or 1.0
    start, length = low - MARGIN * span, span * (1 + 2 * MARGIN)

    def place(number: float | None) -> float | None:
        return None if number is None else round(WIDTH * (number - start) / length, 2)

    return {
        "from": place(one.low), "width": max(round(WIDTH * (one.high - one.low) / length, 2), 0.6),
        "likely": place(one.expected), "baseline": place(one.baseline), "actual": place(one.actual),
        "hit": one.state == "hit",
    }  # fmt: skip
