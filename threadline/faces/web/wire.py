"""Rows as columns, for the islands that keep a copy: small on the line, quick to read.

``{"n": numbers, "v": versions, "c": {name: column}}``. A column is a list of values, or, where
values are people, products, records or words that repeat, ``{"d": [distinct], "i": [which]}``
with -1 for none. Where all rows are sent, numbers that follow each other are told as runs:
``{"runs": [[first, how many], ...]}``.
"""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from types import NoneType
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from threadline.kernel import text
from threadline.kernel.listing import JSON_OPTIONS
from threadline.kernel.windows import number_of

Listed = list[dict[str, Any]]
SMALL = 1_400  # bytes that fit one packet anyway
EXCERPT = 160
MANY, FEW = 200, 100  # rows from which, and words up to which, a word is told by its place
LONG_NUMBER = 16  # characters: 2324.7999999999997 was 2324.8 before it was multiplied
PRESSED = 6  # how hard gzip tries: 4 makes a tenth more of ten thousand rows in half the time


def columns(listed: Listed, names: list[str], long: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The rows, column by column. ``long`` are Markdown fields, of which a list shows the beginning."""
    made: dict[str, Any] = {"n": [number_of(r) for r in listed], "v": [r["version"] for r in listed], "c": {}}
    for name in names:
        made["c"][name] = _column([r.get(name) for r in listed], long=name in long)
    return made


def _column(values: list[Any], *, long: bool) -> Any:
    if long:
        return [text.excerpt(v, EXCERPT) if v else None for v in values]
    kinds = set(map(type, values))
    if dict in kinds:
        return _named(values)
    if date in kinds or datetime in kinds:
        return [_plain(v) for v in values]
    if float in kinds:
        return [_short(v) if type(v) is float else v for v in values]
    return words(values) if kinds <= {str, NoneType} else values


def words(values: list[str | None]) -> Any:
    """A column of words: told by their places where few words are said by many rows."""
    distinct = dict.fromkeys(values)
    if len(values) < MANY or len(distinct) > FEW:
        return values
    distinct.pop(None, None)
    places: dict[str | None, int] = {word: at for at, word in enumerate(distinct)}
    places[None] = -1
    return {"d": list(distinct), "i": [places[v] for v in values]}


def in_runs(numbers: list[int]) -> Any:
    """Numbers as runs that rise by one, where that is shorter."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][0] + runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
    return {"runs": runs} if len(runs) * 4 < len(numbers) else numbers


def _short(value: float) -> float:
    """What arithmetic left behind the twelfth digit is nothing that anybody wrote."""
    return value if len(repr(value)) < LONG_NUMBER else float(f"{value:.12g}")


def _named(values: list[Any]) -> dict[str, Any]:
    places: dict[Any, int] = {None: -1}
    distinct: list[Any] = []
    which: list[int] = []
    for value in values:
        sign = None if value is None else value.get("id") or value.get("key")
        if sign not in places:
            places[sign] = len(distinct)
            distinct.append(value)
        which.append(places[sign])
    return {"d": distinct, "i": which}


def _plain(value: Any) -> Any:
    if type(value) is datetime:
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if type(value) is date else value


def answer(request: HttpRequest, body: Any, status: int = 200, etag: str = "") -> HttpResponse:
    """The body as JSON, compressed where that helps; 304 when the reader has it already."""
    if etag and request.headers.get("if-none-match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag, "Cache-Control": "private, no-cache"})
    raw = orjson.dumps(body, option=JSON_OPTIONS, default=float)
    headers = {"Vary": "Accept-Encoding, Cookie"}
    if etag:
        headers |= {"ETag": etag, "Cache-Control": "private, no-cache"}
    if len(raw) > SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        raw, headers["Content-Encoding"] = gzip.compress(raw, PRESSED, mtime=0), "gzip"
    return HttpResponse(raw, status=status, content_type="application/json", headers=headers)
