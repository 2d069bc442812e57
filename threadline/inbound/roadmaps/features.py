"""Which features stand on a roadmap today, and a feature as a roadmap has it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from threadline.inbound.roadmaps.items import Item, day_of
from threadline.inbound.roadmaps.models import Roadmap
from threadline.kernel import listing, rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.query import Query, Term, parse
from threadline.kernel.registry import type_of

MOST = 500
USUAL = "state:planned,building"
SHOWS = "shows"  # the kind of link from a roadmap to what was picked for it
NAMES = ("title", "state", "owner", "product", "confidentiality", "score", "horizon", "starts_on", "due_on", "late_on",
         "created_at")  # fmt: skip


def on_roadmap(actor: Actor, roadmap: Roadmap) -> tuple[list[Item], bool]:
    """What its query finds and what was picked for it; and whether there were more than fit."""
    picked = _picked(actor, roadmap)
    tree = asked_of(roadmap.query, picked)
    found, full = listed(actor, tree) if tree.terms or tree.words else ([], False)
    known = {r["id"] for r in found}
    found += by_id(actor, picked - known)
    return [item_of(r, r["id"] in picked) for r in found[:MOST]], full


def asked_of(query: str, picked: Collection[str]) -> Query:
    """A roadmap's query; without one, what is planned and being built, or nothing beside what was picked."""
    return replace(parse(query or ("" if picked else USUAL)), group="")


def listed(
    actor: Actor, query: Query, *, names: tuple[str, ...] = NAMES, archived: bool = False
) -> tuple[list[dict[str, Any]], bool]:
    """Features that a query finds, up to as many as a roadmap holds; and whether there were more."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < MOST:
        page = listing.list_page(
            actor, type_of("feature"), query, names=names, limit=min(listing.MOST_ROWS, MOST - len(found)),
            cursor=cursor, archived=archived,
        )  # fmt: skip
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return found, False
    return found, True


def by_id(
    actor: Actor, ids: Collection[str], asked: Query | None = None, *, names: tuple[str, ...] = NAMES,
    archived: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    """Features by the ids that lists give, those that a query finds."""
    if not ids:
        return []
    marks = rows.marks(len(ids))
    near, params = reach_sql(actor, "c")
    sql = f"SELECT c.key FROM kernel_card c WHERE c.kind = 'feature' AND c.id IN ({marks}) AND {near}"
    keys = tuple(k for (k,) in rows.fetch(sql, [*map(rows.ident, ids), *params]))
    if not keys:
        return []
    asked = asked or Query()
    return listed(
        actor, replace(asked, terms=(*asked.terms, Term("key", ":", keys, False, 0))), names=names, archived=archived
    )[0]


def _picked(actor: Actor, roadmap: Roadmap) -> set[str]:
    """Ids, as lists give them, of what was picked."""
    found = rows.fetch(
        "SELECT target_id FROM kernel_link WHERE workspace_id = %s AND source_id = %s AND kind = %s",
        [actor.workspace_id, roadmap.pk, SHOWS],
    )
    return {rows.hexed(t) or "" for (t,) in found}


def item_of(row: dict[str, Any], picked: bool) -> Item:
    """A feature's row as a roadmap has it."""
    return Item(
        id=str(UUID(row["id"])), kind="feature", key=row["key"], title=row["title"], state=row["state"],
        version=row["version"], confidentiality=int(row["confidentiality"]), picked=picked,
        owner=_named(row["owner"]), product=_named(row["product"]), score=row["score"], horizon=row["horizon"] or "",
        starts_on=day_of(row["starts_on"]), likely_on=day_of(row["due_on"]), sure_on=day_of(row["late_on"]),
        sure_said=bool(row["late_on"]),
    )  # fmt: skip


def _named(value: Any) -> str:
    return value["name"] if isinstance(value, dict) else ""
