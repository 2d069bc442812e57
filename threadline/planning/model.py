"""What a release plan is: the items, the teams, the releases, and what must hold between them.

Shapes: F items, K teams, T releases, counted from 0. Effort and capacity share one unit, such
as person-days; values share another. A plan is an integer array of F releases, T meaning left out.

The formulation is cumulative: an item is delivered *by* a release. Dependencies are then a
closure, and the linear relaxation is tight (van den Akker, Brinkkemper, Diepen and Versendaal,
"Software product release planning through optimization and what-if analysis", IST 50, 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Mix:
    """Items of ``category`` take ``share`` of all planned effort, give or take ``band`` (both 0 to 1)."""

    category: int
    share: float
    band: float


@dataclass(frozen=True)
class Problem:
    """Everything a plan is made from. See :func:`three_point` for effort and spread.

    ``values`` F; ``effort`` and ``spread`` F x K, mean and standard deviation; ``capacity`` K x T.
    ``discount`` T: what a unit of value is worth when it comes in that release. ``due`` F: the last
    release in which the full value is earned, T - 1 for always; later ones earn ``late`` of it.
    ``earliest`` F: first release allowed. ``must_by`` F: release by which it must be in, -1 for none.
    ``fixed`` F: the release it must be in, -1 for none. Pairs (f, g): ``requires`` g in the same
    release or before; ``after`` g strictly before; ``excludes`` not both; ``together`` same release.
    ``confidence``: the chance with which each team's work is to fit each release; 0.5 plans the means.
    ``published`` F: the plan people know (T: out), and ``stability``: the value that one change of
    it must be worth. ``overtime``: the price of a unit of effort beyond capacity; None forbids it.
    """

    values: Floats
    effort: Floats
    spread: Floats
    capacity: Floats
    discount: Floats
    due: Ints
    earliest: Ints
    must_by: Ints
    fixed: Ints
    requires: Sequence[Pair] = ()
    after: Sequence[Pair] = ()
    excludes: Sequence[Pair] = ()
    together: Sequence[Pair] = ()
    category: Ints | None = None
    mix: Sequence[Mix] = ()
    late: float = 0.25
    confidence: float = 0.5
    published: Ints | None = None
    stability: float = 0.0
    overtime: float | None = None

    @property
    def items(self) -> int:
        """F."""
        return len(self.values)

    @property
    def teams(self) -> int:
        """K."""
        return int(self.capacity.shape[0])

    @property
    def releases(self) -> int:
        """T."""
        return int(self.capacity.shape[1])

    @property
    def kappa(self) -> float:
        """Standard deviations of buffer that the confidence asks for: 1.036 for 85 %."""
        return max(NormalDist().inv_cdf(self.confidence), 0.0)

    def worth(self) -> Floats:
        """F x (T + 1): what each item earns in each release; the last column, left out, is 0."""
        t = np.arange(self.releases)
        lateness = np.where(t[None, :] <= self.due[:, None], 1.0, self.late)
        earned = self.values[:, None] * self.discount[None, :] * lateness
        return np.hstack([earned, np.zeros((self.items, 1))])


@dataclass(frozen=True)
class Plan:
    """A plan with what is known of how good it is.

    ``value`` leaves the price of changes and of overtime out; ``bound`` is what no plan can exceed
    on the objective, ``gap`` the share of the bound that may be missing, 0 to 1. ``overtime`` K x T.
    """

    release: Ints
    value: float
    objective: float
    bound: float
    seconds: float = 0.0
    how: str = ""
    overtime: Floats | None = None
    slack: dict[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """The share of the bound that may be missing."""
        return max(self.bound - self.objective, 0.0) / max(abs(self.bound), 1e-9)


def three_point(low: Floats, likely: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of three-point estimates (PERT: Malcolm et al. 1959): (o+4m+p)/6, (p-o)/6."""
    return (low + 4 * likely + high) / 6, (high - low) / 6


def load_of(problem: Problem, release: Ints) -> tuple[Floats, Floats]:
    """Mean effort and variance that a plan puts on each team and release; both K x T."""
    mean = np.zeros((problem.releases + 1, problem.teams))
    variance = np.zeros_like(mean)
    np.add.at(mean, release, problem.effort)
    np.add.at(variance, release, problem.spread**2)
    return mean[:-1].T.copy(), variance[:-1].T.copy()


def value_of(problem: Problem, release: Ints) -> float:
    """What a plan earns."""
    return float(problem.worth()[np.arange(problem.items), release].sum())


def changes_of(problem: Problem, release: Ints) -> int:
    """How many items a plan moves against the published one."""
    return 0 if problem.published is None else int((release != problem.published).sum())


def objective_of(problem: Problem, release: Ints, overtime: Floats | None = None) -> float:
    """What a plan earns, less the price of its changes and of its overtime."""
    extra = 0.0 if overtime is None else float(overtime.sum()) * (problem.overtime or 0.0)
    return value_of(problem, release) - problem.stability * changes_of(problem, release) - extra
