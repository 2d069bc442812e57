"""What stands around every page of a roadmap, what its address may ask for, and its keys."""

from __future__ import annotations

from datetime import date
from typing import Any

from threadline.faces.web import keymap
from threadline.faces.web.visit import Visit
from threadline.inbound.roadmaps import audiences, laying, queries
from threadline.inbound.roadmaps.models import Roadmap
from threadline.kernel import rows
from threadline.kernel.access import reach
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of

keymap.leads("r", "roadmaps/", "Roadmaps")
keymap.scope("timeline", "On a timeline")
keymap.add("timeline", "timeline.earlier", "ArrowLeft", "Earlier")
keymap.add("timeline", "timeline.later", "ArrowRight", "Later")
keymap.add("timeline", "timeline.shorter", "Shift+ArrowLeft", "Likely to end earlier")
keymap.add("timeline", "timeline.longer", "Shift+ArrowRight", "Likely to end later")
keymap.add("timeline", "timeline.surer", "Alt+ArrowLeft", "Sure earlier")
keymap.add("timeline", "timeline.less_sure", "Alt+ArrowRight", "Sure later")
keymap.add("timeline", "timeline.up", ("k", "ArrowUp"), "Bar above")
keymap.add("timeline", "timeline.down", ("j", "ArrowDown"), "Bar below")
keymap.add("timeline", "timeline.open", ("o", "Enter"), "Open beside the timeline")
MODES = {"timeline": "Timeline", "horizons": "Now, next, later", "outcomes": "Outcomes"}
ZOOMS = dict(Roadmap.Zoom.choices)
LANES = dict(Roadmap.Lanes.choices)


def roadmap_of(visit: Visit, ident: Any) -> Roadmap:
    """A roadmap within reach; raises NotFound."""
    found = reach(visit.actor, Roadmap).filter(pk=ident).first()
    if found is None:
        raise NotFound
    return found


class Asked:
    """What the address asks for: whose version, on which day, how drawn. What makes no sense is not heard."""

    def __init__(self, visit: Visit, roadmap: Roadmap, mode: str) -> None:
        given = visit.asked
        audience = given.get("as", "")
        self.audience = audience if audience in audiences.FIELDS else roadmap.audience
        self.mode = mode
        zoom, lanes = given.get("zoom", ""), given.get("lanes", "")
        self.zoom = zoom if zoom in ZOOMS else roadmap.zoom
        self.lanes = audiences.lanes(self.audience, lanes if lanes in LANES else roadmap.lanes)
        self.on = day_asked(given.get("on", ""))
        if self.on is not None and self.on >= rows.now().date():
            self.on = None
        self.others = {n: v for n, v in (("as", audience), ("zoom", zoom), ("lanes", lanes)) if v}
        if self.on is not None:
            self.others["on"] = self.on.isoformat()


def day_asked(text: str) -> date | None:
    """A day in an address; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def frame(visit: Visit, roadmap: Roadmap, asked: Asked, here: str) -> dict[str, Any]:
    """What stands around every page of a roadmap."""
    visit.back = visit.record(roadmap.key)

    def at(place: str, **more: Any) -> str:
        return visit.at(roadmap.key, place, **(asked.others | {n: v for n, v in more.items() if v is not None}))

    fit = audiences.MODES[asked.audience]
    tabs = [{"label": MODES[m], "href": at(m), "current": m == here} for m in fit]
    tabs.append({"label": "Compare", "href": at("compare"), "current": here == "compare"})
    tabs.append({"label": "Export", "href": at("export"), "current": here == "export"})
    return {
        "crumbs": [{"label": "Roadmaps", "href": visit.listing(type_of(roadmap))}],
        "mark": {"label": Roadmap.Audience(asked.audience).label, "tone": "" if asked.audience == "team" else "info"},
        "tabs": tabs,
        "page_actions": [
            {"label": "Share", "href": visit.at(roadmap.key, "links")},
            {"label": "Settings", "href": visit.record(roadmap.key)},
        ],
        "audiences": [
            {"value": value, "label": label, "chosen": value == asked.audience}
            for value, label in Roadmap.Audience.choices
        ],
        "on": asked.on.isoformat() if asked.on else "",
        "on_said": laying.day(asked.on) if asked.on else "",
        "of_today": of_today(visit, roadmap, asked.on) if asked.on else "",
        "today_href": visit.at(roadmap.key, here, **{n: v for n, v in asked.others.items() if n != "on"}),
        "address": visit.at(roadmap.key, here),
        "kept": asked.others,
        "roadmap": {"key": roadmap.key, "title": roadmap.title, "state": roadmap.state},
    }  # fmt: skip


def of_today(visit: Visit, roadmap: Roadmap, on: date | None) -> str:
    """What of a page about a day is of today all the same, in words."""
    asked = queries.asked_of_today(visit.actor, roadmap, on) if on is not None else []
    said = "People and products have their names of today."
    if not asked:
        return said
    *more, last = (name.replace("_", " ") for name in asked)
    named = f"{', '.join(more)} and {last}" if more else last
    return f"{said} What its query asks about {named} is asked of today."


def hrefs(visit: Visit, items: list[dict[str, Any]]) -> dict[str, str]:
    """The address of each item that has a key."""
    return {i["key"]: visit.record(i["key"]) for i in items if i.get("key")}
