"""Coverage: what share of planned effort traces to each objective, and what traces to none.

A feature serves an objective that it cites, the objective of a key result that it cites, and whatever the
opportunity it addresses serves, at any height of the tree. One that serves several counts in equal parts for each,
so that the shares add up to the whole.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

PLANNED = ("planned", "building")


@dataclass(frozen=True, slots=True)
class Served:
    """A planned feature, its effort (0 when nobody has said), and the ids of the objectives it serves."""

    key: str
    title: str
    state: str
    effort: float
    objectives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """What of the plan an objective gets: person-months, the share of all of them, and how many features."""

    key: str
    title: str
    effort: float
    share: float
    features: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The plan by objective, the most effort first; what traces to none; what has no effort yet."""

    effort: float
    shares: tuple[Share, ...]
    orphans: tuple[Served, ...]
    unestimated: int

    @property
    def traced(self) -> float | None:
        """The share of effort that traces to some objective; None when no effort is planned."""
        lost = sum(o.effort for o in self.orphans)
        return (self.effort - lost) / self.effort if self.effort else None


def coverage(actor: Actor) -> Coverage:
    """Of all planned and building features within reach. Five statements."""
    served = _served(actor)
    whole = sum(s.effort for s in served)
    effort: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for one in served:
        for objective in one.objectives:
            effort[objective] += one.effort / len(one.objectives)
            count[objective] += 1
    shares = [
        Share(key, title, effort[ident], effort[ident] / whole if whole else 0.0, count[ident])
        for ident, key, title in _objectives(actor)
    ]
    orphans = tuple(sorted((s for s in served if not s.objectives), key=lambda s: -s.effort))
    return Coverage(whole, tuple(sorted(shares, key=lambda s: -s.effort)), orphans, sum(not s.effort for s in served))


def _objectives(actor: Actor) -> list[tuple[str, str, str]]:
    near, params = reach_sql(actor, "c")
    found = rows.fetch(
        "SELECT c.id, c.key, c.title FROM kernel_card c WHERE c.workspace_id = %s AND c.kind = 'objective'"
        f" AND c.archived_at IS NULL AND c.state IN ('draft', 'active') AND {near} ORDER BY c.id",
        [actor.workspace_id, *params],
    )
    return [(rows.hexed(ident) or "", key, title) for ident, key, title in found]


def _served(actor: Actor) -> list[Served]:
    near, params = reach_sql(actor, "f")
    found = rows.fetch(
        "SELECT f.id, f.number, f.title, f.state, f.effort FROM inbound_feature f WHERE f.workspace_id = %s"
        f" AND f.archived_at IS NULL AND f.state IN ({rows.marks(len(PLANNED))}) AND {near} ORDER BY f.number",
        [actor.workspace_id, *PLANNED, *params],
    )
    aims = _aims(actor)
    cited: dict[str, list[str]] = defaultdict(list)
    for source, target in _links(actor, "feature", ("objective", "opportunity")):
        cited[source].append(target)
    return [
        Served(f"F-{number}", title, state, effort or 0.0, tuple(dict.fromkeys(
            aim for target in cited[rows.hexed(ident) or ""] for aim in aims(target)
        )))
        for ident, number, title, state, effort in found
    ]  # fmt: skip


def _aims(actor: Actor) -> Any:
    """For any objective, key result or opportunity: the objectives it stands for."""
    near, params = reach_sql(actor, "k")
    results = rows.fetch(
        "SELECT k.id, k.objective_id FROM inbound_keyresult k WHERE k.workspace_id = %s AND k.archived_at IS NULL"
        f" AND {near}",
        [actor.workspace_id, *params],
    )
    of_result = {rows.hexed(k) or "": rows.hexed(o) or "" for k, o in results}
    objectives = {ident for ident, _, _ in _objectives(actor)}
    above: dict[str, list[str]] = defaultdict(list)
    for source, target in _links(actor, "opportunity", ("under", "outcome")):
        above[source].append(target)

    def aims(ident: str, passed: frozenset[str] = frozenset()) -> list[str]:
        if ident in passed:
            return []
        here = of_result.get(ident, ident)
        if here in objectives:
            return [here]
        return [a for up in above.get(ident, ()) for a in aims(up, passed | {ident})]

    return aims


def _links(actor: Actor, kind: str, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    near_s, params_s = reach_sql(actor, "s")
    near_t, params_t = reach_sql(actor, "t")
    found = rows.fetch(
        "SELECT l.source_id, l.target_id FROM kernel_card s CROSS JOIN kernel_link l CROSS JOIN kernel_card t"
        f" WHERE s.workspace_id = %s AND s.kind = '{kind}' AND s.archived_at IS NULL"
        f" AND l.workspace_id = s.workspace_id"
        f" AND l.source_id = s.id AND l.kind IN ({rows.marks(len(kinds))}) AND t.id = l.target_id"
        f" AND t.archived_at IS NULL AND {near_s} AND {near_t} ORDER BY l.id",
        [actor.workspace_id, *kinds, *params_s, *params_t],
    )
    return [(rows.hexed(s) or "", rows.hexed(t) or "") for s, t in found]
