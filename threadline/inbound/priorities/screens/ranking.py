"""The ranking: every open feature with its score as a range, what it is made of, and the line at capacity."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import rooms, wording
from threadline.faces.web.screens import adds_to, record_screen, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.priorities import queries, rules
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.registry import type_of
from threadline.planning.priority.chance import Place
from threadline.planning.priority.modelling import Input, Method

CERTAIN = 0.95  # of standing above the next, from which nobody needs to be told

rooms.place("inbound/features", "Ranking", "features/ranking")
rooms.place("inbound/features", "Value and effort", "features/worth")


def tabs(visit: Visit, here: str) -> list[dict[str, Any]]:
    """The pages of priorities."""
    named = (
        ("list", "All features", visit.listing(type_of("feature"))),
        ("ranking", "Ranking", visit.at("features", "ranking")),
        ("worth", "Value and effort", visit.at("features", "worth")),
        ("models", "Score models", visit.listing(type_of("score_model"))),
        ("surveys", "Surveys", visit.listing(type_of("survey"))),
    )
    return [{"label": label, "href": href, "current": name == here} for name, label, href in named]


@screen("feature", "ranking")
def ranking(visit: Visit) -> HttpResponse:
    """Rank by the model that is applied."""
    model = queries.applied(visit.actor)
    method = queries.method_of(model)
    found = queries.ranked(visit.actor, method)
    capacity = _number(visit.asked.get("capacity", ""))
    overridden = queries.overridden(visit.actor, [s.id for s in found])
    highest = max((s.score.high or 0 for s in found), default=0) or 1.0
    sure_of = queries.sure_places(method, found)
    rows, taken, cut = [], 0.0, False
    for one in found:
        taken += one.effort or 0.0
        line = capacity is not None and not cut and taken > capacity
        cut = cut or line
        drawn = _row(visit, one, method, highest, overridden) | _sure(sure_of.get(one.key))
        rows.append(drawn | {"cut": line, "below": cut})
    scored = sum(s.place is not None for s in found)
    sure = sum(s.place is not None and not s.score.unsourced for s in found)
    return visit.draw(
        "feature/ranking.html",
        "Ranking",
        views=tabs(visit, "ranking"),
        rows=rows,
        inputs=[{"label": i.label, "help": i.help} for i in method.inputs],
        model={
            "label": method.label,
            "formula": method.formula,
            "caution": method.caution,
            "href": visit.record(model.key) if model else visit.listing(type_of("score_model")),
            "title": model.title if model else "RICE, as it comes",
        },
        says=f"{scored} of {len(found)} have a score; of {sure} every number has a source.",
        capacity=wording.number(capacity),
        full=len(found) >= queries.MOST,
        may=visit.actor.may("update", "inbound"),
        empty={
            "title": "Nothing to rank yet",
            "text": "Features that are not shipped or declined stand here by their"
            " score, each as the range its numbers allow.",
            "actions": [],
        },
    )


def _sure(one: Place | None) -> dict[str, Any]:
    """Its places nine times in ten, and how surely it stands above the next; blank where that is certain."""
    if one is None:
        return {"places": "", "over": ""}
    over = one.over_next
    doubt = over is not None and over < CERTAIN
    return {
        "places": f"{one.low} to {one.high}" if one.low != one.high else "",
        "over": f"{100 * over:.0f}% over next" if over is not None and doubt else "",
    }


def _number(said: str) -> float | None:
    try:
        found = float(said.replace(",", "."))
    except ValueError:
        return None
    return found if 0 < found < 1e9 else None


def _row(
    visit: Visit, one: queries.Scored, method: Method, highest: float, overridden: dict[str, str]
) -> dict[str, Any]:
    score = one.score
    ranged = score.likely is not None and score.low != score.high
    over = overridden.get(one.id)
    return {
        "key": one.key,
        "title": one.title,
        "href": visit.record(one.key),
        "place": one.place,
        "state": type_of("feature").state_by_name[one.state],
        "score": _short(score.likely),
        "range": f"{_short(score.low)} to {_short(score.high)}" if ranged else "",
        "scale": None if score.likely is None else scale(score.low or 0, score.likely, score.high or 0, highest),
        "missing": ", ".join(m.lower() for m in score.missing),
        "inputs": [_cell(one.inputs.get(i.name), i) for i in method.inputs],
        "numbers": visit.record(one.key, "numbers"),
        "force": visit.record(one.key, "override"),
        "override": {"key": over, "href": visit.record(over)} if over else None,
        "effort": wording.number(one.effort),
    }


def scale(low: float, likely: float, high: float, highest: float) -> dict[str, float]:
    """Where a range stands on a line from 0 to the highest of all, in hundredths."""
    whole = highest * 1.02
    return {
        "from": round(100 * low / whole, 1),
        "wide": round(100 * (high - low) / whole, 1),
        "at": round(99 * likely / whole, 1),
    }


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return wording.number(round(value) if abs(value) >= 100 else round(value, 2)) or "0"


def _cell(said: queries.Stated | None, asked: Input) -> dict[str, Any]:
    if said is None:
        return {"label": asked.label, "text": "", "source": "", "unsourced": False}
    value = wording.number(said.given.value) or "0"
    on = f", {wording.on_day(said.on)}" if said.on and said.given.sourced else ""
    return {
        "label": asked.label,
        "text": f"{value}{'%' if asked.unit == '%' else ''}",
        "source": f"{said.given.source}{on}",
        "unsourced": not said.given.sourced,
    }


@record_screen("feature", "numbers", posts=True)
def numbers(visit: Visit, card: Card) -> HttpResponseBase:
    """The numbers that the applied model asks of one feature, each with its source and its day."""
    feature = queries.feature(visit.actor, card.pk)
    method = queries.method_of(queries.applied(visit.actor))
    said = next(iter(queries.stated(visit.actor, [feature]).values()))
    visit.back = visit.at("features", "ranking")
    if visit.posting:
        return _say(visit, card, method, said)
    visit.actor.need("update", "inbound")
    fields = [
        {
            "name": i.name,
            "label": i.label,
            "help": i.help,
            "unit": i.unit,
            "value": f"{said[i.name].given.value:g}" if i.name in said else "",
            "basis": said[i.name].given.source if i.name in said else "",
            "on": _day(said.get(i.name)),
        }
        for i in method.inputs
    ]
    crumbs = [{"label": f"{card.key} {card.title}", "href": visit.record(card.key)}]
    return visit.draw(
        "feature/numbers.html",
        f"Numbers of {card.key}",
        fields=fields,
        crumbs=crumbs,
        address=visit.record(card.key, "numbers"),
        ranking=visit.back,
        method=method.label,
        formula=method.formula,
    )


def _day(said: queries.Stated | None) -> str:
    return said.on.isoformat() if said is not None and said.on else ""


def _say(visit: Visit, card: Card, method: Method, said: dict[str, queries.Stated]) -> HttpResponseBase:
    """Write what differs, as one batch."""

    def run(door: Door) -> int:
        feature, count = door.get(type_of("feature").model, card.pk), 0
        for asked in method.inputs:
            value = visit.sent.get(f"{asked.name}.value", "").strip()
            basis = " ".join(visit.sent.get(f"{asked.name}.basis", "").split())[:300]
            on = visit.sent.get(f"{asked.name}.on", "").strip()
            known = said.get(asked.name)
            same = known is not None and (f"{known.given.value:g}", known.given.source) == (value, basis)
            if not value or (same and _day(known) == on):
                continue
            rules.write_number(door, feature, asked.name, rules.as_number(asked, value), basis, rules.as_day(on))
            count += 1
        return count

    batch = visit.new_batch()
    count = through_door(visit.actor, "say_numbers", run, batch=batch)
    return visit.done(f"{wording.plural(count, 'number')} written down.", visit.back, batch=batch if count else None)


@adds_to("feature", "list")
def beside_features(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The list leads to the ranking and the plot."""
    context["views"] = [*context["views"], *tabs(visit, "list")[1:3]]


@adds_to("feature", "detail")
def numbers_of_the_model(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """A feature leads to the numbers that the applied model asks of it."""
    if "archived" not in context["record"] and visit.actor.may("update", "inbound"):
        context["tools"] = [
            *context.get("tools", ()),
            {"label": "Numbers for the ranking", "href": visit.record(row["key"], "numbers")},
        ]
