"""Utilities of each person from a few choices of theirs: what they chose, drawn towards what people like them choose.

One person's choices alone are too few for a number each. So utilities of people are taken to spread around a mean as a
normal distribution does, whose mean and spread are learnt from everybody; each person's are then the likeliest given
both (empirical Bayes, by EM with Laplace's approximation; K. Train, "Discrete Choice Methods with Simulation",
2nd ed., 2009, chapters 11 and 14). The same choices always give the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from threadline.later import np, npt
from threadline.planning.priority.bestworst import Task

Array: TypeAlias = "npt.NDArray[np.float64]"
ROUNDS, STEPS, SETTLED = 40, 8, 1e-4
HELD = 4.0  # people's worth of a plain spread of 1: with few people the learnt spread counts less


def utilities(people: Sequence[Sequence[Task]], items: int) -> Array:
    """A row for each person, a column for each item; the mean of each row is 0. At least one person."""
    shown, best, worst = _choices(people, items)
    rest = shown & (best == 0)
    u = np.zeros((len(people), items))
    mean: Array = np.zeros(items)
    spread: Array = np.eye(items)
    for _ in range(ROUNDS):
        before = mean
        pull: Array = np.linalg.inv(spread).astype(np.float64)
        u, around = _likeliest(u, mean, pull, shown, rest, best - worst)
        mean = u.mean(axis=0)
        off = u - mean
        seen = off.T @ off + around.sum(axis=0)
        spread = (seen + HELD * np.eye(items)) / (len(people) + HELD)
        if np.abs(mean - before).max() < SETTLED:
            break
    centred: Array = u - u.mean(axis=1, keepdims=True)
    return centred


def _choices(people: Sequence[Sequence[Task]], items: int) -> tuple[Array, Array, Array]:
    """By person, set and item: what was shown, called best and called worst; shorter sheets end in empty sets."""
    sets = max((len(said) for said in people), default=0)
    shown = np.zeros((len(people), sets, items), bool)
    best, worst = np.zeros(shown.shape), np.zeros(shown.shape)
    for person, said in enumerate(people):
        for at, task in enumerate(said):
            shown[person, at, list(task.shown)] = True
            best[person, at, task.best] = worst[person, at, task.worst] = 1.0
    return shown, best, worst


def _likeliest(u: Array, mean: Array, pull: Array, shown: Array, rest: Array, said: Array) -> tuple[Array, Array]:
    """Newton's steps for everybody at once; and how sure each is, as a covariance."""
    around = np.zeros((*u.shape, u.shape[1]))
    for _ in range(STEPS):
        first, last = _chances(u, shown), _chances(-u, rest)
        gradient = (said - first + last).sum(axis=1) - (u - mean) @ pull
        curvature = np.broadcast_to(pull, around.shape).copy()
        for chances in (first, last):
            summed = chances.sum(axis=1)
            curvature += np.einsum("pi,ij->pij", summed, np.eye(u.shape[1])) - np.einsum(
                "pti,ptj->pij", chances, chances
            )
        around = np.linalg.inv(curvature)
        step = np.einsum("pij,pj->pi", around, gradient)
        u = u + step
        if np.abs(step).max() < SETTLED:
            break
    return u, around


def _chances(u: Array, among: Array) -> Array:
    """How likely each of a set is to be chosen; an empty set gives nothing."""
    raised = np.where(among, np.exp(u - u.max(axis=1, keepdims=True))[:, None, :], 0.0)
    whole = raised.sum(axis=2, keepdims=True)
    found: Array = raised / np.where(whole == 0, 1.0, whole)
    return found
