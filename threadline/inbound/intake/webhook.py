"""The signed webhook: ``POST /in/<key>``. No session, no cookie; the signature is all that counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest, JsonResponse

from threadline.faces.web.screens import open_screen
from threadline.formats import mail
from threadline.formats.refusal import Unreadable
from threadline.formats.strictjson import BadJSON, loads
from threadline.inbound.intake import bringing, letters, queries, sealing, taking
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake
from threadline.inbound.intake.taking import Said
from threadline.kernel.errors import Conflict, Forbidden, Invalid, Problem

MAIL = "message/rfc822"
LARGEST = 256 * 1024  # bytes of a message in JSON
_RATE = {"unsigned": "30/m/ip"}
_TEXTS = {"text": taking.LONGEST, "title": 300, "name": 200, "email": 254, "company": 200, "channel": 20, "url": 500}
_KEYS = frozenset({*_TEXTS, "received_on", "rating"})
_NOBODY = sealing.secret_of("", "")  # what a key that nobody has is checked against, so that it takes as long


@open_screen("in", methods=("POST",))
def take_delivery(request: HttpRequest, key: str) -> JsonResponse:
    """Check the signature, then the words; answer with the note's key. The same delivery again gets the same answer."""
    intake = queries.intake_at(key, *FeedbackSource.SIGNED)
    is_mail = intake is not None and request.content_type == MAIL and intake.source.way == FeedbackSource.Way.WEBHOOK
    most = mail.LARGEST if is_mail else LARGEST
    body = request.read(most + 1)
    if len(body) > most:  # more is not read, so its signature cannot be checked
        return _answer(413, {"error": f"At most {most // 1024:,} kB in one delivery."})
    if not _is_signed(request, intake, body):
        return _unsigned(request, intake)
    assert intake is not None
    if intake.source.state != "open":
        return _answer(503, {"error": "This source is paused. Try again later."}, **{"Retry-After": "3600"})
    if queries.is_flooding(intake):
        return _refused(intake, 429, f"At most {queries.A_MINUTE} deliveries a minute.", **{"Retry-After": "60"})
    return _taken(intake, request.headers["webhook-id"], body, is_mail=is_mail)


def _is_signed(request: HttpRequest, intake: Intake | None, body: bytes) -> bool:
    secret = sealing.secret_of(intake.key, intake.salt) if intake else _NOBODY
    ident, at, given = (request.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    right = sealing.is_signed(secret, ident, at, given, body, time.time())
    # Before somebody has seen the secret there is nothing to sign with.
    return right and intake is not None and intake.source.secret_made_at is not None


def _unsigned(request: HttpRequest, intake: Intake | None) -> JsonResponse:
    if not ratelimit.consume(request, app="threadline", action="unsigned", config=_RATE):
        return _answer(429, {"error": "Too many unsigned requests. Try again in a minute."}, **{"Retry-After": "60"})
    if intake is not None:
        taking.went_wrong(intake, "A delivery whose signature or time was not right was turned away.")
    return _answer(401, {"error": "The signature is missing, wrong, or not of the last five minutes."})


def _taken(intake: Intake, delivery: str, body: bytes, *, is_mail: bool) -> JsonResponse:
    try:
        if is_mail:  # known again by its Message-ID
            return _told(letters.take_letter(intake, letters.read(intake, body)))
        if bringing.is_other(intake.source.way):
            return _told(bringing.take(intake, loads(body, max_bytes=LARGEST), delivery, body))
        return _told(taking.take(intake, said_in(loads(body, max_bytes=LARGEST)), delivery, body))
    except Unreadable as error:
        return _refused(intake, 400, str(error))
    except BadJSON as error:
        return _refused(intake, 400, error.message, pointer=error.pointer)
    except Invalid as error:
        problems = [{"field": p.field, "message": p.message} for p in error.problems]
        return _refused(intake, 422, "Some of it cannot be taken.", problems=problems)
    except Conflict as error:
        return _refused(intake, 409, str(error))
    except Forbidden as error:
        return _refused(intake, 503, str(error))


def _told(delivery: Delivery) -> JsonResponse:
    made, is_note = delivery.note, delivery.source.way == FeedbackSource.Way.WEBHOOK
    name = "note" if is_note else "record"
    return _answer(200, {name: made.key if made else None, "outcome": delivery.outcome})


def _refused(intake: Intake, status: int, said: str, **more: Any) -> JsonResponse:
    taking.went_wrong(intake, f"A delivery was refused: {said}")
    headers = {n: v for n, v in more.items() if n == "Retry-After"}
    return _answer(status, {"error": said, **{n: v for n, v in more.items() if n not in headers}}, **headers)


def _answer(status: int, said: dict[str, Any], **headers: str) -> JsonResponse:
    return JsonResponse(said, status=status, headers=headers)


# ---- the words --------------------------------------------------------------------------


def said_in(given: dict[str, Any]) -> Said:
    """The message in a JSON object; raises Invalid that names every key at fault."""
    problems = [Problem(name[:60], "There is no such key.") for name in given if name not in _KEYS]
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        try:
            if given.get(name) is not None:
                values[name] = read(given[name])
        except (TypeError, ValueError) as error:
            problems.append(Problem(name, str(error)))
    if not str(values.get("text", "")).strip():
        problems.append(Problem("text", "Say what was said."))
    if problems:
        raise Invalid(*problems[:50])
    return Said(**values)


def _text(longest: int) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        if not isinstance(raw, str) or len(raw) > longest:
            raise ValueError(f"Expected text, {longest:,} characters at most.")
        return raw

    return read


def _day(raw: Any) -> date:
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise ValueError("Expected a date such as 2026-11-22.") from None


def _rating(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 <= raw <= 10:
        raise ValueError("Expected a number from 0 to 10.")
    return float(raw)


_READERS: dict[str, Callable[[Any], Any]] = {
    **{name: _text(longest) for name, longest in _TEXTS.items()},
    "received_on": _day,
    "rating": _rating,
}
