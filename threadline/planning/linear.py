"""The planning model as a linear programme, kept warm in HiGHS.

Variable z[f, t] says that item f is delivered by release t; x[f, t] = z[f, t] - z[f, t-1]. The
buffer kappa * sqrt(sum of variances) is concave in x, so its tangent at a reference spread lies
above it: the linear row is safe wherever the plan ends up, and exact at the reference. Solving
again with the reference taken from the last plan makes it tight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from threadline.later import later
from threadline.planning.model import Floats, Ints, Problem, load_of

if TYPE_CHECKING:
    import highspy
    from scipy import sparse
else:
    highspy, sparse = later("highspy"), later("scipy.sparse")

INFINITE = float("inf")
# What an elastic row may cost to bend, against the sum of all values: must-haves give way last.
_WEIGHTS = {"capacity": 2.0, "mix": 1.0, "excludes": 20.0, "requires": 20.0, "after": 20.0, "together": 20.0}


class NoAnswer(Exception):
    """The solver ended without a usable solution; the message says with which status."""


@dataclass(frozen=True)
class Row:
    """What a row of the matrix stands for: its rule and what it is about."""

    rule: str
    about: tuple[int, ...]


@dataclass(frozen=True)
class Matrix:
    """The programme: maximise ``gain`` z subject to ``low`` <= ``rows`` z <= ``high`` and bounds."""

    gain: Floats
    constant: float
    rows: sparse.csr_matrix
    low: Floats
    high: Floats
    floor: Floats
    ceiling: Floats
    names: list[Row]
    columns: int  # of z; further columns are overtime, then slack


def reference_spread(problem: Problem, release: Ints | None) -> Floats:
    """K x T standard deviations to take the buffer's tangent at: those of a plan, or of an even one."""
    if release is not None:
        _, variance = load_of(problem, release)
    else:
        total = np.minimum((problem.spread**2).sum(axis=0), 1e300)
        demand = np.maximum(problem.effort.sum(axis=0), 1e-9)
        part = np.minimum(problem.capacity / demand[:, None], 1.0)
        variance = total[:, None] * part
    typical = np.sqrt((problem.spread**2).mean(axis=0))[:, None]
    spread: Floats = np.maximum(np.sqrt(variance), np.maximum(typical, 1e-6))
    return spread


def ceiling(problem: Problem) -> float:
    """What no plan can exceed when buffers count: the relaxation with each buffer's secant.

    The secant from 0 to the largest variance that fits a cell lies below the square root, so no
    plan that holds is cut off.
    """
    most = np.zeros_like(problem.capacity)
    for k in range(problem.teams):
        at = np.flatnonzero(problem.effort[:, k] > 0)
        rate = problem.spread[at, k] ** 2 / problem.effort[at, k]
        order = at[np.argsort(-rate)]
        reached = np.cumsum(problem.effort[order, k])
        gained = np.concatenate([[0.0], np.cumsum(problem.spread[order, k] ** 2)])
        most[k] = np.interp(problem.capacity[k], np.concatenate([[0.0], reached]), gained)
    longest = np.sqrt(np.maximum(most, 1e-12))
    # weights() takes a tangent at s: slope kappa / (2 s), room C - kappa s / 2. A secant to S has slope
    # kappa / S and all of C.
    loose = replace(problem, capacity=problem.capacity + problem.kappa * (longest / 2) / 2)
    relaxed = Relaxation(loose, longest / 2).solve()
    return np.inf if relaxed is None else relaxed.objective


def weights(problem: Problem, spread: Floats) -> tuple[Floats, Floats]:
    """F x K x T effort as a capacity row counts it, and the K x T capacity left for it."""
    buffer = problem.kappa * problem.spread[:, :, None] ** 2 / (2 * spread[None, :, :])
    return problem.effort[:, :, None] + buffer, problem.capacity - problem.kappa * spread / 2


def gains(problem: Problem) -> tuple[Floats, float]:
    """F x T gain of each z, price of changes included, and the constant beside them."""
    earned, constant = problem.worth(), 0.0
    if problem.published is not None and problem.stability:
        f = np.arange(problem.items)
        earned[f, problem.published] += problem.stability
        constant = -problem.stability * problem.items
        constant += float(earned[:, -1].sum())
        earned = earned - earned[:, -1:]
    return earned[:, :-1] - earned[:, 1:], constant


class Builder:
    """Collects rows as coordinates."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.row: list[Any] = []
        self.column: list[Any] = []
        self.value: list[Any] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.names: list[Row] = []

    def add(self, rule: str, about: tuple[int, ...], columns: Any, values: Any, low: float, high: float) -> None:
        """One row: ``low`` <= values . z[columns] <= ``high``."""
        columns = np.asarray(columns)
        self.row.append(np.full(len(columns), len(self.names)))
        self.column.append(columns)
        self.value.append(np.broadcast_to(np.asarray(values, dtype=float), columns.shape))
        self.low.append(low)
        self.high.append(high)
        self.names.append(Row(rule, about))

    def matrix(self, columns: int) -> sparse.csr_matrix:
        """What was added, as one matrix of that many columns."""
        at = (np.concatenate(self.row), np.concatenate(self.column)) if self.row else ([], [])
        data: Any = np.concatenate(self.value) if self.value else []
        return sparse.csr_matrix((data, at), shape=(len(self.names), columns))


def matrix(problem: Problem, spread: Floats, *, elastic: bool = False) -> Matrix:
    """The programme of a problem; ``elastic`` lets every rule bend at a price, for input that cannot hold."""
    items, releases, teams = problem.items, problem.releases, problem.teams
    build = Builder(items * releases)
    _monotone(problem, build)
    _between(problem, build)
    _capacities(problem, build, spread)
    _mixes(problem, build)
    gain, constant = gains(problem)
    floor, ceiling = _windows(problem)
    costs = gain.ravel()
    columns = items * releases
    rows = build.matrix(columns)
    if problem.overtime is not None:
        at = [r for r, name in enumerate(build.names) if name.rule == "capacity"]
        extra = sparse.csr_matrix((-np.ones(len(at)), (at, range(len(at)))), shape=(len(build.names), teams * releases))
        rows = sparse.hstack([rows, extra]).tocsr()
        costs = np.concatenate([costs, np.full(teams * releases, -problem.overtime)])
        floor = np.concatenate([floor, np.zeros(teams * releases)])
        ceiling = np.concatenate([ceiling, np.full(teams * releases, INFINITE)])
    made = Matrix(
        costs, constant, rows, np.array(build.low), np.array(build.high), floor, ceiling, build.names, columns
    )
    return _bending(problem, made) if elastic else made


def _windows(problem: Problem) -> tuple[Floats, Floats]:
    releases = problem.releases
    floor, ceiling = np.zeros((problem.items, releases)), np.ones((problem.items, releases))
    t = np.arange(releases)[None, :]
    fixed = problem.fixed[:, None]
    ceiling[(t < problem.earliest[:, None]) | ((fixed >= 0) & (t < fixed))] = 0
    must = problem.must_by[:, None]
    floor[((must >= 0) & (t >= must)) | ((fixed >= 0) & (t >= fixed))] = 1
    return floor.ravel(), ceiling.ravel()


def _monotone(problem: Problem, build: Builder) -> None:
    """Thousands of rows and all alike: added at once."""
    items, releases = problem.items, problem.releases
    at = (np.arange(items)[:, None] * releases + np.arange(1, releases)[None, :]).ravel()
    first = len(build.names)
    build.row.append(np.repeat(np.arange(first, first + len(at)), 2))
    build.column.append(np.column_stack([at - 1, at]).ravel())
    build.value.append(np.tile([1.0, -1.0], len(at)))
    build.low += [-INFINITE] * len(at)
    build.high += [0.0] * len(at)
    build.names += [Row("monotone", (f, t)) for f in range(items) for t in range(1, releases)]


def _between(problem: Problem, build: Builder) -> None:
    releases = problem.releases
    for f, g in problem.requires:
        for t in range(releases):
            build.add("requires", (f, g), [f * releases + t, g * releases + t], [1.0, -1.0], -INFINITE, 0.0)
    for f, g in problem.after:
        build.add("after", (f, g), [f * releases], [1.0], -INFINITE, 0.0)
        for t in range(1, releases):
            build.add("after", (f, g), [f * releases + t, g * releases + t - 1], [1.0, -1.0], -INFINITE, 0.0)
    for f, g in problem.together:
        for t in range(releases):
            build.add("together", (f, g), [f * releases + t, g * releases + t], [1.0, -1.0], 0.0, 0.0)
    last = releases - 1
    for f, g in problem.excludes:
        build.add("excludes", (f, g), [f * releases + last, g * releases + last], [1.0, 1.0], -INFINITE, 1.0)


def _capacities(problem: Problem, build: Builder, spread: Floats) -> None:
    weight, room = weights(problem, spread)
    releases = problem.releases
    for k in range(problem.teams):
        at = np.flatnonzero(problem.effort[:, k] > 0)
        for t in range(releases):
            columns, values = at * releases + t, weight[at, k, t]
            if t:
                columns, values = np.concatenate([columns, columns - 1]), np.concatenate([values, -values])
            build.add("capacity", (k, t), columns, values, -INFINITE, float(room[k, t]))


def _mixes(problem: Problem, build: Builder) -> None:
    if problem.category is None:
        return
    each = problem.effort.sum(axis=1)
    columns = np.arange(problem.items) * problem.releases + problem.releases - 1
    for band in problem.mix:
        mine = each * (problem.category == band.category)
        build.add("mix", (band.category, 0), columns, mine - (band.share + band.band) * each, -INFINITE, 0.0)
        build.add("mix", (band.category, 1), columns, mine - (band.share - band.band) * each, 0.0, INFINITE)


def _bending(problem: Problem, made: Matrix) -> Matrix:
    """Slack on every rule that somebody chose, priced; windows become rows that can bend too."""
    scale = float(np.abs(made.gain).sum()) + 1.0
    size = float(problem.effort.mean()) or 1.0
    slack_rows, signs, prices = [], [], []
    for r, name in enumerate(made.names):
        if name.rule == "monotone":
            continue
        price = _WEIGHTS[name.rule] * scale / (size if name.rule in ("capacity", "mix") else 1.0)
        for sign, given in ((-1.0, made.high[r]), (1.0, made.low[r])):
            if np.isfinite(given):
                slack_rows.append(r)
                signs.append(sign)
                prices.append(price)
    must = np.flatnonzero(made.floor > 0)
    count = len(made.names)
    rows = sparse.vstack([made.rows, sparse.csr_matrix((np.ones(len(must)), (range(len(must)), must)),
                                                       shape=(len(must), made.rows.shape[1]))])  # fmt: skip
    slack_rows += [count + i for i in range(len(must))]
    signs += [1.0] * len(must)
    prices += [50.0 * scale] * len(must)
    releases = problem.releases
    names = [*made.names, *(Row("must", (int(c) // releases, int(c) % releases)) for c in must)]
    extra = sparse.csr_matrix((signs, (slack_rows, range(len(signs)))), shape=(len(names), len(signs)))
    floor = made.floor.copy()
    floor[must] = 0.0
    return replace(
        made,
        gain=np.concatenate([made.gain, -np.array(prices)]),
        rows=sparse.hstack([rows, extra]).tocsr(),
        low=np.concatenate([made.low, np.ones(len(must))]),
        high=np.concatenate([made.high, np.full(len(must), INFINITE)]),
        floor=np.concatenate([floor, np.zeros(len(signs))]),
        ceiling=np.concatenate([made.ceiling, np.full(len(signs), INFINITE)]),
        names=names,
    )


def highs(made: Matrix, *, whole: bool = False, seconds: float | None = None) -> highspy.Highs:
    """A solver loaded with the programme, silent, on one thread; ``whole`` asks for integers in z."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = made.rows.shape[1], made.rows.shape[0]
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.offset_ = made.constant
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = made.gain, made.floor, made.ceiling
    lp.row_lower_, lp.row_upper_ = made.low, made.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = made.rows.indptr, made.rows.indices, made.rows.data
    if whole:
        kinds = [highspy.HighsVarType.kInteger] * made.columns
        lp.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (lp.num_col_ - made.columns)
    untyped: Any = highspy
    solver: highspy.Highs = untyped.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    if seconds is not None:
        solver.setOptionValue("time_limit", seconds)
    solver.passModel(lp)
    return solver


@dataclass(frozen=True)
class Relaxed:
    """The relaxation's answer: ``z`` F x T, its objective, reduced costs F x T, capacity prices K x T."""

    z: Floats
    objective: float
    reduced: Floats
    prices: Floats
    duals: Floats


class Relaxation:
    """The linear relaxation, kept so that a change costs a few milliseconds."""

    def __init__(self, problem: Problem, spread: Floats | None = None) -> None:
        self.problem = problem
        self.spread = reference_spread(problem, None) if spread is None else spread
        self.made = matrix(problem, self.spread)
        self.solver = highs(self.made)
        self.capacity_rows = np.array([r for r, n in enumerate(self.made.names) if n.rule == "capacity"])

    def worth(self) -> float | None:
        """Only the optimum's objective, which is all that a comparison needs; None when nothing holds."""
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise NoAnswer(f"the relaxation ended with {self.solver.modelStatusToString(status)}")
        return float(self.solver.getInfo().objective_function_value)

    def solve(self) -> Relaxed | None:
        """The optimum of the relaxation; None when even it cannot hold."""
        objective = self.worth()
        if objective is None:
            return None
        solution = self.solver.getSolution()
        columns, shape = self.made.columns, (self.problem.items, self.problem.releases)
        duals = np.array(solution.row_dual)
        return Relaxed(
            z=np.array(solution.col_value)[:columns].reshape(shape),
            objective=objective,
            reduced=np.array(solution.col_dual)[:columns].reshape(shape),
            prices=duals[self.capacity_rows].reshape(self.problem.teams, self.problem.releases),
            duals=duals,
        )

    def bound_of(self, item: int, release: int, low: float, high: float) -> None:
        """Set the bounds of z[item, release]."""
        self.solver.changeColBounds(item * self.problem.releases + release, low, high)
