"""The front of value against cost, beside every set there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from threadline.planning import fronts
from threadline.planning.fronts import supported


def by_hand(values: np.ndarray, costs: np.ndarray, requires: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """Corners of the upper hull over all closed sets, by trying each."""
    best: dict[float, float] = {}
    for taken in product((0, 1), repeat=len(values)):
        if all(not taken[f] or taken[g] for f, g in requires):
            cost, value = float(costs @ taken), float(values @ taken)
            best[cost] = max(best.get(cost, -1.0), value)
    hull: list[tuple[float, float]] = []
    for x, y in sorted(best.items()):
        if hull and y <= hull[-1][1]:
            continue
        while len(hull) > 1 and (hull[-1][1] - hull[-2][1]) * (x - hull[-2][0]) <= (y - hull[-2][1]) * (
            hull[-1][0] - hull[-2][0]
        ):
            hull.pop()
        hull.append((x, y))
    return hull


@pytest.mark.parametrize("seed", range(12))
def test_the_corners_are_those_of_all_sets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, costs = rng.integers(0, 20, 10).astype(float), rng.integers(1, 9, 10).astype(float)
    requires = [(int(f), int(rng.integers(0, f))) for f in rng.choice(np.arange(1, 10), 5, replace=False)]
    assert supported(values, costs, requires) == by_hand(values, costs, requires)


def test_what_an_item_needs_is_paid_for() -> None:
    assert supported(np.array([10.0, 0.0]), np.array([1.0, 4.0]), [(0, 1)]) == [(0.0, 0.0), (5.0, 10.0)]


def test_a_part_of_the_items_gives_the_same_corners(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    values, costs = rng.integers(1, 60, 80).astype(float), rng.integers(1, 20, 80).astype(float)
    requires = [(f, int(rng.integers(0, f))) for f in range(20, 80) for _ in range(2)]
    parted = supported(values, costs, requires)
    monkeypatch.setattr(fronts, "SMALLER", -1.0)  # one programme for all of it
    assert supported(values, costs, requires) == parted
    assert len(parted) > 10
