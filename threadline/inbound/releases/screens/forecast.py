"""A forecast drawn: the chance of being done by each day, and how past forecasts held."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to
from threadline.faces.web.visit import Visit
from threadline.inbound.releases import drawing, forecasting
from threadline.inbound.releases.models import Forecast
from threadline.kernel.access import reach
from threadline.later import later

if TYPE_CHECKING:
    from threadline.planning import throughput
else:
    throughput = later("threadline.planning.throughput")

MOST_DRAWN = 60  # points of the line


@adds_to("forecast", "detail")
def of_a_forecast(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The line and its table from the days that were kept with it, and how often others held."""
    found = reach(visit.actor, Forecast).filter(pk=row["id"]).first()
    drawn = None
    if found is not None and found.history and found.left and found.made_on:
        learnt = forecasting.learnt_of(found.learnt)
        chance = forecasting.chances(forecasting.from_words(found.history), found.left, learnt)
        last = forecasting.day_of(chance, 0.99) or len(chance) - 1
        step = max((last + 1) // MOST_DRAWN, 1)
        points = [(float(day), chance[day]) for day in range(0, last + 1, step)]
        drawn = {
            "learnt": len(learnt), "enough": throughput.ENOUGH,
            "whose": forecasting.learnt_from(visit.actor, found.learnt),
            "chart": drawing.line(points, top=1.0, percent=True) if len(points) > 1 else None,
            "rows": [
                {"sure": f"P{100 * sure:.0f}", "days": day,
                 "on": wording.on_day(found.made_on + timedelta(days=day)) if day is not None else "beyond years"}
                for sure, _ in forecasting.SURE for day in (forecasting.day_of(chance, sure),)
            ],
        }  # fmt: skip
    context["drawn"] = drawn
    context["held"] = [
        {"sure": f"P{100 * one.sure:.0f}", "of": one.of, "held": one.held,
         "share": f"{one.held / one.of:.0%}" if one.of else "none yet",
         "range": f"{one.low:.0%} to {one.high:.0%}" if one.of else ""}
        for one in forecasting.coverage(visit.actor)
    ]  # fmt: skip
