"""Best and worst of a few at a time (MaxDiff; J. Louviere, 1987): counts, and a logit fitted to the choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from threadline.later import np, npt

STEPS = 50
RIDGE = 1e-6  # keeps an item that always wins from running away


@dataclass(frozen=True, slots=True)
class Task:
    """What one person was shown, by number, and which of it they called best and worst."""

    shown: tuple[int, ...]
    best: int
    worst: int


def counted(tasks: Sequence[Task], items: int) -> list[float | None]:
    """(best - worst) / shown of each item, from -1 to 1; None for one never shown."""
    found: list[float | None] = []
    for item in range(items):
        shown = sum(item in task.shown for task in tasks)
        score = sum((task.best == item) - (task.worst == item) for task in tasks)
        found.append(score / shown if shown else None)
    return found


def utilities(tasks: Sequence[Task], items: int) -> npt.NDArray[np.float64]:
    """Utilities that make the choices likeliest, their mean 0: best by e^u, then worst of the rest by e^-u.

    By Newton's method. For each respondent alone there are too few choices: that wants a hierarchical model.
    """
    u = np.zeros(items)
    for _ in range(STEPS):
        gradient, curvature = -RIDGE * u, RIDGE * np.eye(items) + 1.0 / items
        for task in tasks:
            rest = [item for item in task.shown if item != task.best]
            for among, chosen, sign in ((list(task.shown), task.best, 1.0), (rest, task.worst, -1.0)):
                chances = _softmax(sign * u[among])
                gradient[chosen] += sign
                gradient[among] -= sign * chances
                curvature[np.ix_(among, among)] += np.diag(chances) - np.outer(chances, chances)
        step = np.linalg.solve(curvature, gradient)
        u = u + step
        if np.abs(step).max() < 1e-10:
            break
    centred: npt.NDArray[np.float64] = u - u.mean()
    return centred


def shares(u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How often each would be chosen from all of them; they sum to 1."""
    return _softmax(u)


def _softmax(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    raised = np.exp(values - values.max())
    normed: npt.NDArray[np.float64] = raised / raised.sum()
    return normed
