"""How sure a plan is: its efforts drawn many times from what people estimated.

Efforts are log-normal with the mean and standard deviation of the three-point estimate, drawn
independently for each item and team.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from threadline.planning.model import Floats, Ints, Problem


@dataclass(frozen=True)
class Sureness:
    """``fits`` K x T: the chance that a team's work fits a release; ``error`` its standard error at the
    middle; ``each`` T: that all teams fit that release; ``all``: that everything fits."""

    fits: Floats
    each: Floats
    all: float
    runs: int

    @property
    def error(self) -> float:
        """The largest standard error of a chance, one half's."""
        return float(0.5 / np.sqrt(self.runs))


def sureness(problem: Problem, release: Ints, *, runs: int = 10_000, seed: int = 0) -> Sureness:
    """Simulate the plan's efforts ``runs`` times. 1.0 for teams that have nothing to do."""
    rng = np.random.Generator(np.random.SFC64(seed))
    releases, teams = problem.releases, problem.teams
    load = np.zeros((teams, releases, runs), dtype=np.float32)
    for k in range(teams):
        planned = np.flatnonzero((problem.effort[:, k] > 0) & (release < releases))
        for f in planned:
            mean, spread = problem.effort[f, k], problem.spread[f, k]
            s2 = np.log1p((spread / mean) ** 2)
            drawn = np.exp(rng.standard_normal(runs, dtype=np.float32) * np.float32(np.sqrt(s2)))
            load[k, release[f]] += drawn * np.float32(mean * np.exp(-s2 / 2))
    fits = load <= problem.capacity[:, :, None].astype(np.float32) * (1 + 1e-6)
    return Sureness(fits.mean(axis=2), fits.all(axis=0).mean(axis=1), float(fits.all(axis=(0, 1)).mean()), runs)
