"""Two days of a roadmap beside each other."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.roadmaps import audiences, comparing, laying
from threadline.inbound.roadmaps.screens.frame import Asked, day_asked, frame, roadmap_of
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
        **frame(visit, roadmap, asked, "compare"),
        first=first.isoformat(),
        second=second.isoformat(),
        between=f"{laying.day(first)} and {laying.day(second)}",
        groups=[
            {"label": label, "moves": [_move(visit, m) for m in moves if m.what == what]}
            for what, label in (("dropped", "Dropped"), ("moved", "Moved"), ("added", "Added"))
        ],
        reasons="why" in audiences.FIELDS[asked.audience],
    )


def _move(visit: Visit, one: comparing.Move) -> dict[str, Any]:
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key) if one.key else "",
        "was": _standing(one.was), "now": _standing(one.now),
        "reasons": [
            {**r, "who": wording.person(r["who"]), "on": wording.when(r["at"])} for r in one.reasons if r["why"]
        ],
        "silent": bool(one.reasons) and not any(r["why"] for r in one.reasons),
    }  # fmt: skip


def _standing(values: dict[str, Any]) -> str:
    """Where it stood, in words."""
    if not values:
        return ""
    said = [str(values.get("horizon", "")).capitalize(), audiences.stage_label(values.get("stage", "")).lower()]
    likely, sure = values.get("likely_on"), values.get("sure_on")
    if values.get("period"):
        said.append(values["period"])
    if likely:
        said.append(f"{laying.day(likely)} to {laying.day(sure)}" if sure and sure != likely else laying.day(likely))
    return ", ".join(s for s in said if s)
