"""Runs jobs: claims them in batches, keeps their leases, tries again, and gives up in words.

A worker that is killed leaves a lease that runs out, and the job is run again by another.
``attempts`` is the fence: it rises when a run begins, and whoever holds an older number can
no longer write the end of the job.
"""

from __future__ import annotations

import logging
import random
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import close_old_connections, connection, transaction
from django.db.models import F, QuerySet

from threadline.kernel import rows
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.work import (
    Cancelled,
    Ending,
    Progress,
    Stopping,
    buried,
    cancelled,
    declared_as,
    ensure_schedules,
    over,
)

LEASE = 60.0  # seconds after which a silent worker's job is anybody's
BATCH = 20  # jobs taken in one commit
PATIENCE = 2.0  # a job that runs longer gives back those that wait behind it
GRACE = 8.0  # seconds a stopping worker leaves to what is running
FIRST_DELAY, LONGEST_DELAY = 5.0, 3_600.0  # back-off between attempts, seconds
QUICK_POLL, IDLE_POLL = 0.05, 1.0

log = logging.getLogger("threadline.work")


@dataclass
class _Held:
    """A claimed job. ``attempts`` is the fence as this worker knows it."""

    id: UUID
    name: str
    args: dict[str, Any]
    workspace_id: UUID | None
    attempts: int
    most_attempts: int
    repeat_seconds: int | None
    run_at: datetime
    begun_at: float = 0.0
    progress: Progress | None = None

    def mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.id, state=Job.State.RUNNING, attempts=self.attempts)


_DUE = "((state = 'waiting' AND run_at <= %s) OR (state = 'running' AND lease_until < %s))"
_COLUMNS = ("id", "name", "args", "workspace_id", "attempts", "most_attempts", "repeat_seconds", "run_at")


def anything_due() -> bool:
    """Whether a claim would find something; a read, so that idle workers disturb no writer."""
    at = rows.stamp(rows.now())
    return rows.fetch_one(f"SELECT 1 FROM kernel_job WHERE {_DUE} LIMIT 1", [at, at]) is not None


def _claim(lease: float) -> list[_Held]:
    at, until = rows.now(), rows.now() + timedelta(seconds=lease)
    skip = " FOR UPDATE SKIP LOCKED" if rows.is_postgres() else ""
    sql = (
        f"WITH due AS (SELECT id FROM kernel_job WHERE {_DUE} ORDER BY priority DESC, run_at, id LIMIT {BATCH}{skip})"
        " UPDATE kernel_job SET state = 'running', lease_until = %s WHERE id IN (SELECT id FROM due) RETURNING id"
    )
    with transaction.atomic():  # on SQLite the write gate is held: nobody else can take the same
        ids = [rows.ident(r[0]) for r in rows.fetch(sql, [rows.stamp(at), rows.stamp(at), rows.stamp(until)])]
    found = Job.objects.filter(pk__in=ids).order_by("-priority", "run_at", "pk")
    return [_Held(*values) for values in found.values_list(*_COLUMNS)]


# ---- one thread of the worker -----------------------------------------------------------


class Lane:
    """Claims jobs and runs them one after another."""

    def __init__(self, stop: threading.Event, *, lease: float = LEASE, alone: bool = False) -> None:
        self.stop, self.lease, self.alone = stop, lease, alone
        self._mutex = threading.Lock()
        self._waiting: list[_Held] = []
        self._running: _Held | None = None
        self._renewed = self._told = 0.0

    def turn(self) -> int:
        """Claim a batch and run it; the number of jobs begun."""
        held = _claim(self.lease) if anything_due() else []
        with self._mutex:
            self._waiting, self._renewed = held, time.monotonic()
        count, ended = 0, None
        while (begun := self._pass_on(ended)) is not None:
            count += 1
            ended = (begun, self._run(begun))
        return count

    def live(self) -> None:
        """Take turns until told to stop, with naps that grow to a second while nothing is due."""
        nap = QUICK_POLL
        while not self.stop.is_set():
            try:
                close_old_connections()
                nap = QUICK_POLL if self.turn() else min(IDLE_POLL, nap * 2)
            except Exception:  # busy, restarting, or our own mistake: the leases run out, the lane goes on
                log.exception("a turn of the worker failed; it tries again")
                nap = IDLE_POLL
            self.stop.wait(nap)
        connection.close()

    def _pass_on(self, ended: tuple[_Held, Ending] | None) -> _Held | None:
        """End one job and begin the next in the same commit: half the waiting for the disk."""
        if ended is None and not self._waiting:
            return None
        with transaction.atomic():
            if ended is not None:
                ended[0].mine().update(**ended[1])
            begun = self._begin()
        self._running = begun
        return begun

    def _begin(self) -> _Held | None:
        while (held := self._next()) is not None:
            if held.attempts >= held.most_attempts:
                held.mine().update(**buried(f"The worker ended while running it, {held.attempts} times."))
            elif held.mine().filter(cancel_asked=True).exists():
                held.mine().update(**cancelled())
            elif held.mine().update(attempts=F("attempts") + 1, lease_until=self._until()):
                held.attempts += 1
                held.begun_at = time.monotonic()
                beat = self.beat if self.alone else None
                held.progress = Progress(held.id, held.workspace_id, held.attempts, self.stop, beat=beat)
                return held
        return None

    def _next(self) -> _Held | None:
        if self.stop.is_set():
            self.give_back()
        with self._mutex:
            return self._waiting.pop(0) if self._waiting else None

    def _run(self, held: _Held) -> Ending:
        try:
            declared = declared_as(held.name)
            if declared is None:
                raise LookupError(f"No job is called {held.name} in this version.")
            return _done(held, declared.function(held.progress, **held.args))
        except Cancelled:
            return cancelled()
        except Stopping:
            return {"state": Job.State.WAITING, "lease_until": None, "attempts": F("attempts") - 1}
        except (Invalid, Forbidden, NotFound) as error:  # it would only be refused again
            return _failed(held, str(error), final=True)
        except Exception as error:
            log.warning("%s failed, attempt %d of %d: %s", held.name, held.attempts, held.most_attempts, error)
            return _failed(held, "".join(traceback.format_exception(error, limit=-4))[-4_000:])

    def _until(self) -> datetime:
        return rows.now() + timedelta(seconds=self.lease)

    def give_back(self) -> None:
        """Let others take the jobs that were claimed and have not begun."""
        with self._mutex:
            waiting, self._waiting = self._waiting, []
        for held in waiting:
            held.mine().update(state=Job.State.WAITING, lease_until=None)

    def beat(self) -> None:
        """Once a second: write progress, hear of a cancel; now and then renew the leases.

        Never touches the database while it holds the mutex: the lane may hold the write gate
        and wait for the mutex.
        """
        running, at = self._running, time.monotonic()
        if running is None or running.progress is None or at - self._told < 1:
            return
        self._told = at
        if at - running.begun_at > PATIENCE:
            self.give_back()
        if at - self._renewed > self.lease / 3:
            self._renewed = at
            with self._mutex:
                mine = [running, *self._waiting]
            for held in mine:
                held.mine().update(lease_until=self._until())
        self._tell(running, running.progress)

    @staticmethod
    def _tell(running: _Held, progress: Progress) -> None:
        if progress.changed:
            progress.changed = False
            running.mine().update(progress=progress.state)
        asked = running.mine().values_list("cancel_asked", flat=True).first()
        progress.cancelled = asked is None or asked  # gone, or somebody else's by now: stop as well

    def abandon(self) -> None:
        """Let another worker take at once what is still running here."""
        self.give_back()
        if self._running is not None:
            self._running.mine().update(lease_until=rows.now())


def _done(held: _Held, result: dict[str, Any] | None) -> Ending:
    if held.repeat_seconds:
        return _next_time(held, held.repeat_seconds)
    return {**over(Job.State.DONE), "result": result or {}}


def _failed(held: _Held, error: str, *, final: bool = False) -> Ending:
    if not final and held.attempts < held.most_attempts:
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (held.attempts - 1)) * random.uniform(0.75, 1.25)  # noqa: S311
        later = rows.now() + timedelta(seconds=delay)
        return {"state": Job.State.WAITING, "lease_until": None, "error": error, "run_at": later}
    if held.repeat_seconds:  # a schedule is not ended by one bad day; its error stays to be read
        return {**_next_time(held, held.repeat_seconds), "error": error}
    return buried(error)


def _next_time(held: _Held, seconds: int) -> Ending:
    missed = max(0.0, (rows.now() - held.run_at).total_seconds()) // seconds
    due = held.run_at + timedelta(seconds=seconds * (missed + 1))
    again: Ending = {
        "state": Job.State.WAITING,
        "lease_until": None,
        "attempts": 0,
        "progress": {},
        "cancel_asked": False,
    }
    return {**again, "run_at": due, "error": "", "finished_at": rows.now()}


# ---- the worker -------------------------------------------------------------------------


class Worker:
    """Two lanes, so that a long import does not keep mails and listeners waiting, and a heart."""

    def __init__(self, *, threads: int = 2, lease: float = LEASE) -> None:
        self.stop = threading.Event()
        self._lanes = [Lane(self.stop, lease=lease) for _ in range(threads)]
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what runs then is finished, or handed back after :data:`GRACE`."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        ensure_schedules()
        connection.close()
        for body in (*(lane.live for lane in self._lanes), self._pulse):
            thread = threading.Thread(target=body, daemon=True)
            thread.start()
            self._threads.append(thread)
        while not self.stop.wait(1.0):
            pass
        until = time.monotonic() + GRACE
        for thread in self._threads[:-1]:
            thread.join(max(0.0, until - time.monotonic()))
        for lane in self._lanes:
            lane.abandon()

    def _pulse(self) -> None:
        # Beats on while the lanes finish: their leases must not run out meanwhile.
        while True:
            time.sleep(0.25)
            for lane in self._lanes:
                try:
                    lane.beat()
                except Exception as error:  # busy or restarting; the lease outlives a few missed beats
                    log.warning("a heart-beat was missed: %s", error)
                    close_old_connections()


def run_due(*, most: int = 1_000) -> int:
    """Run in this thread what is due now, and what that makes due; the number of jobs begun."""
    lane, count = Lane(threading.Event(), alone=True), 0
    while count < most and (begun := lane.turn()):
        count += begun
    return count
