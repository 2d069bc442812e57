"""What a decision's pages say beside what every page says: its options, its predictions, what waits."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import keymap, rooms, wording
from threadline.faces.web.prose import Prose
from threadline.faces.web.screens import Scope, adds_to, needs_me
from threadline.faces.web.visit import Visit
from threadline.inbound.decisions import drawing, ledger, queries, rules
from threadline.inbound.decisions.models import Decision, Dissent, Prediction
from threadline.kernel.access import reach
from threadline.kernel.registry import type_of

keymap.leads("d", "decisions/", "Decisions")
rooms.place("inbound/decisions", "Has it been decided?", "decisions/ask")
rooms.place("inbound/decisions", "Overrides", "decisions/overrides")
rooms.place("inbound/decisions", "Calibration", "predictions/calibration")
MOST_ALIKE = 4


@adds_to("decision", "detail")
def options_and_predictions(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Put the options side by side, and what is predicted under them."""
    decision = reach(visit.actor, Decision).get(pk=row["id"])
    found, against = queries.options(visit.actor, decision), queries.dissents(visit.actor, decision)
    may = decision.archived_at is None and visit.actor.may("update", type_of(decision).group)
    prose = Prose(visit.actor, [*(o.body for o in found), *(d.body for d in against)])
    still_open = decision.state in rules.OPEN
    at = visit.record(row["key"], "do")
    context["options"] = [_option(visit, decision, one, prose, may) for one in found]
    context["add_option"] = f"{at}/add_option" if may and still_open else None
    context["dissents"] = [_dissent(visit, one, prose) for one in against]
    talks = decision.archived_at is None and visit.actor.may("comment", type_of(decision).group)
    context["disagree"] = f"{at}/dissent_from" if talks else None
    context["predictions"] = [prediction_shown(visit, p) for p in queries.predictions(visit.actor, decision)]
    context["predict"] = f"{at}/predict" if may and decision.state != "reviewed" else None
    context["waiver"] = _waiver(row)
    alike = queries.asked_before(visit.actor, decision.title, besides=decision.pk, limit=MOST_ALIKE)
    context["alike"] = [ledger.alike_shown(visit, one) for one in alike] if still_open else []
    context["matters"] = [p for p in context["matters"] if p["label"] not in _SHOWN_BELOW and _said(p)]
    context["rail"] = [p for p in context["rail"] if p["label"] not in _IN_WAIVER]


_SHOWN_BELOW = frozenset({"Options", "Disagree", "Lost support"})
_IN_WAIVER = frozenset({"No prediction, says", "Why no prediction"})


def _said(prop: dict[str, Any]) -> bool:
    return prop.get("value") not in (None, "", [])


def _option(visit: Visit, decision: Decision, one: queries.Weighed, prose: Prose, may: bool) -> dict[str, Any]:
    at, open_still = visit.record(one.key, "do"), decision.state in rules.OPEN and not one.withdrawn
    decides = decision.state == "proposed" and not one.withdrawn and visit.actor.may("decide", type_of(decision).group)
    choose = f"{visit.record(decision.key, 'do')}/decide?option={one.key}" if decides else None
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key), "body": prose.html(one.body),
        "chosen": one.chosen, "withdrawn": one.withdrawn,
        "lost": wording.plural(one.lost, "reason") if one.lost else None,
        "sides": [
            _side(visit, "For", one.supports, f"{at}/argue_for" if may and open_still else None),
            _side(visit, "Against", one.opposes, f"{at}/argue_against" if may and open_still else None),
        ],
        "choose": choose,
    }  # fmt: skip


def _side(visit: Visit, label: str, said: tuple[queries.Argument, ...], add: str | None) -> dict[str, Any]:
    shown = [
        {"key": a.key, "title": a.title, "href": visit.record(a.key) if a.key else "", "quote": a.quote, "lost": a.lost,
         "kind": type_of(a.kind).label,
         "review": visit.at("review") if a.lost and a.lost not in ("gone", "withdrawn") else None}
        for a in said
    ]  # fmt: skip
    return {"label": label, "arguments": shown, "add": add}


def _dissent(visit: Visit, one: Dissent, prose: Prose) -> dict[str, Any]:
    return {
        "who": wording.person(one.owner.name if one.owner else "Somebody"),
        "html": prose.html(one.body or one.title), "at": wording.when(one.created_at),
        "taken_back": one.state != "stands", "href": visit.record(one.key),
    }  # fmt: skip


def _waiver(row: dict[str, Any]) -> dict[str, Any] | None:
    if not row.get("waived_by"):
        return None
    return {"who": wording.person(row["waived_by"]["name"]), "why": row.get("waiver_reason") or ""}


def prediction_shown(visit: Visit, one: Prediction) -> dict[str, Any]:
    """A prediction as the bar draws it: words, geometry, and what can be done."""
    may = one.archived_at is None and visit.actor.may("decide", type_of(one).group)
    due = one.state == "open" and one.due_on <= queries.today()
    return {
        "key": one.key, "title": one.metric, "href": visit.record(one.key),
        "state": type_of(one).state_by_name[one.state], "due": due,
        "when": wording.on_day(one.due_on), "who": one.owner.name if one.owner else None,
        "says": drawing.sentence(one), "outcome": drawing.outcome(one), "bar": drawing.bar(one),
        "score": f"{visit.record(one.key, 'do')}/score_prediction" if may and one.state == "open" else None,
    }  # fmt: skip


@adds_to("prediction", "detail")
def the_bar(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Draw the prediction above its fields."""
    context["prediction"] = prediction_shown(visit, reach(visit.actor, Prediction).get(pk=row["id"]))


@adds_to("decision", "list")
def beside_the_decisions(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the list lead to the ledger, the calibration and the question."""
    context["views"] = [*context["views"], *ledger.tabs(visit, "list")[1:]]


@needs_me(48)
def reviews_that_opened(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """Predictions whose day has come, and overrides to look at again."""
    return [*_outcomes(visit, scope), *_overrides(visit, scope)]


def _outcomes(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    found = queries.due(visit.actor, mine=scope.mine, products=scope.products, limit=5)
    return [
        {
            "title": f"What did it come to? {one.key} {one.metric}", "href": visit.record(one.key), "hot": False,
            "parts": [{"text": f"{drawing.sentence(one)} The review opened {wording.on_day(one.due_on)}."}],
            "actions": [{"label": "Write it down", "href": f"{visit.record(one.key, 'do')}/score_prediction"}],
        }
        for one in found
    ]  # fmt: skip


def _overrides(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    found = queries.overrides_due(visit.actor, mine=scope.mine, products=scope.products)
    return [
        {
            "title": f"Did the override bring it? {one.key} {one.title}", "href": visit.record(one.key), "hot": False,
            "parts": [{"text": f"Expected: {one.expected_benefit[:160]}"}],
            "actions": [{"label": "Review", "href": f"{visit.record(one.key, 'do')}/review_decision"}],
        }
        for one in found
    ]  # fmt: skip
