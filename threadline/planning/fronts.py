"""Value against cost: the plans that no mixture of cheaper and dearer ones beats.

For a price of cost the best set of items with what it requires is a closure, which the linear
programme finds whole (Picard, "Maximal closure of a graph", Management Science 22, 1976). Asking
for the price between two known points finds the next one, until there is none (the chords of
Aneja and Nair, "Bicriteria transportation problem", Management Science 25, 1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from threadline.later import later
from threadline.planning.model import Floats, Pair
from threadline.planning.shrinking import Shrinking

if TYPE_CHECKING:
    import highspy
    from scipy import sparse
else:
    highspy, sparse = later("highspy"), later("scipy.sparse")

Point = tuple[float, float]


class Closure:
    """The best closed set of items at a price of cost, kept warm from one price to the next."""

    def __init__(self, values: Floats, costs: Floats, requires: Sequence[Pair]) -> None:
        self.values, self.costs = np.asarray(values, dtype=float), np.asarray(costs, dtype=float)
        items, pairs = len(self.values), list(dict.fromkeys(requires))
        self.columns = np.arange(items, dtype=np.int32)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = items, len(pairs)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.values, np.zeros(items), np.ones(items)
        lp.row_lower_, lp.row_upper_ = np.full(len(pairs), -highspy.kHighsInf), np.zeros(len(pairs))
        rows = np.repeat(np.arange(len(pairs)), 2)
        entries = np.tile([1.0, -1.0], len(pairs))
        matrix = sparse.csc_matrix((entries, (rows, np.array(pairs, dtype=int).ravel())), shape=(len(pairs), items))
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        untyped: Any = highspy
        self.solver: highspy.Highs = untyped.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.passModel(lp)

    def best(self, price: float) -> Point:
        """(cost, value) of the set with the highest value less ``price`` for each unit of cost."""
        priced = self.values - price * self.costs
        self.solver.changeColsCost(len(self.columns), self.columns, priced)
        self.solver.run()
        taken = np.array(self.solver.getSolution().col_value) > 0.5
        return float(self.costs[taken].sum()), float(self.values[taken].sum())


def supported(values: Floats, costs: Floats, requires: Sequence[Pair]) -> list[Point]:
    """(cost, value) of every corner of the front, from nothing to everything that earns. (f, g): f needs g."""
    costs = np.asarray(costs, dtype=float)
    work = Shrinking(np.asarray(values, dtype=float), costs[:, None], requires, np.zeros(len(costs), dtype=bool))
    closure = Closure(work.value[work.kept], work.effort[work.kept, 0], work.pairs(work.of()))
    first, last = (0.0, 0.0), closure.best(0.0)
    found = {first, last}
    open_ = [(first, last)]
    while open_:
        low, high = open_.pop()
        if high[0] - low[0] <= 1e-9:
            continue
        price = (high[1] - low[1]) / (high[0] - low[0])
        between = closure.best(price)
        if between[1] - price * between[0] > low[1] - price * low[0] + 1e-6:
            found.add(between)
            open_ += [(low, between), (between, high)]
    return _corners(sorted(found))


def _corners(points: list[Point]) -> list[Point]:
    """Without the points that lie on the line between their neighbours: at a tie the programme gives any of these."""
    kept: list[Point] = []
    for x, y in points:
        while len(kept) > 1 and not _bends(kept[-2], kept[-1], (x, y)):
            kept.pop()
        kept.append((x, y))
    return kept


def _bends(a: Point, b: Point, c: Point) -> bool:
    left, right = (b[1] - a[1]) * (c[0] - a[0]), (c[1] - a[1]) * (b[0] - a[0])
    return left > right + 1e-9 * max(abs(left), abs(right), 1.0)
