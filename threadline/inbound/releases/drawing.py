"""Where the line of a chart stands. Pure geometry; the table beside each chart says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

WIDE, HIGH, LEFT, FOOT, TOP = 640, 246, 76, 46, 14  # the letters of a narrow page are large
TICKS = 4


def line(points: Sequence[tuple[float, float]], *, top: float = 0.0, percent: bool = False) -> dict[str, Any]:
    """A line through the points over a scale from 0, which ends at ``top`` or at the next round number."""
    high = top or nice(max(y for _, y in points))
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    span = (last - first) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            round(LEFT + (WIDE - LEFT - 20) * (x - first) / span, 1),
            round(HIGH - FOOT - (HIGH - FOOT - TOP) * y / high, 1),
        )

    at = [place(x, y) for x, y in points]
    steps = TICKS
    if not percent and high == int(high) and all(y == int(y) for _, y in points):
        steps = next(n for n in (5, 4, 2, 1) if int(high) % n == 0)  # what is counted has no halves
    said = (f"{high * n / steps:.0%}" if percent else f"{high * n / steps:,g}" for n in range(steps + 1))
    marks = sorted({min(max(round(first + span * n / TICKS), first), last) for n in range(TICKS + 1)})
    return {
        "wide": WIDE, "high": HIGH, "left": LEFT, "foot": HIGH - FOOT,
        "path": " ".join(f"{x},{y}" for x, y in at),
        "dots": [{"x": x, "y": y} for x, y in at],
        "grid": [{"y": place(first, high * n / steps)[1], "text": text} for n, text in enumerate(said)],
        "ticks": [{"x": place(x, 0)[0], "text": f"{x:.0f}"} for x in marks],
    }  # fmt: skip


def nice(most: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= most - 1e-9)
