"""What a feature does to satisfaction: Kano's questions (N. Kano, 1984), discrete and continuous."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

ANSWERS = ("like", "expect", "neutral", "tolerate", "dislike")
# Rows: with the feature; columns: without it. Attractive, one-dimensional, must-be, indifferent, reverse,
# questionable.
_TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
# W. DuMouchel in Berger et al., "Kano's methods for understanding customer-defined quality", 1993.
FUNCTIONAL = {"like": 4, "expect": 2, "neutral": 0, "tolerate": -1, "dislike": -2}
DYSFUNCTIONAL = {"like": -2, "expect": -1, "neutral": 0, "tolerate": 2, "dislike": 4}


def category(functional: str, dysfunctional: str) -> str:
    """One letter of A, O, M, I, R, Q for the answers to both questions."""
    return _TABLE[ANSWERS.index(functional)][ANSWERS.index(dysfunctional)]


def counts(answers: Iterable[tuple[str, str]]) -> Counter[str]:
    """How many people put the feature in each category."""
    return Counter(category(*pair) for pair in answers)


def better_worse(found: Counter[str]) -> tuple[float, float] | None:
    """How much having it satisfies (0 to 1) and lacking it dissatisfies (-1 to 0); None when nobody said either."""
    whole = found["A"] + found["O"] + found["M"] + found["I"]
    if not whole:
        return None
    return (found["A"] + found["O"]) / whole, -(found["O"] + found["M"]) / whole


def place(answers: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """The means of both questions on DuMouchel's scale: without it, then with it; at least one answer."""
    without = sum(DYSFUNCTIONAL[d] for _, d in answers) / len(answers)
    having = sum(FUNCTIONAL[f] for f, _ in answers) / len(answers)
    return without, having


def quadrant(without: float, having: float) -> str:
    """What a place means: the middle of the scale, 2, divides it."""
    if having >= 2:
        return "performance" if without >= 2 else "attractive"
    return "must-be" if without >= 2 else "indifferent"
