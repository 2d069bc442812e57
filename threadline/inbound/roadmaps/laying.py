"""Where everything of a timeline stands: numbers alone, for the page's SVG and for every export."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from threadline.inbound.roadmaps import audiences

PER_DAY = {"week": 22.0, "month": 6.0, "quarter": 2.4, "year": 0.9}
ROW, BAR, HEAD, NAMES = 30, 22, 44, 190
LETTER = 6.7  # about what a letter of a label takes
LEAST, MOST_DAYS = 900, 1_100
BEFORE, AFTER = 21, 42  # days shown around what there is


@dataclass(slots=True)
class Bar:
    """One item in the picture: ``w`` until it is likely, ``sure_w`` until it is sure (0 when nobody can say)."""

    item: dict[str, Any]
    lane: str
    starts: date
    likely: date
    sure: date | None
    x: float = 0
    y: float = 0
    w: float = 0
    sure_w: float = 0
    said: str = ""
    short: str = ""  # the label, as much as fits before the picture ends


@dataclass(slots=True)
class Lane:
    """A band of rows with a name."""

    label: str
    y: float
    h: float
    count: int
    key: str

    @property
    def lines(self) -> list[tuple[float, str]]:
        """The name as it fits beside the rows: at most two lines, and how far below the lane's edge each stands."""
        parts = textwrap.wrap(self.label, 26, max_lines=2, placeholder="…")
        return [(19 + 15 * at, part) for at, part in enumerate(parts)]


@dataclass(slots=True)
class Tick:
    """A line of time; ``label`` blank for one between."""

    x: float
    label: str
    strong: bool


@dataclass(slots=True)
class Edge:
    """From the end of what is needed to the start of what needs it."""

    kind: str  # critical, clash or blank
    points: tuple[float, float, float, float]

    @property
    def corners(self) -> list[tuple[float, float]]:
        """Where the line turns, from its first point to its last."""
        x1, y1, x2, y2 = self.points
        turn = [(x1 + 7, y2 - ROW / 2), (x2 - 7, y2 - ROW / 2)] if x2 < x1 + 14 else []
        return [(x1, y1), (x1 + 7, y1), *turn, (turn[-1][0] if turn else x1 + 7, y2), (x2, y2)]

    @property
    def d(self) -> str:
        """The line as a path."""
        return "M" + " L".join(f"{x:g} {y:g}" for x, y in self.corners)


@dataclass(slots=True)
class Timeline:
    """Everything in its place."""

    zoom: str
    first: date
    last: date
    per_day: float
    width: float
    height: float
    today_x: float | None
    today: str = "Today"  # what stands at the line of the day
    ticks: list[Tick] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    undated: list[dict[str, Any]] = field(default_factory=list)

    def x_of(self, day: date) -> float:
        """Where a day begins."""
        return round((day - self.first).days * self.per_day, 1)


def lay(
    items: list[dict[str, Any]],
    releases: list[dict[str, Any]],
    *,
    lanes: str,
    zoom: str,
    today: date,
    width: float | None = None,
) -> Timeline:
    """Put items into lanes and rows; those without any day are listed apart, never placed.

    ``width`` makes everything fit, however many days there are.
    """
    bars = [b for b in (_bar(i, lane) for i in items for lane in [_lane_of(i, lanes)]) if b is not None]
    bars += [b for b in (_bar(r, "Releases") for r in releases) if b is not None]
    first, last = _span(bars, today)
    made = _empty(first, last, zoom, today, width)
    made.undated = [i for i in items if is_undated(i)]
    order = sorted({b.lane for b in bars}, key=lambda name: (name != "Releases", not name, name))
    y = 0.0
    for number, name in enumerate(order):
        mine = sorted((b for b in bars if b.lane == name), key=lambda b: (b.starts, b.likely, b.item["title"]))
        rows = _pack(made, mine, y + 6)
        height = rows * ROW + 12
        label = name or {"none": "Everything"}.get(lanes, "Without one")
        made.lanes.append(Lane(label, y, height, len(mine), f"lane-{number}"))
        made.bars += mine
        y += height
    made.height = max(y, 120.0)
    made.ticks = _ticks(made)
    made.edges = _edges(made)
    return made


def _lane_of(item: dict[str, Any], lanes: str) -> str:
    if lanes == "team":
        return ", ".join(item.get("teams", ()))
    return str(item.get(lanes, "")) if lanes != "none" else ""


def _bar(item: dict[str, Any], lane: str) -> Bar | None:
    if item.get("from_on"):  # a quarter is all that this audience reads
        return Bar(item, lane, item["from_on"], item["to_on"], None, said=f"{item['title']}: {item['period']}")
    likely = item.get("likely_on")
    if likely is None:
        return None
    starts = min(item.get("starts_on") or likely, likely)
    return Bar(item, lane, starts, likely, item.get("sure_on"), said=said(item))


def is_undated(item: dict[str, Any]) -> bool:
    """Whether it has no place in time, though it is still to come."""
    return not item.get("from_on") and item.get("likely_on") is None and item.get("horizon") != "done"


def said(item: dict[str, Any]) -> str:
    """A bar in words: what a screen reader says of it, and what the table says."""
    likely, sure, starts = item["likely_on"], item.get("sure_on"), item.get("starts_on")
    parts = [item["title"], item["stage_label"].lower()]
    parts.append(f"from {day(starts)} to {day(likely)}" if starts else f"by {day(likely)}")
    if item.get("kind") != "release" and item["stage"] != "shipped":
        parts[-1] += " as likely as not"
        parts.append(f"sure by {day(sure)}" if sure else "nobody can say by when it is sure: there is no estimate")
    if item.get("dated_by"):
        parts.append("dated by its release")
    if item.get("clashes"):
        parts.append(f"starts before {', '.join(item['clashes'])} is likely to end")
    return ", ".join(parts)


def day(on: date) -> str:
    """A day in few letters."""
    return f"{on.day} {on:%b %Y}"


def _span(bars: list[Bar], today: date) -> tuple[date, date]:
    days = [today, *(b.starts for b in bars), *(b.sure or b.likely for b in bars)]
    first = max(min(days), today - timedelta(days=MOST_DAYS // 2)) - timedelta(days=BEFORE)
    last = min(max(days), today + timedelta(days=MOST_DAYS)) + timedelta(days=AFTER)
    return first.replace(day=1), last


def _empty(first: date, last: date, zoom: str, today: date, width: float | None) -> Timeline:
    per_day = PER_DAY[zoom] if width is None else width / ((last - first).days + 1)
    if width is None:
        last = max(last, first + timedelta(days=int(LEAST / per_day)))
    made = Timeline(zoom, first, last, per_day, 0, 0, None)
    made.width = made.x_of(last)
    made.today_x = round(made.x_of(today) + per_day / 2, 1)
    return made


def _pack(made: Timeline, bars: list[Bar], top: float) -> int:
    """Each bar in the first row where it and its words have room; how many rows that took."""
    ends: list[float] = []
    for bar in bars:
        bar.x = max(made.x_of(bar.starts), 0.0)
        bar.w = max(round(made.x_of(bar.likely) + made.per_day - bar.x, 1), 8.0)
        bar.sure_w = max(round(made.x_of(bar.sure) + made.per_day - bar.x, 1), bar.w) if bar.sure else 0
        fits = int((made.width - bar.x - 14) / LETTER)
        title = bar.item["title"]
        bar.short = title if len(title) <= fits else f"{title[: max(fits - 1, 1)]}…"
        end = max(bar.x + max(bar.w, bar.sure_w), bar.x + 16 + LETTER * len(bar.short))
        row = next((n for n, taken in enumerate(ends) if taken + 10 <= bar.x), len(ends))
        ends[row : row + 1] = [end]
        bar.y = top + row * ROW + (ROW - BAR) / 2
    return max(len(ends), 1)


def _ticks(made: Timeline) -> list[Tick]:
    ticks = []
    at = made.first
    while at <= made.last:
        month, monday = at.day == 1, at.weekday() == 0
        if made.zoom == "week" and monday:
            ticks.append(Tick(made.x_of(at), f"{at.day} {at:%b}", at.day <= 7))
        elif made.zoom == "month" and (month or monday):
            ticks.append(Tick(made.x_of(at), f"{at:%B %Y}" if month else "", month))
        elif made.zoom == "quarter" and month:
            ticks.append(Tick(made.x_of(at), f"{at:%b %Y}", at.month % 3 == 1))
        elif made.zoom == "year" and month and at.month % 3 == 1:
            ticks.append(Tick(made.x_of(at), audiences.quarter(at)[0], at.month == 1))
        at += timedelta(days=1)
    for tick in ticks:
        if made.width - tick.x < LETTER * len(tick.label):
            tick.label = ""  # it would run out of the picture
    return ticks


def _edges(made: Timeline) -> list[Edge]:
    by_key = {b.item["key"]: b for b in made.bars if b.item.get("key")}
    edges = []
    for bar in made.bars:
        for key in bar.item.get("needs", ()):
            if (before := by_key.get(key)) is None:
                continue
            x1, y1 = before.x + before.w, before.y + BAR / 2
            x2, y2 = bar.x, bar.y + BAR / 2
            both = bar.item.get("critical") and before.item.get("critical")
            kind = "clash" if key in bar.item.get("clashes", ()) else "critical" if both else ""
            edges.append(Edge(kind, (x1, y1, x2, y2)))
    return edges
