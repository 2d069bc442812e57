"""The worker, in one thread: what is due, what fails, what is cancelled, what comes again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from threadline.kernel import events, rows, verbs, work, worker
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the sample jobs did; their names are forgotten afterwards."""
    seen: list[Any] = []
    monkeypatch.setattr(work, "_declared", dict(work._declared))

    @work.job("test.note")
    def note(progress: work.Progress, *, word: str) -> dict[str, Any]:
        seen.append(word)
        return {"length": len(word)}

    @work.job("test.fail", most_attempts=3)
    def fail(progress: work.Progress) -> None:
        seen.append("fail")
        raise RuntimeError("the far side is down")

    @work.job("test.refused")
    def refused(progress: work.Progress) -> None:
        seen.append("refused")
        raise Invalid(("title", "Needed."))

    @work.job("test.long")
    def long(progress: work.Progress, *, cancel_after: int) -> None:
        for step in range(100):
            if step == cancel_after:
                work.cancel(None, progress.job_id)
                progress.beat.__self__._told = 0  # type: ignore[union-attr] # a second has passed
            progress(step, 100, "rows")
            seen.append(step)

    return seen


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(run_at=rows.now() - timedelta(seconds=1))


def test_job_runs_once_and_keeps_its_result(ran: list[Any]) -> None:
    job = work.enqueue("test.note", {"word": "kelp"})
    assert worker.run_due() == 1
    assert worker.run_due() == 0
    assert ran == ["kelp"]
    job = fresh(job)
    assert (job.state, job.result, job.attempts, job.lease_until) == ("done", {"length": 4}, 1, None)
    assert job.finished_at is not None


def test_higher_priority_first_then_the_oldest(ran: list[Any]) -> None:
    at = rows.now() - timedelta(minutes=1)
    work.enqueue("test.note", {"word": "third"}, run_at=at)
    work.enqueue("test.note", {"word": "second"}, run_at=at - timedelta(minutes=1))
    work.enqueue("test.note", {"word": "first"}, run_at=at, priority=5)
    worker.run_due()
    assert ran == ["first", "second", "third"]


def test_job_for_later_waits(ran: list[Any]) -> None:
    job = work.enqueue("test.note", {"word": "later"}, run_at=rows.now() + timedelta(hours=1))
    assert worker.run_due() == 0
    make_due(job)
    assert worker.run_due() == 1


def test_more_than_a_batch_all_run(ran: list[Any]) -> None:
    for number in range(worker.BATCH + 5):
        work.enqueue("test.note", {"word": str(number)})
    assert worker.run_due() == worker.BATCH + 5
    assert len(set(ran)) == worker.BATCH + 5


def test_failure_is_tried_again_later_and_later_then_dies_in_words(ran: list[Any]) -> None:
    job, delays = work.enqueue("test.fail"), []
    for attempt in (1, 2, 3):
        assert worker.run_due() == 1
        now = fresh(job)
        assert now.attempts == attempt
        assert "the far side is down" in now.error
        delays.append((now.run_at - rows.now()).total_seconds())
        make_due(job)
    assert fresh(job).state == "dead"
    assert worker.FIRST_DELAY * 0.5 < delays[0] < worker.FIRST_DELAY * 1.3 < delays[1] < worker.FIRST_DELAY * 2.6
    assert worker.run_due() == 0
    assert ran == ["fail"] * 3


def test_refusal_is_not_tried_again(ran: list[Any]) -> None:
    job = work.enqueue("test.refused")
    worker.run_due()
    job = fresh(job)
    assert (job.state, job.error, job.attempts) == ("dead", "title: Needed.", 1)


def test_unknown_name_is_an_error_that_says_so(ran: list[Any]) -> None:
    job = work.enqueue("test.nobody", most_attempts=1)
    worker.run_due()
    assert fresh(job).state == "dead"
    assert "test.nobody" in fresh(job).error


def test_dead_job_can_be_retried_or_discarded(ran: list[Any]) -> None:
    job, other = work.enqueue("test.refused"), work.enqueue("test.refused")
    worker.run_due()
    assert work.retry(None, [job.pk]) == 1
    assert (fresh(job).state, fresh(job).attempts) == ("waiting", 0)
    assert work.discard(None) == 1
    assert not Job.objects.filter(pk=other.pk).exists()
    assert Job.objects.filter(pk=job.pk).exists()


def test_unique_key_takes_in_one_open_job_at_a_time(ran: list[Any]) -> None:
    first = work.enqueue("test.note", {"word": "a"}, unique_key="once")
    assert work.enqueue("test.note", {"word": "b"}, unique_key="once").pk == first.pk
    worker.run_due()
    assert work.enqueue("test.note", {"word": "c"}, unique_key="once").pk != first.pk
    assert ran == ["a"]


def test_repeating_job_comes_again_on_its_own_beat(ran: list[Any]) -> None:
    begun = rows.now() - timedelta(seconds=95)
    job = work.enqueue("test.note", {"word": "tick"}, repeat_seconds=30, run_at=begun)
    assert worker.run_due() == 1
    job = fresh(job)
    assert (job.state, job.attempts) == ("waiting", 0)
    assert job.run_at == begun + timedelta(seconds=120)  # what was missed is not made up for


def test_repeating_job_outlives_its_failures(ran: list[Any]) -> None:
    job = work.enqueue("test.fail", repeat_seconds=30, most_attempts=1)
    worker.run_due()
    assert fresh(job).state == "waiting"
    assert "far side" in fresh(job).error


def test_cancel_reaches_a_running_job_through_its_progress(ran: list[Any]) -> None:
    job = work.enqueue("test.long", {"cancel_after": 4})
    worker.run_due()
    assert fresh(job).state == "cancelled"
    assert ran == [0, 1, 2, 3]
    assert fresh(job).progress == {"done": 4, "total": 100, "note": "rows"}


def test_cancel_ends_a_waiting_job_at_once(ran: list[Any]) -> None:
    job = work.enqueue("test.note", {"word": "never"})
    work.cancel(None, job.pk)
    assert worker.run_due() == 0
    assert fresh(job).state == "cancelled"
    with pytest.raises(NotFound):
        work.cancel(None, job.pk)


def test_job_of_a_killed_worker_runs_again_when_its_lease_is_over(ran: list[Any]) -> None:
    job = work.enqueue("test.note", {"word": "again"})
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1, lease_until=rows.now() + timedelta(seconds=30))
    assert worker.run_due() == 0
    Job.objects.filter(pk=job.pk).update(lease_until=rows.now() - timedelta(seconds=1))
    assert worker.run_due() == 1
    assert (fresh(job).state, fresh(job).attempts) == ("done", 2)


def test_job_that_kills_every_worker_is_buried(ran: list[Any]) -> None:
    job = work.enqueue("test.note", {"word": "bomb"}, most_attempts=2)
    past = rows.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(state="running", attempts=2, lease_until=past)
    assert worker.run_due() == 0
    assert fresh(job).state == "dead"
    assert "2 times" in fresh(job).error
    assert ran == []


def test_whoever_lost_a_job_cannot_write_its_end(ran: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    @work.job("test.slow")
    def slow(progress: work.Progress) -> dict[str, Any]:
        Job.objects.filter(pk=progress.job_id).update(attempts=2)  # another worker began it meanwhile
        return {"from": "the one that lost it"}

    job = work.enqueue("test.slow")
    worker.run_due()
    assert (fresh(job).state, fresh(job).result) == ("running", {})


def test_long_job_gives_back_those_claimed_with_it(ran: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE", -1.0)
    states: list[str] = []

    @work.job("test.import")
    def run(progress: work.Progress) -> None:
        progress(1, 2)
        states.append(Job.objects.get(name="test.note").state)

    work.enqueue("test.import", priority=1)
    work.enqueue("test.note", {"word": "mail"})
    worker.run_due()
    assert states == ["waiting"]
    assert ran == ["mail"]


def test_listener_hears_the_event_in_its_workspace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[events.Event] = []
    monkeypatch.setattr(events, "_listeners", {})
    monkeypatch.setattr(events, "_by_path", {})

    @events.on("feature.created")
    def hear(event: events.Event) -> None:
        heard.append(event)

    feature = world.make("feature", title="Rejoin a raid")
    assert heard == []
    worker.run_due()
    [event] = heard
    assert (event.name, event.card_id) == ("feature.created", str(feature.pk))
    assert event.workspace_id == str(world.north.pk)
    assert "title" in event.fields


def test_heads_look_after_the_jobs_of_their_own_workspace(world: World, ran: list[Any]) -> None:
    ours = work.enqueue("test.refused", workspace_id=world.north.pk)
    theirs = work.enqueue("test.refused", workspace_id=world.south.pk)
    worker.run_due()
    with pytest.raises(Forbidden):
        work.retry(world.pm)
    assert work.retry(world.admin, [ours.pk, theirs.pk]) == 1
    assert fresh(theirs).state == "dead"


def test_schedules_are_made_once_and_dropped_with_their_function(ran: list[Any]) -> None:
    work.ensure_schedules()
    work.ensure_schedules()
    assert Job.objects.filter(unique_key="every:kernel.tidy_jobs").count() == 1
    work._declared.pop("kernel.tidy_jobs")
    work.ensure_schedules()
    assert not Job.objects.filter(unique_key="every:kernel.tidy_jobs").exists()


def test_tidying_forgets_old_successes_and_keeps_failures(ran: list[Any]) -> None:
    jobs = [work.enqueue("test.note", {"word": w}) for w in ("old", "dead", "new")]
    old = rows.now() - timedelta(days=8)
    for job, state, at in zip(jobs, ("done", "dead", "done"), (old, old, rows.now()), strict=True):
        Job.objects.filter(pk=job.pk).update(state=state, finished_at=at)
    work.enqueue("kernel.tidy_jobs")
    worker.run_due()
    left = Job.objects.filter(name="test.note").values_list("args", flat=True)
    assert {args["word"] for args in left} == {"dead", "new"}


def test_a_listener_for_some_fields_is_spared_other_updates(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, ...]] = []
    monkeypatch.setattr(events, "_listeners", {})
    monkeypatch.setattr(events, "_by_path", {})

    @events.on("feature.created", "feature.updated", fields=("effort", events.SEARCHED))
    def hear(event: events.Event) -> None:
        heard.append(event.fields)

    feature = world.make("feature", title="Rejoin a raid")
    worker.run_due()
    heard.clear()
    verbs.update(world.pm, "feature", feature, {"reach": 5, "reach_source": "A guess"})
    assert not Job.objects.filter(name="kernel.listener", state="waiting").exists()
    verbs.update(world.pm, "feature", feature, {"effort": 2})
    verbs.update(world.pm, "feature", feature, {"body": "After a lost connection."})
    worker.run_due()
    assert [set(fields) & {"effort", "body"} for fields in heard] == [{"effort"}, {"body"}]
