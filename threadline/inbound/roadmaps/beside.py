"""What stands beside a roadmap's items today: releases, dependencies, estimates, aims and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from threadline.inbound.releases import queries as releasing
from threadline.inbound.roadmaps.items import Item, day_of
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql


@dataclass(frozen=True, slots=True)
class Aim:
    """What an item serves: the title of what it cites; of a key result also its number and its objective."""

    item: UUID
    of: tuple[UUID, ...]  # what it cites, and whose result that is
    title: str
    metric: str = ""
    objective: str = ""


@dataclass(slots=True)
class Beside:
    """Everything that is said of items in other records, whichever day it is of."""

    scope: list[tuple[UUID, UUID]] = field(default_factory=list)  # (item, release), the latest last
    releases: dict[UUID, Item] = field(default_factory=dict)
    needs: list[tuple[UUID, UUID]] = field(default_factory=list)  # (item, what it depends on), both on the roadmap
    # (item, team) to low, likely and high
    estimates: dict[tuple[UUID, UUID], tuple[float, float, float]] = field(default_factory=dict)
    teams: dict[UUID, str] = field(default_factory=dict)
    aims: list[Aim] = field(default_factory=list)  # the first cited first
    evidence: dict[UUID, tuple[int, date | None]] = field(default_factory=dict)  # notes, and the last of them


def today(actor: Actor, ids: Sequence[UUID]) -> Beside:
    """As it is now."""
    if not ids:
        return Beside()
    marks = rows.marks(len(ids))
    scope = _pairs(
        f"SELECT target_id, source_id FROM kernel_link WHERE workspace_id = %s AND kind = 'scope'"
        f" AND target_id IN ({marks}) ORDER BY id",
        [actor.workspace_id, *ids],
    )
    needs = _pairs(
        "SELECT source_id, target_id FROM kernel_link WHERE workspace_id = %s AND kind = 'depends_on'"
        f" AND source_id IN ({marks}) ORDER BY id",
        [actor.workspace_id, *ids],
    )
    estimated = releasing.features_estimated(actor, list(ids))
    estimates = {(UUID(feature), UUID(team)): points for (feature, team), points in estimated.items()}
    here = set(ids)
    return Beside(
        scope=scope,
        releases=_releases(actor, {release for _, release in scope}),
        needs=[(a, b) for a, b in needs if b in here],
        estimates=estimates,
        teams=_titles(actor, {team for _, team in estimates}),
        aims=_aims(actor, ids),
        evidence=_evidence(actor, ids),
    )


def _pairs(sql: str, params: list[Any]) -> list[tuple[UUID, UUID]]:
    return [(rows.ident(a), rows.ident(b)) for a, b in rows.fetch(sql, params)]


def _titles(actor: Actor, ids: set[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    near, params = reach_sql(actor, "c")
    sql = f"SELECT c.id, c.title FROM kernel_card c WHERE c.id IN ({rows.marks(len(ids))}) AND {near}"
    return {rows.ident(i): title for i, title in rows.fetch(sql, [*ids, *params])}


def _releases(actor: Actor, ids: set[UUID]) -> dict[UUID, Item]:
    if not ids:
        return {}
    near, params = reach_sql(actor, "r")
    found = rows.fetch(
        "SELECT r.id, r.number, r.title, r.state, r.version, r.confidentiality, r.starts_on, r.due_on, p.name"
        " FROM inbound_release r LEFT JOIN kernel_product p ON p.id = r.product_id"
        f" WHERE r.id IN ({rows.marks(len(ids))}) AND r.archived_at IS NULL AND {near}",
        [*ids, *params],
    )
    names = ("id", "number", "title", "state", "version", "confidentiality", "starts_on", "due_on", "product")
    return in_order(release_of(dict(zip(names, r, strict=True))) for r in found)


def in_order(found: Iterable[Item]) -> dict[UUID, Item]:
    """Releases that come, by id, the first due first."""
    kept = [r for r in found if r.state != "cancelled"]
    kept.sort(key=lambda r: (r.likely_on is None, r.likely_on or date.min, int(r.key.partition("-")[2])))
    return {UUID(r.id): r for r in kept}


def release_of(row: dict[str, Any]) -> Item:
    """A release as a roadmap has it."""
    return Item(
        id=str(rows.ident(row["id"])), kind="release", key=f"R-{row['number']}", title=row["title"],
        state=row["state"], version=row["version"], confidentiality=row["confidentiality"], picked=True,
        starts_on=day_of(row["starts_on"]), likely_on=day_of(row["due_on"]), product=row["product"] or "",
    )  # fmt: skip


def _aims(actor: Actor, ids: Sequence[UUID]) -> list[Aim]:
    near_card, card = reach_sql(actor, "c")
    near, result = reach_sql(actor, "k")
    near_aim, aim = reach_sql(actor, "o")
    found = rows.fetch(
        "SELECT l.source_id, c.id, o.id, c.title, o.title, k.metric, k.baseline, k.target, k.unit FROM kernel_link l"
        f" JOIN kernel_card c ON c.id = l.target_id AND {near_card}"
        f" LEFT JOIN inbound_keyresult k ON k.id = l.target_id AND k.archived_at IS NULL AND {near}"
        f" LEFT JOIN inbound_objective o ON o.id = k.objective_id AND {near_aim}"
        f" WHERE l.workspace_id = %s AND l.kind = 'objective' AND l.source_id IN ({rows.marks(len(ids))})"
        " ORDER BY l.id",
        [*card, *result, *aim, actor.workspace_id, *ids],
    )
    return [
        Aim(
            rows.ident(item), tuple(rows.ident(i) for i in (cited, of) if i), title,
            metric_of(*number) if number[0] is not None else "", aim or "",
        )
        for item, cited, of, title, aim, *number in found
    ]  # fmt: skip


def metric_of(metric: str, baseline: float | None, target: float | None, unit: str) -> str:
    """A number that is to move, and from where to where."""
    if baseline is None or target is None:
        return metric
    return f"{metric}: {baseline:g} to {target:g} {unit}".strip()


def _evidence(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, tuple[int, date | None]]:
    near, params = reach_sql(actor, "t")
    found = rows.fetch(
        "SELECT l.source_id, COUNT(*), MAX(n.received_on) FROM kernel_link l"
        f" JOIN kernel_card t ON t.id = l.target_id AND t.archived_at IS NULL AND {near}"
        " LEFT JOIN inbound_feedback n ON n.id = t.id"
        f" WHERE l.workspace_id = %s AND l.kind = 'evidence' AND l.source_id IN ({rows.marks(len(ids))})"
        " GROUP BY l.source_id",
        [*params, actor.workspace_id, *ids],
    )
    return {rows.ident(source): (count, day_of(last)) for source, count, last in found}
