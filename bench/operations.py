"""What is measured: each operation's name, aim, requests, and the statements its limit is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from bench import words
from bench.calling import Request
from bench.capture import Statement, is_content, reads_table
from bench.stage import Stage
from bench.timing import Thunk
from threadline.kernel import listing, search, verbs
from threadline.kernel.registry import type_of

Makers = Sequence[Callable[[], Thunk]]
NEWEST = "sort:-created"
FILTERED = "state:planned,candidate effort<5 sort:-score"
VOICES = "channel:support,survey rating<3 sort:-received_on"
WORDED = f"rating<4 {words.BODY_WORD}"
DETAILS = 20  # different records in turn


@dataclass(frozen=True)
class Reading:
    """Something that reads. ``makers`` gives work for a few different requests, taken in turns."""

    name: str
    aim: float
    makers: Callable[[Stage], Makers]
    rests_on: Callable[[Statement], bool] = is_content
    grows: bool = True  # whether the aim for growth with the number of rows holds


@dataclass(frozen=True)
class Writing:
    """Something that writes. ``make`` prepares one piece of work, on the record of that key where there is one."""

    name: str
    aim: float
    make: Callable[[Stage, str, int], Thunk]
    updates: bool
    rests_on: Callable[[Statement], bool] = field(default=is_content)


# ---- through the application ---------------------------------------------------------------


def _api(query: dict[str, Any], path: str = "/api/v1/features") -> Callable[[Stage], Makers]:
    return lambda stage: [lambda: stage.api.prepared(Request("GET", path, query))]


def _page(path: str, query: dict[str, Any] | None = None) -> Callable[[Stage], Makers]:
    return lambda stage: [lambda: stage.web.prepared(Request("GET", f"/w/{stage.slug}/{path}", query))]


def _api_details(stage: Stage) -> Makers:
    return [partial(stage.api.prepared, Request("GET", f"/api/v1/features/{k}")) for k in stage.keys[:DETAILS]]


def _page_details(stage: Stage) -> Makers:
    return [partial(stage.web.prepared, Request("GET", f"/w/{stage.slug}/{k}")) for k in stage.keys[:DETAILS]]


def _api_create(stage: Stage, key: str, number: int) -> Thunk:
    return stage.api.prepared(Request("POST", "/api/v1/features", body=stage.new_values()), (201,))


def _api_update(stage: Stage, key: str, number: int) -> Thunk:
    return stage.api.prepared(Request("PATCH", f"/api/v1/features/{key}", body={"reach": number}))


# ---- the kernel alone ----------------------------------------------------------------------


def _kernel_list(query: str) -> Callable[[Stage], Makers]:
    def work(stage: Stage) -> bytes:
        page = listing.list_page(stage.actor, type_of("feature"), query)
        return orjson.dumps({"data": page.rows, "next_cursor": page.next_cursor}, option=listing.JSON_OPTIONS)

    return lambda stage: [lambda: partial(work, stage)]


def _kernel_details(stage: Stage) -> Makers:
    def work(key: str) -> bytes:
        row = listing.row_of(stage.actor, type_of("feature"), key)
        return orjson.dumps(row, option=listing.JSON_OPTIONS)

    return [partial(partial, work, key) for key in stage.keys[:DETAILS]]


def _kernel_search(word: str) -> Callable[[Stage], Makers]:
    def work(stage: Stage) -> bytes:
        return orjson.dumps(search.find(stage.actor, word), option=listing.JSON_OPTIONS)

    return lambda stage: [lambda: partial(work, stage)]


def _kernel_create(stage: Stage, key: str, number: int) -> Thunk:
    values = stage.new_values()
    return lambda: str(verbs.create(stage.actor, "feature", values).pk).encode()


def _kernel_update(stage: Stage, key: str, number: int) -> Thunk:
    return lambda: str(verbs.update(stage.actor, "feature", key, {"reach": number}).pk).encode()


_ROWS = reads_table("inbound_feature")

OPERATIONS: tuple[Reading | Writing, ...] = (
    Reading("API list, 100 newest", 1.8, _api({"q": NEWEST, "limit": 100})),
    Reading("API list, filtered and sorted", 1.8, _api({"q": FILTERED, "limit": 100})),
    Reading("API list of feedback, 100 newest", 1.8, _api({"q": NEWEST, "limit": 100}, "/api/v1/feedback")),
    Reading("API list of feedback, filtered and sorted", 1.8, _api({"q": VOICES, "limit": 100}, "/api/v1/feedback")),
    Reading(
        "API list of feedback, with a word",
        3,
        _api({"q": WORDED}, "/api/v1/feedback"),
        grows=False,
    ),
    Reading("HTML list, newest", 4, _page("features/", {"q": NEWEST}), _ROWS),
    Reading("HTML list, filtered and sorted", 4, _page("features/", {"q": FILTERED}), _ROWS),
    Reading("API detail", 4, _api_details),
    Reading("HTML detail", 4, _page_details),
    Writing("API create", 4, _api_create, updates=False),
    Writing("API update, one field", 4, _api_update, updates=True),
    Reading("search, title word", 3, _api({"q": words.TITLE_WORD}, "/api/v1/search"), grows=False),
    Reading("search, body word", 3, _api({"q": words.BODY_WORD}, "/api/v1/search"), grows=False),
)

# Not in the table unless asked for by name: they tell how much of a figure is the face's.
KERNEL: tuple[Reading | Writing, ...] = (
    Reading("kernel list, 100 newest", 1.8, _kernel_list(NEWEST)),
    Reading("kernel list, filtered and sorted", 1.8, _kernel_list(FILTERED)),
    Reading("kernel detail", 4, _kernel_details),
    Writing("kernel create", 4, _kernel_create, updates=False),
    Writing("kernel update, one field", 4, _kernel_update, updates=True),
    Reading("kernel search, title word", 3, _kernel_search(words.TITLE_WORD), grows=False),
    Reading("kernel search, body word", 3, _kernel_search(words.BODY_WORD), grows=False),
)


def chosen(only: Sequence[str]) -> list[Reading | Writing]:
    """The operations whose name holds one of the words; without words, those of the table."""
    if not only:
        return list(OPERATIONS)
    return [o for o in (*OPERATIONS, *KERNEL) if any(word in o.name for word in only)]
