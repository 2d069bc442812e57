"""What a roadmap says of its items beside their own fields: teams, days, slip, dependencies, aims and evidence."""

from __future__ import annotations

from uuid import UUID

from threadline.inbound.releases import queries as releasing
from threadline.inbound.roadmaps.items import Item, day_of
from threadline.inbound.roadmaps.replaying import changes_of
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.planning import ranges


def estimate(actor: Actor, by_id: dict[UUID, Item]) -> None:
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


def settle_days(item: Item, release: Item | None) -> None:
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


def horizon(item: Item) -> str:
    """As somebody said, else as its state and its days say."""
    if item.state == "shipped":
        return "done"
    if item.horizon:
        return item.horizon
    if item.state == "building":
        return "now"
    return "next" if item.state == "planned" or item.likely_on else "later"


def slips(actor: Actor, by_id: dict[UUID, Item]) -> None:
    """The first day each was likely by, and what was said when it last moved."""
    dated = [i for i, item in by_id.items() if item.likely_on and not item.dated_by]
    for card, diff, why, _, _ in changes_of(actor, dated, oldest_first=True):
        item = by_id[card]
        if diff.get("due_on", (None, None))[1]:
            item.first_on = item.first_on or day_of(diff["due_on"][1])
        if diff.keys() & {"due_on", "late_on", "horizon"} and why:
            item.why = why
    for item in by_id.values():
        if item.first_on and item.likely_on:
            item.slip = (item.likely_on - item.first_on).days


def depend(by_id: dict[UUID, Item], links: list[tuple[UUID, UUID]]) -> None:
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


def outcomes(actor: Actor, by_id: dict[UUID, Item]) -> None:
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


def latest_links(actor: Actor, by_id: dict[UUID, Item], kind: str, *, of_target: bool = False) -> dict[UUID, UUID]:
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


def dependencies(actor: Actor, by_id: dict[UUID, Item]) -> list[tuple[UUID, UUID]]:
    """(item, what it depends on), both on the roadmap."""
    if not by_id:
        return []
    found = rows.fetch(
        "SELECT source_id, target_id FROM kernel_link WHERE workspace_id = %s AND kind = 'depends_on'"
        f" AND source_id IN ({rows.marks(len(by_id))}) ORDER BY id",
        [actor.workspace_id, *by_id],
    )
    return [(rows.ident(a), rows.ident(b)) for a, b in found if rows.ident(b) in by_id]
