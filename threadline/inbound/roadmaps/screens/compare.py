"""Two days of a roadmap beside each other."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.roadmaps import audiences, comparing, laying
from threadline.inbound.roadmaps.screens.frame import Asked, day_asked, frame, of_today, roadmap_of
from threadline.kernel import rows
from threadline.kernel.cards import Card


@record_screen("roadmap", "compare")
def compare(visit: Visit, card: Card) -> HttpResponse:
    """Two days beside each other: dropped, moved and added, and why."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "compare")
    today = rows.now().date()
    first = day_asked(visit.asked.get("from", "")) or comparing.days_of_change(visit.actor, roadmap)
    second = min(day_asked(visit.asked.get("to", "")) or today, today)
    first = min(first, second)
    moves = comparing.compared(visit.actor, roadmap, first, second, audience=asked.audience)
    return visit.draw(
        "roadmap/compare.html",
        roadmap.title,
        **{**frame(visit, roadmap, asked, "compare"), "of_today": of_today(visit, roadmap, first)},
        first=first.isoformat(),
        second=second.isoformat(),
        between=f"{laying.day(first)} and {laying.day(second)}",
        groups=[
            {"label": label, "moves": [_move(visit, m) for m in moves if m.what == what]}
            for what, label in (("dropped", "Dropped"), ("moved", "Moved"), ("added", "Added"))
        ],
        reasons="why" in audiences.FIELDS[asked.audience],
    )


_LABELS = {"title": "title", "stage": "state", "horizon": "when", "starts_on": "start", "likely_on": "likely by",
           "sure_on": "sure by", "period": "quarter"}  # fmt: skip
_NAMED = {"title": "called", "owner": "owner", "product": "product", "objective": "objective", "metric": "metric",
          "release": "release", "teams": "teams"}  # fmt: skip


def _move(visit: Visit, one: comparing.Move) -> dict[str, Any]:
    differs = one.differs if one.what == "moved" else []
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key) if one.key else "",
        "was": _standing(one.was, differs), "now": _standing(one.now, differs),
        "reasons": [
            {**r, "who": wording.person(r["who"]), "on": wording.when(r["at"]), "of": _fields(r["about"])}
            for r in one.reasons if r["why"]
        ],
        "silent": bool(one.reasons) and not any(r["why"] for r in one.reasons),
    }  # fmt: skip


def _fields(names: list[str]) -> str:
    """What a reason is of, in words."""
    return ", ".join(_LABELS.get(n, n) for n in names)


def _standing(values: dict[str, Any], differs: list[str]) -> list[str]:
    """Where it stood, in words: what differs, or of what came or went where and when."""
    if not values:
        return []
    said = []
    if not differs or {*differs} & {"stage", "horizon", "period"}:
        said.append(", ".join(filter(None, (
            str(values.get("horizon", "")).capitalize(), audiences.stage_label(values.get("stage", "")).lower(),
            values.get("period", ""),
        ))))  # fmt: skip
    if "starts_on" in differs:
        starts = values.get("starts_on")
        said.append(f"starts {laying.day(starts)}" if starts else "no start")
    if not differs or {*differs} & {"likely_on", "sure_on"}:
        likely, sure = values.get("likely_on"), values.get("sure_on")
        until = f" to {laying.day(sure)}" if sure and sure != likely else ""
        said.append(f"{laying.day(likely)}{until}" if likely else "no dates" if differs else "")
    for name in differs:
        if name in _NAMED:
            value = values.get(name)
            told = ", ".join(value) if isinstance(value, list) else value
            said.append(f"{_NAMED[name]} {told}" if told else f"no {_NAMED[name]}")
    return [line[:1].upper() + line[1:] for line in said if line]
