"""Value for effort: every scored feature as a point, and the line of what no other choice beats; the table beside."""

from __future__ import annotations

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.plotting import set_apart
from threadline.faces.web.screens import screen
from threadline.faces.web.visit import Visit
from threadline.inbound.priorities import queries
from threadline.inbound.priorities.screens.ranking import tabs
from threadline.planning.priority import frontier
from threadline.planning.priority.modelling import Method

WIDE, HIGH, EDGE = 640, 460, 44  # of the drawing
APART = 24.0  # so that numbers can be read


@screen("feature", "worth")
def worth(visit: Visit) -> HttpResponse:
    """Draw value against effort by the applied model."""
    method = queries.method_of(queries.applied(visit.actor))
    found = [s for s in queries.ranked(visit.actor, method) if s.score.likely is not None]
    offers = {s.key: o for s in found if (o := _offer(s, method)) is not None}
    best = {o.name for o in frontier.frontier(list(offers.values()))}
    line = frontier.hull(list(offers.values()))
    hull = {o.name for o in line}
    most_value = max((o.value for o in offers.values()), default=1.0) or 1.0
    most_effort = max((o.effort for o in offers.values()), default=1.0) or 1.0
    points = []
    for number, one in enumerate((s for s in found if s.key in offers), 1):
        offer = offers[one.key]
        x, y = _at(offer, most_value, most_effort)
        what = "frontier" if one.key in best else ""
        points.append(
            {
                "number": number,
                "key": one.key,
                "title": one.title,
                "href": visit.record(one.key),
                "x": x,
                "y": y,
                "value": _said(offer.value),
                "effort": _said(offer.effort),
                "best": one.key in best,
                "hull": one.key in hull,
                "unsourced": bool(one.score.unsourced),
                "what": what,
            }
        )
    set_apart(points, least=APART, inside=(EDGE, EDGE, WIDE - EDGE, HIGH - EDGE))
    path = [f"{EDGE},{HIGH - EDGE}", *(f"{x},{y}" for x, y in (_at(o, most_value, most_effort) for o in line))]
    unit = method.input(method.effort) if method.effort else None
    return visit.draw(
        "feature/worth.html",
        "Value and effort",
        views=tabs(visit, "worth"),
        points=points,
        path=" ".join(path),
        method=method.label,
        without=len(found) - len(points),
        effort=f"Effort, {unit.unit}" if unit and unit.unit else unit.label if unit else "Effort, person-months",
        value="Score" if method.value is None else "Value before effort",
        size={"w": WIDE, "h": HIGH, "e": EDGE},
        empty={
            "title": "No point to draw yet",
            "text": "A feature stands here once it has a score and an effort.",
            "actions": [{"label": "Ranking", "href": visit.at("features", "ranking"), "look": "go"}],
        },
    )


def _offer(one: queries.Scored, method: Method) -> frontier.Offer | None:
    """The value of a feature before its effort counts, and its effort; the feature's own where the method asks none."""
    if method.value is None or not method.effort:
        return None if not one.effort else frontier.Offer(one.key, one.score.likely or 0.0, one.effort)
    said = {i.name: one.inputs[i.name].given.value for i in method.inputs}
    return frontier.Offer(one.key, method.value(said), said[method.effort])


def _at(offer: frontier.Offer, most_value: float, most_effort: float) -> tuple[float, float]:
    """Both as they are: on a straight scale a steeper way up is more for the effort."""
    x = EDGE + (WIDE - 2 * EDGE) * offer.effort / most_effort
    y = HIGH - EDGE - (HIGH - 2 * EDGE) * offer.value / most_value
    return round(x, 1), round(y, 1)


def _said(value: float) -> str:
    return wording.number(round(value) if value >= 100 else round(value, 2)) or "0"
