"""The assumption map: how much hangs on each assumption against how well it is known; the table beside it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import rooms, wording
from threadline.faces.web.plotting import set_apart
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.kernel import listing
from threadline.kernel.registry import type_of

rooms.place("inbound/strategy", "Assumption map", "assumptions/map")
SIZE, EDGE, MIDDLE = 560, 40, 5
APART = 24.0  # so that numbers can be read
MOST = 200
TONES = {"contradicted": "fresh", "false": "fresh"}
_NAMES = ("title", "state", "risk", "importance", "evidence", "bets", "owner")


@screen("assumption", "map")
def belief_map(visit: Visit) -> HttpResponse:
    """What is important and little known comes first: it is tested first."""
    declared = type_of("assumption")
    rows = listing.list_page(visit.actor, declared, "sort:-importance", names=_NAMES, limit=MOST).rows
    placed = [r for r in rows if r["importance"] is not None and r["evidence"] is not None]
    placed.sort(key=lambda r: (r["evidence"] - r["importance"], r["key"]))
    risks = dict(declared.by_name["risk"].kind.choices)
    points = [_point(visit, n, r, risks) for n, r in enumerate(placed, 1)]
    set_apart(points, least=APART, inside=(EDGE, EDGE, SIZE - EDGE, SIZE - EDGE))
    return visit.draw(
        "assumption/map.html", "Assumption map", points=points, size=SIZE, edge=EDGE,
        middle=EDGE + (SIZE - 2 * EDGE) / 2, unplaced=[
            {"key": r["key"], "title": r["title"], "href": visit.record(r["key"])} for r in rows if r not in placed
        ],
        first=sum(p["first"] for p in points),
        views=[
            {"label": "Map", "href": visit.at("assumptions", "map"), "current": True},
            {"label": "All assumptions", "href": visit.listing(declared)},
            {"label": "Opportunity tree", "href": visit.at("opportunities", "tree")},
        ],
        empty={"title": "No assumption on the map yet", "text": declared.about,
               "actions": [{"label": "New assumption", "href": visit.at("assumptions", "new"), "look": "go"}]
               if visit.actor.may("create", "inbound") else []},
    )  # fmt: skip


def _point(visit: Visit, number: int, row: dict[str, Any], risks: dict[str, str]) -> dict[str, Any]:
    span = SIZE - 2 * EDGE
    first = row["importance"] >= MIDDLE > row["evidence"]
    return {
        "number": number, "key": row["key"], "title": row["title"], "href": visit.record(row["key"]),
        "x": round(EDGE + span * row["evidence"] / 10, 1), "y": round(SIZE - EDGE - span * row["importance"] / 10, 1),
        "importance": wording.number(row["importance"]), "evidence": wording.number(row["evidence"]),
        "state": type_of("assumption").state_by_name[row["state"]], "tone": TONES.get(row["state"], ""),
        "risk": risks.get(row["risk"], ""), "bets": row["bets"], "first": first,
    }  # fmt: skip


@adds_to("assumption", "list")
def beside_the_list(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The list leads to the map."""
    context["views"] = [*context["views"], {"label": "Map", "href": visit.at("assumptions", "map")}]
