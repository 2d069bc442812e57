"""The form on a site: ``/form/<key>``, a page without script, session or cookie, made to stand in a frame."""

from __future__ import annotations

import re
import time
from typing import Any

from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse

from threadline.faces.web import refusals
from threadline.faces.web.jinja import templates
from threadline.faces.web.screens import open_screen
from threadline.inbound.intake import queries, rules, sealing, taking
from threadline.inbound.intake.models import FeedbackSource, Intake
from threadline.inbound.intake.taking import Said
from threadline.kernel.errors import Conflict, Forbidden, Invalid

LONGEST = 5_000
QUICKEST, LONGEST_OPEN = 3, 24 * 3_600  # seconds between opening and sending that a person takes
MOST_LINKS = 2
_RATE = {"form": "6/m/ip", "form_of": "60/m/key"}
_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)


@open_screen("form", methods=("GET", "HEAD", "POST"))
def show_form(request: HttpRequest, key: str) -> HttpResponse:
    """Ask; and when it is sent, take it in and thank."""
    intake = queries.intake_at(key, FeedbackSource.Way.FORM)
    if intake is None:
        return refusals.missing(request)
    if intake.source.state != "open":
        return _draw(intake, "closed", status=200)
    if request.method != "POST":
        return _draw(intake, "ask")
    if not _allowed(request, intake):
        return _draw(
            intake, "ask", _sent(request), error="Too many were sent just now. Try again in a minute.", status=429
        )
    return _take(intake, _sent(request))


def _allowed(request: HttpRequest, intake: Intake) -> bool:
    near = {"app": "threadline", "config": _RATE}
    return bool(
        ratelimit.consume(request, action="form", **near)
        and ratelimit.consume(request, action="form_of", key=intake.key, **near)
    )


def _sent(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("text", "name", "email", "website", "opened")}


def _take(intake: Intake, sent: dict[str, str]) -> HttpResponse:
    errors = _errors(sent)
    if errors:
        return _draw(intake, "ask", sent, errors=errors, status=422)
    said = Said(text=sent["text"], name=sent["name"], email=sent["email"].strip())
    body = "\n".join((sent["text"], sent["name"], sent["email"])).encode("utf-8", "replace")
    try:
        taking.take(
            intake,
            said,
            f"form {sealing.mark_of(sent['opened'] + body.hex())}",
            body,
            held=looks_like_spam(intake, sent),
        )
    except (Invalid, Conflict, Forbidden) as error:
        taking.went_wrong(intake, f"A form could not be taken: {error}")
        return _draw(intake, "ask", sent, error="It could not be kept. Try again later.", status=503)
    return _draw(intake, "thanks")


def _errors(sent: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not taking.tidy(sent["text"]):
        errors["text"] = "Write what you would like us to know."
    elif len(sent["text"]) > LONGEST:
        errors["text"] = f"At most {LONGEST:,} characters; these are {len(sent['text']):,}."
    if len(sent["name"]) > taking.LONGEST_NAME:
        errors["name"] = f"At most {taking.LONGEST_NAME} characters."
    try:
        if sent["email"].strip():
            validate_email(sent["email"].strip())
    except ValidationError:
        errors["email"] = "This is not an e-mail address. It may be left blank."
    return errors


def looks_like_spam(intake: Intake, sent: dict[str, str]) -> str:
    """Why a person should look at it before it counts; blank for what seems meant. Nothing is thrown away."""
    opened = sealing.opened_at(intake.key, sent["opened"])
    took = time.time() - opened if opened is not None else None
    if sent["website"]:
        return "Held back: a field was filled in that people do not see."
    if took is None or took > LONGEST_OPEN or took < -60:
        return "Held back: it did not come from a page of the form that was open lately."
    if took < QUICKEST:
        return f"Held back: it was sent within {QUICKEST} seconds of opening the form."
    if len(_LINK.findall(f"{sent['text']} {sent['name']}")) > MOST_LINKS:
        return f"Held back: it holds more than {MOST_LINKS} links."
    return ""


def _draw(
    intake: Intake, part: str, sent: dict[str, str] | None = None, *,
    errors: dict[str, str] | None = None, error: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    source = intake.source
    context: dict[str, Any] = {
        "title": source.title,
        "part": part,
        "action": f"/form/{intake.key}",
        "intro": source.intro or "What would make this better for you?",
        "thanks": source.thanks or "Thank you. Somebody will read this.",
        "sent": sent or {},
        "errors": errors or {},
        "error": error,
        "opened": sealing.stamp(intake.key, time.time()),
        "longest": LONGEST,
        "to_name": taking.LONGEST_NAME,
    }
    answer = HttpResponse(templates().get_template("intake/form.html").render(context), status=status)
    answer.headers["Content-Security-Policy"] = policy(source)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.xframe_options_exempt = True  # frame-ancestors says it, by name
    return answer


def policy(source: FeedbackSource) -> str:
    """The content security policy of a form: our style, no script, and only the source's sites around it."""
    around = " ".join(rules.framing(source)[0]) or "'none'"
    return (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self';"
        f" base-uri 'none'; frame-ancestors {around}"
    )
