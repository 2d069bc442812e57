"""Questions about roadmaps: what is on one, today and on any day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from threadline.inbound.roadmaps import audiences, filling
from threadline.inbound.roadmaps.items import Item, Shown, day_of
from threadline.inbound.roadmaps.models import Roadmap
from threadline.inbound.roadmaps.replaying import MOVING, at_instant, changes_of, holds
from threadline.kernel import listing, past, rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.query import Query, Term, parse
from threadline.kernel.registry import type_of

MOST = 500
USUAL = "state:planned,building"
SHOWS = "shows"  # the kind of link from a roadmap to what was picked for it
_NAMES = ("title", "state", "owner", "product", "confidentiality", "score", "objective", "release", "horizon",
          "starts_on", "due_on", "late_on", "created_at")  # fmt: skip


def shown(actor: Actor, roadmap: Roadmap, *, audience: str = "", on: date | None = None) -> Shown:
    """What an audience reads of a roadmap, today or on a day. The actor's reach is the most it can be."""
    audience = audience or roadmap.audience
    items, full = items_of(audiences.eyes(actor, audience), roadmap, on=on)
    fit = [i for i in items if audiences.may_appear(i, audience)]
    features = [audiences.shown(i, audience) for i in fit if i.kind == "feature"]
    releases = [audiences.shown(i, audience) for i in fit if i.kind == "release"]
    return Shown(roadmap.title, audience, on or rows.now().date(), features, releases, full)


def items_of(actor: Actor, roadmap: Roadmap, *, on: date | None = None) -> tuple[list[Item], bool]:
    """Features and their releases, all fields; and whether there were more than fit."""
    at = datetime.combine(on, time.max, UTC) if on is not None and on < rows.now().date() else None
    found, full = _features(actor, roadmap, at)
    by_id = {UUID(i.id): i for i in found}
    scope = filling.latest_links(actor, by_id, "scope", of_target=True)
    releases = _releases(actor, set(scope.values()), at)
    links = filling.dependencies(actor, by_id)
    filling.estimate(actor, by_id)
    for ident, item in by_id.items():
        release = releases.get(scope.get(ident))  # type: ignore[arg-type]
        filling.settle_days(item, release)
        item.horizon = filling.horizon(item)
    filling.slips(actor, by_id)
    filling.depend(by_id, links)
    filling.outcomes(actor, by_id)
    return [*found, *releases.values()], full


def _features(actor: Actor, roadmap: Roadmap, at: datetime | None) -> tuple[list[Item], bool]:
    picked = _picked(actor, roadmap, at)
    tree = parse(roadmap.query or ("" if picked else USUAL))
    moving = tuple(t for t in tree.terms if t.field in MOVING) if at else ()
    asked = replace(tree, terms=tuple(t for t in tree.terms if t not in moving), group="")
    if not (tree.terms or tree.words):
        found, full = list[dict[str, Any]](), False
    else:
        found, full = _listed(actor, asked)
        if at is not None:  # what went to the trash since was there
            found += _listed(actor, asked, archived=True)[0]
    known = {r["id"] for r in found}
    more = [p for p in picked if p not in known]
    if more:
        found += [r for r in _by_id(actor, more, archived=at is not None) if r["id"] not in known]
    if at is not None:
        found = [r for r in at_instant(actor, found, at) if r["id"] in picked or all(holds(t, r) for t in moving)]
    return [_item(r, r["id"] in picked) for r in found[:MOST]], full


def _listed(actor: Actor, query: Query, *, archived: bool = False) -> tuple[list[dict[str, Any]], bool]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < MOST:
        page = listing.list_page(
            actor, type_of("feature"), query, names=_NAMES, limit=min(listing.MOST_ROWS, MOST - len(found)),
            cursor=cursor, archived=archived,
        )  # fmt: skip
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return found, False
    return found, True


def _by_id(actor: Actor, ids: list[str], *, archived: bool) -> list[dict[str, Any]]:
    marks = rows.marks(len(ids))
    near, params = reach_sql(actor, "c")
    sql = f"SELECT c.key FROM kernel_card c WHERE c.kind = 'feature' AND c.id IN ({marks}) AND {near}"
    keys = tuple(k for (k,) in rows.fetch(sql, [*map(rows.ident, ids), *params]))
    if not keys:
        return []
    asked = Query(terms=(Term("key", ":", keys, False, 0),))
    return [*_listed(actor, asked)[0], *(_listed(actor, asked, archived=True)[0] if archived else ())]


def _picked(actor: Actor, roadmap: Roadmap, at: datetime | None) -> set[str]:
    """Ids, as lists give them, of what was picked."""
    if at is not None:
        links = past.links_as_of(actor, roadmap, at)
        return {rows.hexed(UUID(link["target"])) or "" for link in links if link["kind"] == SHOWS}
    found = rows.fetch(
        "SELECT target_id FROM kernel_link WHERE workspace_id = %s AND source_id = %s AND kind = %s",
        [actor.workspace_id, roadmap.pk, SHOWS],
    )
    return {rows.hexed(t) or "" for (t,) in found}


def _item(row: dict[str, Any], picked: bool) -> Item:
    return Item(
        id=str(UUID(row["id"])), kind="feature", key=row["key"], title=row["title"], state=row["state"],
        version=row["version"], confidentiality=int(row["confidentiality"]), picked=picked,
        owner=_named(row["owner"]), product=_named(row["product"]), objective=_title(row["objective"]),
        release=row["release"] or "", score=row["score"], horizon=row["horizon"] or "",
        starts_on=day_of(row["starts_on"]), likely_on=day_of(row["due_on"]), sure_on=day_of(row["late_on"]),
        sure_said=bool(row["late_on"]),
    )  # fmt: skip


def _named(value: Any) -> str:
    return value["name"] if isinstance(value, dict) else ""


def _title(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("title") or "")
    return str(value or "")


def _releases(actor: Actor, ids: set[UUID], at: datetime | None) -> dict[UUID, Item]:
    if not ids:
        return {}
    near, params = reach_sql(actor, "r")
    found = rows.fetch(
        "SELECT r.id, r.number, r.title, r.state, r.version, r.confidentiality, r.starts_on, r.due_on, p.name"
        " FROM inbound_release r LEFT JOIN kernel_product p ON p.id = r.product_id"
        f" WHERE r.id IN ({rows.marks(len(ids))}) AND r.archived_at IS NULL AND {near} ORDER BY r.due_on, r.number",
        [*ids, *params],
    )
    made = {
        rows.ident(r[0]): Item(
            id=str(rows.ident(r[0])), kind="release", key=f"R-{r[1]}", title=r[2], state=r[3], version=r[4],
            confidentiality=r[5], picked=True, starts_on=day_of(r[6]), likely_on=day_of(r[7]), product=r[8] or "",
        )
        for r in found if r[3] != "cancelled"
    }  # fmt: skip
    if at is not None:
        for card, diff, _, _, _ in changes_of(actor, list(made), after=at):
            item = made[card]
            item.state = diff["state"][0] if "state" in diff else item.state
            item.title = diff["title"][0] if "title" in diff else item.title
            item.starts_on = day_of(diff["starts_on"][0]) if "starts_on" in diff else item.starts_on
            item.likely_on = day_of(diff["due_on"][0]) if "due_on" in diff else item.likely_on
    return made
