"""A note for whoever said it: ``/note/<key>``, without script, session or cookie. See ``following.py``."""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse

from threadline.faces.web import refusals, wording
from threadline.faces.web.jinja import templates
from threadline.faces.web.screens import open_screen
from threadline.inbound.feedback import following
from threadline.kernel import rows

_RATE = {"note": "60/m/ip"}


@open_screen("note", methods=("GET", "HEAD"))
def show_note(request: HttpRequest, key: str) -> HttpResponse:
    """Their own words, where it stands, and the reason of a no."""
    limits: dict[str, Any] = {"app": "threadline", "config": _RATE}
    if not ratelimit.consume(request, action="note", **limits):
        return refusals.too_many(request)
    found = following.opened(key, rows.now().date())
    if found is None:
        return refusals.missing(request)
    said = {"note": found, "said_on": wording.on_day(found.said_on), "until": wording.on_day(found.until)}
    answer = HttpResponse(templates().get_template("feedback/outside.html").render(said))
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'none';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
