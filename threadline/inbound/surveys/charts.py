"""Where each item stands in the picture of its method; the table beside it holds the same numbers."""

from __future__ import annotations

from typing import Any

from threadline.faces.web.plotting import set_apart
from threadline.inbound.surveys.models import Survey
from threadline.inbound.surveys.results import Figure
from threadline.planning.priority.estimating import Range

SIZE, EDGE, ROW = 520, 44, 34
Method = Survey.Method
LINES = {Method.BUYING: "paid", Method.RANKING: "place"}
_SPAN = {Method.KANO: (-2.0, 4.0), Method.OPPORTUNITY: (0.0, 10.0)}


def chart(method: str, found: list[Figure]) -> dict[str, Any]:
    """A plane with a point for each item, or for best and worst a line for each, with its range."""
    if method == Method.MAXDIFF:
        return _lines(found)
    if method in LINES:
        return _ordered(found, LINES[Method(method)])
    low, high = _SPAN[Method(method)]
    names = ("without", "having") if method == Method.KANO else ("importance", "satisfaction")
    points = []
    for number, one in enumerate(found, 1):
        across, up = one.numbers[names[0]], one.numbers[names[1]]
        points.append({
            "number": number, "words": one.words, "strong": _strong(method, one), "verdict": one.verdict,
            "x": _x(across.value, low, high), "y": _y(up.value, low, high),
            "left": _x(across.low, low, high), "right": _x(across.high, low, high),
            "top": _y(up.high, low, high), "bottom": _y(up.low, low, high),
        })  # fmt: skip
    set_apart(points, least=24.0, inside=(EDGE, EDGE, SIZE - EDGE, SIZE - EDGE))
    middle = 2.0 if method == Method.KANO else 5.0
    return {
        "size": SIZE, "edge": EDGE, "points": points, "middle_x": _x(middle, low, high),
        "middle_y": _y(middle, low, high),
        # Satisfaction below 2 x importance - 10 is a score above 10; 2 x importance - 15 above 15.
        "bounds": [] if method == Method.KANO else [
            {"label": "10", "from": (_x(5, low, high), SIZE - EDGE), "to": (SIZE - EDGE, EDGE)},
            {"label": "15", "from": (_x(7.5, low, high), SIZE - EDGE), "to": (SIZE - EDGE, _y(5, low, high))},
        ],
    }  # fmt: skip


def _strong(method: str, one: Figure) -> bool:
    return one.verdict in ("Must-be", "Performance") if method == Method.KANO else one.verdict in ("extreme", "high")


def _x(value: float, low: float, high: float) -> float:
    return round(EDGE + (SIZE - 2 * EDGE) * (value - low) / (high - low), 1)


def _y(value: float, low: float, high: float) -> float:
    return round(SIZE - EDGE - (SIZE - 2 * EDGE) * (value - low) / (high - low), 1)


def _ordered(found: list[Figure], name: str) -> dict[str, Any]:
    """A line for each item over a scale of its own, the strongest on top."""
    ranges = [one.numbers[name] for one in found]
    low = 0.0 if name == "paid" else 1.0
    most = max((r.high for r in ranges), default=1.0) if name == "paid" else float(len(found))
    most = most if most > low else low + 1
    points = [
        {
            "number": number, "words": one.words, "y": EDGE + ROW * (number - 1) + ROW / 2,
            "strong": name == "paid" and (one.sure or 0) >= 0.5,
            "x": _x(r.value, low, most), "left": _x(r.low, low, most), "right": _x(r.high, low, most),
        }
        for number, (one, r) in enumerate(zip(found, ranges, strict=True), 1)
    ]  # fmt: skip
    return {"size": SIZE, "edge": EDGE, "points": points, "high": 2 * EDGE + ROW * len(found), "low": f"{low:g}",
            "most": f"{most:.1f}" if name == "paid" else f"{most:g}"}  # fmt: skip


def _lines(found: list[Figure]) -> dict[str, Any]:
    utilities: list[Range] = [one.numbers["utility"] for one in found]
    far = max((max(abs(u.low), abs(u.high)) for u in utilities), default=1.0) or 1.0
    points = [
        {
            "number": number, "words": one.words, "y": EDGE + ROW * (number - 1) + ROW / 2, "strong": u.low > 0,
            "x": _x(u.value, -far, far), "left": _x(u.low, -far, far), "right": _x(u.high, -far, far),
        }
        for number, (one, u) in enumerate(zip(found, utilities, strict=True), 1)
    ]  # fmt: skip
    return {"size": SIZE, "edge": EDGE, "points": points, "high": 2 * EDGE + ROW * len(found), "middle_x": SIZE / 2}
