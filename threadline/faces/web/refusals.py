"""Pages for what is not there or not allowed. Absent and forbidden look the same."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from markupsafe import Markup

from threadline.engine.base import is_busy
from threadline.faces.web.jinja import templates
from threadline.faces.web.visit import Visit
from threadline.kernel.errors import Conflict, Forbidden, KernelError, NotFound


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a page says when something is not there or cannot be done: what happened, why, and where to go on."""

    status: int
    title: str
    text: str
    hint: str = ""
    label: str = "Go back"


MISSING = Refusal(
    404,
    "Nothing is here",
    "It does not exist, or you may not see it. The address may be mistyped, or the record was made for others.",
    "Somebody who sent you the address can tell you whether it was meant for you.",
    "To the first page",
)
BUSY = Refusal(
    503,
    "Busy just now",
    "Others were writing for so long that your turn did not come. Nothing was changed.",
    "Go back in the browser, where what you typed still is, and send it again in a moment.",
)


def page(request: HttpRequest, told: Refusal, *, home: str = "/") -> HttpResponse:
    """The page of a refusal, without rooms around it."""
    if _by_script(request):
        return _as_text(told)
    context: dict[str, Any] = {
        **_said(told, home),
        "title": told.title,
        "csrf_input": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request)),
    }
    return HttpResponse(templates().get_template("pages/error.html").render(context), status=told.status)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("accept", "").startswith("application/json")  # one of ours, which says it in its page


def _as_text(told: Refusal) -> JsonResponse:
    return JsonResponse({"title": told.title, "text": told.text}, status=told.status)


def _said(told: Refusal, home: str) -> dict[str, Any]:
    return {
        "error": {"title": told.title, "text": told.text, "hint": told.hint},
        "ways": [{"label": told.label, "href": home, "look": "go"}],
    }


def in_workspace(visit: Visit, told: Refusal, home: str) -> HttpResponse:
    """The same among the rooms of a workspace, where people can look for what they wanted."""
    if visit.scripted:
        return _as_text(told)
    find = visit.at("search") if told.status == 404 else ""
    return visit.draw("pages/refusal.html", told.title, told.status, find=find, **_said(told, home))


def missing(request: HttpRequest, exception: Any = None, *, home: str = "/") -> HttpResponse:
    """404: absent, or not for this person; nothing in the page tells which."""
    return page(request, MISSING, home=home)


def role_refuses(text: str = "") -> Refusal:
    """403: the person may see it but not do this."""
    hint = "" if text else "An admin of the workspace can change your role, on the page of members."
    return Refusal(403, "This is not yours to do", text or "Your role does not allow this.", hint)


def not_possible(said: list[str], status: int) -> Refusal:
    """409 or 422: somebody was faster, or the input cannot be accepted; nothing was written."""
    title = "Somebody was faster" if status == 409 else "This cannot be done like that"
    return Refusal(status, title, " ".join(said), "Nothing was changed.")


def as_data(status: int, text: str, problems: list[dict[str, str]] | None = None) -> JsonResponse:
    """A refusal for a script of ours."""
    return JsonResponse({"said": text, "problems": problems or []}, status=status)


def of_error(error: KernelError) -> JsonResponse:
    """What a kernel error means to a script of ours."""
    problems = [{"field": p.field, "message": p.message} for p in getattr(error, "problems", ())]
    status = next((s for kind, s in _STATUS.items() if isinstance(error, kind)), 422)
    return as_data(status, " ".join(p["message"] for p in problems) or str(error), problems)


_STATUS: dict[type[KernelError], int] = {NotFound: 404, Forbidden: 403, Conflict: 409}


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: not a request this server understands; 413 when it is too large to be read."""
    if isinstance(exception, RequestDataTooBig):
        text = "What you sent is larger than this page takes. Send less at once, or bring a large file in by an import."
        hint = "Nothing was changed. Go back in the browser: what you typed is still there."
        return page(request, Refusal(413, "This is too large", text, hint), home=_here(request))
    if isinstance(exception, TooManyFieldsSent):
        text = "The form holds more fields than this server reads. Choose fewer records at once."
        told = Refusal(400, "This is too much at once", text, "Nothing was changed.")
        return page(request, told, home=_here(request))
    text = "The address or the form is damaged: it may have been cut off on its way."
    hint = "Go back and try again from the page you came from."
    return page(request, Refusal(400, "This request cannot be read", text, hint))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403 from Django itself."""
    return page(request, role_refuses())


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault; 503 when the database was too busy. Drawn without asking the database for anything."""
    if is_busy(sys.exc_info()[1]):
        told = page(request, BUSY, home=_here(request))
        told["Retry-After"] = "5"
        return told
    text = "Something went wrong here, not with you. It has been noted in the server's log; try again in a moment."
    return page(request, Refusal(500, "Something broke", text))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form did not come from a page of ours, or that page is too old (CSRF)."""
    text = "The page stood open for too long, you signed in anew in another tab, or cookies are turned off."
    hint = "Nothing was changed. Go back, copy what you wrote, load the page again and send it once more."
    return page(request, Refusal(403, "This form is out of date", text, hint, "Load it again"), home=_here(request))


def too_many(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """429: tried too often."""
    return page(request, Refusal(429, "Too many tries", "Wait a minute, then try again."), home=_here(request))


def _here(request: HttpRequest) -> str:
    # A path of ours with two slashes in front would be another host.
    return request.path if not request.path.startswith(("//", "/\\")) else "/"
