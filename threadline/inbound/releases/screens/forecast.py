"""A forecast drawn: the chance of being done by each day, and how past forecasts held."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to
from threadline.faces.web.visit import Visit
from threadline.inbound.releases import drawing, estimating, forecasting
from threadline.inbound.releases.models import Forecast
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.later import later

if TYPE_CHECKING:
    from threadline.planning import throughput
else:
    throughput = later("threadline.planning.throughput")

MOST_DRAWN = 60  # points of the line


@adds_to("forecast", "detail")
def of_a_forecast(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The line and its table from what was kept with it, what decides it, and how often others held."""
    found = reach(visit.actor, Forecast).filter(pk=row["id"]).first()
    drawn, parts = None, None
    if found is not None and found.left and found.made_on:
        learnt, estimated = forecasting.learnt_of(found.learnt), found.method == estimating.METHOD
        chance: list[float] = []
        if estimated and found.drawn:
            told = estimating.from_words(found.drawn)
            chance, parts = estimating.chances(told, found.made_on, learnt), _parts(visit, told, found.made_on)
        elif found.history and not estimated:
            chance = forecasting.chances(forecasting.from_words(found.history), found.left, learnt)
        drawn = _drawn(visit, found, chance, len(learnt)) if chance else None
    context["drawn"], context["parts"] = drawn, parts
    context["rail"] = [prop for prop in context["rail"] if prop.get("name") != "drawn"]  # the tables say it in words
    context["estimated"] = found is not None and found.method == estimating.METHOD
    method = found.method if found is not None else Forecast.Method.THROUGHPUT
    context["held"] = [
        {"sure": f"P{100 * one.sure:.0f}", "of": one.of, "held": one.held,
         "share": f"{one.held / one.of:.0%}" if one.of else "none yet",
         "range": f"{one.low:.0%} to {one.high:.0%}" if one.of else ""}
        for one in forecasting.coverage(visit.actor, method)
    ]  # fmt: skip


def _drawn(visit: Visit, found: Forecast, chance: list[float], learnt: int) -> dict[str, Any]:
    last = forecasting.day_of(chance, 0.99) or len(chance) - 1
    step = max((last + 1) // MOST_DRAWN, 1)
    points = [(float(day), chance[day]) for day in range(0, last + 1, step)]
    made = found.made_on
    assert made is not None
    return {
        "learnt": learnt, "enough": throughput.ENOUGH,
        "whose": forecasting.learnt_from(visit.actor, found.learnt),
        "chart": drawing.line(points, top=1.0, percent=True) if len(points) > 1 else None,
        "rows": [
            {"sure": f"P{100 * sure:.0f}", "days": day,
             "on": wording.on_day(made + timedelta(days=day)) if day is not None else "beyond years"}
            for sure, _ in forecasting.SURE for day in (forecasting.day_of(chance, sure),)
        ],
    }  # fmt: skip


def _parts(visit: Visit, told: estimating.Told, made: date) -> dict[str, Any]:
    """The items within reach, those first that decide the end most often; and those that nobody estimated."""
    ids = [one.id for one in told.parts] + told.missing
    cards = {str(card.pk): card for card in reach(visit.actor, Card).filter(pk__in=ids)}

    def named(ident: str) -> dict[str, str]:
        return {"key": cards[ident].key, "title": cards[ident].title, "href": visit.record(cards[ident].key)}

    def on(days: int) -> str:
        return wording.on_day(estimating.day_after(made, told.first, days)) or ""

    return {
        "rows": [
            {**named(one.id), "share": f"{one.share:.0%}", "likely": on(one.likely), "sure": on(one.sure),
             "beside": one.beside}
            for one in sorted(told.parts, key=lambda one: -one.share) if one.id in cards
        ],
        "missing": [named(ident) for ident in told.missing if ident in cards],
        "hidden": len(ids) - len(cards),
        "drift": told.drift > 0,
    }  # fmt: skip
