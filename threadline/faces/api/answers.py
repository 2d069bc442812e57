"""Answers in JSON: one thing, a page of things, nothing; and the tags that tell their versions."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.db.models import Model, QuerySet

from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import Part
from threadline.kernel import fields
from threadline.kernel.errors import Invalid
from threadline.kernel.idempotency import Answer
from threadline.kernel.listing import JSON_OPTIONS

NOTHING = Answer(204)
LIMIT = Part("limit", fields.Number(low=1, high=200, whole=True), "How many at most.", default=50)
CURSOR = Part("cursor", fields.FieldKind(longest=2_000), "Where the last page ended: its next_cursor.")


def dumps(data: Any) -> bytes:
    """JSON as every answer carries it: times in UTC with a Z."""
    return orjson.dumps(data, option=JSON_OPTIONS)


def one(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A single thing."""
    return Answer(status, dumps(data), dict(headers or {}))


def record(call: Call, row: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A record with its ETag: the version, and a check of the very bytes, for If-None-Match.

    A record can look different at the same version (a person's name, a computed column, what
    was included), so the version alone would answer 304 too often. If-Match reads the version.
    """
    body = dumps(row)
    tag = f'"{row["version"]}-{zlib.crc32(body):08x}"'
    found = {**(headers or {}), "ETag": tag}
    if status == 200 and tag in call.request.META.get("HTTP_IF_NONE_MATCH", ""):
        return Answer(304, b"", found)
    return Answer(status, body, found)


def page(call: Call, data: Sequence[Any], next_cursor: str | None, **more: Any) -> Answer:
    """A page of a list, with the address of the next one as a Link too."""
    body = dumps({"data": data, "next_cursor": next_cursor, "has_more": next_cursor is not None, **more})
    if next_cursor is None:
        return Answer(200, body)
    following = urlencode({**call.given, "cursor": next_cursor})
    return Answer(200, body, {"Link": f'<{call.request.path}?{following}>; rel="next"'})


def stream_page(data: Sequence[Any], next_cursor: str | None, has_more: bool) -> Answer:
    """A page of a stream: its cursor is worth keeping also when there is nothing more for now."""
    return Answer(200, dumps({"data": data, "next_cursor": next_cursor, "has_more": has_more}))


def newest_first(call: Call, rowset: QuerySet[Any], shown: Any) -> Answer:
    """A page of rows by id, newest first."""
    limit, cursor = call.query["limit"], call.query["cursor"]
    if cursor:
        rowset = rowset.filter(pk__lt=id_of(cursor))
    found: list[Model] = list(rowset.order_by("-pk")[: limit + 1])
    following = str(found[limit - 1].pk) if len(found) > limit else None
    return page(call, [shown(row) for row in found[:limit]], following)


def id_of(cursor: str, name: str = "cursor") -> UUID:
    """An id that came as a cursor; raises Invalid."""
    try:
        return UUID(cursor)
    except ValueError:
        raise Invalid((name, "This does not belong to this list.")) from None
