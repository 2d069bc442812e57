"""What a feature's page says beside what every page says: its score card and its demand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from threadline.faces.web import keymap, threadpage, wording
from threadline.faces.web.screens import Scope, adds_to, how_it_stands
from threadline.faces.web.visit import Visit
from threadline.inbound.asking_page import demand_context
from threadline.inbound.features import queries, readiness, rice, rules
from threadline.inbound.features.demand import demand
from threadline.inbound.features.models import Feature
from threadline.kernel import listing, rows
from threadline.kernel.access import reach_sql
from threadline.kernel.registry import type_of

keymap.leads("f", "features/", "Features")
MOST_PARTS = 20


@how_it_stands(20)
def effort_on_evidence(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """The share of planned effort that rests on a customer's words, and how much of that is still as it was read."""
    found = queries.effort_on_evidence(visit.actor, products=scope.products)
    if not found.committed:
        return []
    cited, confirmed = found.cited / found.committed, found.confirmed / found.committed
    text = f"{cited:.0%}" if cited == confirmed else f"{cited:.0%}, {confirmed:.0%} confirmed"
    meter = {"value": round(100 * confirmed), "max": 100, "label": "Confirmed share of planned effort"}
    return [
        {
            "label": "Planned effort resting on evidence",
            "text": text,
            "meter": meter,
            "warm": True,
            "href": visit.at("thread"),
        }
    ]


@adds_to("feature", "thread")
def of_the_thread(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """What of the plan rests on evidence, what does not, and what rests on the oldest."""
    declared = type_of("feature")
    committed = f"state:{','.join(queries.COMMITTED)}"
    found, effort = queries.coverage(visit.actor), queries.effort_on_evidence(visit.actor)
    if found.committed:
        whole = visit.listing(declared, q=committed)
        context["shares"] += [
            _share("Planned features resting on evidence", found.cited, found.confirmed, found.committed, whole),
            _share("Planned effort resting on evidence", effort.cited, effort.confirmed, effort.committed, whole),
        ]
    for query, what, text in (
        (f"{committed} evidence:none", "planned {} without a customer's words", "Nobody can say who asked for them."),
        (f"{committed} objective:none", "planned {} without an objective", "Effort that traces to no aim."),
        ("unready>0", "{} begun or shipped unready", "Each says who did not wait, why, and what was missing."),
        ("state:shipped cited:no", "shipped {}, never measured", "Nothing that came of them is on the thread."),
    ):
        one, many = what.format("feature"), what.format("features")
        count = listing.count_of(visit.actor, declared, query)
        context["gaps"].append(threadpage.gap(visit, count, one, many, text, visit.listing(declared, q=query)))
    context["oldest"] += [
        {"key": key, "title": title, "href": visit.record(key), "state": declared.state_by_name[state],
         "text": f"last asked for {wording.on_day(day)}"}
        for key, title, state, day in queries.oldest_evidence(visit.actor)
    ]  # fmt: skip


def _share(label: str, cited: float, confirmed: float, whole: float, href: str) -> dict[str, Any]:
    """Both numbers: what rests on evidence, and what rests on evidence that is still as it was read."""
    nominal, sure = (cited / whole, confirmed / whole) if whole else (0.0, 0.0)
    return {
        "label": label,
        "number": f"{nominal:.0%}",
        "text": f"{sure:.0%} confirmed: on words that did not change since they were read.",
        "meter": {"value": round(100 * sure), "max": 100, "label": f"{label}, confirmed"},
        "warm": True,
        "href": href,
    }


@adds_to("feature", "detail")
def score_and_demand(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Put the four inputs on one card, and show who asks beside who could."""
    near, params = reach_sql(visit.actor, "r")
    feature = rows.fetch_instances(Feature, f"r.id = %s AND {near}", [UUID(row["id"]), *params])[0]
    context["score"] = _score(queries.score_card(visit.actor, feature))
    may = feature.archived_at is None and visit.actor.may("update", type_of(feature).group)
    for one in context["score"]["inputs"] if may else ():
        one["edit"] = visit.record(row["key"], "field", one["name"])
        one["source_edit"] = visit.record(row["key"], "field", f"{one['name']}_source")
    if may:
        context["score"]["inputs"][0]["key"] = "record.priority"
    context["ready"] = _ready(visit, feature, row, context)
    context["parts"] = _parts(visit, row["id"]) if feature.archived_at is None else []
    asked = demand_context(demand(visit.actor, feature), visit.actor.workspace.currency) if row["demand"] else None
    context["demand"] = asked
    declared = type_of(feature)
    on_card = {declared.by_name[f"{n}{end}"].label for n, _ in rice.INPUTS for end in ("", "_source", "_on")}
    for place in ("rail", "blanks"):
        context[place] = [p for p in context.get(place, ()) if p["label"] not in on_card]
    counted = {declared.by_name["score"].label, *(c.label for c in declared.computed)}
    context["matters"] = [p for p in context["matters"] if p["label"] not in counted]


def _score(card: rice.ScoreCard) -> dict[str, Any]:
    by = {i.name: i for i in card.inputs}
    shown = " × ".join(_short(by[n]) for n in ("reach", "impact", "confidence")) + f" ÷ {_short(by['effort'])}"
    ranged = card.likely is not None and not card.certain
    notes = []
    if card.missing:
        notes.append(f"Without {' and '.join(card.missing)} there is no score.")
    if card.unsourced and card.likely is not None:
        notes.append(f"{' and '.join(card.unsourced).capitalize()} without a source: the score is a range.")
    return {
        "label": "RICE",
        "text": wording.number(round(card.likely, 1)) if card.likely is not None else "not scored",
        "range": f"{wording.number(round(card.low or 0, 1))} to {wording.number(round(card.high or 0, 1))}"
        if ranged
        else None,
        "formula": shown,
        "scale": _scale(card) if ranged else None,
        "inputs": [_input(i) for i in card.inputs],
        "note": " ".join(notes),
    }


def _short(one: rice.Input) -> str:
    if one.value is None:
        return f"{one.name} ?"
    return f"{wording.number(one.value)}{'%' if one.unit == '%' else ''} {one.name}"


def _input(one: rice.Input) -> dict[str, Any]:
    unit = f" {one.unit}" if one.unit and one.unit != "%" else one.unit
    return {
        "name": one.name,
        "label": one.name.capitalize(),
        "may_be": None if one.sourced or one.value is None else one.problem,
        "text": "" if one.value is None else f"{wording.number(one.value)}{unit}",
        "missing": one.value is None,
        "source": {"text": one.source} if one.source else None,
        "on": wording.on_day(one.on),
    }


def _scale(card: rice.ScoreCard) -> dict[str, float]:
    """Where the range and the likely score stand on a line from 0 to a little above the highest, in hundredths."""
    whole = (card.high or 1.0) * 1.08 or 1.0
    return {
        "from": round(100 * (card.low or 0) / whole, 1),
        "wide": round(100 * ((card.high or 0) - (card.low or 0)) / whole, 1),
        "at": round(100 * (card.likely or 0) / whole, 1),
    }


def _ready(visit: Visit, feature: Feature, row: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """What a feature should have before it is built: which of it is there, what is missing, and who did not wait."""
    why = context["why"] or {"quotes": [], "nodes": []}
    by = {n.get("by") for n in why["nodes"]}
    words = bool(why["quotes"]) or "Rests on" in by
    begun = readiness.overrides(visit.actor, feature) if row.get("unready") else []
    return {
        "state": row["state"],
        "checks": readiness.own_checks(visit.actor, row, words=words, objective="Serves" in by),
        "begun": [
            {
                "what": one.what.capitalize(),
                "who": wording.person(one.who),
                "at": wording.when(one.at),
                "why": one.why,
                "missing": one.missing,
            }
            for one in begun
        ],
    }


def begin_as_it_is(context: dict[str, Any]) -> None:
    """Of two ways to the same end, offer the possible one. Called by the room that adds the last of the checks."""
    if context["ready"]["state"] in readiness.PRESUMED:
        return
    missing = any(not there for _, there in context["ready"]["checks"])
    ready, unready = (
        (rules.start_feature, rules.ship_feature),
        (rules.start_unready_feature, rules.ship_unready_feature),
    )
    others = {one.label for one in (ready if missing else unready)}
    for place in ("page_actions", "tools", "moves"):
        context[place] = [one for one in context.get(place, ()) if one["label"] not in others]


def _parts(visit: Visit, pk: str) -> list[dict[str, Any]]:
    """The features that are part of this one, the highest score first."""
    declared = type_of("feature")
    found = listing.list_page(
        visit.actor, declared, f"parent:{pk} sort:-score", names=["title", "state", "score", "owner"], limit=MOST_PARTS
    )
    return [
        {
            "key": r["key"],
            "title": r["title"],
            "href": visit.record(r["key"]),
            "state": declared.state_by_name[r["state"]],
            "score": wording.number(r["score"]),
            "owner": wording.person(r["owner"]["name"]) if r["owner"] else None,
        }
        for r in found.rows
    ]
