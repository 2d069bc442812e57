"""The opportunity tree, read from the thread: outcome, opportunities, solutions, assumptions, tests.

Six statements whatever its size. What may not be seen is not on it, and ends the branch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from threadline.inbound import bets
from threadline.inbound.strategy import linting
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

MOST = 600  # opportunities read for trees
PLANNED = ("candidate", "planned", "building")  # solutions that should address something
EVIDENCE = "evidence"


@dataclass
class Node:
    """One record on a tree."""

    id: str
    kind: str
    key: str
    title: str
    state: str
    shaky: bool = False
    findings: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    def all(self) -> list[Node]:
        """The node and everything under it."""
        return [self, *(n for child in self.children for n in child.all())]


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree for an outcome, the other outcomes there are, and what is on no tree."""

    outcome: Node | None
    outcomes: tuple[Node, ...]
    loose: tuple[Node, ...]
    unplaced: tuple[Node, ...]


def tree(actor: Actor, of: str = "") -> Tree:
    """The tree of the outcome with this key; of the first outcome that has one when none is named."""
    soil = _Soil(actor)
    outcome = soil.outcome(of)
    if outcome is not None:
        soil.outcomes.setdefault(outcome.id, outcome)
        outcome.children = soil.under(soil.served_by[outcome.id], set())
    loose = soil.under([i for i in soil.opportunities if i not in soil.placed], set())
    return Tree(outcome, tuple(soil.outcomes.values()), tuple(loose), tuple(soil.without_opportunity()))


class _Soil:
    """What trees grow from: cards and links, read once."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.opportunities = self._cards("c.kind = 'opportunity'", [], MOST)
        ids = list(self.opportunities)
        self.outcomes: dict[str, Node] = {}
        self.served_by: dict[str, list[str]] = defaultdict(list)  # outcome to opportunities
        self.below: dict[str, list[str]] = defaultdict(list)
        self.count: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.assumed: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        self.assumptions: dict[str, Node] = {}
        for source, kind, target, shaky in self._cited(ids):
            self._take(source, kind, target, shaky)
        self.placed = {i for found in (*self.served_by.values(), *self.below.values()) for i in found}
        self.solving: dict[str, list[str]] = defaultdict(list)
        self.features = self._solutions(ids)
        for source, _, target, shaky in self._cited(list(self.features), (bets.ASSUMES,)):
            self._take(source, bets.ASSUMES, target, shaky)
        self.tests: dict[str, list[Node]] = defaultdict(list)
        self._read_tests()

    def outcome(self, key: str) -> Node | None:
        """The outcome asked for, even one that has nothing under it; else the first of those that have."""
        known = next((n for n in self.outcomes.values() if n.key == key.upper()), None)
        if known is None and key:
            found = self._cards("c.kind IN ('key_result', 'objective') AND c.key = %s", [key.upper()], 1)
            known = next(iter(found.values()), None)
        return known or next(iter(self.outcomes.values()), None)

    def under(self, ids: Sequence[str], above: set[str]) -> list[Node]:
        """Opportunities with all that hangs under them; one that lies above itself ends there."""
        grown = []
        for ident in ids:
            if ident in above:
                continue
            node, below = self.opportunities[ident], self.under(self.below[ident], above | {ident})
            solutions = [self._solution(i) for i in self.solving[ident]]
            believed = self._beliefs(ident)
            count = self.count[ident]
            found = linting.of_opportunity(
                node.title, evidence=count[EVIDENCE], solutions=len(solutions), outcomes=count["outcome"],
                parents=count["under"],
            )  # fmt: skip
            shaky = any(s for _, s in self.assumed[ident])
            grown.append(_copy(node, shaky, found, [*below, *solutions, *believed]))
        return grown

    def without_opportunity(self) -> list[Node]:
        """Candidate and planned features that address no opportunity, the newest first."""
        states = ", ".join(f"'{s}'" for s in PLANNED)
        none = (
            f"c.kind = 'feature' AND c.state IN ({states}) AND NOT EXISTS (SELECT 1 FROM kernel_link x WHERE"
            " x.workspace_id = c.workspace_id AND x.source_id = c.id AND x.kind = 'opportunity')"
        )
        return list(self._cards(none, [], 40, newest=True).values())

    def _solution(self, ident: str) -> Node:
        known = self.assumed[ident]
        tested = sum(any(t.state != "draft" for t in self.tests[i]) for i, _ in known)
        found = linting.of_solution(assumptions=len(known), tested=tested)
        return _copy(self.features[ident], any(s for _, s in known), found, self._beliefs(ident))

    def _beliefs(self, ident: str) -> list[Node]:
        return [_copy(self.assumptions[i], shaky, [], self.tests[i]) for i, shaky in self.assumed[ident]]

    def _take(self, source: str, kind: str, target: Node, shaky: bool) -> None:
        self.count[source][kind] += 1
        if kind == "outcome":
            self.outcomes.setdefault(target.id, target)
            self.served_by[target.id].append(source)
        elif kind == "under" and target.id in self.opportunities:
            self.below[target.id].append(source)
        elif kind == bets.ASSUMES:
            self.assumptions.setdefault(target.id, target)
            self.assumed[source].append((target.id, shaky))

    def _cards(self, where: str, values: list[Any], limit: int, *, newest: bool = False) -> dict[str, Node]:
        near, params = reach_sql(self.actor, "c")
        order = "c.id DESC" if newest else "c.id"
        found = rows.fetch(
            "SELECT c.id, c.kind, c.key, c.title, c.state FROM kernel_card c WHERE c.workspace_id = %s"
            f" AND c.archived_at IS NULL AND {where} AND {near} ORDER BY {order} LIMIT {int(limit)}",
            [self.actor.workspace_id, *values, *params],
        )
        return {n.id: n for n in (Node(rows.hexed(i) or "", *rest) for i, *rest in found)}

    def _cited(self, ids: list[str], kinds: tuple[str, ...] = ()) -> list[tuple[str, str, Node, bool]]:
        """What these cite: (source, link kind, target, whether it is shaky), in the order of citing."""
        if not ids:
            return []
        near, params = reach_sql(self.actor, "t")
        only = f" AND l.kind IN ({rows.marks(len(kinds))})" if kinds else ""
        found = rows.fetch(
            f"SELECT l.source_id, l.kind, {bets.SHAKY_SQL.format(t='t', l='l')}, t.id, t.kind, t.key, t.title, t.state"
            " FROM kernel_link l CROSS JOIN kernel_card t WHERE l.workspace_id = %s"
            f" AND l.source_id IN ({rows.marks(len(ids))}){only} AND t.id = l.target_id AND t.archived_at IS NULL"
            f" AND {near} ORDER BY l.id",
            [self.actor.workspace_id, *map(rows.ident, ids), *kinds, *params],
        )
        return [
            (rows.hexed(source) or "", kind, Node(rows.hexed(ident) or "", *rest), bool(shaky))
            for source, kind, shaky, ident, *rest in found
        ]

    def _solutions(self, ids: list[str]) -> dict[str, Node]:
        if not ids:
            return {}
        near, params = reach_sql(self.actor, "s")
        found = rows.fetch(
            "SELECT l.target_id, s.id, s.kind, s.key, s.title, s.state FROM kernel_link l CROSS JOIN kernel_card s"
            f" WHERE l.workspace_id = %s AND l.target_id IN ({rows.marks(len(ids))}) AND l.kind = 'opportunity'"
            f" AND s.id = l.source_id AND s.archived_at IS NULL AND {near} ORDER BY l.id",
            [self.actor.workspace_id, *map(rows.ident, ids), *params],
        )
        solutions = {}
        for target, ident, *rest in found:
            node = Node(rows.hexed(ident) or "", *rest)
            solutions[node.id] = node
            self.solving[rows.hexed(target) or ""].append(node.id)
        return solutions

    def _read_tests(self) -> None:
        ids = list(self.assumptions)
        if not ids:
            return
        near, params = reach_sql(self.actor, "r")
        found = rows.fetch(
            "SELECT r.assumption_id, r.id, r.number, r.title, r.state FROM inbound_assumptiontest r"
            f" WHERE r.workspace_id = %s AND r.assumption_id IN ({rows.marks(len(ids))}) AND r.archived_at IS NULL"
            f" AND r.state <> 'dropped' AND {near} ORDER BY r.id",
            [self.actor.workspace_id, *map(rows.ident, ids), *params],
        )
        for about, ident, number, title, state in found:
            made = Node(rows.hexed(ident) or "", "assumption_test", f"AT-{number}", title, state)
            self.tests[rows.hexed(about) or ""].append(made)


def _copy(node: Node, shaky: bool, findings: list[str], children: list[Node]) -> Node:
    return Node(node.id, node.kind, node.key, node.title, node.state, shaky, findings, children)
