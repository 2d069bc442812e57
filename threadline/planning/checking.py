"""An independent look at a plan: every rule it breaks, in words, without the solver's matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from threadline.planning.model import Floats, Ints, Problem, load_of

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Broken:
    """A rule that a plan breaks: its kind, the items (or team and release) it is about, and by how much."""

    rule: str
    about: tuple[int, ...]
    by: float = 1.0


def broken(problem: Problem, release: Ints, overtime: Floats | None = None) -> list[Broken]:
    """Every rule that the plan breaks; an empty list for a plan that holds."""
    found = [*_windows(problem, release), *_pairs(problem, release), *_mix(problem, release)]
    mean, variance = load_of(problem, release)
    over = mean + problem.kappa * np.sqrt(variance) - problem.capacity
    if overtime is not None:
        over = over - overtime
    for k, t in np.argwhere(over > TOLERANCE * (1 + problem.capacity)):
        found.append(Broken("capacity", (int(k), int(t)), float(over[k, t])))
    return found


def _windows(problem: Problem, release: Ints) -> list[Broken]:
    found = []
    for f, t in enumerate(release):
        if t < problem.earliest[f]:
            found.append(Broken("earliest", (f,)))
        if problem.must_by[f] >= 0 and t > problem.must_by[f]:
            found.append(Broken("must", (f,)))
        if problem.fixed[f] >= 0 and t != problem.fixed[f]:
            found.append(Broken("fixed", (f,)))
    return found


def _pairs(problem: Problem, release: Ints) -> list[Broken]:
    out = problem.releases
    found = [Broken("requires", (f, g)) for f, g in problem.requires if release[f] < out and release[g] > release[f]]
    found += [Broken("after", (f, g)) for f, g in problem.after if release[f] < out and release[g] >= release[f]]
    found += [Broken("excludes", (f, g)) for f, g in problem.excludes if release[f] < out and release[g] < out]
    found += [Broken("together", (f, g)) for f, g in problem.together if release[f] != release[g]]
    return found


def _mix(problem: Problem, release: Ints) -> list[Broken]:
    if problem.category is None:
        return []
    each = problem.effort.sum(axis=1) * (release < problem.releases)
    whole = float(each.sum())
    found = []
    for band in problem.mix:
        share = float(each[problem.category == band.category].sum())
        off = abs(share - band.share * whole) - band.band * whole
        if off > TOLERANCE * (1 + whole):
            found.append(Broken("mix", (band.category,), off))
    return found
