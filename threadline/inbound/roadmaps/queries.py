"""Questions about roadmaps: what is on one, on any day, and what moved between two days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from threadline.inbound.releases import queries as releasing
from threadline.inbound.roadmaps import audiences
from threadline.inbound.roadmaps.models import Roadmap
from threadline.kernel import listing, past, rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.query import Query, Term, parse
from threadline.kernel.registry import type_of
from threadline.planning import ranges

MOST = 500
USUAL = "state:planned,building"
SHOWS = "shows"  # the kind of link from a roadmap to what was picked for it
MOVING = ("state", "horizon", "starts_on", "due_on", "late_on")
_NAMES = ("title", "state", "owner", "product", "confidentiality", "score", "objective", "release", "horizon",
          "starts_on", "due_on", "late_on", "created_at")  # fmt: skip


@dataclass(slots=True)
class Item:
    """One thing on a roadmap, with everything that any audience may read of it."""

    id: str
    kind: str
    key: str
    title: str
    state: str
    version: int
    confidentiality: int
    picked: bool
    owner: str = ""
    product: str = ""
    objective: str = ""
    metric: str = ""
    release: str = ""
    teams: list[str] = field(default_factory=list)
    score: float | None = None
    effort: float | None = None
    horizon: str = ""
    starts_on: date | None = None
    likely_on: date | None = None
    sure_on: date | None = None
    sure_said: bool = False  # somebody said by when it is sure
    dated_by: str = ""  # release, when the days are its release's; blank for its own
    first_on: date | None = None  # the first day it was likely by
    slip: int = 0  # days since then
    why: str = ""  # what was said when it last moved
    evidence: int = 0
    asked_last_on: date | None = None
    critical: bool = False
    needs: list[str] = field(default_factory=list)  # keys
    clashes: list[str] = field(default_factory=list)  # keys of what it needs and what ends too late
    lacks_metric: bool = False
    stretch: float | None = None  # sure over likely, as the estimates spread; nobody reads it


@dataclass(slots=True)
class Shown:
    """A roadmap as one audience reads it: plain values only."""

    title: str
    audience: str
    on: date
    items: list[dict[str, Any]]
    releases: list[dict[str, Any]]
    full: bool  # more would be on it than it holds


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
    scope = _links(actor, by_id, "scope", of_target=True)
    releases = _releases(actor, set(scope.values()), at)
    links = _all_links(actor, by_id)
    _estimate(actor, by_id)
    for ident, item in by_id.items():
        release = releases.get(scope.get(ident))  # type: ignore[arg-type]
        _date(item, release)
        item.horizon = _horizon(item)
    _slips(actor, by_id)
    _depend(by_id, links)
    _outcomes(actor, by_id)
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
        found = [r for r in _at(actor, found, at) if r["id"] in picked or all(_holds(t, r) for t in moving)]
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


def _at(actor: Actor, found: list[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """Rows as they stood at an instant, in what moves; without those that were not there."""
    there = {r["id"]: dict(r) for r in found if _moment(r["created_at"]) <= at}
    gone: set[str] = set()
    for card, diff, _, _, _ in _changes(actor, [UUID(i) for i in there], after=at):
        row = there[rows.hexed(card) or ""]
        row |= {name: diff[name][0] for name in MOVING if name in diff}
        if "archived_at" in diff:
            gone = gone | {row["id"]} if diff["archived_at"][0] else gone - {row["id"]}
    return [r for i, r in there.items() if i not in gone]


def _changes(
    actor: Actor, ids: list[UUID], *, after: datetime | None = None, oldest_first: bool = False
) -> Iterable[tuple[UUID, dict[str, Any], str, str, datetime]]:
    """(card, diff, why, who, at) of what happened to these since, newest first; the making itself left out."""
    if not ids:
        return
    since, params = ("", []) if after is None else (" AND ch.at > %s", [rows.stamp(after)])
    found = rows.fetch(
        "SELECT ch.card_id, ch.diff, ch.why, ch.actor_name, ch.at, ch.version FROM kernel_change ch"
        f" WHERE ch.workspace_id = %s AND ch.card_id IN ({rows.marks(len(ids))}){since}"
        f" ORDER BY ch.id {'ASC' if oldest_first else 'DESC'}",
        [actor.workspace_id, *ids, *params],
    )
    for card, diff, why, who, when, version in found:
        if version > 1 or oldest_first:
            told = orjson.loads(diff) if isinstance(diff, str | bytes) else diff
            yield rows.ident(card), told, why, who, _moment(when)


def _holds(term: Term, row: dict[str, Any]) -> bool:
    """Whether a term holds of a row as it stood. A comparison of days takes them as written."""
    value = row[term.field]
    text = "" if value is None else str(value)
    if term.op == ":":
        fits = any(_is(text, v) for v in term.values)
    else:
        sought = term.values[0]
        fits = (
            bool(text) and {">": text > sought, "<": text < sought, ">=": text >= sought, "<=": text <= sought}[term.op]
        )
    return fits != term.denied


def _is(text: str, sought: str) -> bool:
    return {"none": not text, "any": bool(text)}.get(sought.lower(), text == sought.lower())


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


def day_of(value: Any) -> date | None:
    """A day as databases and logs give it."""
    if value is None or value == "":
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _moment(value: Any) -> datetime:
    made = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _links(actor: Actor, by_id: dict[UUID, Item], kind: str, *, of_target: bool = False) -> dict[UUID, UUID]:
    """Item to the other end of its latest link of a kind."""
    if not by_id:
        return {}
    mine, other = ("target_id", "source_id") if of_target else ("source_id", "target_id")
    found = rows.fetch(
        f"SELECT {mine}, {other} FROM kernel_link WHERE workspace_id = %s AND kind = %s"
        f" AND {mine} IN ({rows.marks(len(by_id))}) ORDER BY id",
        [actor.workspace_id, kind, *by_id],
    )
    return {rows.ident(a): rows.ident(b) for a, b in found}


def _all_links(actor: Actor, by_id: dict[UUID, Item]) -> list[tuple[UUID, UUID]]:
    """(item, what it depends on), both on the roadmap."""
    if not by_id:
        return []
    found = rows.fetch(
        "SELECT source_id, target_id FROM kernel_link WHERE workspace_id = %s AND kind = 'depends_on'"
        f" AND source_id IN ({rows.marks(len(by_id))}) ORDER BY id",
        [actor.workspace_id, *by_id],
    )
    return [(rows.ident(a), rows.ident(b)) for a, b in found if rows.ident(b) in by_id]


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
        for card, diff, _, _, _ in _changes(actor, list(made), after=at):
            item = made[card]
            item.state = diff["state"][0] if "state" in diff else item.state
            item.starts_on = day_of(diff["starts_on"][0]) if "starts_on" in diff else item.starts_on
            item.likely_on = day_of(diff["due_on"][0]) if "due_on" in diff else item.likely_on
    return made


def _estimate(actor: Actor, by_id: dict[UUID, Item]) -> None:
    """Teams, effort, and how far the estimates spread."""
    of: dict[str, list[tuple[str, tuple[float, float, float]]]] = {}
    for (feature, team), points in releasing.features_estimated(actor, list(by_id)).items():
        of.setdefault(feature, []).append((team, points))
    named = _titles(actor, {UUID(t) for mine in of.values() for t, _ in mine})
    for ident, mine in of.items():
        item = by_id[UUID(ident)]
        item.teams = sorted(named[UUID(t)] for t, _ in mine if UUID(t) in named)
        item.effort = round(sum((low + 4 * likely + high) / 6 for _, (low, likely, high) in mine), 1)
        item.stretch = ranges.stretch(points for _, points in mine)


def _titles(actor: Actor, ids: set[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    near, params = reach_sql(actor, "c")
    sql = f"SELECT c.id, c.title FROM kernel_card c WHERE c.id IN ({rows.marks(len(ids))}) AND {near}"
    return {rows.ident(i): title for i, title in rows.fetch(sql, [*ids, *params])}


def _date(item: Item, release: Item | None) -> None:
    """Its own days, else its release's; where nobody said by when it is sure, its estimates do."""
    if item.horizon == "later":
        return
    if item.likely_on is None and release is not None and release.likely_on is not None:
        item.starts_on, item.likely_on = item.starts_on or release.starts_on, release.likely_on
        item.dated_by = "release"
    if item.likely_on is not None and item.starts_on is not None and item.starts_on > item.likely_on:
        item.starts_on = None  # its own start lies behind its release's day
    if item.sure_on is None and item.starts_on and item.likely_on and item.stretch:
        item.sure_on = ranges.sure_by(item.starts_on, item.likely_on, item.stretch)


def _horizon(item: Item) -> str:
    """As somebody said, else as its state and its days say."""
    if item.state == "shipped":
        return "done"
    if item.horizon:
        return item.horizon
    if item.state == "building":
        return "now"
    return "next" if item.state == "planned" or item.likely_on else "later"


def _slips(actor: Actor, by_id: dict[UUID, Item]) -> None:
    """The first day each was likely by, and what was said when it last moved."""
    dated = [i for i, item in by_id.items() if item.likely_on and not item.dated_by]
    for card, diff, why, _, _ in _changes(actor, dated, oldest_first=True):
        item = by_id[card]
        if diff.get("due_on", (None, None))[1]:
            item.first_on = item.first_on or day_of(diff["due_on"][1])
        if diff.keys() & {"due_on", "late_on", "horizon"} and why:
            item.why = why
    for item in by_id.values():
        if item.first_on and item.likely_on:
            item.slip = (item.likely_on - item.first_on).days


def _depend(by_id: dict[UUID, Item], links: list[tuple[UUID, UUID]]) -> None:
    """What each needs, what of that ends too late for it, and the chain that decides the end."""
    for ident, needed in links:
        item, before = by_id[ident], by_id[needed]
        item.needs.append(before.key)
        if item.starts_on and before.likely_on and before.state != "shipped" and before.likely_on >= item.starts_on:
            item.clashes.append(before.key)
    days = {
        i: (item.likely_on - item.starts_on).days + 1
        for i, item in by_id.items()
        if item.starts_on and item.likely_on and item.state != "shipped"
    }
    for ident in ranges.critical(days, links):
        by_id[ident].critical = True


def _outcomes(actor: Actor, by_id: dict[UUID, Item]) -> None:
    """The number each should move, and how many customers' words it rests on, the last of them when."""
    if not by_id:
        return
    marks = rows.marks(len(by_id))
    near, params = reach_sql(actor, "k")
    near_aim, params_aim = reach_sql(actor, "o")
    found = rows.fetch(
        "SELECT l.source_id, k.metric, k.baseline, k.target, k.unit, o.title FROM kernel_link l"
        f" JOIN inbound_keyresult k ON k.id = l.target_id AND k.archived_at IS NULL AND {near}"
        f" LEFT JOIN inbound_objective o ON o.id = k.objective_id AND {near_aim}"
        f" WHERE l.workspace_id = %s AND l.kind = 'objective' AND l.source_id IN ({marks}) ORDER BY l.id DESC",
        [*params, *params_aim, actor.workspace_id, *by_id],
    )
    for source, metric, baseline, target, unit, aim in found:
        item = by_id[rows.ident(source)]
        item.metric = _metric(metric, baseline, target, unit)
        item.objective = aim or item.objective
    near, params = reach_sql(actor, "t")
    found = rows.fetch(
        "SELECT l.source_id, COUNT(*), MAX(n.received_on) FROM kernel_link l"
        f" JOIN kernel_card t ON t.id = l.target_id AND t.archived_at IS NULL AND {near}"
        " LEFT JOIN inbound_feedback n ON n.id = t.id"
        f" WHERE l.workspace_id = %s AND l.kind = 'evidence' AND l.source_id IN ({marks}) GROUP BY l.source_id",
        [*params, actor.workspace_id, *by_id],
    )
    for source, count, last in found:
        by_id[rows.ident(source)].evidence, by_id[rows.ident(source)].asked_last_on = count, day_of(last)
    for item in by_id.values():
        item.lacks_metric = not item.metric and item.state != "shipped"


def _metric(metric: str, baseline: float | None, target: float | None, unit: str) -> str:
    if baseline is None or target is None:
        return metric
    return f"{metric}: {baseline:g} to {target:g} {unit}".strip()


# ---- two days beside each other -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one item between two days; ``reasons`` hold who said why, and when."""

    what: str  # added, dropped, moved
    key: str
    title: str
    was: dict[str, Any]
    now: dict[str, Any]
    reasons: list[dict[str, Any]]


_COMPARED = ("stage", "horizon", "starts_on", "likely_on", "sure_on", "period")


def compared(actor: Actor, roadmap: Roadmap, first: date, second: date, *, audience: str = "") -> list[Move]:
    """What was added, dropped and moved between two days, in the fields that the audience reads.

    Reasons are for those who read reasons: where ``why`` is not a field of the audience, none is given.
    """
    audience = audience or roadmap.audience
    was, now = (_by_title(actor, roadmap, audience, day) for day in (first, second))
    ids = {UUID(i.id) for i, _ in (*was.values(), *now.values())}
    told = _reasons(actor, ids, first, second) if "why" in audiences.FIELDS[audience] else {}
    keyed = "key" in audiences.FIELDS[audience]
    moves = []
    for ident in dict.fromkeys([*was, *now]):
        before, after = was.get(ident), now.get(ident)
        item, _ = after or before  # type: ignore[misc]
        old, new = ({n: pair[1].get(n) for n in _COMPARED if n in pair[1]} if pair else {} for pair in (before, after))
        if old != new:
            what = "added" if before is None else "dropped" if after is None else "moved"
            key = item.key if keyed else ""
            moves.append(Move(what, key, item.title, old, new, told.get(UUID(ident), [])))
    return sorted(moves, key=lambda m: (("dropped", "moved", "added").index(m.what), m.title))


def _by_title(actor: Actor, roadmap: Roadmap, audience: str, day: date) -> dict[str, tuple[Item, dict[str, Any]]]:
    items, _ = items_of(audiences.eyes(actor, audience), roadmap, on=day)
    return {i.id: (i, audiences.shown(i, audience)) for i in items if audiences.may_appear(i, audience)}


def _reasons(actor: Actor, ids: set[UUID], first: date, second: date) -> dict[UUID, list[dict[str, Any]]]:
    """What was said when these changed between the end of two days, the newest first."""
    since, until = (datetime.combine(d, time.max, UTC) for d in (first, second))
    told: dict[UUID, list[dict[str, Any]]] = {}
    for card, diff, why, who, at in _changes(actor, list(ids), after=since):
        if at <= until and (diff.keys() & {*MOVING, "archived_at"}):
            told.setdefault(card, []).append({"who": who, "at": at, "why": why})
    return told


def days_of_change(actor: Actor, roadmap: Roadmap) -> date:
    """The day to compare with at first: a month ago, or when the roadmap was made if that is later."""
    month = rows.now().date() - timedelta(days=30)
    return max(month, _moment(roadmap.created_at).date())


def moves(actor: Actor, roadmap: Roadmap) -> list[Move]:
    """What was added, dropped and moved in the last month, or since the roadmap was made."""
    return compared(actor, roadmap, days_of_change(actor, roadmap), rows.now().date())
