"""Files on their way in as a job: kept aside, watched, stopped, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase

from threadline.faces.web.visit import Visit
from threadline.kernel import rows, work
from threadline.kernel.errors import Forbidden, NotFound
from threadline.kernel.jobs import Job


def aside(sent: Any) -> Path:
    """The bytes of an upload under a name of ours, for a job to read; written in parts, never held whole."""
    folder = Path(settings.DATA_DIR) / "research"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / rows.new_id().hex
    with path.open("wb") as out:
        for chunk in sent.chunks():
            out.write(chunk)
    return path


def watch(
    visit: Visit, name: str, mine: dict[str, str], *, here: str, back: tuple[str, str],
    said: Callable[[dict[str, Any]], str],
) -> HttpResponseBase:  # fmt: skip
    """How far a job of this name and these arguments has come; a press stops it.

    ``said`` makes a sentence of its result; ``back`` is where to go from there and what that is called.
    """
    wanted = {f"args__{field}": value for field, value in mine.items()}
    here_and_now = Job.objects.filter(workspace_id=visit.actor.workspace_id, name=name)
    job = here_and_now.filter(pk=_ident(visit.asked["job"]), **wanted).first()
    if job is None:
        raise NotFound
    if job.args["member"] != str(visit.actor.member_id) and not visit.actor.may("configure"):
        raise Forbidden("Only who began it can watch it.")
    address = f"{here}?job={job.pk}"
    if visit.posting:
        if not Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(**work.cancelled()):
            Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)
        else:
            for path in _paths(job):
                path.unlink(missing_ok=True)
        return visit.go(address)
    going = job.state in work.OPEN
    result = job.result or {}
    context: dict[str, Any] = {
        "going": going, "address": address, "name": job.args["name"], "progress": job.progress,
        "stopping": job.cancel_asked, "state": job.state, "result": result,
        "said": said(result) if job.state == Job.State.DONE and not result.get("refused") else "",
        "back": {"href": back[0], "label": back[1]}, "undo": visit.at("undo", job.args["batch"]),
        "crumbs": [{"label": back[1], "href": back[0]}],
    }  # fmt: skip
    return visit.draw("study/bring.html", "Bringing it in" if going else "Brought in", **context)


def _paths(job: Job) -> list[Path]:
    files = job.args.get("files") or [{"path": job.args["path"]}]
    return [Path(one["path"]) for one in files]


def _ident(raw: str) -> Any:
    try:
        return rows.ident(raw.replace("-", "")) if len(raw) in (32, 36) else None
    except ValueError:
        return None
