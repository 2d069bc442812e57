"""How sure a ranking is: the inputs are sampled, the scores computed, and the places counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from threadline.later import np, npt

Samples: TypeAlias = "npt.NDArray[np.float64]"
DRAWS = 10_000
INNER = 0.9  # of the places an item took, what is told


@dataclass(frozen=True, slots=True)
class Ranged:
    """An input that is not known exactly: its lowest, likeliest and highest value."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where items stand. ``above[i][j]`` is the chance that i scores higher than j (ties count half).

    ``places`` are the inner nine tenths of the places each took, the best being 1.
    """

    above: tuple[tuple[float, ...], ...]
    places: tuple[tuple[int, int], ...]


def drawn(inputs: Sequence[Ranged], draws: int = DRAWS, seed: int = 1) -> Samples:
    """Samples of each input, a row each: triangular between its ends, the same ones for the same seed."""
    source = np.random.default_rng(seed)
    rows = [
        source.triangular(i.low, i.likely, i.high, draws) if i.high > i.low else np.full(draws, i.likely)
        for i in inputs
    ]
    return np.array(rows, dtype=float)


def standing(scores: Samples) -> Standing:
    """From samples of scores, a row for each item."""
    items = len(scores)
    above = [
        [float(((scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j])).mean()) for j in range(items)]
        for i in range(items)
    ]
    places = 1 + np.argsort(np.argsort(-scores, axis=0, kind="stable"), axis=0)
    edge = (1 - INNER) / 2
    ends = np.quantile(places, (edge, 1 - edge), axis=1, method="nearest")
    return Standing(tuple(map(tuple, above)), tuple((int(a), int(b)) for a, b in ends.T))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one item of a ranking stands: the inner nine tenths of its places, and its chance to beat the next."""

    low: int
    high: int
    over_next: float | None


def places_of(scores: Samples) -> list[Place]:
    """From samples of scores, a row for each item, in the order in which they are ranked; ties count half."""
    if not len(scores):
        return []
    found = 1 + np.argsort(np.argsort(-scores, axis=0, kind="stable"), axis=0)
    edge = (1 - INNER) / 2
    ends = np.quantile(found, (edge, 1 - edge), axis=1, method="nearest")
    over = [float(((a > b) + 0.5 * (a == b)).mean()) for a, b in pairwise(scores)]
    return [Place(int(a), int(b), c) for (a, b), c in zip(ends.T, [*over, None], strict=True)]


def standing_of(
    items: Sequence[Sequence[Ranged]], score: Callable[..., Samples], draws: int = DRAWS, seed: int = 1
) -> Standing:
    """From the inputs of each item and the formula that makes a score of their samples."""
    return standing(np.array([score(*drawn(inputs, draws, seed + at)) for at, inputs in enumerate(items)]))
