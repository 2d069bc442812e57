"""What the islands ask for: all rows of a list, a window of it, an order, and the news since."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from threadline.faces.web import island, places, wire
from threadline.faces.web.entrance import data
from threadline.faces.web.visit import Visit
from threadline.kernel import feed, listing, search, windows
from threadline.kernel.customs import all_fields
from threadline.kernel.errors import Invalid
from threadline.kernel.query import parse
from threadline.kernel.registry import RecordType
from threadline.kernel.totals import group_totals

WHOLE = 20_000  # above this a list is read in windows
CHUNK = 200
MOST_IN_ORDER = 20_000


def _columns(visit: Visit, declared: RecordType) -> list[str]:
    asked = [n for n in visit.asked.get("columns", "").split(",") if n]
    known = island.names_of(visit, declared)
    return list(dict.fromkeys(n for n in asked if n in known))[:60]


def packed(visit: Visit, declared: RecordType, listed: list[dict[str, Any]], names: list[str]) -> dict[str, Any]:
    """Rows for the line, with the mark of numbers that rest on no source."""
    fields = all_fields(visit.actor, declared)
    long = frozenset(n for n in names if n in fields and fields[n].kind.name == "markdown")
    made = wire.columns(listed, names, long)
    if threes := island.sourced(declared, fields):
        made["c"]["unsourced"] = wire.words(_unsourced(listed, threes))
    return made


def read_names(visit: Visit, declared: RecordType, names: list[str]) -> list[str]:
    """The names to read for these columns: with the numbers behind a score, and their sources."""
    threes = island.sourced(declared, all_fields(visit.actor, declared))
    return list(dict.fromkeys([*names, *(part for n in threes for part in (n, f"{n}_source"))]))


def _unsourced(listed: list[dict[str, Any]], threes: list[str]) -> list[str | None]:
    """For each row the numbers that are there and rest on no source, in words."""
    signs = [
        tuple([row.get(n) is not None and not row.get(s) for n, s in [(n, f"{n}_source") for n in threes]])
        for row in listed
    ]
    said = {sign: ", ".join(n for n, bare in zip(threes, sign, strict=True) if bare) or None for sign in set(signs)}
    return [said[sign] for sign in signs]


@data
def rows(visit: Visit, path: str) -> HttpResponse:
    """All rows within reach; or those of ``keys``; or, with ``from``, a window of a query's answer."""
    declared = places.type_at(path)
    names = _columns(visit, declared)
    read = read_names(visit, declared, names)
    newest = feed.newest(visit.actor)
    cursor = str(newest or "")
    if "keys" in visit.asked:
        numbers = _numbers(visit.asked["keys"])
        listed = windows.some(visit.actor, declared, numbers, read)
        return wire.answer(visit.request, {**packed(visit, declared, listed, names), "cursor": cursor})
    if "from" in visit.asked:
        start = _whole(visit.asked["from"])
        tree = parse(visit.asked.get("q", ""))
        listed = windows.window(visit.actor, declared, tree, read, start, CHUNK)
        return wire.answer(visit.request, {**packed(visit, declared, listed, names), "cursor": cursor, "from": start})
    etag = _etag(visit, declared, names, cursor)
    if visit.request.headers.get("if-none-match") == etag:
        return wire.answer(visit.request, None, etag=etag)
    _, counted = listing.count_of(visit.actor, declared, "", cap=WHOLE)
    all_of_them = windows.whole(visit.actor, declared, read, WHOLE) if counted else None
    if all_of_them is None:
        return wire.answer(visit.request, {"too_many": True, "cursor": cursor})
    body = {**packed(visit, declared, all_of_them, names), "cursor": cursor, "etag": etag}
    body["n"] = wire.in_runs(body["n"])
    return wire.answer(visit.request, body, etag=etag)


def _etag(visit: Visit, declared: RecordType, names: list[str], cursor: str) -> str:
    actor = visit.actor
    said = f"{cursor} {actor.member_id} {actor.role} {actor.workspace.fields_version} {declared.kind} {','.join(names)}"
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:24]}"'


@data
def order(visit: Visit, path: str) -> HttpResponse:
    """Numbers of what matches, in order: for queries that only the server can answer."""
    declared = places.type_at(path)
    numbers = windows.order(visit.actor, declared, parse(visit.asked.get("q", "")), MOST_IN_ORDER)
    return wire.answer(visit.request, {"n": numbers})


@data
def shape(visit: Visit, path: str) -> HttpResponse:
    """How long a query's answer is, and its groups: what a list in windows needs to know before its rows."""
    declared = places.type_at(path)
    tree = parse(visit.asked.get("q", ""))
    if not tree.group:
        count, _ = listing.count_of(visit.actor, declared, tree, cap=None)
        return wire.answer(visit.request, {"count": count, "groups": None})
    found = group_totals(visit.actor, declared, tree, _columns(visit, declared))
    groups = [{"value": g.value, "count": g.count, "sums": g.sums} for g in found]
    return wire.answer(visit.request, {"count": sum(g.count for g in found), "groups": groups})


@data
def news(visit: Visit, path: str) -> HttpResponse:
    """Rows that changed since ``after``, as they are now, and numbers that are gone."""
    declared = places.type_at(path)
    names = _columns(visit, declared)
    try:
        after = UUID(visit.asked["after"]) if visit.asked.get("after") else None
    except ValueError:
        raise Invalid(("after", "Expected the cursor of an earlier answer.")) from None
    told = windows.moved(visit.actor, declared, after)
    body: dict[str, Any] = {"cursor": told.cursor, "reset": told.reset, "beside": told.beside}
    if told.numbers:
        listed = windows.some(visit.actor, declared, told.numbers, read_names(visit, declared, names))
        here = {windows.number_of(row) for row in listed}
        body |= packed(visit, declared, listed, names)
        body["by"] = {str(n): who for n, who in told.by.items() if n in here}
    if told.reach:
        body["reach"] = windows.within_reach(visit.actor, declared)
    return wire.answer(visit.request, body)


@data
def seek(visit: Visit) -> HttpResponse:
    """Records of some kinds by the first letters of a title, or by key; for fields that refer to one."""
    kinds = [k for k in visit.asked.get("kinds", "").split(",") if k][:8]
    text = visit.asked.get("q", "").strip()[:100]
    found: list[dict[str, str]] = []
    for kind in kinds:
        declared = places.type_named(kind)
        if text:
            hits = search.find(visit.actor, text, declared.kind, 12)
            found += [{"key": h.key, "title": h.title, "kind": h.kind} for h in hits]
        else:
            page = listing.list_page(visit.actor, declared, "sort:-updated", names=["title"], limit=12)
            found += [{"key": r["key"], "title": r["title"], "kind": declared.kind} for r in page.rows]
    return wire.answer(visit.request, {"found": found[:20]})


@data
def names(visit: Visit) -> HttpResponse:
    """People and products, as lists offer them."""
    return wire.answer(visit.request, {"people": island.people(visit), "products": island.products(visit)})


def _numbers(text: str) -> list[int]:
    parts = text.split(",")[: windows.MOST_ASKED]
    return [int(p) for p in parts if p.isascii() and p.isdecimal() and len(p) < 10]


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Invalid(("from", "Expected a whole number."))
    return int(text)
