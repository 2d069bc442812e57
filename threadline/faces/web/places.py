"""Addresses of pages. Plain text, no pattern is reversed: a list of 100 rows asks 100 times."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from threadline.kernel.errors import NotFound
from threadline.kernel.registry import RecordType, type_of

# Words that stand where a record type's path could: no type may be called one of them.
FIXED = frozenset({"review", "thread", "search", "trash", "notifications", "members", "settings", "tokens", "profile",
                   "undo", "files", "comments", "links", "views", "new", "imports", "palette",
                   "seek", "names", "start"})  # fmt: skip


def workspace(slug: str) -> str:
    """The first page of a workspace."""
    return f"/w/{slug}/"


def record(slug: str, key: str, *rest: str) -> str:
    """The page of a record, or one below it."""
    return "/".join((f"/w/{slug}/{key}", *rest))


def listing(slug: str, path: str, **asked: Any) -> str:
    """The list of a record type, with what is asked of it."""
    return with_query(f"/w/{slug}/{path}/", **asked)


def with_query(address: str, **asked: Any) -> str:
    """An address with a query string of what is not empty."""
    given = {n: v for n, v in asked.items() if v not in (None, "", False)}
    return f"{address}?{urlencode(given, doseq=True)}" if given else address


def type_at(path: str) -> RecordType:
    """The record type whose list stands at a path; NotFound for any other word."""
    declared = type_of(path)
    if declared.path != path:
        raise NotFound
    return declared


def type_named(kind: str) -> RecordType:
    """The record type of a kind; NotFound for any other word."""
    return type_of(kind)
