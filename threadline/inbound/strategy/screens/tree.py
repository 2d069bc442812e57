"""The opportunity tree: an outline that every browser shows, a canvas where a script or the screen allows."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import keymap, rooms, wording
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.inbound import bets
from threadline.inbound.features import rules as features
from threadline.inbound.strategy import growing, linting, placing
from threadline.kernel import verbs
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.registry import type_of

rooms.place("inbound/strategy", "Opportunity tree", "opportunities/tree")
keymap.scope("tree", "On a tree of opportunities or metrics")
keymap.add("tree", "tree.down", ("j", "ArrowDown"), "Next on the tree")
keymap.add("tree", "tree.up", ("k", "ArrowUp"), "The one before")
keymap.add("tree", "tree.in", "ArrowRight", "To what hangs under it")
keymap.add("tree", "tree.out", "ArrowLeft", "To what it hangs under")
keymap.add("tree", "tree.add", "n", "Add something under it")
keymap.add("tree", "tree.move", "m", "Pick it up; again, put it here")
keymap.add("tree", "tree.leave", "Escape", "Put it back")
# What may be added under what.
BELOW = {
    "key_result": ("opportunity",),
    "objective": ("opportunity",),
    "opportunity": ("opportunity", "feature", "assumption"),
    "feature": ("assumption",),
    "assumption": ("assumption_test",),
    "assumption_test": (),
}
CALLED = {"opportunity": "An opportunity", "feature": "A solution", "assumption": "An assumption",
          "assumption_test": "A test"}  # fmt: skip


@screen("opportunity", "tree", posts=True)
def tree(visit: Visit) -> HttpResponseBase:
    """Draw it; take what is added or moved; say of an opportunity's words, as they are typed, how they read."""
    if visit.scripted and "phrased" in visit.asked:
        return JsonResponse({"said": " ".join(linting.of_phrasing(visit.asked["phrased"][:300]))})
    of, view = visit.asked.get("of", "")[:20], visit.asked.get("view", "canvas")
    here = _at(visit, of, view)
    if visit.posting:
        return _act(visit, here)
    return _draw(visit, of, view, here)


def _at(visit: Visit, of: str, view: str) -> str:
    named = {"of": of} if of else {}
    return visit.at("opportunities", "tree", **named, view="outline" if view == "outline" else "canvas")


def _draw(visit: Visit, of: str, view: str, here: str) -> HttpResponse:
    found = growing.tree(visit.actor, of)
    may = visit.actor.may("create", "inbound")
    nodes = found.outcome.all() if found.outcome else []
    findings = [f for n in nodes for f in n.findings]
    at = found.outcome.key if found.outcome else ""
    views = [
        {"label": label, "href": _at(visit, at, name), "current": (name == "outline") == (view == "outline")}
        for name, label in (("canvas", "Canvas"), ("outline", "Outline"))
    ]  # fmt: skip
    context: dict[str, Any] = {
        "views": [*views, {"label": "All opportunities", "href": visit.listing(type_of("opportunity"))}],
        "canvas": view != "outline", "here": here, "may": may,
        "root": _node(visit, found.outcome, may) if found.outcome else None,
        "loose": [_node(visit, n, may) for n in found.loose],
        "unplaced": [_node(visit, n, may) for n in found.unplaced],
        "outcomes": [{"key": o.key, "title": o.title, "chosen": o.key == at} for o in found.outcomes],
        "says": _says(nodes, findings),
        "empty": _nothing(visit, may),
    }  # fmt: skip
    return visit.draw("opportunity/tree.html", "Opportunity tree", **context)


def _says(nodes: list[growing.Node], findings: list[str]) -> str:
    counted = [
        wording.plural(sum(n.kind == kind for n in nodes), one, many)
        for kind, one, many in (
            ("opportunity", "opportunity", "opportunities"), ("feature", "solution", "solutions"),
            ("assumption", "assumption", "assumptions"), ("assumption_test", "test", "tests"),
        )
    ]  # fmt: skip
    shaky = sum(n.shaky and n.kind == "feature" for n in nodes)
    bets_said = f" {wording.plural(shaky, 'solution rests', 'solutions rest')} on shaky ground." if shaky else ""
    lint = wording.plural(len(findings), "thing", "things") + " to look at." if findings else "Nothing to mend."
    return f"{', '.join(counted)}. {lint}{bets_said}"


def _node(visit: Visit, one: growing.Node, may: bool) -> dict[str, Any]:
    declared = type_of(one.kind)
    do = visit.record(one.key, "do")
    moves = {"opportunity": f"{do}/place_opportunity", "feature": f"{do}/solve_opportunity"}
    return {
        "key": one.key, "kind": one.kind, "what": declared.label, "title": one.title, "href": visit.record(one.key),
        "state": declared.state_by_name.get(one.state), "shaky": one.shaky, "findings": one.findings,
        "children": [_node(visit, child, may) for child in one.children],
        "adds": [{"kind": k, "label": CALLED[k]} for k in BELOW[one.kind]] if may else [],
        "moves": moves.get(one.kind) if may else None,
    }  # fmt: skip


def _nothing(visit: Visit, may: bool) -> dict[str, Any]:
    results = visit.listing(type_of("key_result"))
    return {
        "title": "No tree yet",
        "text": "A tree leads from one outcome over what customers need to what could be built, and to what must be"
        " true for it. Choose a key result to grow it from; its page offers the tree.",
        "actions": [{"label": "Key results", "href": results, "look": "go"}] if may else [],
    }


def _act(visit: Visit, here: str) -> HttpResponseBase:
    visit.back = here
    sent, batch = visit.sent, visit.new_batch()
    if sent.get("act") == "move":
        made = _move(visit, sent.get("what", ""), sent.get("under", ""), batch)
        return visit.done(f"{made} stands there now.", here, batch=batch)
    if sent.get("act") == "add":
        made = _add(visit, sent.get("under", ""), sent.get("kind", ""), sent.get("title", ""), batch)
        return visit.done(f"{made} is on the tree.", here, batch=batch)
    raise NotFound


def _move(visit: Visit, what: str, under: str, batch: Any) -> str:
    card = verbs.card(visit.actor, what)
    if card.kind == "opportunity":
        placing.place_opportunity(visit.actor, opportunity=card.pk, under=under, batch=batch)
    elif card.kind == "feature":
        features.solve_opportunity(visit.actor, feature=card.pk, opportunity=under, batch=batch)
    else:
        raise Invalid(("what", "Opportunities and solutions move; what hangs under them goes with them."))
    return card.key


def _add(visit: Visit, under: str, kind: str, title: str, batch: Any) -> str:
    """A new record where it was asked for, linked as its place says."""
    parent = verbs.card(visit.actor, under)
    if kind not in BELOW.get(parent.kind, ()):
        raise NotFound
    values: dict[str, Any] = {"title": title, "owner": "me", "product": parent.product_id}
    if kind == "assumption_test":
        return verbs.create(visit.actor, kind, {**values, "assumption": parent.pk}, batch=batch).key
    made = verbs.create(visit.actor, kind, values, batch=batch)
    if kind == "opportunity":
        placing.place_opportunity(visit.actor, opportunity=made.pk, under=parent.key, batch=batch)
    elif kind == "feature":
        verbs.link(visit.actor, made, parent.pk, features.SOLVES, batch=batch)
    else:
        verbs.link(visit.actor, parent.pk, made.pk, bets.ASSUMES, batch=batch)
    return made.key


def _leads_to_tree(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """A key result and an objective lead to their tree."""
    way = {"label": "Opportunity tree", "href": visit.at("opportunities", "tree", of=row["key"]), "look": ""}
    context["page_actions"] = [*context.get("page_actions", ()), way]


adds_to("key_result", "detail")(_leads_to_tree)
adds_to("objective", "detail")(_leads_to_tree)


@adds_to("opportunity", "list")
def beside_the_list(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The list leads to the tree."""
    context["views"] = [*context["views"], {"label": "Tree", "href": visit.at("opportunities", "tree")}]
