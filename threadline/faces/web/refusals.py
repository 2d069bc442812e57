"""Pages for what is not there or not allowed. Absent and forbidden look the same."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from markupsafe import Markup

from threadline.faces.web.jinja import templates
from threadline.kernel.errors import Conflict, Forbidden, KernelError, NotFound


def _page(
    request: HttpRequest, status: int, title: str, text: str, *, home: str = "/", hint: str = "", label: str = "Go back"
) -> HttpResponse:
    if request.headers.get("accept", "").startswith("application/json"):  # a script of ours says it in its own page
        return JsonResponse({"title": title, "text": text}, status=status)
    context: dict[str, Any] = {
        "title": title,
        "error": {"title": title, "text": text, "hint": hint},
        "ways": [{"label": label, "href": home, "look": "go"}],
        "csrf_input": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request)),
    }
    return HttpResponse(templates().get_template("pages/error.html").render(context), status=status)


def missing(request: HttpRequest, exception: Any = None, *, home: str = "/") -> HttpResponse:
    """404: absent, or not for this person; nothing in the page tells which."""
    text = "It does not exist, or you may not see it. The address may be mistyped, or the record was made for others."
    hint = "Somebody who sent you the address can tell you whether it was meant for you."
    return _page(request, 404, "Nothing is here", text, hint=hint, home=home, label="To the first page")


def refused(request: HttpRequest, text: str = "", exception: Any = None, *, home: str = "/") -> HttpResponse:
    """403: the person may see it but not do this."""
    hint = "" if text else "An admin of the workspace can change your role, on the page of members."
    return _page(
        request, 403, "This is not yours to do", text or "Your role does not allow this.", hint=hint, home=home
    )


def not_possible(request: HttpRequest, said: list[str], status: int, *, home: str = "/") -> HttpResponse:
    """409 or 422: somebody was faster, or the input cannot be accepted; nothing was written."""
    title = "Somebody was faster" if status == 409 else "This cannot be done like that"
    return _page(request, status, title, " ".join(said), hint="Nothing was changed.", home=home)


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
        return _page(request, 413, "This is too large", text, hint=hint, home=_here(request))
    if isinstance(exception, TooManyFieldsSent):
        text = "The form holds more fields than this server reads. Choose fewer records at once."
        return _page(request, 400, "This is too much at once", text, hint="Nothing was changed.", home=_here(request))
    text = "The address or the form is damaged: it may have been cut off on its way."
    hint = "Go back and try again from the page you came from."
    return _page(request, 400, "This request cannot be read", text, hint=hint)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403 from Django itself."""
    return refused(request)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault. Drawn without asking the database for anything."""
    text = "Something went wrong here, not with you. It has been noted in the server's log; try again in a moment."
    return _page(request, 500, "Something broke", text)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form did not come from a page of ours, or that page is too old (CSRF)."""
    text = "The page stood open for too long, you signed in anew in another tab, or cookies are turned off."
    hint = "Nothing was changed. Go back, copy what you wrote, load the page again and send it once more."
    return _page(request, 403, "This form is out of date", text, hint=hint, home=_here(request), label="Load it again")


def too_many(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """429: tried too often."""
    return _page(request, 429, "Too many tries", "Wait a minute, then try again.", home=_here(request))


def _here(request: HttpRequest) -> str:
    # A path of ours with two slashes in front would be another host.
    return request.path if not request.path.startswith(("//", "/\\")) else "/"
