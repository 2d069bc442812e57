"""Makes a release plan: at once, then better, with a bound that says how much better it could get.

First the relaxation, whose optimum no plan exceeds; then the exact solver on the few choices that the
relaxation's prices leave in question, or a local search where that finds nothing; then the exact
solver on one stretch of releases after the other, from the best plan so far; last the whole
programme, which also raises no false hopes: its bound is proven.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from threadline.later import later
from threadline.planning import linear
from threadline.planning.checking import broken
from threadline.planning.linear import Matrix, Relaxation, Relaxed
from threadline.planning.model import Flags, Floats, Ints, Plan, Problem, objective_of, value_of
from threadline.planning.narrowing import kernel, margins, stretch, used
from threadline.planning.search import State, improve
from threadline.planning.shrinking import shrunk
from threadline.planning.units import Units, units

if TYPE_CHECKING:
    import highspy
else:
    highspy = later("highspy")

WHOLE = 1e-6
KERNEL, WIDER = 1.8, 2.5  # choices an item has on average beside the relaxation's, first and then
FIRST, EACH = 0.2, 0.5  # CPU seconds for the first look and for each stretch
STRETCHES = 0.6  # the share of the time they may take before the whole programme has its turn
Told = Callable[[Plan], bool]
"""Given each better plan and, now and then, the same again; answers True to stop."""


def never(_plan: Plan) -> bool:
    """Go on."""
    return False


@dataclass
class Solver:
    """One problem being solved with buffers taken at ``spread``; ``seconds`` are CPU seconds of this process.

    ``ceiling`` is what no plan can exceed by an argument of its own; the relaxation's optimum is one
    too, unless buffers make its rows stricter than they have to be.
    """

    problem: Problem
    spread: Floats
    seconds: float = 5.0
    goal: float = 0.001
    seed: int = 0
    told: Told = never
    start: Ints | None = None
    ceiling: float = np.inf

    def __post_init__(self) -> None:
        self.started = time.process_time()
        self.best: Plan | None = None
        self.relaxation = Relaxation(self.problem, self.spread)
        self.relaxed: Relaxed | None = self.relaxation.solve()
        self.units = units(self.problem, self.spread)
        self.bound = self.ceiling
        self.stopped = False
        self.margins: Floats | None = None
        self.grain = grain(self.relaxation.made)
        if self.relaxed is not None and not self.problem.kappa:
            self._bounded(self.relaxed.objective)

    @property
    def spent(self) -> float:
        """CPU seconds since the start."""
        return time.process_time() - self.started

    def instant(self, seconds: float = 0.4) -> Plan | None:
        """A plan in a fraction of a second; None when none was found, or there is none."""
        if self.relaxed is None:
            return None
        if self.start is not None:
            self._offer(self.start, "before")
        from_start = None if self.start is None else State(self.units, self.units.fold(self.start))
        state = from_start if from_start is not None and from_start.holds else None
        state = state or State(self.units, rounded(self.problem, self.units, self.relaxed))
        found = improve(state, self.relaxed.prices, seconds=min(seconds, self.seconds), seed=self.seed)
        if found.holds:
            self._offer(self.units.unfold(found.release), "search")
        return self.best

    def solve(self) -> Plan | None:
        """The best plan found in time."""
        if self.relaxed is None:
            return None
        if self.start is None:
            self._look(self._kernel(KERNEL), FIRST)
        if self.best is None:
            self.instant()
        if self.best is not None and not self._enough():
            self._stretches()
        if not self._enough():
            self._exact(None, self.seconds - self.spent)
        return self.best

    def last_look(self, seconds: float) -> Plan | None:
        """Where no plan was found yet: everything that is left of ``seconds`` for the whole programme."""
        if self.relaxed is not None and not self.stopped:
            self.seconds = seconds
            if not self._enough():
                self._exact(None, seconds - self.spent)
        return self.best

    # ---- inside --------------------------------------------------------------------------

    def _time_left(self) -> float:
        done = self.best is not None and self.best.gap <= self.goal
        return 0.0 if done else self.seconds - self.spent

    def _offer(self, release: Ints, how: str, overtime: Floats | None = None) -> bool:
        """Keep a plan that holds and is better; True when told to stop."""
        if broken(self.problem, release, overtime):
            return False
        objective = objective_of(self.problem, release, overtime)
        if self.best is None or objective > self.best.objective + 1e-9:
            value = value_of(self.problem, release)
            self.best = Plan(release.copy(), value, objective, self.bound, self.spent, how, overtime)
        self.best = replace(self.best, bound=self.bound)
        return self.told(self.best)

    def _enough(self) -> bool:
        return self.stopped or self._time_left() <= 0.05

    def _kernel(self, extra: float) -> Flags:
        assert self.relaxed is not None
        if self.margins is None:
            self.margins = margins(self.problem, self.relaxation.made, self.relaxed)
        return kernel(self.margins, used(self.relaxed), extra)

    def _stretches(self) -> None:
        """Open one stretch of releases after the other; wider and longer ones when a round finds nothing."""
        releases, rng = self.problem.releases, np.random.default_rng(self.seed)
        width, each, extra = 2, EACH, WIDER
        while width < releases and not self._enough() and self.spent < STRETCHES * self.seconds:
            assert self.best is not None
            before = self.best.objective
            for first in rng.permutation(releases - width + 1):
                self._look(stretch(self._kernel(extra), self.best.release, int(first), width), each)
                if self._enough():
                    return
            if self.best.objective <= before + 1e-9:
                width, each, extra = width + 1, each * 1.5, extra * 1.5

    def _look(self, allowed: Flags, seconds: float) -> None:
        """The best plan among what is allowed, for so many CPU seconds."""
        self._exact(allowed, min(seconds, self.seconds - self.spent))

    def _exact(self, allowed: Flags | None, seconds: float) -> None:
        """The exact programme, of what is allowed or of everything (None), which alone moves the bound."""
        made, whole = self.relaxation.made, allowed is None
        solver = linear.highs(made, whole=True)
        _begin(self.problem, made, solver, self.best)
        if allowed is not None:
            _close(self.problem, made, solver, allowed)
        settings = {
            "mip_rel_gap": self.goal,
            "mip_heuristic_effort": 0.05 if whole else 0.3,
            "mip_allow_restart": False,
        }
        if self.grain:
            settings["mip_abs_gap"] = 0.99 * self.grain
        if not whole and np.isfinite(self.bound):
            settings |= {"mip_rel_gap": self.goal / 20, "objective_target": self.bound - self.goal * abs(self.bound)}
        for name, value in settings.items():
            solver.setOptionValue(name, value)
        self._watch(solver, whole=whole, until=self.spent + seconds)
        solver.run()
        info = solver.getInfo()
        if whole:
            self._bounded(info.mip_dual_bound)
        if info.primal_solution_status == 2:
            columns = np.array(solver.getSolution().col_value)
            self.stopped |= self._offer(*_read(self.problem, made, columns, "exact"))

    def _bounded(self, bound: float) -> None:
        """Take a bound that the exact solver has proven."""
        if not self.problem.kappa and np.isfinite(bound):
            if self.grain:
                bound = np.floor(bound / self.grain + WHOLE) * self.grain
            self.bound = min(self.bound, float(bound))
            if self.best is not None:
                self.best = replace(self.best, bound=self.bound)

    def _watch(self, solver: highspy.Highs, *, whole: bool, until: float) -> None:
        """Stop the solver when time is up or somebody says so; hand on what it finds."""

        def look(event: highspy.HighsCallbackEvent) -> None:
            if whole:
                self._bounded(float(event.data_out.mip_dual_bound))
            self.stopped |= self.best is not None and self.told(self.best)
            assert event.data_in is not None
            event.data_in.user_interrupt = self.stopped or self.spent > until

        solver.cbMipInterrupt += look


def grain(made: Matrix) -> float:
    """What every objective is a multiple of: 1 or more where all gains are whole numbers, else 0."""
    gains = np.append(made.gain, made.constant)
    whole = made.columns == len(made.gain) and (gains == np.round(gains)).all() and np.abs(gains).max() < 2**52
    return float(np.gcd.reduce(gains.astype(np.int64))) if whole else 0.0


def rounded(problem: Problem, of: Units, relaxed: Relaxed) -> Ints:
    """The relaxation's whole items in their releases; the others out, with what requires them."""
    releases = of.releases
    sure = (np.abs(relaxed.z - np.round(relaxed.z)) < WHOLE).all(axis=1)
    release = of.fold(np.where(sure, releases - np.round(relaxed.z).sum(axis=1), releases).astype(np.int64))
    release = np.minimum(release, of.high)
    for _ in range(of.count):
        later, earlier, gap = of.before.T if len(of.before) else (np.zeros(0, dtype=np.int64),) * 3
        wrong = (release[later] < releases) & (release[earlier] > release[later] - gap) & (of.high[later] >= releases)
        if not wrong.any():
            break
        release[later[wrong]] = releases
    return release


def _begin(problem: Problem, made: Matrix, solver: highspy.Highs, best: Plan | None) -> None:
    """Give the solver the plan to be beaten."""
    if best is None:
        return
    planned = (np.arange(problem.releases)[None, :] >= best.release[:, None]).astype(float)
    known = highspy.HighsSolution()
    extra = [] if best.overtime is None else best.overtime.ravel().tolist()
    more = made.rows.shape[1] - made.columns - len(extra)
    known.col_value = [*planned.ravel().tolist(), *extra, *([0.0] * more)]
    solver.setSolution(known)


def _close(problem: Problem, made: Matrix, solver: highspy.Highs, allowed: Flags) -> None:
    """Leave each item only the releases that are allowed."""
    releases, columns = problem.releases, made.columns
    t = np.arange(releases)[None, :]
    first, last = allowed.argmax(axis=1)[:, None], releases - allowed[:, ::-1].argmax(axis=1)[:, None]
    floor = np.maximum(made.floor[:columns], (t >= last).astype(float).ravel())
    ceiling = np.minimum(made.ceiling[:columns], (t >= first).astype(float).ravel())
    solver.changeColsBounds(columns, np.arange(columns, dtype=np.int32), floor, ceiling)
    rows = [(r, *name.about) for r, name in enumerate(made.names) if name.rule == "monotone"]
    if rows:
        row, f, t_of = np.array(rows, dtype=np.int32).T
        low = np.where(allowed[f, t_of], -np.inf, 0.0)
        untyped: Any = solver
        untyped.changeRowsBounds(len(row), np.ascontiguousarray(row), low, np.zeros(len(row)))


def _read(problem: Problem, made: Matrix, columns: Floats, how: str) -> tuple[Ints, str, Floats | None]:
    z = columns[: made.columns].reshape(problem.items, problem.releases)
    release = (problem.releases - np.round(z).sum(axis=1)).astype(np.int64)
    overtime = None
    if problem.overtime is not None:
        size = problem.teams * problem.releases
        overtime = columns[made.columns : made.columns + size].reshape(problem.teams, problem.releases)
    return release, how, overtime


def solve(
    problem: Problem, *, seconds: float = 5.0, goal: float = 0.001, seed: int = 0, told: Told = never
) -> Plan | None:
    """The best plan within so many CPU seconds, or one within ``goal`` of the bound (0.01 for 1 %).

    With a confidence above one half the buffer depends on the plan. Its tangent is taken at an even
    spread first, then at the spread of the plan found, which gives back the room that the first
    guess kept too much of; the bound comes from its secant, which lies below it everywhere. None
    when no plan was found: :func:`threadline.planning.answers.what_gives` says what stands in the way.
    """
    smaller = shrunk(problem)
    if smaller is not None and smaller[0].items < problem.items:
        return _of_smaller(problem, *smaller, seconds, goal, seed, told)
    if not problem.kappa:
        return Solver(problem, linear.reference_spread(problem, None), seconds, goal, seed, told).solve()
    ceiling = linear.ceiling(problem)
    first = Solver(problem, linear.reference_spread(problem, None), seconds / 2, goal, seed, told, None, ceiling)
    found = first.solve() or first.last_look(seconds)
    if found is None or found.gap <= goal or first.spent >= seconds:
        return found
    spread = linear.reference_spread(problem, found.release)
    again = Solver(problem, spread, seconds - first.spent, goal, seed, told, found.release, ceiling).solve()
    return again if again is not None and again.objective > found.objective else found


def _of_smaller(
    problem: Problem, smaller: Problem, of: Ints, seconds: float, goal: float, seed: int, told: Told
) -> Plan | None:
    def whole(plan: Plan) -> Plan:
        return replace(plan, release=np.where(of < 0, problem.releases, plan.release[of]))

    found = solve(smaller, seconds=seconds, goal=goal, seed=seed, told=lambda plan: told(whole(plan)))
    return None if found is None else whole(found)
