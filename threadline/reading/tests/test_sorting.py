"""The linear model: what it learns, how sure it is, when it is silent, how it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from threadline.reading import sorting
from threadline.reading.likeness import Read, read

THINGS = ("map", "harbour", "raid", "party", "ship", "market", "login", "chat")
SAID = {"bug": ("crashes", "freezes", "broken", "error"), "praise": ("love", "great", "wonderful", "fun")}


def texts(count: int, seed: int = 1) -> tuple[list[Read], list[str]]:
    chance = np.random.default_rng(seed)
    made, names = [], []
    for i in range(count):
        label = ("bug", "praise")[i % 2]
        said = chance.choice(SAID[label], 2, replace=False)
        made.append(read("", f"the {chance.choice(THINGS)} {' '.join(said)} with my {chance.choice(THINGS)} {i}"))
        names.append(label)
    return made, names


def test_what_was_not_learnt_from_is_sorted_right_and_surely() -> None:
    model = sorting.trained(*texts(80))
    fresh, names = texts(40, seed=2)
    answers = [model.answer(t) for t in fresh]
    assert [a and a[0] for a in answers] == names
    assert model.told.macro_f1 > 0.95
    assert model.chances(fresh[0]).sum() == pytest.approx(1)


def test_labels_given_by_chance_make_it_silent() -> None:
    given, _ = texts(80)
    names = [str(n) for n in np.random.default_rng(3).choice(["one", "other"], 80)]
    model = sorting.trained(given, names)
    assert model.told.spoken < 0.5
    assert model.told.macro_f1 < 0.7


def test_a_text_without_a_known_feature_is_not_spoken_of() -> None:
    assert sorting.trained(*texts(80)).answer(read("", "")) is None


def test_it_is_kept_and_read_back_the_same(tmp_path: Path) -> None:
    model, fresh = sorting.trained(*texts(60)), texts(6, seed=4)[0]
    model.save(tmp_path / "model.npz")
    kept = sorting.load(tmp_path / "model.npz")
    assert kept.labels == model.labels
    assert kept.told == model.told
    for text in fresh:
        assert kept.chances(text) == pytest.approx(model.chances(text))


def test_macro_f1_against_the_sum_done_by_hand() -> None:
    """Right, wrong: label 0 has P 2/3, R 1 (F .8), label 1 has P 1, R 1/2 (F 2/3)."""
    assert sorting.macro_f1(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]), 2) == pytest.approx((0.8 + 2 / 3) / 2)


def test_what_a_label_has_far_oftener_than_others_weighs_more() -> None:
    """The second model alone: a feature that both have as often says nothing, one that a label has alone says most."""
    counts = sparse.csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1]], float))
    weights, _ = sorting._by_ratio(counts, np.array([0, 0, 1, 1]), 2)
    assert weights[0][1] > 0 > weights[0][2]
    assert abs(weights[0][0]) < 1e-6
