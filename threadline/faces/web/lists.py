"""The list of one record type: filtered, in groups, in the columns of a view."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import board, island, listparts, looks, places, screens, wording
from threadline.faces.web.entrance import page
from threadline.faces.web.rowhtml import rows_html
from threadline.faces.web.table import Table
from threadline.faces.web.visit import Visit
from threadline.house import viewing
from threadline.kernel import listing
from threadline.kernel.plan import names_for
from threadline.kernel.query import Query, QueryError, parse
from threadline.kernel.registry import RecordType
from threadline.kernel.totals import group_totals


@page
def show(visit: Visit, path: str) -> HttpResponse:
    """One page of the list, drawn even when the query cannot be understood."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared)
    visit.facts |= {"kind": declared.kind, "path": declared.path}
    views = viewing.views_of(visit.actor, declared.kind)
    archived = visit.asked.get("archived") == "1"
    known = names_for(visit.actor, declared)
    now = looks.looked_at(visit, declared, views, known)
    if now.layout == "board" and not archived:
        return _board(now, views, known)
    query, names = now.query, now.columns
    tree, found, error = None, listing.Page(), None
    try:
        tree = parse(query)
        found = listparts.read(visit, declared, tree, names, archived=archived)
    except QueryError as refused:
        error = refused
    table = Table(visit, declared, names, now)
    bulk = listparts.bulk(visit, declared, archived) if found.rows else None
    pick = listparts.BULK if bulk else None
    columns, head = listparts.heads(now, table, tree, pick)
    context: dict[str, Any] = {
        **_around(now, views, known, error, archived),
        "columns": columns,
        "head": head,
        "pick": pick,
        "bulk": bulk,
        "pager": listparts.pager(now, tree, found, archived),
        "crumbs": [{"label": "Trash", "href": visit.at("trash")}] if archived else None,
    }
    table.measure(found.rows)
    if found.group:
        context["groups"] = _groups(visit, table, found, tree)
    elif found.rows:
        context["groups"] = [{"rows": [table.row(r) for r in found.rows]}]
    if not found.rows and error is None:
        context["empty"] = listparts.empty(visit, declared, query, archived)
    for group in context.get("groups", ()):
        group["html"] = rows_html(columns, group.pop("rows"), pick)
    if found.rows and not archived:
        context["island"] = island.boot(now, query)
    return _drawn(now, context, error)


def _board(now: looks.Looks, views: list[viewing.Tab], known: dict[str, Any]) -> HttpResponse:
    """The list as a board; a query that cannot be understood is answered as the table answers it."""
    cards, error, grouped = [], None, now.query
    try:
        grouped = board.grouped(now.query, parse(now.query))
        cards = board.columns(now.visit, now.declared, grouped, now.columns)
    except QueryError as refused:
        error = refused
    context = {**_around(now, views, known, error, False), "board": cards}
    if any(column["count"] for column in cards):
        context["island"] = island.boot(now, grouped)
    elif error is None:
        context["empty"] = listparts.empty(now.visit, now.declared, now.query, False)
    return _drawn(now, context, error)


def _around(
    now: looks.Looks, views: list[viewing.Tab], known: dict[str, Any], error: QueryError | None, archived: bool
) -> dict[str, Any]:  # fmt: skip
    """What stands around the rows, whichever way they are drawn."""
    return {
        "label": now.declared.plural,
        "views": listparts.tabs(now, views, known),
        "menus": listparts.menus(now, known, archived),
        "filter": listparts.filter_bar(now, error, known),
        "page_actions": listparts.page_actions(now.visit, now.declared),
        "save_dialog": listparts.save_dialog(now),
        "draft": None if archived else listparts.draft_bar(now),
        "layouts": None if archived else listparts.layouts(now),
    }


def _drawn(now: looks.Looks, context: dict[str, Any], error: QueryError | None) -> HttpResponse:
    declared = now.declared
    screens.complete(now.visit, declared.kind, "list", {}, context)
    names_of_page = [f"{declared.kind}/list.html", "pages/list.html"]
    return now.visit.draw(names_of_page, declared.plural, 422 if error else 200, **context)


def _groups(visit: Visit, table: Table, found: listing.Page, tree: Query | None) -> list[dict[str, Any]]:
    name = found.group
    totals = {
        _group_value(table.declared, name, g.value): g
        for g in group_totals(visit.actor, table.declared, tree or Query(), table.names)
    }
    maker = dict(table.makers).get(name) or Table(visit, table.declared, ["title", name]).makers[1][1]
    groups: list[dict[str, Any]] = []
    for row in found.rows:
        label = _cell_text(maker(row.get(name)))
        if not groups or groups[-1]["title"] != (label or "None"):
            total = totals.get(label)
            groups.append({"title": label or "None", "rows": []})
            if total is not None:
                cells = [_total(visit, table, n, total.sums.get(n)) for n in table.names]
                groups[-1] |= {"count": total.count, "totals": cells}
        groups[-1]["rows"].append(table.row(row))
    return groups


def _total(visit: Visit, table: Table, name: str, value: Any) -> str | None:
    if value is None:
        return None
    return (
        wording.money(value, visit.actor.workspace.currency)
        if table.kind_of(name) == "money"
        else wording.number(value)
    )


def _group_value(declared: RecordType, name: str, value: Any) -> str:
    if name == "state":
        return declared.states[value].label if isinstance(value, int) else ""
    target = declared.by_name.get(name)
    if target is not None and target.kind.name == "choice":
        return str(dict(target.kind.choices).get(value, value) or "")
    return str(value or "")


def _cell_text(cell: Any) -> str:
    if isinstance(cell, dict):
        return str(cell.get("label") or cell.get("text") or cell.get("name") or "")
    return str(cell or "")
