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
from threadline.planning.model import Flags, Floats, Ints, Pair
from threadline.planning.shrinking import Shrinking

if TYPE_CHECKING:
    import highspy
else:
    highspy = later("highspy")

Point = tuple[float, float]


SMALLER = 0.7  # a programme is built anew where no more than this part of its items is in question


class Closure:
    """The best closed set of items at a price of cost, kept warm from one price to the next. ``pairs`` (f, g), two
    columns: f needs g. ``base`` is what is taken whatever the price."""

    def __init__(self, values: Floats, costs: Floats, pairs: Ints, base: Point = (0.0, 0.0)) -> None:
        self.values, self.costs, self.pairs, self.base = values, costs, pairs, base
        items, count = len(values), len(pairs)
        self.columns = np.arange(items, dtype=np.int32)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = items, count
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.values, np.zeros(items), np.ones(items)
        lp.row_lower_, lp.row_upper_ = np.full(count, -highspy.kHighsInf), np.zeros(count)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = 2 * np.arange(count + 1, dtype=np.int32)
        lp.a_matrix_.index_, lp.a_matrix_.value_ = pairs.ravel().astype(np.int32), np.tile([1.0, -1.0], count)
        untyped: Any = highspy
        self.solver: highspy.Highs = untyped.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.passModel(lp)

    def part(self, inside: Flags, free: Flags) -> Closure:
        """The same where ``inside`` is taken and only ``free`` is in question."""
        at = np.cumsum(free) - 1
        base = (self.base[0] + float(self.costs[inside].sum()), self.base[1] + float(self.values[inside].sum()))
        between = self.pairs[free[self.pairs].all(axis=1)]
        return Closure(self.values[free], self.costs[free], at[between], base)

    def best(self, price: float, inside: Flags, outside: Flags) -> tuple[Point, Flags]:
        """(cost, value) of the set with the highest value less ``price`` for each unit of cost, and the set.

        A lower price never drops what a higher one takes (Gallo, Grigoriadis and Tarjan, "A fast parametric
        maximum flow algorithm", SIAM Journal on Computing 18, 1989): ``inside`` is a set of a higher price, which is
        taken, and ``outside`` one of a lower price, beside which nothing is.
        """
        priced = self.values - price * self.costs
        untyped: Any = self.solver
        untyped.changeColsCost(len(self.columns), self.columns, priced)
        untyped.changeColsBounds(len(self.columns), self.columns, inside.astype(float), outside.astype(float))
        self.solver.run()
        taken = np.array(self.solver.getSolution().col_value) > 0.5
        cost, value = float(self.costs[taken].sum()), float(self.values[taken].sum())
        return (self.base[0] + cost, self.base[1] + value), taken


def supported(values: Floats, costs: Floats, requires: Sequence[Pair]) -> list[Point]:
    """(cost, value) of every corner of the front, from nothing to everything that earns. (f, g): f needs g."""
    costs = np.asarray(costs, dtype=float)
    work = Shrinking(np.asarray(values, dtype=float), costs[:, None], requires, np.zeros(len(costs), dtype=bool))
    pairs = np.array(list(dict.fromkeys(work.pairs(work.of()))), dtype=np.int64).reshape(-1, 2)
    whole = Closure(work.value[work.kept], work.effort[work.kept, 0], pairs)
    nothing = np.zeros(len(work.kept), dtype=bool)
    last, most = whole.best(0.0, nothing, ~nothing)
    found = {(0.0, 0.0), last}
    open_ = [((0.0, 0.0), last, whole, nothing, most)]
    while open_:
        low, high, closure, inside, outside = open_.pop()
        if high[0] - low[0] <= 1e-9:
            continue
        free = outside & ~inside
        if free.sum() <= SMALLER * len(free):
            closure = closure.part(inside, free)
            inside, outside = np.zeros(int(free.sum()), dtype=bool), np.ones(int(free.sum()), dtype=bool)
        price = (high[1] - low[1]) / (high[0] - low[0])
        between, taken = closure.best(price, inside, outside)
        if between[1] - price * between[0] > low[1] - price * low[0] + 1e-6:
            found.add(between)
            open_ += [(low, between, closure, inside, taken), (between, high, closure, taken, outside)]
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
