"""Archives of everything on this server: made, fetched, removed; and the first page of an empty server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from allauth.account.decorators import reauthentication_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from markupsafe import Markup

from threadline.faces.web import wording
from threadline.faces.web.entrance import deed, form, page
from threadline.faces.web.jinja import templates
from threadline.faces.web.settings_pages import tabs
from threadline.faces.web.visit import Visit
from threadline.keeping import archives, beginning
from threadline.kernel.errors import Conflict, Invalid

_PART = 256 * 1024


# ---- archives ---------------------------------------------------------------------------


@form
def show(visit: Visit) -> HttpResponse:
    """The archives that are there; a POST has another one made."""
    visit.back = visit.at("settings", "backups")
    if visit.posting:
        archives.take_soon(visit.actor)
        return visit.go(visit.back)
    why = archives.who_may(visit.actor)
    context: dict[str, Any] = {"places": tabs(visit, "backups"), "why_not": why, "here": visit.back}
    if not why:
        job = archives.under_way()
        context |= {
            "doing": _doing(job.progress) if job else None,
            "failed": "" if job else archives.last_failure(),
            "archives": [_row(visit, one) for one in archives.archives()],
            "kept": archives.KEPT,
        }
    return visit.draw("pages/backups.html", "Settings", **context)


def _doing(progress: dict[str, Any]) -> dict[str, Any]:
    return {"done": progress.get("done", 0), "total": progress.get("total"), "note": progress.get("note", "")}


def _row(visit: Visit, one: archives.Archive) -> dict[str, Any]:
    at = wording.when(one.made_at) or {"text": ""}
    here = visit.at("settings", "backups", one.name)
    return {
        "text": f"{at['text']}, {wording.size_text(one.size)}",
        "sub": one.name,
        "actions": [
            {"label": "Download", "href": here, "look": "quiet"},
            {"label": "Remove", "action": f"{here}/remove", "look": "quiet"},
        ],
    }


@deed
def cancel(visit: Visit) -> HttpResponse:
    """Give up the archive that is being made."""
    visit.back = visit.at("settings", "backups")
    archives.cancel(visit.actor)
    return visit.done("The archive is given up.", visit.back)


@page
def _fetch(visit: Visit, name: str) -> HttpResponseBase:
    visit.back = visit.at("settings", "backups")
    path = archives.fetched(visit.actor, name)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# An archive holds what everybody wrote and the hashes of all passwords: a session that was left open does not do.
fetch = reauthentication_required(allow_get=False)(_fetch)


@deed
def remove(visit: Visit, name: str) -> HttpResponse:
    """Take an archive away."""
    visit.back = visit.at("settings", "backups")
    archives.remove(visit.actor, name)
    return visit.done(f"{name} is removed.", visit.back)


# ---- an empty server --------------------------------------------------------------------


def begin(request: HttpRequest) -> HttpResponse:
    """The first page of a server that holds nothing: an account of one's own, or everything from an archive."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(("GET", "POST"))
    if not beginning.nobody_yet():
        return HttpResponseRedirect("/accounts/login/")
    now = beginning.state()
    problem = now.get("failed", "")
    if request.method == "POST":
        try:
            sent = request.FILES.get("file")
            if sent is None:
                raise Invalid(("file", "Choose an archive first."))
            beginning.begin(_parts(sent))
            return HttpResponseRedirect("/begin", status=303)
        except Invalid as refused:
            problem = " ".join(p.message for p in refused.problems)
        except Conflict as refused:
            problem = str(refused)
    context = {
        "title": "Begin",
        "problem": problem,
        "doing": now.get("doing", ""),
        "largest": f"{beginning.LARGEST // 1024 // 1024} MB",
        "csrf_input": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request)),
    }
    status = 422 if problem and request.method == "POST" else 200
    return HttpResponse(templates().get_template("pages/begin.html").render(context), status=status)


def _parts(sent: Any) -> Iterator[bytes]:
    source: IO[bytes] = sent
    while part := source.read(_PART):
        yield part
