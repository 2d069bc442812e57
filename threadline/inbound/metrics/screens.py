"""The metric tree, and what a metric's page says beside every page: its values, what moved it, who is to move it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import rooms, wording
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.metrics import changing, drawing, growing, rules
from threadline.inbound.metrics.models import Metric
from threadline.kernel import rows, verbs
from threadline.kernel.access import reach
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of

rooms.place("inbound/strategy", "Metric tree", "metrics/tree")
SHOWN = 12


@screen("metric", "tree", posts=True)
def tree(visit: Visit) -> HttpResponseBase:
    """Draw it; take what is added or moved."""
    outline = visit.asked.get("view") == "outline"
    visit.back = visit.at("metrics", "tree", **({"view": "outline"} if outline else {}))
    if visit.posting:
        return _act(visit, visit.back)
    found = growing.forest(visit.actor, _today())
    may = visit.actor.may("create", type_of(Metric).group)
    return visit.draw(
        "metric/tree.html", "Metric tree", here=visit.back, may=may, says=_says(found),
        roots=[_node(visit, one, may) for one in found.roots],
        loose=[_node(visit, one, may) for one in (*found.loose, *found.in_circle)],
        circle=len(found.in_circle),
        unmeasured=[{**_claim(visit, one), "cite": visit.record(one.key, "cite")} for one in found.unmeasured],
        canvas=not outline,
        views=[{"label": "Canvas", "href": visit.at("metrics", "tree"), "current": not outline},
               {"label": "Outline", "href": visit.at("metrics", "tree", view="outline"), "current": outline},
               {"label": "All metrics", "href": visit.listing(type_of(Metric))}],
        empty=_nothing(visit, may),
    )  # fmt: skip


def _today() -> date:
    return rows.now().date()


def _says(found: growing.Forest) -> str:
    nodes = [n for one in (*found.roots, *found.loose) for n in one.all()]
    findings = sum(len(n.findings) for n in nodes) + len(found.unmeasured) + len(found.in_circle)
    lint = f"{wording.plural(findings, 'thing')} to look at." if findings else "Nothing to mend."
    tops = f"{wording.plural(len(found.roots), 'tree')}. " if len(found.roots) > 1 else ""
    return f"{wording.plural(len(nodes), 'metric')}. {tops}{lint}"


def _node(visit: Visit, one: growing.Node, may: bool) -> dict[str, Any]:
    metric = one.metric
    do = visit.record(metric.key, "do")
    return {
        "key": metric.key, "title": metric.title, "href": visit.record(metric.key), "value": drawing.value(metric),
        "when": wording.on_day(metric.measured_on), "change": drawing.change(metric, one.values),
        "spark": drawing.spark([v.value for v in one.values[-SHOWN:]]),
        "spark_says": drawing.in_words(one.values[-SHOWN:]),
        "aim": drawing.aim(metric), "formula": "" if metric.formula == "driven" else metric.get_formula_display(),
        "given": drawing.given(one), "lag": metric.lag_days, "findings": one.findings,
        "claims": [_claim(visit, claim) for claim in one.claims],
        "children": [_node(visit, child, may) for child in one.children],
        "measure": f"{do}/measure_metric" if may else "", "moves": f"{do}/place_metric" if may else "",
    }  # fmt: skip


def _claim(visit: Visit, one: growing.Claim) -> dict[str, Any]:
    declared = type_of(one.kind)
    return {"key": one.key, "title": one.title, "href": visit.record(one.key), "what": declared.label,
            "state": declared.state_by_name.get(one.state)}  # fmt: skip


def _nothing(visit: Visit, may: bool) -> dict[str, Any]:
    actions = [{"label": "New metric", "href": visit.at("metrics", "new"), "look": "go"}] if may else []
    return {
        "title": "No metric yet",
        "text": "Begin with the one number that stands for what customers get out of the product. Under it go the"
        " numbers that move it, down to those that a team can move.",
        "actions": actions,
    }


def _act(visit: Visit, here: str) -> HttpResponse:
    sent, batch = visit.sent, visit.new_batch()
    if sent.get("act") == "move":
        moved = rules.place_metric(visit.actor, metric=sent.get("what", ""), under=sent.get("under", ""), batch=batch)
        return visit.done(f"{moved.key} stands there now.", here, batch=batch)
    if sent.get("act") == "add":
        above = verbs.card(visit.actor, sent.get("under", ""))
        values = {"title": sent.get("title", ""), "owner": "me", "product": above.product_id}
        made = verbs.create(visit.actor, Metric.kind, values, batch=batch)
        rules.place_metric(visit.actor, metric=made.pk, under=above.key, batch=batch)
        return visit.done(f"{made.key} is on the tree.", here, batch=batch)
    raise NotFound


@adds_to("metric", "detail")
def of_a_metric(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Its values as a line and a table, what moved it last, what drives it and who is to move it."""
    metric = reach(visit.actor, Metric).get(pk=row["id"])
    may = "archived" not in context["record"] and visit.actor.may("update", type_of(Metric).group)
    node = growing.around(visit.actor, metric, _today())
    context["metric"] = {
        **_node(visit, node, may), "chart": drawing.line(metric, node.values),
        "history": [{"on": wording.on_day(v.on), "value": drawing.number(metric, v.value)}
                   for v in reversed(node.values)],
        "unit": metric.unit, "today": _today().isoformat(), "then": visit.record(metric.key),
        "live": may and metric.state == "tracked",
        "asks": changing.may_be_asked(node.values), "since": visit.asked.get("since", "")[:10],
        "changed": _changed(visit, metric, node),
    }  # fmt: skip
    way = {"label": "Metric tree", "href": visit.at("metrics", "tree"), "look": ""}
    context["page_actions"] = [*context.get("page_actions", ()), way]


def _changed(visit: Visit, metric: Metric, node: growing.Node) -> str:
    """What changed on the day that was asked about, in words; blank where none was."""
    day = wording.as_day(visit.asked.get("since", "")) if visit.asked.get("since") else None
    if day is None:
        return ""
    found = changing.changed(node.values, day)
    if found is None:
        return "Two years of values before that day are needed, and one after it."
    low, high, plain = (drawing.number(metric, one) for one in (found.low, found.high, found.plain))
    much = drawing.number(metric, abs(found.value))
    way = "higher" if found.value >= 0 else "lower"
    sure = found.low > 0 or found.high < 0
    said = "It says that something changed, not why." if sure else "That may be nothing."
    return (
        f"From {wording.on_day(day)} on it stands {much} {way}, seasons and drift taken off ({low} to {high}). {said}"
        f" All after less all before would say {plain}."
    )


@adds_to("metric", "list")
def beside_the_list(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The list leads to the tree."""
    context["views"] = [*context["views"], {"label": "Tree", "href": visit.at("metrics", "tree")}]
