"""kill -9 in the middle of things: no acknowledged write is lost, nothing drifts, no job is forgotten."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import pytest

BEGIN = "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'threadline.settings'; django.setup()\n"
WRITER = """
from threadline.kernel import verbs
from threadline.kernel.access import actor_of
from threadline.kernel.members import Member
actor = actor_of(Member.objects.get())
note = verbs.create(actor, "feedback", {"body": "I lost the boss key"})
number = 0
while True:
    number += 1
    made = verbs.create(actor, "feature", {"title": f"Write {number}", "body": f"See [[{note.key}]]"})
    print("made", made.key, made.title, sep="\\t", flush=True)
    verbs.update(actor, "feature", made.pk, {"title": f"Again {number}"})
    print("changed", made.key, f"Again {number}", sep="\\t", flush=True)
    verbs.link(actor, made, note.pk, "evidence", quote="boss key")
    print("linked", made.key, "", sep="\\t", flush=True)
"""
READ = """
from threadline.inbound.features.models import Feature
from threadline.kernel.links import Link
for feature in Feature.objects.order_by("number"):
    links = Link.objects.filter(source_id=feature.pk, kind="evidence").count()
    print(feature.key, feature.title, links, sep="\\t")
"""


def acknowledged(place: Any, writes: int) -> list[list[str]]:
    """Kill the writer after so many acknowledged writes, in the middle of the next; what it acknowledged."""
    writer = place.start([sys.executable, "-c", BEGIN + WRITER])
    said = [writer.stdout.readline() for _ in range(writes)]
    writer.send_signal(signal.SIGKILL)
    said += writer.communicate()[0].splitlines(keepends=True)
    assert writer.returncode == -signal.SIGKILL
    return [line.rstrip("\n").split("\t") for line in said if line.endswith("\n")]


@pytest.mark.slow
def test_killed_writers_lose_no_acknowledged_write_and_leave_no_drift(place: Any) -> None:
    place.run("user", "add", "ana@x.example", "--role", "owner", "--new-workspace", "North")
    told = [step for writes in (5, 17, 40) for step in acknowledged(place, writes)]
    assert len(told) >= 62
    kept = {key: (title, int(links)) for key, title, links in (
        line.split("\t") for line in place.python(READ).splitlines()
    )}  # fmt: skip
    for verb, key, title in told:
        assert key in kept
        if verb == "changed":
            assert kept[key][0] == title
        if verb == "linked":
            assert kept[key][1] == 1
    said = place.run("check")
    assert (said["ok"], said["mended"]) == (True, [])


SLOW = """
import pathlib, threading, time
from threadline.kernel import work, worker

@work.job("test.slow")
def slow(progress, *, log):
    with open(log, "a") as out:
        print(progress.attempt, file=out, flush=True)
    if progress.attempt == 1:
        print("inside", flush=True)
        time.sleep(600)
    progress(1, 1)
    return {"attempt": progress.attempt}

@work.job("test.quick")
def quick(progress, *, log):
    with open(log, "a") as out:
        print("quick", file=out, flush=True)

@work.job("test.steps")
def steps(progress, *, log):
    for step in range(600):
        progress(step, 600, "steps")
        if step == 0:
            print("inside", flush=True)
        time.sleep(0.1)
"""
QUEUE = SLOW + "work.enqueue(sys.argv[1], {'log': sys.argv[2]}, priority=int(sys.argv[3]))\n"
WORK = SLOW + "worker.Worker(threads=int(sys.argv[1]), lease=float(sys.argv[2])).run()\n"
STATES = """
from threadline.kernel.jobs import Job
for job in Job.objects.filter(name__startswith="test").order_by("pk"):
    print(job.name, job.state, job.attempts)
"""


def worker(place: Any, threads: int = 1, lease: float = 2) -> Any:
    return place.start([sys.executable, "-c", BEGIN + WORK, str(threads), str(lease)])


@pytest.mark.slow
def test_a_job_of_a_killed_worker_runs_again(place: Any, tmp_path: Path) -> None:
    log = tmp_path / "log"
    place.python(QUEUE, "test.slow", str(log), "5")
    place.python(QUEUE, "test.quick", str(log), "0")  # claimed with it, not begun
    first = worker(place)
    assert first.stdout.readline() == "inside\n"
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert log.read_text() == "1\n"
    second = worker(place)
    for _ in range(200):
        if "done" in (states := place.python(STATES)) and "waiting" not in states and "running" not in states:
            break
    second.send_signal(signal.SIGTERM)
    second.communicate(timeout=30)
    assert second.returncode == 0
    assert place.python(STATES).splitlines() == ["test.slow done 2", "test.quick done 1"]
    assert sorted(log.read_text().split()) == ["1", "2", "quick"]


@pytest.mark.slow
def test_a_living_worker_keeps_its_job_beyond_the_lease(place: Any, tmp_path: Path) -> None:
    log = tmp_path / "log"
    place.python(QUEUE, "test.slow", str(log), "0")
    first, second = worker(place, lease=1.5), None
    try:
        assert first.stdout.readline() == "inside\n"
        second = worker(place, lease=1.5)
        place.python("import time; time.sleep(4)")
        assert log.read_text() == "1\n"  # nobody else began it, though the lease was long over without its beats
    finally:
        for one in (first, second):
            if one is not None:
                one.kill()
                one.communicate()


@pytest.mark.slow
def test_a_stopping_worker_hands_its_job_back_without_counting_it(place: Any, tmp_path: Path) -> None:
    place.python(QUEUE, "test.steps", str(tmp_path / "log"), "0")
    one = worker(place, lease=60)
    assert one.stdout.readline() == "inside\n"
    one.send_signal(signal.SIGTERM)
    one.communicate(timeout=30)
    assert one.returncode == 0
    assert place.python(STATES).splitlines() == ["test.steps waiting 0"]


@pytest.mark.slow
def test_two_workers_never_run_the_same_job_twice(place: Any, tmp_path: Path) -> None:
    log = tmp_path / "log"
    place.python(SLOW + f"for n in range(60): work.enqueue('test.quick', {{'log': {str(log)!r}}})\n")
    crew = [worker(place, threads=2, lease=60) for _ in range(2)]
    for _ in range(200):
        if place.python(STATES).count("done") == 60:
            break
    for one in crew:
        one.send_signal(signal.SIGTERM)
    for one in crew:
        one.communicate(timeout=30)
    assert log.read_text().split() == ["quick"] * 60
    assert place.python(STATES).splitlines() == ["test.quick done 1"] * 60


@pytest.mark.slow
def test_a_worker_stays_small(place: Any) -> None:
    one = place.start([sys.executable, "-m", "threadline", "work"])
    status = Path(f"/proc/{one.pid}/status")
    try:
        for _ in range(60):
            place.python("import time; time.sleep(0.05)")
            threads = next(line for line in status.read_text().splitlines() if line.startswith("Threads"))
            if int(threads.split()[1]) >= 4:
                break
        high = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        assert int(high.split()[1]) < 120 * 1024
    finally:
        one.send_signal(signal.SIGTERM)
        one.communicate(timeout=30)
    assert one.returncode == 0
