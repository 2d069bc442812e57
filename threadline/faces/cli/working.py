"""The job worker, and what to do about jobs that failed for good."""

from __future__ import annotations

from typing import Any

import click

from threadline.faces.cli.talk import Talk
from threadline.faces.cli.who import talks
from threadline.kernel import work as jobs
from threadline.kernel import worker
from threadline.kernel.errors import NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.listing import exported


@click.group("work", invoke_without_command=True)
@click.option("--once", is_flag=True, help="Run what is due now, then end.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 16), help="Jobs at the same time.")
@click.option(
    "--lease", default=worker.LEASE, show_default=True, type=click.FloatRange(1), help="Seconds a job is ours."
)
@talks
def work(talk: Talk, once: bool, threads: int, lease: float) -> None:
    """Run jobs until told to stop. `threadline serve` starts this by itself."""
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    if once:
        count = worker.run_due()
        talk.data({"run": count}) if talk.json else talk.say(f"Ran {count} job{'' if count == 1 else 's'}.")
        return
    worker.Worker(threads=threads, lease=lease).run()
    talk.say("The worker has stopped.")


@work.command("list")
@click.option("--state", type=click.Choice(Job.State.values), default="dead", show_default=True, help="Which jobs.")
@click.option("-n", "--limit", default=50, show_default=True, type=click.IntRange(1, 1_000), help="How many at most.")
@talks
def listed(talk: Talk, state: str, limit: int) -> None:
    """List jobs, the failed ones unless told otherwise."""
    found = [_told(j) for j in Job.objects.filter(state=state).select_related("workspace").order_by("-pk")[:limit]]
    if talk.json:
        talk.data({"data": found})
    else:
        columns = ("id", "name", "workspace", "attempts", "created_at", "error")
        talk.table(columns, ([_last_line(one[c]) for c in columns] for one in found))


def _last_line(value: Any) -> Any:
    return value.strip().splitlines()[-1] if isinstance(value, str) and value.strip() else value


def _told(job: Job) -> dict[str, Any]:
    return {
        "id": str(job.pk),
        "name": job.name,
        "args": job.args,
        "workspace": job.workspace.slug if job.workspace else None,
        "state": job.state,
        "attempts": job.attempts,
        "progress": job.progress,
        "error": job.error,
        "run_at": exported(job.run_at),
        "created_at": exported(job.created_at),
        "finished_at": exported(job.finished_at),
    }


@work.command("retry")
@click.argument("ids", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="All that failed.")
@talks
def retry(talk: Talk, ids: tuple[Any, ...], everything: bool) -> None:
    """Let failed jobs run again from the start."""
    _do(talk, jobs.retry, "will run again", ids, everything)


@work.command("discard")
@click.argument("ids", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="All that failed.")
@talks
def discard(talk: Talk, ids: tuple[Any, ...], everything: bool) -> None:
    """Forget failed jobs."""
    _do(talk, jobs.discard, "forgotten", ids, everything)


def _do(talk: Talk, verb: Any, done: str, ids: tuple[Any, ...], everything: bool) -> None:
    if bool(ids) == everything:
        raise click.UsageError("Give the ids of jobs, or --all.")
    count = verb(None, None if everything else list(ids))
    if ids and not count:
        raise NotFound("No failed job has this id.")
    talk.data({"count": count}) if talk.json else talk.say(f"{count} job{'' if count == 1 else 's'} {done}.")
