"""A roadmap for whoever has its link: ``/roadmap/<key>``, without script, session or cookie."""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse, JsonResponse

from threadline.faces.web import refusals
from threadline.faces.web.jinja import templates
from threadline.faces.web.screens import open_screen
from threadline.inbound.intake.rules import origins
from threadline.inbound.roadmaps import audiences, files, laying, queries, sharing
from threadline.inbound.roadmaps.models import Roadmap, ShareLink
from threadline.kernel import rows

_RATE = {"roadmap": "120/m/ip"}
_HORIZONS = (("now", "Now"), ("next", "Next"), ("later", "Later"), ("done", "Done"))


@open_screen("roadmap", methods=("GET", "HEAD"))
def show_shared(request: HttpRequest, key: str) -> HttpResponse:
    """The roadmap as its audience reads it, dated; nothing for a key that does not open it any longer."""
    if not ratelimit.consume(request, action="roadmap", app="threadline", config=_RATE):
        return HttpResponse("Too many at once. Try again in a minute.", status=429, content_type="text/plain")
    today = rows.now().date()
    opened = sharing.opened(key, today)
    if opened is None:
        return refusals.missing(request)
    actor, link, roadmap = opened
    found = queries.shown(actor, roadmap)
    if request.GET.get("as") == "json":
        return _kept_apart(JsonResponse(as_data(found)), link)
    wanted = request.GET.get("as", "")
    if wanted in files.formats_of(roadmap.audience):
        return _kept_apart(files.answer(found, roadmap, wanted, outside=True), link)
    if wanted:
        return refusals.missing(request)
    mode = audiences.mode(roadmap.audience, request.GET.get("view") or roadmap.mode)
    context: dict[str, Any] = {
        "title": roadmap.title,
        "mode": mode,
        "ways": [
            {"label": label, "href": f"/roadmap/{key}?view={name}", "current": name == mode}
            for name, label in (("timeline", "Timeline"), ("horizons", "Now, next, later"), ("outcomes", "Outcomes"))
            if name in audiences.MODES[roadmap.audience]
        ],
        "on": laying.day(today),
        "until": laying.day(link.expires_on) if link.expires_on else "",
        "columns": columns_of(found, mode),
        "laid": laid_of(found, roadmap) if mode == "timeline" else None,
        "head": laying.HEAD,
        "names_wide": laying.NAMES,
        "bar": laying.BAR,
    }
    return _kept_apart(HttpResponse(templates().get_template("roadmap/shared.html").render(context)), link)


def columns_of(found: queries.Shown, mode: str) -> list[dict[str, Any]]:
    """Cards in columns: by how near they are, or by what they are for."""
    if mode == "outcomes":
        aims = sorted({i.get("objective", "") for i in found.items}, key=lambda a: (not a, a))
        return [
            {"label": a or "No aim", "cards": [i for i in found.items if i.get("objective", "") == a]} for a in aims
        ]
    by = [{"label": label, "cards": [i for i in found.items if i.get("horizon") == name]} for name, label in _HORIZONS]
    return [column for column in by if column["cards"]]


def laid_of(found: queries.Shown, roadmap: Roadmap) -> laying.Timeline:
    """The picture as the roadmap says it is drawn."""
    lanes = audiences.lanes(found.audience, roadmap.lanes)
    return laying.lay(found.items, found.releases, lanes=lanes, zoom=roadmap.zoom, today=found.on)


def as_data(found: queries.Shown) -> dict[str, Any]:
    """A roadmap as plain data: the same fields as its page."""
    return {
        "title": found.title, "audience": found.audience, "on": found.on.isoformat(),
        "items": found.items, "releases": found.releases,
    }  # fmt: skip


def _kept_apart(answer: HttpResponse, link: ShareLink) -> HttpResponse:
    """Kept by nobody on the way, framed by the link's sites alone, and telling no site where it was read."""
    around = " ".join(origins(link.sites)[0]) or "'none'"
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'none';"
        f" base-uri 'none'; frame-ancestors {around}"
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.xframe_options_exempt = True  # frame-ancestors says it, by name
    return answer
