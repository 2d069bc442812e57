"""Where the lines and bars of a theme's charts stand. Pure geometry; the table beside each says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SPARK_WIDE, SPARK_HIGH = 96, 22
WIDE, HIGH, LEFT, FOOT = 640, 200, 34, 22
HUES = 6


def spark(months: Sequence[int]) -> str:
    """The points of a line through twelve numbers, 0 at the foot; blank when all are 0."""
    most = max(months, default=0)
    if not most or len(months) < 2:
        return ""
    step = (SPARK_WIDE - 4) / (len(months) - 1)
    return " ".join(
        f"{2 + n * step:.1f},{SPARK_HIGH - 2 - (SPARK_HIGH - 4) * m / most:.1f}" for n, m in enumerate(months)
    )


def stacked_bars(columns: Sequence[dict[str, int]], order: Sequence[str]) -> dict[str, Any]:
    """Bars of several parts side by side: each part with its place, size and hue; the lines of the scale."""
    top = nice_top(max((sum(c.values()) for c in columns), default=0))
    step = (WIDE - LEFT) / max(len(columns), 1)
    made = []
    for n, column in enumerate(columns):
        foot, parts = float(HIGH - FOOT), []
        for hue, name in enumerate(order):
            count = column.get(name, 0)
            high = (HIGH - FOOT - 10) * count / top
            foot -= high
            if count:
                parts.append(
                    {"y": round(foot, 1), "h": round(high, 1), "hue": hue % HUES, "name": name, "count": count}
                )
        made.append({"x": round(LEFT + n * step + 4, 1), "mid": round(LEFT + (n + 0.5) * step, 1), "parts": parts})
    grid = [
        {"y": round(HIGH - FOOT - (HIGH - FOOT - 10) * share, 1), "text": f"{top * share:g}"} for share in (0, 0.5, 1)
    ]
    return {"wide": WIDE, "high": HIGH, "left": LEFT, "w": round(step - 8, 1), "bars": made, "grid": grid}


def nice_top(most: int) -> int:
    """The round even number above: 2, 4, 10, 20, 40, 100 …"""
    top, factors = 2, (2.0, 2.5, 2.0)
    at = 0
    while top < most:
        top = int(top * factors[at % 3])
        at += 1
    return top
