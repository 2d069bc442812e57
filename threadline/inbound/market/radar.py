"""The trend radar: where every trend stands and stood, and where that is on the page."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from threadline.inbound.market.models import Trend
from threadline.inbound.market.rules import today
from threadline.kernel.access import Actor, reach
from threadline.kernel.changes import Change

SECTORS = tuple(value for value, _ in Trend.Sector.choices)
RINGS = tuple(value for value, _ in Trend.Ring.choices)  # from the middle outwards
WIDTH = 72  # of a ring
MIDDLE = 46
MOST = 300
_KEPT = ("ring", "sector", "state", "impact", "strength")


@dataclass(frozen=True, slots=True)
class Blip:
    """One trend on the radar, ``x`` and ``y`` from the middle; ``was`` is its ring then, blank for none."""

    number: int
    key: str
    title: str
    sector: str
    ring: str
    impact: int | None
    strength: int | None
    was: str
    strength_was: int | None
    x: float = 0.0
    y: float = 0.0
    from_x: float | None = None
    from_y: float | None = None

    @property
    def moved(self) -> str:
        """new, in (towards the middle), out, or nothing."""
        if not self.was:
            return "new"
        step = RINGS.index(self.ring) - RINGS.index(self.was)
        return "in" if step < 0 else "out" if step > 0 else ""


def quarter_before(on: date) -> date:
    """The first day of the quarter before the one that ``on`` lies in: with what a quarter's radar is compared."""
    first = date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)
    return date((first - timedelta(days=1)).year, 3 * (((first - timedelta(days=1)).month - 1) // 3) + 1, 1)


def blips(actor: Actor, on: date, since: date) -> list[Blip]:
    """Every trend within reach that was on the radar at the end of a day, and where it was at the end of another."""
    trends = list(reach(actor, Trend).filter(archived_at=None).order_by("sector", "number")[:MOST])
    now, then = _stood(trends, on), _stood(trends, since)
    found: list[Blip] = []
    for trend in trends:
        here = now.get(trend.pk)
        if here is None or here["state"] != "active":
            continue
        before = then.get(trend.pk)
        was = before["ring"] if before is not None and before["state"] == "active" else ""
        there = before["strength"] if before is not None else None
        number = len(found) + 1
        marks = (here["sector"], here["ring"], here["impact"], here["strength"], was, there)
        found.append(Blip(number, trend.key, trend.title, *marks))
    return _placed(found)


def _stood(trends: Iterable[Trend], on: date) -> dict[Any, dict[str, Any]]:
    """What each trend was at the end of a day, by replaying the log backwards; absent where it did not exist yet."""
    end = datetime.combine(on, time.max, UTC)
    values = {t.pk: {n: getattr(t, n) for n in _KEPT} for t in trends if t.created_at <= end}
    later = Change.objects.filter(card_id__in=list(values), at__gt=end, version__gt=1).order_by("-pk")
    if on < today():
        for card_id, diff in later.values_list("card_id", "diff"):
            values[card_id] |= {n: diff[n][0] for n in _KEPT if n in diff}
    return values


def _placed(found: list[Blip]) -> list[Blip]:
    """Blips of one sector and ring are spread over its arc, the weightiest nearest to the middle."""
    groups: dict[tuple[str, str], list[Blip]] = defaultdict(list)
    for blip in found:
        groups[blip.sector, blip.ring].append(blip)
    placed: dict[int, Blip] = {}
    for (sector, ring), group in groups.items():
        for at, blip in enumerate(group):
            share = (at + 1) / (len(group) + 1)
            depth = 0.32 + 0.36 * ((5 - (blip.impact or 3)) / 4)
            if len(group) > 2:  # side by side they would touch: two lanes
                depth = 0.26 + 0.48 * (at % 2)
            x, y = _point(sector, share, _radius(ring, depth))
            moved = replace(blip, x=x, y=y)
            if blip.was and blip.was != ring:
                from_x, from_y = _point(sector, share, _radius(blip.was, depth))
                moved = replace(moved, from_x=from_x, from_y=from_y)
            placed[blip.number] = moved
    return [placed[b.number] for b in found]


def _radius(ring: str, depth: float) -> float:
    return MIDDLE + WIDTH * (RINGS.index(ring) + depth)


def _point(sector: str, share: float, radius: float) -> tuple[float, float]:
    wide = 2 * math.pi / len(SECTORS)
    angle = wide * (SECTORS.index(sector) + 0.08 + 0.84 * share) - math.pi / 2
    return round(radius * math.cos(angle), 1), round(radius * math.sin(angle), 1)


def lines() -> list[dict[str, float]]:
    """The borders between sectors, from the middle to the rim."""
    rim, wide = MIDDLE + WIDTH * len(RINGS), 2 * math.pi / len(SECTORS)
    angles = (wide * n - math.pi / 2 for n in range(len(SECTORS)))
    return [
        {"x1": round(MIDDLE * math.cos(a), 1), "y1": round(MIDDLE * math.sin(a), 1),
         "x2": round(rim * math.cos(a), 1), "y2": round(rim * math.sin(a), 1)}
        for a in angles
    ]  # fmt: skip


def labels() -> list[dict[str, Any]]:
    """Where the names of the sectors stand, outside the rim."""
    rim, wide = MIDDLE + WIDTH * len(RINGS) + 16, 2 * math.pi / len(SECTORS)
    made = []
    for n, (_, label) in enumerate(Trend.Sector.choices):
        angle = wide * (n + 0.5) - math.pi / 2
        x, y = rim * math.cos(angle), rim * math.sin(angle)
        anchor = "middle" if abs(x) < 40 else "start" if x > 0 else "end"
        made.append({"x": round(x, 1), "y": round(y + 4, 1), "anchor": anchor, "text": label})
    return made
