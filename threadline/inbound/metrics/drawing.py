"""A metric in words and lines: its number, how it moved, how far it is. Pure; the words say all that a line says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from threadline.faces.web import wording
from threadline.inbound.metrics.growing import Node
from threadline.inbound.metrics.models import Metric
from threadline.inbound.metrics.queries import Value

SPARK_WIDE, SPARK_HIGH = 96, 22
WIDE, HIGH, LEFT, FOOT, TOP = 640, 180, 56, 24, 10


def number(metric: Metric, value: float | None) -> str:
    """A number with the metric's unit."""
    if value is None:
        return ""
    shown = wording.number(float(f"{value:.6g}")) or ""
    return f"{shown}{'' if metric.unit == '%' else ' '}{metric.unit}".strip()


def value(metric: Metric) -> str:
    """Its latest value; blank while it was never measured."""
    return number(metric, metric.current)


def change(metric: Metric, values: Sequence[Value]) -> dict[str, str] | None:
    """How it moved since the value before, and whether that is good."""
    if len(values) < 2:
        return None
    by = values[-1].value - values[-2].value
    if by == 0:
        return {"text": "unchanged", "tone": ""}
    good = (by > 0) == (metric.better == Metric.Better.UP)
    way = "up" if by > 0 else "down"
    return {"text": f"{way} {number(metric, abs(by))}", "tone": "ok" if good else "bad"}


def aim(metric: Metric) -> dict[str, Any] | None:
    """How far it is from its baseline to its target, as a meter; None without a target."""
    if metric.target is None:
        return None
    span = metric.target - (metric.baseline or 0)
    now = metric.current if metric.current is not None else metric.baseline or 0
    share = min(1.0, max(0.0, (now - (metric.baseline or 0)) / span)) if span else 0.0
    text = f"towards {number(metric, metric.target)}"
    return {"text": text, "meter": {"value": round(100 * share), "max": 100, "label": f"{metric.key}, {text}"}}


def given(one: Node) -> str:
    """What each of its parts gave to its last change, in words; blank where that cannot be said."""
    shares = [(child.metric.title, child.given) for child in one.children if child.given is not None]
    pair = one.change
    if not shares or pair is None:
        return ""
    said = ", ".join(f"{title} {_signed(share)}" for title, share in shares)
    return f"Of {_signed(pair[1] - pair[0])}: {said}."


def _signed(by: float) -> str:
    sign = "+" if by >= 0 else "\u2212"
    return f"{sign}{wording.number(float(f'{abs(by):.3g}'))}"


def in_words(values: Sequence[Value]) -> str:
    """A short line for whoever does not see the sparkline."""
    if len(values) < 2:
        return ""
    return f"{len(values)} values, from {values[0].value:g} to {values[-1].value:g}"


def spark(values: Sequence[float]) -> str:
    """The points of a small line through the values, lowest at the foot; blank for fewer than two."""
    return _path(values, SPARK_WIDE, SPARK_HIGH, left=2.0, foot=2.0, top=2.0, right=2.0) if len(values) > 1 else ""


def _path(values: Sequence[float], wide: float, high: float, *, left: float, foot: float, top: float,
          right: float, low: float | None = None, most: float | None = None) -> str:  # fmt: skip
    return " ".join(f"{x},{y}" for x, y in _points(values, wide, high, left, foot, top, right, low, most))


def _points(values: Sequence[float], wide: float, high: float, left: float, foot: float, top: float, right: float,
            low: float | None, most: float | None) -> list[tuple[float, float]]:  # fmt: skip
    low, most = min(values) if low is None else low, max(values) if most is None else most
    span = (most - low) or 1.0
    step = (wide - left - right) / max(len(values) - 1, 1)
    return [
        (round(left + n * step, 1), round(high - foot - (high - foot - top) * (v - low) / span, 1))
        for n, v in enumerate(values)
    ]


def line(metric: Metric, values: Sequence[Value]) -> dict[str, Any] | None:
    """The values as a line over a scale that holds baseline and target; None for fewer than two."""
    if len(values) < 2:
        return None
    numbers = [v.value for v in values]
    known = [*numbers, *(n for n in (metric.baseline, metric.target) if n is not None)]
    low, most = min(known), max(known)
    margin = 0.08 * ((most - low) or abs(most) or 1.0)
    low, most = low - margin, most + margin

    def at(value: float) -> float:
        return round(HIGH - FOOT - (HIGH - FOOT - TOP) * (value - low) / (most - low), 1)

    first, days = values[0].on, max((values[-1].on - values[0].on).days, 1)
    wide = WIDE - LEFT - 16.0  # a day is as wide as any other, whether a value stands on it or not
    points = [(round(LEFT + wide * (v.on - first).days / days, 1), at(v.value)) for v in values]
    marks = {"baseline": metric.baseline, "target": metric.target}
    return {
        "wide": WIDE, "high": HIGH, "left": LEFT, "foot": HIGH - FOOT,
        "path": " ".join(f"{x},{y}" for x, y in points), "dots": [{"x": x, "y": y} for x, y in points],
        "grid": [{"y": at(n), "text": wording.number(float(f"{n:.6g}"))} for n in sorted({min(numbers), max(numbers)})],
        "marks": [{"y": at(n), "name": name} for name, n in marks.items() if n is not None],
        "from": wording.on_day(values[0].on), "to": wording.on_day(values[-1].on),
    }  # fmt: skip
