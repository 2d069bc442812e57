"""Makes a release plan: at once, then better, with a bound that says how much better it could get.

First the relaxation, whose optimum no plan exceeds; then a plan by local search from it; then the
exact solver on the items in question, again and again, while there is time (relaxation-induced
neighbourhoods: Danna, Rothberg and Le Pape, Mathematical Programming 102, 2005); last the whole
programme, which also raises no false hopes: its bound is proven.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from threadline.later import later
from threadline.planning import linear
from threadline.planning.checking import broken
from threadline.planning.linear import Matrix, Relaxation, Relaxed
from threadline.planning.model import Floats, Ints, Plan, Problem, objective_of, value_of
from threadline.planning.search import State, improve
from threadline.planning.units import Units, units

if TYPE_CHECKING:
    import highspy
else:
    highspy = later("highspy")

WHOLE = 1e-6
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
        if self.relaxed is not None and not self.problem.kappa:
            self.bound = min(self.bound, self.relaxed.objective)

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
        self.instant()
        if self.relaxed is None:
            return None
        rng, extra = np.random.default_rng(self.seed), 80
        while self.best is not None and self._time_left() > 0.2 and extra < self.problem.items:
            if self._exact(in_question(self.problem, self.relaxed, self.best.release, extra, rng), nodes=20):
                return self.best
            extra *= 2
        if self._time_left() > 0.2:
            self._exact(np.ones(self.problem.items, dtype=bool), nodes=None)
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

    def _exact(self, free: np.ndarray, nodes: int | None) -> bool:
        made = self.relaxation.made
        solver = linear.highs(made, whole=True)
        _freeze(self.problem, made, solver, free, self.best)
        settings = {"mip_rel_gap": self.goal, "mip_heuristic_effort": 0.3, "mip_allow_restart": nodes is None}
        if nodes is not None:
            settings["mip_max_nodes"] = nodes
        for name, value in settings.items():
            solver.setOptionValue(name, value)
        stopped = self._watch(solver, whole=nodes is None)
        solver.run()
        info = solver.getInfo()
        if nodes is None and not self.problem.kappa and np.isfinite(info.mip_dual_bound):
            self.bound = min(self.bound, float(info.mip_dual_bound))
        if info.primal_solution_status == 2:
            columns = np.array(solver.getSolution().col_value)
            self._offer(*_read(self.problem, made, columns, "exact"))
        return stopped[0]

    def _watch(self, solver: highspy.Highs, *, whole: bool) -> list[bool]:
        """Stop the solver when time is up or somebody says so; hand on what it finds."""
        stopped = [False]

        def look(event: highspy.HighsCallbackEvent) -> None:
            bound = float(event.data_out.mip_dual_bound)
            if whole and not self.problem.kappa and np.isfinite(bound):
                self.bound = min(self.bound, bound)
            if self.best is not None and self.told(replace(self.best, bound=self.bound)):
                stopped[0] = True
            assert event.data_in is not None
            event.data_in.user_interrupt = stopped[0] or self.spent > self.seconds

        solver.cbMipInterrupt += look
        return stopped


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


def in_question(problem: Problem, relaxed: Relaxed, release: Ints, extra: int, rng: np.random.Generator) -> np.ndarray:
    """F flags: where plan and relaxation differ, and the ``extra`` items whose second choice costs least."""
    releases = problem.releases
    planned = (np.arange(releases)[None, :] >= release[:, None]).astype(float)
    differs = (np.abs(relaxed.z - planned) > WHOLE).any(axis=1)
    net = problem.worth()
    net[:, :-1] -= problem.effort @ relaxed.prices
    net[np.arange(releases + 1)[None, :] < problem.earliest[:, None]] = -np.inf
    ordered = np.sort(net, axis=1)
    margin = np.nan_to_num(ordered[:, -1] - ordered[:, -2], posinf=np.finfo(float).max / 4)
    margin = margin * rng.uniform(0.8, 1.2, len(margin)) - differs * np.finfo(float).max / 2
    free = np.zeros(problem.items, dtype=bool)
    free[np.argsort(margin)[: int(differs.sum()) + extra]] = True
    return free


def _freeze(problem: Problem, made: Matrix, solver: highspy.Highs, free: np.ndarray, best: Plan | None) -> None:
    if best is None:
        return
    releases, columns = problem.releases, made.columns
    planned = (np.arange(releases)[None, :] >= best.release[:, None]).astype(float)
    floor = made.floor[:columns].reshape(-1, releases).copy()
    ceiling = made.ceiling[:columns].reshape(-1, releases).copy()
    floor[~free], ceiling[~free] = planned[~free], planned[~free]
    solver.changeColsBounds(columns, np.arange(columns, dtype=np.int32), floor.ravel(), ceiling.ravel())
    known = highspy.HighsSolution()
    extra = [] if best.overtime is None else best.overtime.ravel().tolist()
    more = made.rows.shape[1] - columns - len(extra)
    known.col_value = [*planned.ravel().tolist(), *extra, *([0.0] * more)]
    solver.setSolution(known)


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
    if not problem.kappa:
        return Solver(problem, linear.reference_spread(problem, None), seconds, goal, seed, told).solve()
    ceiling = linear.ceiling(problem)
    first = Solver(problem, linear.reference_spread(problem, None), seconds / 2, goal, seed, told, None, ceiling)
    found = first.solve()
    if found is None or found.gap <= goal:
        return found
    spread = linear.reference_spread(problem, found.release)
    again = Solver(problem, spread, seconds - first.spent, goal, seed, told, found.release, ceiling).solve()
    return again if again is not None and again.objective > found.objective else found
