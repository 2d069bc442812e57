"""Which features stood on a roadmap at an instant, as they were then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from threadline.inbound.roadmaps import terms
from threadline.inbound.roadmaps.features import MOST, NAMES, SHOWS, asked_of, by_id, item_of, listed
from threadline.inbound.roadmaps.items import Item, moment_of
from threadline.inbound.roadmaps.models import Roadmap
from threadline.inbound.roadmaps.replaying import Step, rewind, steps, steps_since
from threadline.inbound.roadmaps.then import names_of
from threadline.kernel import past, rows
from threadline.kernel.access import Actor
from threadline.kernel.query import Query, QueryError, parse

_INPUTS = ("reach", "impact", "confidence", "effort")  # the database makes the score of these
_COLUMNS = (*NAMES, *_INPUTS)
Rows = dict[UUID, dict[str, Any]]


def on_roadmap(actor: Actor, roadmap: Roadmap, at: datetime) -> tuple[list[Item], bool, list[Step], dict[str, str]]:
    """What was on it; whether there was more than fits; what happened to it since; and what people are called."""
    picked = _picked(actor, roadmap, at)
    try:
        tree = asked_of(_query_then(actor, roadmap, at), picked)
        found, full, holds = _candidates(actor, tree, at)
    except QueryError:  # it asked for a field that is no longer
        tree = asked_of(roadmap.query, picked)
        found, full, holds = _candidates(actor, tree, at)
    found += _anywhere(actor, picked - {r["id"] for r in found})
    there = {UUID(r["id"]): r for r in found if moment_of(r["created_at"]) <= at}
    log = steps(actor, list(there), after=at)
    names = names_of(actor)
    kept = [_settled(row, names) for row in rewind(there, log).values()]
    kept = [r for r in kept if r["id"] in picked or ((tree.terms or tree.words) and all(h(r) for h in holds))]
    if not tree.sort:  # as lists are sorted: the best first, those without a score last
        kept.sort(key=lambda r: (r["score"] is not None, r["score"] or 0, r["id"]), reverse=True)
    items = [item_of(r, r["id"] in picked) for r in kept[:MOST]]
    return items, full or len(kept) > MOST, log, names


def asked_of_today(actor: Actor, roadmap: Roadmap, at: datetime) -> list[str]:
    """What the query of that day asks of that is not kept by day, and so is asked of today."""
    tree = parse(_query_then(actor, roadmap, at))
    names = [t.field for t in tree.terms if t.field not in terms.REPLAYED]
    return list(dict.fromkeys([*names, *(["words"] if tree.words else [])]))


def _query_then(actor: Actor, roadmap: Roadmap, at: datetime) -> str:
    """What the roadmap asked for: its query of that day."""
    row = {"query": roadmap.query, "confidentiality": 0}
    rewind({roadmap.pk: row}, steps(actor, [roadmap.pk], after=at))
    return str(row["query"] or "")


def _picked(actor: Actor, roadmap: Roadmap, at: datetime) -> set[str]:
    links = past.links_as_of(actor, roadmap, at)
    return {rows.hexed(UUID(link["target"])) or "" for link in links if link["kind"] == SHOWS}


def _candidates(actor: Actor, tree: Query, at: datetime) -> tuple[list[dict[str, Any]], bool, list[terms.Holds]]:
    """What the query finds today, and what it may have found then and finds no longer; and what must have held.

    Of what changed since, the oldest value before each change is the one of the day, and says already whether a
    term held; only those for which none failed are read.
    """
    if not (tree.terms or tree.words):
        return [], False, []
    again = [t for t in tree.terms if t.field in terms.REPLAYED]
    rest = replace(tree, terms=tuple(t for t in tree.terms if t not in again))
    found, full = listed(actor, tree, names=_COLUMNS)
    holds = [terms.holding(actor, term, at) for term in again]
    known = {r["id"] for r in found}
    were: Rows = {}
    for step in steps_since(actor, "feature", at):
        if step.fields:
            were.setdefault(step.card, {}).update({n: pair[0] for n, pair in step.fields.items()})
    fit = {rows.hexed(i) or "" for i, row in were.items() if not row.get("archived_at") and all(h(row) for h in holds)}
    return [*found, *_anywhere(actor, fit - known, rest)], full, holds


def _anywhere(actor: Actor, ids: Collection[str], asked: Query | None = None) -> list[dict[str, Any]]:
    """Features by id, also those in the trash since, which say so."""
    found = by_id(actor, ids, asked, names=_COLUMNS)
    gone = by_id(actor, set(ids) - {r["id"] for r in found}, asked, names=_COLUMNS, archived=True)
    return [*found, *({**row, "archived_at": True} for row in gone)]


def _settled(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """With names instead of ids where the log has ids, and with the score that its inputs make."""
    for name in ("owner", "product"):
        if isinstance(row[name], str):
            row[name] = {"id": row[name], "name": names.get(row[name], "")}
    inputs = [row[name] for name in _INPUTS]
    row["score"] = None
    if all(value is not None for value in inputs):
        people, impact, sure, effort = inputs
        row["score"] = people * impact * sure / 100 / effort
    return row
