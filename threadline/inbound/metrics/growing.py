"""The metric tree, read from the thread: metrics with what drives them, who is to move them, and what moved.

Five statements whatever its size. What may not be seen is not on it, and ends the branch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from threadline.inbound.metrics import linting, moving, queries
from threadline.inbound.metrics.models import Metric
from threadline.inbound.metrics.queries import Value
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql

MOST = 400
MEASURES, MOVES = "measures", "moves"  # how a key result and a feature cite a metric


@dataclass(frozen=True, slots=True)
class Claim:
    """A key result that is measured by a metric, or a feature that claims to move it."""

    kind: str
    key: str
    title: str
    state: str


@dataclass
class Node:
    """One metric on the tree. ``given`` is what it gave to the last change of the one above it."""

    metric: Metric
    values: list[Value] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    given: float | None = None

    def all(self) -> list[Node]:
        """The node and everything under it."""
        return [self, *(n for child in self.children for n in child.all())]

    @property
    def change(self) -> moving.Pair | None:
        """Its last two values."""
        return (self.values[-2].value, self.values[-1].value) if len(self.values) > 1 else None


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees, what is on none, and key results whose number is on none."""

    roots: tuple[Node, ...]
    loose: tuple[Node, ...]
    unmeasured: tuple[Claim, ...]
    in_circle: tuple[Node, ...]


def forest(actor: Actor, today: date) -> Forest:
    """Every metric that is tracked, where it stands."""
    soil = _Soil(actor, today)
    tops = [i for i in soil.metrics if not soil.above[i]]
    grown = [soil.grow(i, frozenset()) for i in tops]
    reached = {n.metric.pk for one in grown for n in one.all()}
    circle = tuple(Node(m, soil.values[i]) for i, m in soil.metrics.items() if i not in reached)
    roots = tuple(g for g in grown if g.children)
    return Forest(roots, tuple(g for g in grown if not g.children), soil.unmeasured(), circle)


def around(actor: Actor, metric: Metric, today: date) -> Node:
    """One metric with what drives it, as its page shows it."""
    soil = _Soil(actor, today)
    soil.metrics.setdefault(metric.pk, metric)
    return soil.grow(metric.pk, frozenset())


class _Soil:
    """What trees grow from, read once."""

    def __init__(self, actor: Actor, today: date) -> None:
        self.actor, self.today = actor, today
        found = reach(actor, Metric).filter(archived_at=None, state="tracked").order_by("number")[:MOST]
        self.metrics = {one.pk: one for one in found}
        self.below: dict[UUID, list[UUID]] = defaultdict(list)
        self.above: dict[UUID, list[UUID]] = defaultdict(list)
        self.claims: dict[UUID, list[Claim]] = defaultdict(list)
        self.values: dict[UUID, list[Value]] = defaultdict(list, queries.series(actor, list(self.metrics)))
        for target, kind, source, card in self._citing():
            if kind == "drives" and source in self.metrics:
                self.below[target].append(source)
                self.above[source].append(target)
            elif kind in (MEASURES, MOVES):
                self.claims[target].append(card)

    def _citing(self) -> list[tuple[UUID, str, UUID, Claim]]:
        ids = list(self.metrics)
        if not ids:
            return []
        near, params = reach_sql(self.actor, "s")
        found = rows.fetch(
            "SELECT l.target_id, l.kind, s.id, s.kind, s.key, s.title, s.state FROM kernel_link l"
            f" CROSS JOIN kernel_card s WHERE l.workspace_id = %s AND l.target_id IN ({rows.marks(len(ids))})"
            f" AND l.kind IN ('drives', 'measures', 'moves') AND s.id = l.source_id AND s.archived_at IS NULL"
            f" AND {near} ORDER BY l.id",
            [self.actor.workspace_id, *ids, *params],
        )
        return [(rows.ident(t), link, rows.ident(s), Claim(*card)) for t, link, s, *card in found]

    def unmeasured(self) -> tuple[Claim, ...]:
        """Key results that go on and cite no metric."""
        near, params = reach_sql(self.actor, "c")
        found = rows.fetch(
            "SELECT c.kind, c.key, c.title, c.state FROM kernel_card c WHERE c.workspace_id = %s"
            " AND c.kind = 'key_result' AND c.archived_at IS NULL AND c.state <> 'done' AND NOT EXISTS (SELECT 1 FROM"
            " kernel_link x WHERE x.workspace_id = c.workspace_id AND x.source_id = c.id AND x.kind = 'measures')"
            f" AND {near} ORDER BY c.id LIMIT 100",
            [self.actor.workspace_id, *params],
        )
        return tuple(Claim(*one) for one in found)

    def grow(self, ident: UUID, above: frozenset[UUID]) -> Node:
        """A metric with all that drives it; one that lies above itself ends there."""
        one = self.metrics[ident]
        below = [self.grow(i, above | {ident}) for i in self.below[ident] if i not in above | {ident}]
        parts = [child.metric for child in below]
        findings = linting.of_metric(
            today=self.today, measured_on=one.measured_on, owner=one.owner_id is not None, formula=one.formula,
            current=one.current, parts=[p.current for p in parts], units=[p.unit for p in parts], drivers=len(below),
            claims=sum(c.kind != "key_result" for c in self.claims[ident]), above=len(self.above[ident]),
        )  # fmt: skip
        node = Node(one, self.values[ident], self.claims[ident], findings, below)
        given = given_by(one.formula, node.change, [child.change for child in below])
        for child, share in zip(below, given or (), strict=False):
            child.given = share
        return node


def given_by(formula: str, whole: moving.Pair | None, parts: Sequence[Any]) -> list[float] | None:
    """What each part gave to the last change, where all were measured twice."""
    known = [p for p in parts if p is not None]
    if whole is None or not known or len(known) != len(parts):
        return None
    return moving.shares(formula, whole, known)
