"""Vectors on disk: the nearest are found, the erased are gone, a broken write is cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from threadline.reading.meaning import Vectors, digest_of

CHANCE = np.random.default_rng(5)


def some(count: int, dims: int = 384) -> np.ndarray:
    return CHANCE.standard_normal((count, dims)).astype(np.float32)


def kept(folder: Path, vectors: np.ndarray) -> Vectors:
    made = Vectors(folder / "v")
    made.begin("m", vectors.shape[1])
    made.write([(f"id-{n}", "note", digest_of(str(n)), v) for n, v in enumerate(vectors)])
    return made


@pytest.mark.parametrize("dims", [8, 128, 384, 1_536])
def test_what_is_near_is_found(tmp_path: Path, dims: int) -> None:
    vectors = some(200, dims)
    made = kept(tmp_path, vectors)
    asked = vectors[17] + 0.2 * some(1, dims)[0]
    assert made.near(asked / np.linalg.norm(asked), "note", 5)[0] == "id-17"
    assert made.near(asked / np.linalg.norm(asked), "other", 5) == []
    assert made.of(["id-17", "none"])["id-17"] == pytest.approx(vectors[17] / np.linalg.norm(vectors[17]), abs=2e-3)


def test_a_later_vector_stands_for_the_earlier_and_what_is_gone_is_not_found(tmp_path: Path) -> None:
    vectors = some(10)
    made = kept(tmp_path, vectors)
    made.write([("id-3", "note", digest_of("new"), vectors[9])], ["id-4"])
    assert made.count() == 9
    found = made.near(vectors[9] / np.linalg.norm(vectors[9]), "note", 10)
    assert set(found[:2]) == {"id-3", "id-9"}
    assert "id-4" not in found
    assert set(made.digests([digest_of("new"), digest_of("unknown")])) == {digest_of("new")}


def test_what_was_erased_leaves_no_trace(tmp_path: Path) -> None:
    made = kept(tmp_path, some(10))
    mine = (tmp_path / "v" / "full.f16").read_bytes()[: 2 * 384]
    assert made.forget_all_but(frozenset(f"id-{n}" for n in range(1, 10)))
    assert made.count() == 9
    assert all(b"id-0" not in f.read_bytes() and mine not in f.read_bytes() for f in (tmp_path / "v").iterdir())
    assert not made.forget_all_but(frozenset(f"id-{n}" for n in range(1, 10)))


def test_models_are_never_mixed(tmp_path: Path) -> None:
    made = kept(tmp_path, some(10))
    made.begin("m", 384)
    assert made.count() == 10
    made.begin("another", 384)
    assert made.count() == 0


def test_a_write_that_broke_off_is_cut_away(tmp_path: Path) -> None:
    kept(tmp_path, some(10))
    with (tmp_path / "v" / "full.f16").open("ab") as file:
        file.write(b"half")
    again = Vectors(tmp_path / "v")
    again.begin("m", 384)
    again.write([("late", "note", digest_of("late"), some(1)[0])])
    assert again.count() == 11
    assert Vectors(tmp_path / "v").count() == 11


def test_another_process_sees_what_was_written(tmp_path: Path) -> None:
    made = kept(tmp_path, some(3))
    reader = Vectors(tmp_path / "v")
    assert reader.count() == 3
    made.write([("late", "note", digest_of("late"), some(1)[0])])
    assert reader.count() == 4
