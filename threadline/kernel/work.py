"""Jobs as the rest of the house sees them: declared, enqueued, told about, looked after by people.

A job is run at least once: the worker (worker.py) may be killed in the middle of one, and then
it runs again. So a job function must bear being run twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from threadline.kernel import events, rows
from threadline.kernel.access import Actor
from threadline.kernel.errors import NotFound
from threadline.kernel.jobs import Job

KEPT_DAYS = 7  # how long ended jobs stay to be looked at
OPEN = (Job.State.WAITING, Job.State.RUNNING)
Ending = dict[str, Any]  # columns of Job to write when it is over

JobFunction = Callable[..., dict[str, Any] | None]


class Cancelled(Exception):
    """Somebody asked for the job to stop; raised by :class:`Progress` inside it."""


class Stopping(Exception):
    """The worker is going down; the job will be run again from its beginning."""


@dataclass(frozen=True)
class Declared:
    """A job function under its name; ``every`` seconds it is due again by itself."""

    name: str
    function: JobFunction
    every: int | None
    most_attempts: int


_declared: dict[str, Declared] = {}


def job(name: str, *, every: int | None = None, most_attempts: int = 5) -> Callable[[JobFunction], JobFunction]:
    """Declare ``function(progress, **args) -> result or None``; args and result are JSON.

    The module must be imported at start-up: a leaf's ``listeners.py`` is.
    """

    def declare(function: JobFunction) -> JobFunction:
        if name in _declared:
            raise RuntimeError(f"two jobs are called {name}")
        _declared[name] = Declared(name, function, every, most_attempts)
        return function

    return declare


def declared_as(name: str) -> Declared | None:
    """The job function of a name, if this version has it."""
    return _declared.get(name)


def enqueue(name: str, args: dict[str, Any] | None = None, *, workspace_id: UUID | None = None, **extra: Any) -> Job:
    """A new job, in the caller's transaction if there is one; ``extra`` are columns of Job.

    With a ``unique_key`` that an unfinished job already has, that job is returned instead.
    """
    most = {"most_attempts": _declared[name].most_attempts} if name in _declared else {}
    made = Job(name=name, args=args or {}, workspace_id=workspace_id, **{**most, **extra})
    try:
        with transaction.atomic():
            rows.insert(made)
    except IntegrityError:
        found = Job.objects.filter(unique_key=made.unique_key, state__in=OPEN).first() if made.unique_key else None
        if found is None:
            raise
        return found
    return made


# ---- what a running job holds -----------------------------------------------------------


@dataclass
class Progress:
    """Called by a job as ``progress(done, total, note)``, as often as it likes.

    What it says is written at most once a second. Raises :class:`Cancelled` or
    :class:`Stopping`; a job that never calls it can be neither cancelled nor stopped early.
    """

    job_id: UUID
    workspace_id: UUID | None
    attempt: int
    stop: threading.Event = field(repr=False)
    cancelled: bool = False
    state: dict[str, Any] = field(default_factory=dict)
    changed: bool = False
    beat: Callable[[], None] | None = field(default=None, repr=False)

    def __call__(self, done: int, total: int | None = None, note: str = "") -> None:
        self.state = {"done": done, "total": total, "note": note}
        self.changed = True
        if self.beat is not None:
            self.beat()
        if self.cancelled:
            raise Cancelled
        if self.stop.is_set():
            raise Stopping


def ensure_schedules() -> None:
    """One waiting row for each job that is due again by itself."""
    for declared in _declared.values():
        if declared.every is not None:
            key = f"every:{declared.name}"
            found = enqueue(declared.name, unique_key=key, repeat_seconds=declared.every)
            if found.repeat_seconds != declared.every:
                Job.objects.filter(pk=found.pk).update(repeat_seconds=declared.every)
    known = [f"every:{d.name}" for d in _declared.values() if d.every is not None]
    Job.objects.filter(unique_key__startswith="every:", state=Job.State.WAITING).exclude(unique_key__in=known).delete()


def over(state: str, error: str = "") -> Ending:
    return {"state": state, "lease_until": None, "error": error, "finished_at": rows.now()}


def buried(error: str) -> Ending:
    return over(Job.State.DEAD, error)


def cancelled() -> Ending:
    return over(Job.State.CANCELLED)


# ---- what people do about jobs ----------------------------------------------------------


def jobs_of(actor: Actor | None) -> QuerySet[Job]:
    """The jobs an actor may look after: heads see their workspace's, None (the server's operator) all."""
    if actor is None:
        return Job.objects.all()
    actor.need("configure")
    return Job.objects.filter(workspace_id=actor.workspace_id)


def cancel(actor: Actor | None, job_id: Any) -> None:
    """End a job that waits; ask a running one to stop at its next word of progress."""
    found = jobs_of(actor).filter(pk=job_id)
    ended = found.filter(state=Job.State.WAITING).update(**cancelled())
    if not ended and not found.filter(state=Job.State.RUNNING).update(cancel_asked=True):
        raise NotFound("No job of this id is waiting or running.")


def retry(actor: Actor | None, job_ids: list[Any] | None = None) -> int:
    """Let dead jobs run again from the start, all of them when no ids are given; how many."""
    dead = jobs_of(actor).filter(state=Job.State.DEAD)
    chosen = dead if job_ids is None else dead.filter(pk__in=job_ids)
    fresh = {"attempts": 0, "run_at": rows.now(), "finished_at": None, "progress": {}, "cancel_asked": False}
    return chosen.update(state=Job.State.WAITING, **fresh)


def discard(actor: Actor | None, job_ids: list[Any] | None = None) -> int:
    """Forget dead jobs, all of them when no ids are given; how many."""
    dead = jobs_of(actor).filter(state=Job.State.DEAD)
    return (dead if job_ids is None else dead.filter(pk__in=job_ids)).delete()[0]


@job("kernel.listener")
def tell_listener(progress: Progress, *, path: str, event: dict[str, Any]) -> None:
    """Let one listener react to one event of the change log."""
    told = {**event, "fields": tuple(event["fields"]), "workspace_id": str(progress.workspace_id)}
    events.listener_at(path)(events.Event(**told))


@job("kernel.tidy_jobs", every=86_400)
def tidy_jobs(progress: Progress) -> None:
    """Forget jobs that ended well a week ago."""
    old = rows.now() - timedelta(days=KEPT_DAYS)
    Job.objects.filter(state__in=(Job.State.DONE, Job.State.CANCELLED), finished_at__lt=old).delete()
