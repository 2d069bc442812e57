"""What people ask of a plan: why something is out, what it would take, what each demand costs.

All answers come from the linear relaxation kept warm: its prices say what a day of each team is
worth, and forcing one item in costs a few milliseconds (planning practice after van den Akker et
al. 2008; duals as prices: Dantzig 1963).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from threadline.later import later
from threadline.planning import linear, solving
from threadline.planning.linear import NoAnswer, Relaxation, Relaxed, Row
from threadline.planning.model import Floats, Ints, Plan, Problem, load_of

if TYPE_CHECKING:
    import highspy
else:
    highspy = later("highspy")

LAST, LEAST = 0.02, 0.05  # CPU seconds that a look at the found plan takes, and that a search has at least


@dataclass(frozen=True)
class Bill:
    """What an item would take from each team in the release that suits it best, against what it earns.

    ``by_team`` K: effort times the team's price in that release. Out of the plan because ``cost``
    exceeds ``worth``: it needs ``worth`` more by ``short``, or to cost that much less.
    """

    release: int
    worth: float
    by_team: Floats
    cost: float

    @property
    def short(self) -> float:
        """How far the worth stays behind the cost; 0 for an item that pays its way."""
        return max(self.cost - self.worth, 0.0)


@dataclass(frozen=True)
class Regret:
    """What the plan's bound loses when an item is forced in; None: it cannot be in at all."""

    item: int
    value: float | None


@dataclass(frozen=True)
class Missing:
    """The extra capacity that lets an item into a release with nothing dropped. ``effort`` K; ``total`` its sum."""

    release: int
    effort: Floats
    total: float
    needs: tuple[int, ...]


@dataclass(frozen=True)
class Gives:
    """A rule that has to give for any plan to hold, and by how much (in its own unit)."""

    row: Row
    by: float


def bills(problem: Problem, relaxed: Relaxed) -> list[Bill]:
    """Each item's price tag at the relaxation's prices."""
    cost = np.einsum("fk,kt->fkt", problem.effort, relaxed.prices)
    worth = problem.worth()[:, :-1]
    net = worth - cost.sum(axis=1)
    net[np.arange(problem.releases)[None, :] < problem.earliest[:, None]] = -np.inf
    best = net.argmax(axis=1)
    return [
        Bill(int(t), float(worth[f, t]), cost[f, :, t].copy(), float(cost[f, :, t].sum())) for f, t in enumerate(best)
    ]


def regrets(problem: Problem, items: list[int]) -> list[Regret]:
    """What each of these items would cost the best possible plan, if it had to be in."""
    relaxation = Relaxation(problem)
    relaxation.solver.setOptionValue("simplex_dual_edge_weight_strategy", 1)  # Devex: a few steps need no dearer prices
    free = relaxation.worth()
    if free is None:
        raise NoAnswer("no plan holds at all, so nothing can be compared with it")
    last, made = problem.releases - 1, []
    begin: Any = relaxation.solver
    basis = begin.getBasis()  # each item is forced in from the free optimum, not from what the one before left
    for item in items:
        relaxation.bound_of(item, last, 1.0, 1.0)
        begin.setBasis(basis)
        forced = relaxation.worth()
        made.append(Regret(item, None if forced is None else max(free - forced, 0.0)))
        column = item * problem.releases + last
        relaxation.bound_of(item, last, float(relaxation.made.floor[column]), float(relaxation.made.ceiling[column]))
    return made


def price_of_musts(problem: Problem) -> list[Regret]:
    """What each must-have and fixed date costs: how much more the best plan could earn without it."""
    base = Relaxation(problem).solve()
    if base is None:
        raise NoAnswer("no plan holds at all, so nothing can be compared with it")
    made = []
    for item in np.flatnonzero((problem.must_by >= 0) | (problem.fixed >= 0)):
        must_by, fixed = problem.must_by.copy(), problem.fixed.copy()
        must_by[item] = fixed[item] = -1
        freed = Relaxation(replace(problem, must_by=must_by, fixed=fixed)).solve()
        made.append(Regret(int(item), None if freed is None else max(freed.objective - base.objective, 0.0)))
    return sorted(made, key=lambda r: -(r.value or 0.0))


def smallest_addition(problem: Problem, release: Ints, item: int) -> Missing:
    """The least extra effort, summed over teams, that brings an item in with nothing dropped.

    What it requires and is not in comes along, in the same release.
    """
    needed = _needed(problem, release, item)
    mean, variance = load_of(problem, release)
    first = max(int(problem.earliest[f]) for f in needed)
    planned = [int(release[g]) + gap for f, g, gap in _pairs(problem) if f in needed and release[g] < problem.releases]
    first = min(max([first, *planned]), problem.releases - 1)
    best: Missing | None = None
    for t in range(first, problem.releases):
        more = problem.effort[needed].sum(axis=0)
        spread = np.sqrt(variance[:, t] + (problem.spread[needed] ** 2).sum(axis=0))
        short = np.maximum(mean[:, t] + more + problem.kappa * spread - problem.capacity[:, t], 0.0)
        short = np.where(more > 0, short, 0.0)
        if best is None or short.sum() < best.total - 1e-9:
            best = Missing(t, short, float(short.sum()), tuple(f for f in needed if f != item))
    assert best is not None
    return best


def _pairs(problem: Problem) -> list[tuple[int, int, int]]:
    return [(f, g, 0) for f, g in problem.requires] + [(f, g, 1) for f, g in problem.after]


def _needed(problem: Problem, release: Ints, item: int) -> list[int]:
    """The item and what it requires, or must come with, that is not planned."""
    needs: dict[int, set[int]] = {}
    for f, g, _ in _pairs(problem):
        needs.setdefault(f, set()).add(g)
    for f, g in problem.together:
        needs.setdefault(f, set()).add(g)
        needs.setdefault(g, set()).add(f)
    found, open_ = {item}, [item]
    while open_:
        for g in needs.get(open_.pop(), ()):
            if g not in found and release[g] >= problem.releases:
                found.add(g)
                open_.append(g)
    return sorted(found)


def what_gives(problem: Problem, item: int | None = None) -> list[Gives]:
    """For input that cannot hold: the rules that have to give, fewest and cheapest, with how far.

    With ``item``, that item must be in. An empty list says that a plan holds after all.
    """
    if item is not None:
        must_by = problem.must_by.copy()
        must_by[item] = problem.releases - 1
        problem = replace(problem, must_by=must_by)
    made = linear.matrix(problem, linear.reference_spread(problem, None), elastic=True)
    solver = linear.highs(made)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise NoAnswer(f"the elastic programme ended with {solver.modelStatusToString(solver.getModelStatus())}")
    columns = np.array(solver.getSolution().col_value)
    first = made.columns + (problem.teams * problem.releases if problem.overtime is not None else 0)
    slack = sparse_rows(made, first)
    gives: dict[Row, float] = {}
    for row, column in slack:
        if columns[column] > 1e-6:
            gives[made.names[row]] = max(gives.get(made.names[row], 0.0), float(columns[column]))
    return [Gives(row, by) for row, by in sorted(gives.items(), key=lambda g: -g[1])]


def sparse_rows(made: linear.Matrix, first: int) -> list[tuple[int, int]]:
    """(row, column) of each slack column from ``first`` on."""
    tail = made.rows[:, first:].tocoo()
    return [(int(r), int(c) + first) for r, c in zip(tail.row, tail.col, strict=True)]


def trade_off(problem: Problem, parts: Floats, *, seconds: float = 0.5) -> list[tuple[float, Plan | None]]:
    """Value against cost: the plan at each part of today's capacity (0.5 for half of it)."""
    return [
        (float(part), solving.solve(replace(problem, capacity=problem.capacity * part), seconds=seconds))
        for part in parts
    ]


def what_if(problem: Problem, plan: Ints, *, stability: float | None = None, seconds: float = 0.3) -> Plan | None:
    """The plan for changed input that moves little of an earlier one.

    Each move must be worth ``stability``; by default a tenth of an item's middle value. ``seconds`` are all that it
    takes, the relaxation included.
    """
    price = float(np.median(problem.values)) / 10 if stability is None else stability
    kept = replace(problem, published=plan, stability=price)
    solver = solving.Solver(kept, linear.reference_spread(kept, plan), seconds, 0.001, 0, start=plan)
    return solver.instant(max(seconds - solver.spent - LAST, LEAST))
