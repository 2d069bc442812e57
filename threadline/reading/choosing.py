"""Which of many is meant: measures to a score, and learning the weights from what people chose.

The weights are those under which the choices made would have been likeliest (conditional
logit, McFadden 1974), found by Newton's method with a pull towards the weights that stood
before, so that a few choices change little. Every candidate of a question takes part:
leaving out all but the near ones teaches the reverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from threadline.later import np, npt

Matrix: TypeAlias = "npt.NDArray[np.float32]"
Vector: TypeAlias = "npt.NDArray[np.float64]"
# The weights that stand before a team has taught any: of each measure as it is, then beside the best.
# Learnt from duplicates that people marked in three public trackers, together; docs/bench-insight.md measures them.
OURS = (
    0.68, -0.32, 0.66, -0.57, 0.74, -0.59, -0.90, 0.70, 1.14, -0.55, -0.60,
    1.93, 0.96, 1.74, -0.81, 2.28, 0.03, 0.23, 0.99, 0.36, 1.37, 1.98,
)  # fmt: skip


# What likeness in meaning weighs where a model has read the texts: as much as words and pieces together.
MEANING, MEANING_BESIDE_BEST = 1.4, 4.2


def with_meaning(weights: Vector) -> Vector:
    """The weights for measures that end with likeness in meaning."""
    half = len(weights) // 2
    return np.concatenate([weights[:half], [MEANING], weights[half:], [MEANING_BESIDE_BEST]])


@dataclass(frozen=True, slots=True)
class Question:
    """Measures of the candidates (a row each), and which of them were right."""

    measures: Matrix
    right: npt.NDArray[np.bool_]


def widened(measures: Matrix) -> npt.NDArray[np.float64]:
    """Each measure as it is, and beside the best of this question: what is best here says more than what is good."""
    best = measures.max(axis=0, keepdims=True) if len(measures) else measures
    return np.concatenate([measures, measures / np.maximum(best, 1e-6)], 1).astype(np.float64)


def scores(measures: Matrix, weights: Vector) -> Vector:
    """The score of each candidate; only differences within a question mean anything."""
    found: Vector = widened(measures) @ weights
    return found


def learned(
    questions: Sequence[Question],
    before: Vector,
    *,
    pull: float = 4.0,
    rounds: int = 25,
    worth: Sequence[float] | None = None,
) -> Vector:
    """The weights that make the right candidates likeliest, drawn towards ``before`` by ``pull``.

    ``worth`` says how much each question counts; 1 for all where it is not given.
    """
    counted = zip(questions, worth or [1.0] * len(questions), strict=True)
    asked = [(widened(q.measures), q.right, much) for q, much in counted if q.right.any() and not q.right.all()]
    weights = before.astype(np.float64).copy()
    for _ in range(rounds):
        slope, bend = pull * (weights - before), pull * np.eye(len(weights))
        for rows, right, much in asked:
            likely = _shares(rows @ weights)
            wanted = np.where(right, likely, 0)
            wanted /= max(wanted.sum(), 1e-300)
            mean = likely @ rows
            slope += much * (mean - wanted @ rows)
            bend += much * ((rows * likely[:, None]).T @ rows - np.outer(mean, mean))
        step = np.linalg.solve(bend, slope)
        weights -= step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-9))
        if float(np.abs(step).max()) < 1e-4:
            break
    return weights


def shares(measures: Matrix, weights: Vector) -> Vector:
    """How likely each candidate is the one, were it one of them; summing to 1."""
    return _shares(scores(measures, weights))


def _shares(values: Vector) -> Vector:
    raised = np.exp(values - values.max())
    found: Vector = raised / raised.sum()
    return found


def place_of_right(question: Question, weights: Vector) -> int | None:
    """Where the best right candidate stands, from 1; None when none of them is right."""
    if not question.right.any():
        return None
    given = scores(question.measures, weights)
    # What is as good as the right one may stand before it: a score that tells nothing apart earns nothing.
    return int((given[~question.right] >= given[question.right].max()).sum()) + 1


def mean_reciprocal(questions: Sequence[Question], weights: Vector, worth: Sequence[float] | None = None) -> float:
    """The mean of 1 / place of the first right candidate; 0 counts for a question without one."""
    places = [place_of_right(q, weights) for q in questions]
    return float(np.average([1 / p if p else 0.0 for p in places], weights=worth)) if places else 0.0
