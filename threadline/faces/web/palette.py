"""What the command palette finds: records, places, and what can be done with what is selected.

One address, three questions. ``?q=`` finds records. Without it: every place the reader may go,
the records whose keys are given (``keys=``, remembered by the browser, titled here so that
nothing confidential is kept there), and the verbs for one record (``key=``) or for the rows
that are ticked (``type=`` and ``ids=``).
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse

from threadline.faces.web import finding, places, rooms, settings_pages, shell
from threadline.faces.web.detail import deeds_on
from threadline.faces.web.entrance import page
from threadline.faces.web.listparts import bulk_verbs
from threadline.faces.web.visit import Visit
from threadline.faces.web.wording import lower_first
from threadline.house import viewing
from threadline.kernel import search, verbs
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.fields import as_id
from threadline.kernel.registry import kinds, type_of

FOUND = 12
RECENT = 8
MOST_TICKED = 500


@page
def answer(visit: Visit) -> HttpResponse:
    """JSON: ``{records}`` for a query; ``{places, makes, actions, on, records}`` without one."""
    query = visit.asked.get("q", "").strip()[: search.LONGEST_QUERY]
    if query:
        return JsonResponse({"records": _found(visit, query)})
    on, actions = _actions(visit)
    return JsonResponse({
        "places": _places(visit),
        "makes": _makes(visit),
        "on": on,
        "actions": actions,
        "records": _recent(visit),
    })  # fmt: skip


def _record(visit: Visit, kind: str, key: str, title: str, state: str) -> dict[str, Any]:
    declared = type_of(kind)
    known = declared.state_by_name.get(state)
    return {
        "key": key,
        "title": title,
        "kind": declared.label,
        "state": known.label if known else "",
        "tone": known.tone if known else "",
        "href": visit.record(key),
    }


def _found(visit: Visit, query: str) -> list[dict[str, Any]]:
    hits = [_record(visit, h.kind, h.key, h.title, h.state) for h in search.find(visit.actor, query, limit=FOUND)]
    straight = finding.straight(visit, query)
    if straight is None:
        return hits
    first = _record(visit, straight.kind, straight.key, straight.title, straight.state)
    return [first, *(h for h in hits if h["key"] != straight.key)]


def _recent(visit: Visit) -> list[dict[str, Any]]:
    asked = [k for k in visit.asked.get("keys", "").split(",") if k][:RECENT]
    found = reach(visit.actor, Card).filter(key__in=asked, archived_at=None)
    by_key = {c.key: c for c in found}
    return [_record(visit, by_key[k].kind, k, by_key[k].title, by_key[k].state) for k in asked if k in by_key]


# ---- places -----------------------------------------------------------------------------


def _places(visit: Visit) -> list[dict[str, str]]:
    found = []
    found += [{"label": p.label, "sub": "", "href": visit.home + p.path} for p in rooms.tops()]
    for room, below in rooms.of_workspace().items():
        where = rooms.label_of(room)
        found += [
            {"label": p.label, "sub": where if p.label != where else "", "href": visit.home + p.path} for p in below
        ]
    for declared in kinds():
        found += [
            {"label": view.name, "sub": f"View of {lower_first(declared.plural)}",
             "href": visit.listing(declared, view=view.id)}
            for view in viewing.views_of(visit.actor, declared.kind)
        ]  # fmt: skip
    named = [
        (label, visit.at("settings", name) if name else visit.at("settings")) for name, label in settings_pages.PLACES
    ]
    found += [{"label": label, "sub": "Settings", "href": href} for label, href in named]
    found += [{"label": p["label"], "sub": "You", "href": p["href"]} for p in shell.own_places(visit)]
    return found


def _makes(visit: Visit) -> list[dict[str, str]]:
    return [
        {"label": f"New {lower_first(d.label)}", "path": d.path, "href": visit.at(d.path, "new")}
        for d in kinds()
        if visit.actor.may("create", d.group)
    ]


# ---- what can be done -------------------------------------------------------------------


def _actions(visit: Visit) -> tuple[str, list[dict[str, Any]]]:
    """What is meant ("F-112 Rejoin", "3 features"), and what may be done with it."""
    key, ids = visit.asked.get("key", ""), _ids(visit)
    if ids:
        declared = places.type_at(type_of(visit.asked.get("type", "")).path)
        count = reach(visit.actor, declared.model).filter(pk__in=ids, archived_at=None).count()
        offered = bulk_verbs(visit, declared, archived=False)
        if not count or not offered:
            return "", []
        noun = lower_first(declared.label if count == 1 else declared.plural)
        verbs_of = [
            {
                "label": v["label"],
                "action": visit.at(declared.path, "bulk"),
                "fields": [["verb", v["value"]], *(["ids", i] for i in ids)],
            }
            for v in offered
        ]
        return f"{count} {noun}", verbs_of
    if not key:
        return "", []
    try:
        card = verbs.card(visit.actor, key)
    except NotFound:
        return "", []
    return f"{card.key} {card.title}", [_as_action(card.key, deed) for deed in deeds_on(visit, card)]


def _ids(visit: Visit) -> list[str]:
    given = [i for i in visit.asked.get("ids", "").split(",") if i][:MOST_TICKED]
    return [i for i in given if as_id(i) is not None] if visit.asked.get("type") else []


def _as_action(key: str, deed: dict[str, Any]) -> dict[str, Any]:
    """A button of the record's page as the palette takes it: sent at once, or a page below the record to open."""
    if "href" in deed:
        return {"label": deed["label"], "href": deed["href"], "key": key, "hint": deed.get("hint", "")}
    fields = [[n, str(v)] for n, v in deed.get("hidden", {}).items()]
    return {"label": deed["label"], "action": deed["action"], "key": key, "fields": fields}
