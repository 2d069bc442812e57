"""One way through the API: who calls, how often, with what; then the endpoint; then the answer."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from os import SEEK_END
from typing import IO, Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from threadline.engine.base import is_busy
from threadline.faces.api import callers, limits, problems
from threadline.faces.api.endpoints import ARGUMENTS, FILE, UPLOAD, Endpoint, cleaned, unknown
from threadline.faces.api.problems import Refusal
from threadline.formats import strictjson
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.changes import Batch
from threadline.kernel.errors import Forbidden, Invalid, KernelError
from threadline.kernel.idempotency import Answer, once

log = logging.getLogger("threadline.api")
_PART = 64 * 1024  # bytes of a file sent at once
# Every answer is one person's, and none is a page.
_ALWAYS = {
    "Content-Type": "application/json",
    "Cache-Control": "private, no-store",
    "Vary": "Authorization, Cookie, Threadline-Workspace",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
if settings.SECURE_HSTS_SECONDS:
    _ALWAYS["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"


@dataclass(frozen=True, slots=True)
class Filed(Answer):
    """An answer that is a file: sent in parts, closed at the end."""

    file: IO[bytes] | None = None

    @property
    def size(self) -> int:
        """Bytes in the file."""
        assert self.file is not None
        return self.file.seek(0, SEEK_END)

    def parts(self) -> Iterator[bytes]:
        """The file from its beginning."""
        assert self.file is not None
        with self.file as file:
            file.seek(0)
            yield from iter(partial(file.read, _PART), b"")


class Call:
    """One request on its way through an endpoint."""

    def __init__(self, request: HttpRequest, declared: Endpoint, actor: Actor | None) -> None:
        self.request, self.declared, self.caller = request, declared, actor
        self.given: dict[str, str] = {}
        self.query: dict[str, Any] = {}
        self.body: dict[str, Any] = {}
        self.sent: dict[str, Any] = {}  # the members of the body that were given, cleaned
        self.expect: int | None = None

    @property
    def actor(self) -> Actor:
        """Who calls; only public endpoints may find nobody, and ask ``caller``."""
        assert self.caller is not None
        return self.caller

    def read(self) -> None:
        """Read and check query, headers and body by the declaration; raises Invalid, BadJSON, Refusal."""
        self.query = self._query()
        if self.declared.matches:
            self.expect = _version_read(self.request.META.get("HTTP_IF_MATCH", ""))
            if self.expect is None and self.actor.extra.get("token_kind") == "service":
                raise Refusal(428, "A service key says which version it read: send its ETag as If-Match.")
        if self.declared.method != "GET":
            self.query["batch"] = self._batch()
            self._read_body()

    @property
    def how(self) -> dict[str, Any]:
        """The reason and the batch, as the kernel's verbs take them."""
        return {"why": self.query["why"] or "", "batch": self.query["batch"]}

    @property
    def done(self) -> dict[str, str]:
        """The header that names the batch of a write, so that it can be undone."""
        return {"Threadline-Batch": str(self.query["batch"])}

    def _query(self) -> dict[str, Any]:
        text = self.request.META.get("QUERY_STRING", "")
        if not text and not self.declared.needed:
            return dict(self.declared.defaults)
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=40)
        except ValueError:
            raise Invalid(("?", "Too many parameters.")) from None
        self.given = dict(pairs)
        if len(self.given) != len(pairs):
            raise Invalid(("?", "A parameter is given twice."))
        if strange := [n for n in self.given if n not in self.declared.parameters]:
            raise Invalid(*((f"?{n[:60]}", unknown(n, self.declared.parameters)) for n in strange))
        try:
            return cleaned(tuple(self.declared.parameters.values()), self.given, self.caller)
        except Invalid as refused:
            raise Invalid(*((f"?{p.field}", p.message) for p in refused.problems)) from None

    def _batch(self) -> UUID:
        given = self.query.get("batch")
        if not given:
            return rows.new_id()
        try:
            mine = Batch.objects.filter(
                workspace_id=self.actor.workspace_id, member_id=self.actor.member_id, undone_at=None
            )
            return mine.get(pk=UUID(given)).pk
        except (ValueError, Batch.DoesNotExist):
            raise Invalid(("?batch", "No open batch of yours has this id.")) from None

    def _read_body(self) -> None:
        if self.declared.body in (FILE, UPLOAD):
            return  # the endpoint reads it in parts
        raw = read_bytes(self.request)
        wanted = self.declared.body
        parts = wanted if isinstance(wanted, tuple) else ()
        found: dict[str, Any] = {}
        if raw or (wanted not in (None, ARGUMENTS) and (isinstance(wanted, str) or any(p.required for p in parts))):
            kind = self.request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
            if kind not in ("application/json", "application/merge-patch+json"):
                raise Refusal(415, "Send the body as application/json.")
            found = strictjson.loads(raw)
        # A record's fields are the door's to check; the rest is declared here.
        self.body = found if isinstance(wanted, str) else cleaned(parts, found, self.caller)
        self.sent = {name: self.body[name] for name in found}


def read_bytes(request: HttpRequest) -> bytes:
    """The body, if it is of a size that is taken at all."""
    size = request.META.get("CONTENT_LENGTH") or "0"
    if not size.isdigit() or int(size[:12]) > strictjson.MAX_BYTES:
        raise Refusal(413, f"At most {strictjson.MAX_BYTES:,} bytes.")
    try:
        return request.body
    except RequestDataTooBig:
        raise Refusal(413, f"At most {strictjson.MAX_BYTES:,} bytes.") from None


def _version_read(text: str) -> int | None:
    """The version that an If-Match header names: ``"7"`` or an ETag of ours, ``"7-1f2e3d4c"``."""
    text = text.strip()
    if not text or text == "*":
        return None
    number = text.removeprefix("W/").strip('"').partition("-")[0]
    if "," in text or not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Invalid(("If-Match", 'Expected the ETag of the record, such as "7".'))
    return int(number)


# ---- the walk ---------------------------------------------------------------------------


class Resource:
    """The view of one path: its endpoints by method."""

    csrf_exempt = True  # a session's writes are checked in callers.py; a key needs no check

    def __init__(self, by_method: Mapping[str, Endpoint]) -> None:
        self.by_method = dict(by_method)
        self.allowed = ", ".join(sorted({*by_method, "OPTIONS", *(["HEAD"] if "GET" in by_method else [])}))

    def __call__(self, request: HttpRequest, **where: Any) -> HttpResponse | StreamingHttpResponse:
        return response_of(self.answer(request, where))

    def answer(self, request: HttpRequest, where: Mapping[str, Any]) -> Answer:
        """What to send back, headers and all."""
        method = request.method or "GET"
        declared = self.by_method.get("GET" if method == "HEAD" else method)
        if method == "OPTIONS":
            return dressed(Answer(204, b"", {"Allow": self.allowed}))
        if declared is None:
            allow = {"Allow": self.allowed}
            return dressed(problems.problem(405, f"Here you can: {self.allowed}.", headers=allow))
        return walk(request, declared, where)


def walk(request: HttpRequest, declared: Endpoint, where: Mapping[str, Any]) -> Answer:
    """From request to response; every refusal becomes a problem document."""
    extra: dict[str, str] = {}
    call: Call | None = None
    try:
        actor = callers.caller(request) if declared.public else callers.required(request)
        call = Call(request, declared, actor)
        if actor is not None:
            allowance = limits.take(str(actor.extra.get("token_id") or actor.member_id), declared.cost)
            extra = allowance.headers()
            if allowance.wait:
                raise Refusal(429, f"Try again in {allowance.wait} s.")
            if actor.scopes is not None and declared.scope not in actor.scopes:
                raise Forbidden(f"This key does not have the {declared.scope} scope.")
        answer = _answered(call, where)
    except Refusal as refusal:
        answer = refusal.answer
    except (KernelError, strictjson.BadJSON) as error:
        answer = _problem(error, declared, call)
    except SuspiciousOperation:
        answer = problems.problem(400, "Some part of the request is not as a client sends it.")
    except Exception as error:
        if is_busy(error):
            return dressed(
                problems.problem(503, "Others were writing for too long.", headers={"Retry-After": "5"}), extra
            )
        number = secrets.token_hex(8)
        log.exception("request %s failed: %s %s", number, request.method, request.path)
        answer, extra["Request-Id"] = problems.problem(500, "Tell us the request id."), number
    return dressed(answer, extra)


def _answered(call: Call, where: Mapping[str, Any]) -> Answer:
    key = call.request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None or call.declared.method != "POST" or call.caller is None:
        call.read()
        return call.declared.run(call, **where)

    if call.declared.body == FILE:
        raise Refusal(400, "A file takes no Idempotency-Key: sending it changes nothing until the import is started.")
    if call.declared.body == UPLOAD:
        raise Refusal(400, "A file takes no Idempotency-Key: the list of the record's files says whether it arrived.")

    def run() -> Answer:
        try:
            call.read()
            return call.declared.run(call, **where)
        except (KernelError, strictjson.BadJSON) as error:
            return _problem(error, call.declared, call)

    said = f"{call.request.get_full_path()}\n{call.request.META.get('CONTENT_TYPE', '')}\n".encode()
    answer, replayed = once(call.actor, key, hashlib.sha256(said + read_bytes(call.request)).hexdigest(), run)
    if replayed:
        return Answer(answer.status, answer.body, {**answer.headers, "Idempotency-Replayed": "true"})
    return answer


def _problem(error: KernelError | strictjson.BadJSON, declared: Endpoint, call: Call | None) -> Answer:
    parameters = declared.parameters if declared.method == "GET" else ()
    found = problems.of(error, parameters=parameters, expect=call.expect if call else None)
    return problems.answer_of(found)


def dressed(answer: Answer, extra: Mapping[str, str] | None = None) -> Answer:
    """The answer with the headers that every answer carries."""
    extra = extra or {}
    number = extra.get("Request-Id") or os.urandom(8).hex()
    body = problems.signed(answer.body, number) if answer.status >= 400 else answer.body
    size = answer.size if isinstance(answer, Filed) else len(body)
    headers = {**_ALWAYS, "Request-Id": number, "Content-Length": str(size), **extra, **answer.headers}
    if not size:
        del headers["Content-Type"]
    if answer.__class__ is Answer:
        return Answer(answer.status, body, headers)
    return replace(answer, body=body, headers=headers)


def response_of(answer: Answer) -> HttpResponse | StreamingHttpResponse:
    """The answer as Django's response."""
    if isinstance(answer, Filed):
        return StreamingHttpResponse(answer.parts(), status=answer.status, headers=answer.headers)
    response = HttpResponse(answer.body, status=answer.status, headers=answer.headers)
    # The answer says what was wrong; a line in the log for each is a stranger's way to fill it.
    response._has_been_logged = answer.status < 500  # type: ignore[attr-defined]
    if not answer.body:
        del response.headers["Content-Type"]
    return response
