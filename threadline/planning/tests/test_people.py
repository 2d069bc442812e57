"""Utilities of each person: recovered where they are known, drawn together where little was said."""

from __future__ import annotations

import numpy as np
import pytest

from threadline.planning.priority import bestworst, people, surveying
from threadline.planning.priority.bestworst import Task

ITEMS = 6


def choose(u: np.ndarray, shown: list[int], random: np.random.Generator) -> Task:
    """One choice as somebody with these utilities makes it."""
    noisy = {item: u[item] + random.gumbel() for item in shown}
    best = max(noisy, key=lambda i: noisy[i])
    rest = [item for item in shown if item != best]
    bad = {item: -u[item] + random.gumbel() for item in rest}
    return Task(tuple(shown), best, max(bad, key=lambda i: bad[i]))


def answered(true: np.ndarray, seed: int = 7, turns: int = 2) -> list[list[Task]]:
    random = np.random.default_rng(seed)
    return [
        [choose(u, list(shown), random) for turn in range(turns) for shown in surveying.sets(ITEMS, 31 * n + turn)]
        for n, u in enumerate(true)
    ]


def test_two_kinds_of_people_are_told_apart_where_the_whole_sees_one() -> None:
    """Own vector: half love what the other half minds. Together it looks like nothing; one by one it does not."""
    like, mind = np.array([2.0, -2, 1, 0, 0, -1]), np.array([-2.0, 2, 1, 0, 0, -1])
    true = np.array([like, mind] * 60)
    said = answered(true)
    whole = bestworst.utilities([task for one in said for task in one], ITEMS)
    found = people.utilities(said, ITEMS)
    assert found.shape == (120, ITEMS)
    assert np.abs(found.mean(axis=1)).max() < 1e-9
    assert abs(whole[0] - whole[1]) < 0.3  # the whole cannot tell them apart
    right = (found[:, 0] > found[:, 1]) == (true[:, 0] > true[:, 1])
    assert right.mean() > 0.95
    assert np.abs(found - true).mean() < 0.6 * np.abs(whole - true).mean()


def test_where_all_are_alike_each_is_close_to_the_whole() -> None:
    true = np.array([[1.5, 0.5, 0.2, 0, -0.7, -1.5]] * 80)
    said = answered(true)
    found = people.utilities(said, ITEMS)
    assert found.mean(axis=0) == pytest.approx(bestworst.utilities([t for o in said for t in o], ITEMS), abs=0.35)
    assert found.std(axis=0).max() < 0.6


def test_somebody_who_said_little_is_drawn_to_the_others() -> None:
    true = np.array([[2.0, 1, 0, 0, -1, -2]] * 40)
    said = answered(true)
    said[0] = said[0][:1]
    found = people.utilities(said, ITEMS)
    assert np.corrcoef(found[0], found[1:].mean(axis=0))[0, 1] > 0.9
    assert np.array_equal(found, people.utilities(said, ITEMS))  # the same choices, the same numbers
    assert people.utilities(said[:1], ITEMS).shape == (1, ITEMS)
