"""Archives made from the pages: by a job, kept in the data folder, the newest few.

An archive holds every workspace of the server with the hashes of all passwords. So it is made
and fetched by whoever owns all of them; where workspaces have different owners it is a matter
of the command line, and of whoever runs the server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from threadline.keeping.backup import write_backup
from threadline.kernel import rows, work
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.members import Member, Role
from threadline.kernel.workspaces import Workspace

JOB = "keeping.back_up"
KEPT = 5  # archives; the oldest go when a newer one is whole
_NAME = re.compile(r"^threadline-(\d{8}-\d{6})\.zip$")
_STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Archive:
    """A whole archive in the folder: its name, when it was begun, its size in bytes."""

    name: str
    made_at: datetime
    size: int


def folder() -> Path:
    """Where archives lie; readable by the server's account alone."""
    found: Path = settings.DATA_DIR / "backups"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def archives() -> list[Archive]:
    """The archives that are there, newest first."""
    found = []
    for path in folder().iterdir():
        if named := _NAME.match(path.name):
            at = datetime.strptime(named[1], _STAMP).replace(tzinfo=UTC)
            found.append(Archive(path.name, at, path.stat().st_size))
    return sorted(found, key=lambda one: one.name, reverse=True)


def who_may(actor: Actor) -> str:
    """Why the actor may not have everything on this server; empty when they may."""
    if actor.role != Role.OWNER or not actor.may("configure"):
        return "Only an owner of the workspace can make and fetch archives."
    if actor.workspace.is_sample:
        return "Archives are made from a workspace of your own, not from the sample company."
    others = Workspace.objects.filter(is_sample=False).exclude(pk=actor.workspace_id)
    person = Member.objects.filter(pk=actor.member_id).values("user_id")
    mine = Member.objects.filter(user_id__in=person, role=Role.OWNER, left_at=None).values("workspace_id")
    if others.exclude(pk__in=mine).exists():
        return (
            "An archive holds every workspace of this server, and others own some of them. Whoever runs the server"
            " makes it there, with: threadline backup."
        )
    return ""


def _need(actor: Actor) -> None:
    if why := who_may(actor):
        raise Forbidden(why)


def under_way() -> Job | None:
    """The job that is making an archive, or waits to."""
    return Job.objects.filter(name=JOB, state__in=work.OPEN).first()


def last_failure() -> str:
    """What the last job said, when it failed."""
    last = Job.objects.filter(name=JOB).order_by("-created_at").first()
    return last.error.strip().rpartition("\n")[2] if last and last.state == Job.State.DEAD else ""


def take_soon(actor: Actor) -> Job:
    """Have an archive made by the worker. One at a time: a second wish finds the first. Raises Forbidden."""

    def run(door: Door) -> Job:
        _need(door.actor)
        door.log(None, {"backup": [None, "asked for"]}, kind="workspace")
        return work.enqueue(JOB, unique_key=JOB)

    return through_door(actor, "back_up", run)


def cancel(actor: Actor) -> None:
    """Give up the archive that is being made. Raises Forbidden, Conflict."""

    def run(door: Door) -> None:
        _need(door.actor)
        if not Job.objects.filter(name=JOB, state__in=work.OPEN).update(cancel_asked=True):
            raise Conflict("No archive is being made any longer.")

    through_door(actor, "cancel_backup", run)


def fetched(actor: Actor, name: str) -> Path:
    """The file of an archive; that it was fetched is in the log. Raises Forbidden, NotFound."""

    def run(door: Door) -> Path:
        _need(door.actor)
        path = _path(name)
        door.log(None, {"backup": [None, f"fetched {name}"]}, kind="workspace")
        return path

    return through_door(actor, "fetch_backup", run)


def remove(actor: Actor, name: str) -> None:
    """Take an archive away. Raises Forbidden, NotFound."""

    def run(door: Door) -> Path:
        _need(door.actor)
        path = _path(name)
        door.log(None, {"backup": [name, None]}, kind="workspace")
        return path

    through_door(actor, "remove_backup", run).unlink(missing_ok=True)


def _path(name: str) -> Path:
    path = folder() / name
    if not _NAME.match(name) or not path.is_file():
        raise NotFound
    return path


@work.job(JOB, most_attempts=1)
def back_up(progress: work.Progress) -> dict[str, Any]:
    """Make an archive; then let the oldest go."""
    path = folder() / f"threadline-{rows.now():{_STAMP}}.zip"
    manifest = write_backup(path, tell=progress)
    for old in archives()[KEPT:]:
        (folder() / old.name).unlink(missing_ok=True)
    return {"name": path.name, "rows": sum(t["rows"] for t in manifest["tables"]), "files": manifest["files"]["count"]}
