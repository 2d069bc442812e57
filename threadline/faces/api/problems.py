"""What went wrong, as RFC 9457 problem documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import orjson

from threadline.formats.strictjson import BadJSON
from threadline.kernel.errors import Conflict, Forbidden, Invalid, KernelError, NotFound, Problem
from threadline.kernel.idempotency import Answer
from threadline.kernel.query import QueryError

MEDIA = "application/problem+json"
# Each status the API refuses with, its short name in ``type``, and its title.
KNOWN = {
    400: ("malformed", "The request cannot be read"),
    401: ("sign-in", "Sign in first"),
    403: ("forbidden", "Not allowed"),
    404: ("not-found", "Not found"),
    405: ("method", "This cannot be done here"),
    409: ("conflict", "This conflicts with what is here"),
    412: ("changed", "Changed since you read it"),
    413: ("too-large", "Too large"),
    415: ("media-type", "Send JSON"),
    422: ("invalid", "Some values cannot be accepted"),
    428: ("if-match", "Say which version you read"),
    429: ("too-many", "Too many requests"),
    500: ("failure", "Something failed on our side"),
    503: ("busy", "Busy just now"),
}


class Refusal(Exception):
    """Ends a request early with a problem of the given status."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        self.answer = problem(status, detail, headers=headers)
        super().__init__(detail)


def problem(
    status: int,
    detail: str = "",
    *,
    errors: Iterable[dict[str, Any]] = (),
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Answer:
    """The answer for a status, with a sentence for the person who reads the log."""
    return answer_of(document(status, detail, errors=errors, **more), headers)


def answer_of(found: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    """A problem document as an answer."""
    return Answer(found["status"], orjson.dumps(found), {**(headers or {}), "Content-Type": MEDIA})


def signed(body: bytes, request_id: str) -> bytes:
    """A problem document that names its request, so that it can be found in the log."""
    return orjson.dumps({**orjson.loads(body), "request_id": request_id})


def document(status: int, detail: str = "", *, errors: Iterable[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """The problem itself; bulk answers hold one for each item that failed."""
    name, title = KNOWN[status]
    found = {"type": f"/api/v1/docs#{name}", "title": title, "status": status}
    if detail:
        found["detail"] = detail
    if listed := list(errors):
        found["errors"] = listed
    return {**found, **more}


def of(error: KernelError | BadJSON, *, parameters: Collection[str] = (), expect: int | None = None) -> dict[str, Any]:
    """The problem that a refusal of the kernel stands for.

    ``parameters`` are names that stand in the query string, not in the body; ``expect`` is the
    version that the request named, if it did.
    """
    if isinstance(error, NotFound):
        # Absent and forbidden share every word.
        return document(404, "There is nothing here, or nothing that you may see.")
    if isinstance(error, Forbidden):
        return document(403, str(error))
    if isinstance(error, Conflict):
        lost = expect is not None and error.current is not None and error.current != expect
        current: dict[str, Any] = {} if error.current is None else {"current_version": error.current}
        return document(412 if lost else 409, str(error), **current)
    if isinstance(error, BadJSON):
        return document(400, error.message, errors=[{"pointer": error.pointer, "detail": error.message}])
    if isinstance(error, Invalid):
        position: dict[str, Any] = {"position": error.position} if isinstance(error, QueryError) else {}
        errors: list[dict[str, Any]] = [
            {**_place(p, parameters), "detail": p.message, **_instead(p), **position} for p in error.problems
        ]
        return document(422, "; ".join(e["detail"] for e in errors)[:500], errors=errors)
    raise error


def _instead(one: Problem) -> dict[str, str]:
    return {"instead": one.instead} if one.instead else {}


def _place(one: Problem, parameters: Collection[str]) -> dict[str, str]:
    if one.field in ("Idempotency-Key", "If-Match"):
        return {"header": one.field}
    if one.field.startswith("?") or one.field in parameters:
        return {"parameter": one.field.removeprefix("?")}
    if one.field.startswith("/") or not one.field:
        return {"pointer": one.field}
    return {"pointer": "/" + one.field.replace("~", "~0").replace("/", "~1")}
