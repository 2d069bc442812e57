"""What a model would change: whose place moves, and why, before it is applied."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.priorities import queries
from threadline.inbound.priorities.models import ScoreModel
from threadline.inbound.priorities.screens.ranking import tabs
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.planning.priority import modelling


@record_screen("score_model", "compare")
def compare(visit: Visit, card: Card) -> HttpResponse:
    """This model beside the one that is applied."""
    model = reach(visit.actor, ScoreModel).filter(pk=card.pk, archived_at=None).first()
    if model is None:
        raise NotFound
    current = queries.applied(visit.actor)
    before, after = queries.method_of(current), queries.method_of(model)
    found = {s.key: s for s in queries.ranked(visit.actor, after)}
    moves = modelling.moves(before, after, queries.given_by(found.values()))
    may = visit.actor.may("decide", "inbound") and model.state != "active"
    scored = sum(s.place is not None for s in found.values())
    return visit.draw(
        "score_model/compare.html",
        f"What {model.key} would change",
        views=tabs(visit, "models"),
        before={"title": current.title if current else "RICE, as it comes", "formula": before.formula},
        after={"title": model.title, "formula": after.formula, "caution": after.caution},
        moves=[_move(visit, m, found[m.item].title) for m in moves],
        same=model.state == "active",
        says=f"{len(moves)} of {len(found)} features change their place; {scored} have a score by it.",
        apply=visit.record(model.key, "do", "apply_score_model") if may else None,
        crumbs=[{"label": f"{model.key} {model.title}", "href": visit.record(model.key)}],
    )


def _move(visit: Visit, one: modelling.Move, title: str) -> dict[str, Any]:
    return {
        "key": one.item,
        "title": title,
        "href": visit.record(one.item),
        "was": one.was,
        "now": one.now,
        "up": one.up,
        "why": one.because,
        "moved": f"up {one.up}"
        if one.up > 0
        else f"down {-one.up}"
        if one.up < 0
        else "comes in"
        if one.now
        else "falls out",
    }


@adds_to("score_model", "detail")
def leads_to_the_comparison(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """A model that is not applied leads to what it would change."""
    context["stops"] = []
    if row["state"] != "active" and "archived" not in context["record"]:
        way = {"label": "What would change", "href": visit.record(row["key"], "compare"), "look": "go"}
        context["page_actions"] = [way, *context.get("page_actions", ())]


@adds_to("score_model", "list")
def beside_models(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The list of models leads to the ranking."""
    context["views"] = [*context["views"], *tabs(visit, "models")[1:3]]
