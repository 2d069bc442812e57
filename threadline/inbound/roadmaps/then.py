"""What stood beside a roadmap's items at an instant: the same as :mod:`beside`, out of the log.

Reach is asked of today, as everywhere; what stood, of the day. Names of people and of products are today's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from threadline.inbound.roadmaps import audiences
from threadline.inbound.roadmaps.beside import Aim, Beside, in_order, metric_of, release_of
from threadline.inbound.roadmaps.items import Item, day_of, moment_of
from threadline.inbound.roadmaps.replaying import Links, Step, rewind, rewind_links, steps
from threadline.kernel import feed, rows
from threadline.kernel.access import Actor, reach_sql

CITED = ("objective", "evidence", "depends_on")
_COLUMNS = {name: f"{name}_id" for name in ("feature", "team", "objective", "product")}  # by the name that the log has


def names_of(actor: Actor) -> dict[str, str]:
    """What people and products are called, by the id that the log has of them."""
    found = rows.fetch(
        "SELECT id, name FROM kernel_product WHERE workspace_id = %s"
        " UNION ALL SELECT id, name FROM kernel_member WHERE workspace_id = %s",
        [actor.workspace_id, actor.workspace_id],
    )
    return {rows.hexed(i) or "": name for i, name in found}


def then(actor: Actor, ids: Sequence[UUID], at: datetime, log: list[Step], names: dict[str, str]) -> Beside:
    """As it was; ``log`` is what happened to the items since."""
    if not ids:
        return Beside()
    now = _cited(actor, ids)
    by_kind: dict[str, list[tuple[UUID, UUID]]] = {kind: [] for kind in CITED}
    for source, kind, target in rewind_links(now, log, CITED).values():
        by_kind[kind].append((source, target))
    dropped = {target for _, target in by_kind["evidence"]} - {target for _, _, target in now.values()}
    here = set(ids)
    estimates = _estimates(actor, ids, at)
    teams = _stood(actor, "inbound_deliveryteam", (), {team for _, team in estimates}, at)
    scope, releases = _scope(actor, here, at, names)
    return Beside(
        scope=scope,
        releases=releases,
        needs=[(a, b) for a, b in by_kind["depends_on"] if b in here],
        estimates=estimates,
        teams={ident: row["title"] for ident, row in teams.items()},
        aims=_aims(actor, by_kind["objective"], at),
        evidence=_evidence(actor, by_kind["evidence"], ids, dropped, at),
    )


def _stood(
    actor: Actor,
    table: str,
    columns: Collection[str],
    ids: Collection[UUID],
    at: datetime,
    *,
    log: list[Step] | None = None,
    trashed: bool = False,
) -> dict[UUID, dict[str, Any]]:
    """Records of one type within reach as they stood, by id; ``trashed`` with those in the trash."""
    if not ids:
        return {}
    near, params = reach_sql(actor, "r")
    names = ("id", "title", "version", "confidentiality", "created_at", "archived_at", *columns)
    found = rows.fetch(
        f'SELECT {", ".join(f"r.{_COLUMNS.get(n, n)}" for n in names)} FROM "{table}" r'
        f" WHERE r.id IN ({rows.marks(len(ids))}) AND {near}",
        [*ids, *params],
    )
    there = {rows.ident(r[0]): dict(zip(names, r, strict=True)) for r in found}
    there = {i: row for i, row in there.items() if moment_of(row["created_at"]) <= at}
    stood = rewind(there, steps(actor, list(there), after=at) if log is None else log)
    return there if trashed else stood


def _cited(actor: Actor, ids: Sequence[UUID]) -> Links:
    found = rows.fetch(
        "SELECT id, source_id, kind, target_id FROM kernel_link WHERE workspace_id = %s"
        f" AND kind IN ({rows.marks(len(CITED))}) AND source_id IN ({rows.marks(len(ids))})",
        [actor.workspace_id, *CITED, *ids],
    )
    return {rows.hexed(i) or "": (rows.ident(a), kind, rows.ident(b)) for i, a, kind, b in found}


def _scope(
    actor: Actor, here: set[UUID], at: datetime, names: dict[str, str]
) -> tuple[list[tuple[UUID, UUID]], dict[UUID, Item]]:
    """What was in which release, and those releases. What a release held is in its own log."""
    found = rows.fetch(
        "SELECT id, source_id, kind, target_id FROM kernel_link WHERE workspace_id = %s AND kind = 'scope'"
        f" AND target_id IN ({rows.marks(len(here))})",
        [actor.workspace_id, *here],
    )
    now = {rows.hexed(i) or "": (rows.ident(a), kind, rows.ident(b)) for i, a, kind, b in found}
    every = ("SELECT id FROM inbound_release WHERE workspace_id = %s", [actor.workspace_id])
    log = steps(actor, every, after=at)
    scope = [(item, r) for r, _, item in rewind_links(now, log, ("scope",)).values() if item in here]
    releases = {r for _, r in scope}
    if not releases:
        return [], {}
    columns = ("number", "state", "starts_on", "due_on", "product")
    stood = _stood(actor, "inbound_release", columns, releases, at, log=log)
    for row in stood.values():
        row["product"] = names.get(rows.hexed(row["product"] and rows.ident(row["product"])) or "", "")
    open_to = [r for r in stood.values() if not (audiences.is_outside(actor) and r["confidentiality"])]
    return scope, in_order(release_of(row) for row in open_to)


def _estimates(actor: Actor, ids: Sequence[UUID], at: datetime) -> dict[tuple[UUID, UUID], tuple[float, float, float]]:
    """The newest that stood; also those that were of an item then and are of another now."""
    marks = rows.marks(len(ids))
    found = rows.fetch(
        f"SELECT e.id FROM inbound_estimate e WHERE e.workspace_id = %s AND (e.feature_id IN ({marks}) OR e.id IN ("
        "SELECT ch.card_id FROM kernel_change ch WHERE ch.workspace_id = %s AND ch.id > %s AND ch.kind = 'estimate'))",
        [actor.workspace_id, *ids, actor.workspace_id, feed.first_id(at)],
    )
    columns = ("feature", "team", "low", "likely", "high", "estimated_on")
    there = _stood(actor, "inbound_estimate", columns, [rows.ident(i) for (i,) in found], at)
    here, made = set(ids), {}
    for _, row in sorted(there.items(), key=lambda pair: (str(pair[1]["estimated_on"] or ""), str(pair[0]))):
        feature = rows.ident(row["feature"])
        if feature in here:
            made[feature, rows.ident(row["team"])] = (row["low"], row["likely"], row["high"])
    return made


def _aims(actor: Actor, cited: list[tuple[UUID, UUID]], at: datetime) -> list[Aim]:
    targets = {target for _, target in cited}
    results = _stood(
        actor, "inbound_keyresult", ("metric", "baseline", "target", "unit", "objective"), targets, at, trashed=True
    )
    aims = targets | {rows.ident(r["objective"]) for r in results.values()}
    objectives = _stood(actor, "inbound_objective", (), aims, at, trashed=True)
    made = []
    for item, target in cited:
        if target in objectives:
            made.append(Aim(item, (target,), objectives[target]["title"]))
        elif (row := results.get(target)) is not None:
            of = rows.ident(row["objective"])
            if row["archived_at"] or of not in objectives:
                aim, whose = "", [target]
            else:
                aim, whose = objectives[of]["title"], [target, of]
            number = metric_of(row["metric"], row["baseline"], row["target"], row["unit"] or "")
            made.append(Aim(item, tuple(whose), row["title"], "" if row["archived_at"] else number, aim))
    return made


def _evidence(
    actor: Actor, cited: list[tuple[UUID, UUID]], ids: Sequence[UUID], dropped: set[UUID], at: datetime
) -> dict[UUID, tuple[int, date | None]]:
    """How many notes and insights within reach it rested on, and the day of the last note."""
    if not cited:
        return {}
    near, params = reach_sql(actor, "t")
    # Those cited today by a subquery, since they may be more than a statement has room for.
    of = (
        "SELECT target_id FROM kernel_link WHERE workspace_id = %s AND kind = 'evidence'"
        f" AND source_id IN ({rows.marks(len(ids))})"
    )
    asked = [actor.workspace_id, *ids]
    if dropped:
        of = f"{of} UNION SELECT id FROM kernel_card WHERE id IN ({rows.marks(len(dropped))})"
        asked += dropped
    found = rows.fetch(
        "SELECT t.id, t.archived_at, n.received_on FROM kernel_card t LEFT JOIN inbound_feedback n ON n.id = t.id"
        f" WHERE t.id IN ({of}) AND {near}",
        [*asked, *params],
    )
    there = {rows.ident(i): {"archived_at": gone, "received_on": on} for i, gone, on in found}
    stood = rewind(there, steps(actor, (of, asked), after=at))
    made: dict[UUID, tuple[int, date | None]] = {}
    for item, target in cited:
        if target in stood:
            count, last = made.get(item, (0, None))
            on = day_of(stood[target]["received_on"])
            made[item] = (count + 1, max(filter(None, (last, on)), default=None))
    return made
