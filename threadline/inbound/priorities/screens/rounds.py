"""Blind scoring: one's own sheet while a round is open, everybody's spread once it is revealed."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase

from threadline.faces.web import wording
from threadline.faces.web.screens import Scope, adds_to, needs_me, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.priorities import queries, rules
from threadline.inbound.priorities.models import Ballot, ScoringRound
from threadline.kernel.access import reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.errors import NotFound
from threadline.planning.priority import modelling


def _round(visit: Visit, card: Card) -> ScoringRound:
    found = reach(visit.actor, ScoringRound).select_related("score_model").filter(pk=card.pk, archived_at=None).first()
    if found is None:
        raise NotFound
    return found


@record_screen("scoring_round", "score", posts=True)
def score(visit: Visit, card: Card) -> HttpResponseBase:
    """One's own numbers: nobody else's are on the page, nor in the log."""
    found = _round(visit, card)
    visit.back = visit.record(card.key, "score")
    visit.actor.need("comment", "inbound")
    if found.state != "open":
        return visit.go(visit.record(card.key, "spread"))
    method = queries.method_of(found.score_model)
    features = queries.features_of(visit.actor, found)
    if visit.posting:
        return _keep(visit, found, method, features)
    mine = queries.my_ballots(visit.actor, found)
    sheet = [
        {
            "key": f.key,
            "title": f.title,
            "href": visit.record(f.key),
            "cells": [_cell(f, i, mine.get((f.pk, i.name))) for i in method.inputs],
        }
        for f in features
    ]
    people = Ballot.objects.filter(scoring_round=found).values("member_id").distinct().count()
    return visit.draw(
        "scoring_round/score.html",
        f"Score: {found.title}",
        sheet=sheet,
        address=visit.back,
        inputs=[{"label": i.label, "help": i.help} for i in method.inputs],
        done=len(mine),
        of=len(features) * len(method.inputs),
        people=wording.plural(people, "person has", "people have"),
        rule=found.get_rule_display().lower(),
        because=modelling.RULES[found.rule],
        method=method.label,
        crumbs=[{"label": card.key, "href": visit.record(card.key)}],
    )


def _cell(feature: Any, asked: modelling.Input, value: float | None) -> dict[str, Any]:
    return {
        "name": f"{feature.key}.{asked.name}",
        "label": f"{asked.label} of {feature.key}",
        "short": asked.label,
        "value": "" if value is None else f"{value:g}",
        "steps": [f"{s:g}" for s in asked.steps],
        "low": asked.low,
        "high": asked.high,
    }


def _keep(visit: Visit, found: ScoringRound, method: modelling.Method, features: list[Any]) -> HttpResponseBase:
    def run(door: Door) -> int:
        count = 0
        for feature in features:
            for asked in method.inputs:
                said = visit.sent.get(f"{feature.key}.{asked.name}", "").strip()
                if said:
                    number = rules.as_number(asked, said)
                    rules.score_blind(door, scoring_round=found.pk, feature=feature.pk, name=asked.name, value=number)
                    count += 1
        return count

    count = through_door(visit.actor, "score_blind", run)
    return visit.done(f"{wording.plural(count, 'number')} kept. Change them until it is revealed.", visit.back)


@record_screen("scoring_round", "spread")
def spread(visit: Visit, card: Card) -> HttpResponseBase:
    """How far apart people were, and the one number that was kept; only after the round was revealed."""
    found = _round(visit, card)
    if found.state != "revealed":
        return visit.go(visit.record(card.key))
    method, cast = queries.method_of(found.score_model), queries.ballots(found)
    spreads = queries.spreads(cast, found.rule)
    said: dict[tuple[Any, str], list[Ballot]] = {}
    for one in cast:
        said.setdefault((one.feature_id, one.name), []).append(one)
    lines = []
    for feature in queries.features_of(visit.actor, found):
        for asked in method.inputs:
            which = (feature.pk, asked.name)
            if which in spreads:
                lines.append(_line(visit, feature, asked, spreads[which], said[which]))
    lines.sort(key=lambda line: -line["share"])
    return visit.draw(
        "scoring_round/spread.html",
        f"Spread: {found.title}",
        lines=lines,
        rule=found.get_rule_display().lower(),
        because=modelling.RULES[found.rule],
        ranking=visit.at("features", "ranking"),
        people=wording.plural(len({b.member_id for b in cast}), "person", "people"),
        crumbs=[{"label": card.key, "href": visit.record(card.key)}],
    )


def _line(
    visit: Visit, feature: Any, asked: modelling.Input, one: modelling.Spread, said: list[Ballot]
) -> dict[str, Any]:
    top = asked.high if asked.high is not None else (one.high or 1.0)
    dots = sorted(said, key=lambda b: b.value)
    return {
        "key": feature.key,
        "title": feature.title,
        "href": visit.record(feature.key),
        "label": asked.label,
        "value": f"{one.value:g}",
        "low": f"{one.low:g}",
        "high": f"{one.high:g}",
        "count": one.count,
        "share": one.apart / (top or 1.0),
        "at": round(96 * one.value / top, 1) if top else 0,
        "dots": [round(96 * b.value / top, 1) if top else 0 for b in dots],
        "lowest": [b.member.name for b in dots if b.value == one.low] if one.apart else [],
        "highest": [b.member.name for b in dots if b.value == one.high] if one.apart else [],
    }


@adds_to("scoring_round", "detail")
def leads_to_the_sheet(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """A round leads to one's own sheet, and once revealed to the spread."""
    context["stops"] = []
    if "archived" in context["record"]:
        return
    ways = {"open": ("Score", "score"), "revealed": ("Spread", "spread")}
    if row["state"] in ways and (row["state"] == "revealed" or visit.actor.may("comment", "inbound")):
        label, place = ways[row["state"]]
        way = {"label": label, "href": visit.record(row["key"], place), "look": "go"}
        # The sheet takes all numbers at once; the verb that takes one is for programs.
        for name in ("page_actions", "tools"):
            context[name] = [a for a in context[name] if a["label"] != rules.score_blind.label]
        context["page_actions"] = [way, *context["page_actions"]]


@needs_me(46)
def rounds_to_score(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """Open rounds in which one has said nothing yet."""
    if not scope.mine or not visit.actor.may("comment", "inbound"):
        return []
    mine = Ballot.objects.filter(workspace_id=visit.actor.workspace_id, member_id=visit.actor.member_id)
    here = reach(visit.actor, ScoringRound).filter(state="open", archived_at=None)
    found = here.exclude(pk__in=mine.values("scoring_round_id")).order_by("due_on", "pk")[:3]
    return [
        {
            "title": f"Score before you see the others: {one.key} {one.title}",
            "href": visit.record(one.key),
            "parts": [
                {"text": f"Until {wording.on_day(one.due_on)}." if one.due_on else "Nobody's numbers are shown."}
            ],
            "hot": False,
            "actions": [{"label": "Score", "href": visit.record(one.key, "score")}],
        }
        for one in found
    ]
