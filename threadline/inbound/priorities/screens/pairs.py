"""Weights from pairs: each criterion against each, how far the answers contradict each other, and which one most."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.priorities.models import ScoreModel
from threadline.inbound.priorities.screens.ranking import tabs
from threadline.kernel import verbs
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.registry import type_of
from threadline.planning.priority import comparing, modelling

FEWEST, MOST = 2, max(comparing.RANDOM_INDEX)
# Saaty's scale, from the first matters extremely more to the second does.
STEPS = (9, 7, 5, 3, 1, -3, -5, -7, -9)
SAID = {1: "as much as", 3: "a little more than", 5: "clearly more than", 7: "much more than", 9: "far more than"}


@record_screen("score_model", "pairs", posts=True)
def weigh(visit: Visit, card: Card) -> HttpResponseBase:
    """Ask each pair, show what follows, and write the weights into the model when they are taken."""
    model = reach(visit.actor, ScoreModel).filter(pk=card.pk, archived_at=None, method="weighted").first()
    if model is None:
        raise NotFound
    visit.back = visit.record(model.key, "pairs")
    names = [label for label, _ in modelling.criteria(model.criteria)]
    may = visit.actor.may("update", type_of(model).group) and model.state != "active"
    pairs = list(combinations(range(len(names)), 2))
    told = [_step(visit.sent.get(f"p{i}_{j}", "")) for i, j in pairs] if visit.posting else [1] * len(pairs)
    fits = FEWEST <= len(names) <= MOST
    found = comparing.weights_of(matrix(len(names), pairs, told)) if fits else None
    if visit.posting and visit.sent.get("act") == "take":
        visit.actor.need("update", type_of(model).group)
        if found is None or not found.consistent:
            raise Invalid(
                ("", "These answers contradict each other too much to weigh by. Look at the worst one again.")
            )
        text = "\n".join(f"{n}: {100 * w:.1f}" for n, w in zip(names, found.weights, strict=True))
        batch = visit.new_batch()
        verbs.update(visit.actor, model.kind, model.pk, {"criteria": text}, batch=batch)
        return visit.done(f"{model.key} is weighed.", visit.record(model.key), batch=batch)
    return _page(visit, model, names, pairs, told, found, may)


def _page(visit: Visit, model: ScoreModel, names: list[str], pairs: list[tuple[int, int]], told: list[int],
          found: comparing.Weights | None, may: bool) -> HttpResponse:  # fmt: skip
    worst = worst_of(pairs, told, found) if found is not None and not found.consistent else None
    return visit.draw(
        "score_model/pairs.html", f"Weigh {model.key} by pairs",
        views=tabs(visit, "models"), address=visit.back, may=may,
        pairs=[
            {"name": f"p{i}_{j}", "first": names[i], "second": names[j], "worst": (i, j) == worst,
             "options": [{"value": s, "label": _words(names[i], names[j], s), "chosen": s == step} for s in STEPS]}
            for (i, j), step in zip(pairs, told, strict=True)
        ],
        weights=[{"name": n, "share": w, "text": f"{w:.0%}"} for n, w in zip(names, found.weights, strict=True)]
        if found is not None and visit.posting else [],
        ratio=f"{found.ratio:.2f}" if found is not None and found.ratio is not None else "",
        consistent=found is not None and found.consistent, most=MOST, fits=found is not None,
        crumbs=[{"label": f"{model.key} {model.title}", "href": visit.record(model.key)}],
    )  # fmt: skip


def _step(sent: str) -> int:
    try:
        step = int(sent)
    except ValueError:
        step = 0
    if step not in STEPS:
        raise Invalid(("", "Answer each pair."))
    return step


def _words(first: str, second: str, step: int) -> str:
    return f"{first} matters {SAID[step]} {second}" if step > 0 else f"{second} matters {SAID[-step]} {first}"


def matrix(size: int, pairs: list[tuple[int, int]], told: list[int]) -> list[list[float]]:
    """The comparisons as a reciprocal matrix."""
    cells = [[1.0] * size for _ in range(size)]
    for (i, j), step in zip(pairs, told, strict=True):
        cells[i][j] = float(step) if step > 0 else 1 / -step
        cells[j][i] = 1 / cells[i][j]
    return cells


def worst_of(pairs: list[tuple[int, int]], told: list[int], found: comparing.Weights) -> tuple[int, int]:
    """The pair whose answer is furthest from what the weights of all say."""

    def off(pair: tuple[int, int], step: int) -> float:
        times = (step if step > 0 else 1 / -step) * found.weights[pair[1]] / found.weights[pair[0]]
        return max(times, 1 / times)

    return max(zip(pairs, told, strict=True), key=lambda one: off(*one))[0]


@adds_to("score_model", "detail")
def leads_to_pairs(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """A weighted model that is not applied can be weighed by pairs."""
    may = visit.actor.may("update", type_of("score_model").group) and "archived" not in context["record"]
    if row.get("method") == "weighted" and row["state"] != "active" and may:
        way = {"label": "Weigh by pairs", "href": visit.record(row["key"], "pairs"), "look": ""}
        context["page_actions"] = [*context.get("page_actions", ()), way]
