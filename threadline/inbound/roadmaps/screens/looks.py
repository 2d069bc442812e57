"""The ways to look at a roadmap: over time, now-next-later, by aim."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.roadmaps import audiences, laying, queries
from threadline.inbound.roadmaps.screens.frame import LANES, ZOOMS, Asked, frame, hrefs, roadmap_of
from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.registry import type_of

_HORIZONS = (("now", "Now"), ("next", "Next"), ("later", "Later"))


@record_screen("roadmap", "timeline")
def timeline(visit: Visit, card: Card) -> HttpResponse:
    """Bars over time. Works as it is drawn; a script adds dragging and keys."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "timeline")
    if "timeline" not in audiences.MODES[asked.audience]:
        return visit.go(visit.at(roadmap.key, "horizons", **asked.others))
    found = queries.shown(visit.actor, roadmap, audience=asked.audience, on=asked.on)
    today = asked.on or rows.now().date()
    laid = laying.lay(found.items, found.releases, lanes=asked.lanes, zoom=asked.zoom, today=today)
    if asked.on is not None:
        laid.today = f"{today.day} {today:%b}"
    may = asked.on is None and asked.audience == "team" and visit.actor.may("update", type_of("feature").group)
    return visit.draw(
        "roadmap/timeline.html",
        roadmap.title,
        **frame(visit, roadmap, asked, "timeline"),
        laid=laid,
        empty=_nothing_dated(visit, may),
        head=laying.HEAD,
        names_wide=laying.NAMES,
        bar=laying.BAR,
        hrefs=hrefs(visit, found.items + found.releases),
        may=may,
        full=found.full,
        zooms=[{"value": v, "label": label, "chosen": v == asked.zoom} for v, label in ZOOMS.items()],
        lane_choices=[
            {"value": v, "label": label, "chosen": v == asked.lanes}
            for v, label in LANES.items()
            if audiences.lanes(asked.audience, v) == v
        ],
        critical=[i["title"] for i in found.items if i.get("critical")],
    )


def _nothing_dated(visit: Visit, may: bool) -> dict[str, Any]:
    return {
        "title": "Nothing on it has a date yet",
        "text": "Drawn here is each of its features that has a first day and a day by which it is likely,"
        " or stands in a release that has days.",
        "actions": [
            {
                "label": "Date its features",
                "href": visit.at("features", columns="title,state,starts_on,due_on,late_on,owner"),
                "look": "go",
            },
            {"label": "New release", "href": visit.at("releases", "new")},
        ]
        if may
        else [],
    }


@record_screen("roadmap", "horizons")
def horizons(visit: Visit, card: Card) -> HttpResponse:
    """Now, next, later; what is later has no dates."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "horizons")
    found = queries.shown(visit.actor, roadmap, audience=asked.audience, on=asked.on)
    may = asked.on is None and asked.audience == "team" and visit.actor.may("update", type_of("feature").group)
    columns = [
        {"name": name, "label": label, "cards": [i for i in found.items if i.get("horizon") == name]}
        for name, label in _HORIZONS
    ]
    return visit.draw(
        "roadmap/horizons.html",
        roadmap.title,
        **frame(visit, roadmap, asked, "horizons"),
        columns=columns,
        done=[i for i in found.items if i.get("horizon") == "done"],
        hrefs=hrefs(visit, found.items),
        may=may,
        home=visit.home,
        full=found.full,
    )


@record_screen("roadmap", "outcomes")
def outcomes(visit: Visit, card: Card) -> HttpResponse:
    """A column for each aim; a card that moves no number is wrong, and says so."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "outcomes")
    if "outcomes" not in audiences.MODES[asked.audience]:
        return visit.go(visit.at(roadmap.key, "horizons", **asked.others))
    found = queries.shown(visit.actor, roadmap, audience=asked.audience, on=asked.on)
    aims = sorted({i.get("objective", "") for i in found.items}, key=lambda a: (not a, a))
    columns = [
        {"name": aim, "label": aim or "No aim", "cards": [i for i in found.items if i.get("objective", "") == aim]}
        for aim in aims
    ]
    lacking = sum(bool(i.get("lacks_metric")) for i in found.items)
    return visit.draw(
        "roadmap/outcomes.html",
        roadmap.title,
        **frame(visit, roadmap, asked, "outcomes"),
        columns=columns,
        lacking=lacking,
        hrefs=hrefs(visit, found.items),
        home=visit.home,
        may=asked.on is None and visit.actor.may("update", type_of("feature").group),
        full=found.full,
    )
