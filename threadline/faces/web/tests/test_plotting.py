"""Points of a plot stand apart, inside it, and in the same places every time."""

from __future__ import annotations

import random
from math import hypot
from typing import Any

import pytest

from threadline.faces.web.plotting import set_apart

BOX = (40.0, 40.0, 520.0, 520.0)


def nearest(points: list[dict[str, Any]]) -> float:
    return min(hypot(a["x"] - b["x"], a["y"] - b["y"]) for n, a in enumerate(points) for b in points[n + 1 :])


def points(count: int, seed: int) -> list[dict[str, Any]]:
    source = random.Random(seed)
    return [{"x": 40 + 48.0 * source.randint(0, 10), "y": 40 + 48.0 * source.randint(0, 10)} for _ in range(count)]


@pytest.mark.parametrize("seed", range(5))
def test_sixty_points_on_a_grid_can_all_be_read(seed: int) -> None:
    made = points(60, seed)
    set_apart(made, least=20, inside=BOX)
    assert nearest(made) > 16
    assert all(40 <= p["x"] <= 520 and 40 <= p["y"] <= 520 for p in made)
    again = points(60, seed)
    set_apart(again, least=20, inside=BOX)
    assert again == made


def test_what_stands_alone_stays() -> None:
    made = [{"x": 100.0, "y": 100.0}, {"x": 300.0, "y": 100.0}]
    set_apart(made, least=20, inside=BOX)
    assert made == [{"x": 100.0, "y": 100.0}, {"x": 300.0, "y": 100.0}]


def test_six_in_one_place_spread() -> None:
    made = [{"x": 40.0, "y": 40.0} for _ in range(6)]
    set_apart(made, least=20, inside=BOX)
    assert nearest(made) > 16
