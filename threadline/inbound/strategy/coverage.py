"""Coverage: what share of planned effort, of money and of open releases traces to each objective, and what to none.

A feature serves an objective that it cites, the objective of a key result that it cites, and whatever the
opportunity it addresses serves, at any height of the tree. One that serves several counts in equal parts for each,
so that the shares add up to the whole. A release serves what its features serve; its own budget counts for those.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

PLANNED = ("planned", "building")
OPEN_RELEASES = ("planned", "building", "ready")


@dataclass(frozen=True, slots=True)
class Served:
    """A planned feature, its effort and budget (0 when nobody has said), and the ids of the objectives it serves."""

    key: str
    title: str
    state: str
    effort: float
    budget: int
    objectives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """What of the plan an objective gets: person-months and money with the share of all, how many of each record."""

    key: str
    title: str
    effort: float
    share: float
    features: int
    releases: int = 0
    money: float = 0.0
    money_share: float = 0.0
    meant: float | None = None

    @property
    def off(self) -> float | None:
        """How far the plan is from the share that is meant, in hundredths; None where nobody said one."""
        return None if self.meant is None else 100 * self.share - self.meant


@dataclass(frozen=True, slots=True)
class Carrier:
    """An open release, its own budget, and the ids of the objectives that its features serve."""

    key: str
    title: str
    state: str
    budget: int
    objectives: frozenset[str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The plan by objective, the most effort first; what traces to none; what has no effort yet."""

    effort: float
    shares: tuple[Share, ...]
    orphans: tuple[Served, ...]
    unestimated: int
    releases: tuple[Carrier, ...] = ()
    money: int = 0

    @property
    def adrift(self) -> list[Carrier]:
        """Open releases that carry nothing for any objective."""
        return [r for r in self.releases if not r.objectives]

    @property
    def traced(self) -> float | None:
        """The share of effort that traces to some objective; None when no effort is planned."""
        lost = sum(o.effort for o in self.orphans)
        return (self.effort - lost) / self.effort if self.effort else None

    @property
    def money_traced(self) -> float | None:
        """The share of money that traces to some objective; None when no money is planned."""
        lost = sum(o.budget for o in self.orphans) + sum(r.budget for r in self.adrift)
        return (self.money - lost) / self.money if self.money else None


def coverage(actor: Actor) -> Coverage:
    """Of all planned and building features within reach. Seven statements."""
    serves = _serving(actor)
    served, releases = _served(actor, serves), _releases(actor, serves)
    spenders: list[Served | Carrier] = [*served, *releases]
    whole, money = sum(s.effort for s in served), sum(s.budget for s in spenders)
    effort: dict[str, float] = defaultdict(float)
    spent: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for one in served:
        for objective in one.objectives:
            effort[objective] += one.effort / len(one.objectives)
            count[objective] += 1
    for spender in spenders:
        for objective in spender.objectives:
            spent[objective] += spender.budget / len(spender.objectives)
    shares = [
        Share(key, title, effort[ident], effort[ident] / whole if whole else 0.0, count[ident],
              sum(ident in r.objectives for r in releases), spent[ident], spent[ident] / money if money else 0.0, meant)
        for ident, key, title, meant in _meant(actor)
    ]  # fmt: skip
    orphans = tuple(sorted((s for s in served if not s.objectives), key=lambda s: (-s.effort, -s.budget)))
    shares.sort(key=lambda s: (-s.effort, -s.money))
    return Coverage(whole, tuple(shares), orphans, sum(not s.effort for s in served), releases, money)


def _meant(actor: Actor) -> list[tuple[str, str, str, float | None]]:
    """The objectives with the share of effort that is meant for each."""
    near, params = reach_sql(actor, "o")
    found = rows.fetch(
        "SELECT o.id, o.number, o.title, o.meant_share FROM inbound_objective o WHERE o.workspace_id = %s"
        f" AND o.archived_at IS NULL AND o.state IN ('draft', 'active') AND {near} ORDER BY o.id",
        [actor.workspace_id, *params],
    )
    return [(rows.hexed(ident) or "", f"O-{number}", title, meant) for ident, number, title, meant in found]


def _serving(actor: Actor) -> dict[str, tuple[str, ...]]:
    """For each feature that cites something: the objectives it stands for."""
    aims = _aims(actor)
    cited: dict[str, list[str]] = defaultdict(list)
    for source, target in _links(actor, "feature", ("objective", "opportunity")):
        cited[source].append(target)
    return {f: tuple(dict.fromkeys(aim for target in targets for aim in aims(target))) for f, targets in cited.items()}


def _served(actor: Actor, serves: dict[str, tuple[str, ...]]) -> list[Served]:
    near, params = reach_sql(actor, "f")
    found = rows.fetch(
        "SELECT f.id, f.number, f.title, f.state, f.effort, f.budget FROM inbound_feature f WHERE f.workspace_id = %s"
        f" AND f.archived_at IS NULL AND f.state IN ({rows.marks(len(PLANNED))}) AND {near} ORDER BY f.number",
        [actor.workspace_id, *PLANNED, *params],
    )
    return [
        Served(f"F-{number}", title, state, effort or 0.0, budget or 0, serves.get(rows.hexed(ident) or "", ()))
        for ident, number, title, state, effort, budget in found
    ]


def _releases(actor: Actor, serves: dict[str, tuple[str, ...]]) -> tuple[Carrier, ...]:
    near, params = reach_sql(actor, "r")
    found = rows.fetch(
        "SELECT r.id, r.number, r.title, r.state, r.budget FROM inbound_release r WHERE r.workspace_id = %s"
        f" AND r.archived_at IS NULL AND r.state IN ({rows.marks(len(OPEN_RELEASES))}) AND {near} ORDER BY r.id",
        [actor.workspace_id, *OPEN_RELEASES, *params],
    )
    carried: dict[str, set[str]] = defaultdict(set)
    for release, feature in _links(actor, "release", ("scope",)) if found else ():
        carried[release].update(serves.get(feature, ()))
    return tuple(
        Carrier(f"R-{number}", title, state, budget or 0, frozenset(carried[rows.hexed(ident) or ""]))
        for ident, number, title, state, budget in found
    )


def _aims(actor: Actor) -> Any:
    """For any objective, key result or opportunity: the objectives it stands for."""
    near, params = reach_sql(actor, "k")
    results = rows.fetch(
        "SELECT k.id, k.objective_id FROM inbound_keyresult k WHERE k.workspace_id = %s AND k.archived_at IS NULL"
        f" AND {near}",
        [actor.workspace_id, *params],
    )
    of_result = {rows.hexed(k) or "": rows.hexed(o) or "" for k, o in results}
    objectives = {ident for ident, *_ in _meant(actor)}
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
