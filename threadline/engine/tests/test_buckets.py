"""Buckets: they refill, are one for all processes, and forget those who took least."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from threadline.engine import buckets
from threadline.engine.buckets import SETS, WAYS, Buckets

TAKER = (
    "import sys; from pathlib import Path; from threadline.engine.buckets import Buckets;"
    "b = Buckets(Path(sys.argv[1]));"
    "print(sum(b.take('ana', 1, most=1000, rate=0)[1] for _ in range(800)))"
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(buckets.time, "monotonic", lambda: now[0])
    return now


def test_two_processes_at_once_take_no_more_than_there_is(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TAKER, str(tmp_path / "callers")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    taken = [int(one.communicate()[0]) for one in both]
    assert sum(taken) == 1_000


def test_a_bucket_refills_up_to_its_brim(tmp_path: Path, clock: list[float]) -> None:
    made = Buckets(tmp_path / "callers")
    assert made.take("ana", 8, most=10, rate=1) == (2, True)
    assert made.take("ana", 5, most=10, rate=1) == (2, False)
    clock[0] += 3
    assert made.take("ana", 5, most=10, rate=1) == (0, True)
    clock[0] += 1_000
    assert made.take("ana", 1, most=10, rate=1) == (9, True)
    assert made.take("ben", 1, most=10, rate=1) == (9, True)


def test_what_is_from_before_the_machine_started_anew_counts_as_full(tmp_path: Path, clock: list[float]) -> None:
    Buckets(tmp_path / "callers").take("ana", 10, most=10, rate=1)
    clock[0] = 5.0
    assert Buckets(tmp_path / "callers").take("ana", 1, most=10, rate=1) == (9, True)


def test_many_names_do_not_wash_out_one_who_has_taken_all(tmp_path: Path, clock: list[float]) -> None:
    made = Buckets(tmp_path / "callers")
    made.take("greedy", 10, most=10, rate=1)
    for number in range(2 * SETS * WAYS):
        made.take(f"other {number}", 1, most=10, rate=1)
    assert made.take("greedy", 1, most=10, rate=1) == (0, False)


def test_without_a_place_for_the_file_a_process_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    made = Buckets(tmp_path / "taken" / "callers")
    assert made.take("ana", 10, most=10, rate=0) == (0, True)
    assert made.take("ana", 1, most=10, rate=0) == (0, False)
