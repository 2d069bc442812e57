"""What a page asks of the database: statements and rows fetched, with 30 records and with 300.

tests/budgets.json holds the most of each, for ten times the records too: what grows with the
number of records breaks the second number first. To set a budget anew, run this file with
``THREADLINE_BUDGETS=write`` and read the difference before it is kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection

from threadline.faces.web.tests.conftest import Site
from threadline.kernel import bulk, verbs
from threadline.kernel.actions import through_door
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World

FILE = Path(__file__).parents[4] / "tests" / "budgets.json"
PAGES = {
    "list": "features/",
    "list, filtered and sorted": "features/?q=state:idea sort:-score",
    "list, grouped": "features/?q=group:state",
    "list of voices": "feedback/",
    "detail": "F-1",
    "detail of a voice": "N-1",
    "inbox": "feedback/inbox",
    "today": "",
    "the thread": "thread",
    "an objective": "O-1",
    "review": "review?mine=0",
    "search": "search?q=harbour",
    "history": "F-1/history",
    "edit": "F-1/edit",
    "notifications": "notifications",
    "trash": "trash",
    "members": "members",
}


class Counted:
    """Statements sent and rows fetched while it listens."""

    def __init__(self) -> None:
        self.statements, self.rows = 0, 0


class _Cursor:
    """The engine's cursor, with its rows counted as they are taken."""

    def __init__(self, cursor: Any, counted: Counted) -> None:
        self._cursor, self._counted = cursor, counted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __enter__(self) -> _Cursor:
        return self

    def __exit__(self, *error: object) -> None:
        self._cursor.close()

    def __iter__(self) -> Iterator[Any]:
        for row in self._cursor:
            self._counted.rows += 1
            yield row

    def fetchone(self) -> Any:
        row = self._cursor.fetchone()
        self._counted.rows += row is not None
        return row

    def fetchmany(self, *size: int) -> Any:
        rows = self._cursor.fetchmany(*size)
        self._counted.rows += len(rows)
        return rows

    def fetchall(self) -> Any:
        rows = self._cursor.fetchall()
        self._counted.rows += len(rows)
        return rows


@contextmanager
def counting() -> Iterator[Counted]:
    """Count what is asked of the database inside."""
    counted = Counted()
    make = connection.create_cursor

    def create(name: str | None = None) -> Any:
        return _Cursor(make(name) if name else make(), counted)

    def tick(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked_of_the_server = "pg_stat_activity" in sql  # which writes are still open: PostgreSQL alone has several
        counted.statements += not asked_of_the_server
        counted.rows -= asked_of_the_server
        return execute(sql, params, many, context)

    connection.create_cursor = create  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(tick):
            yield counted
    finally:
        connection.create_cursor = make  # type: ignore[method-assign]


def fill(world: World, count: int) -> None:
    """Features that rest on notes and serve objectives, some of them suspect, some in the trash."""
    load(world, "objective", [{"title": f"Aim {n}"} for n in range(10)])
    load(world, "account", [{"title": f"Account {n}", "annual_revenue": n} for n in range(20)])
    notes = [{"body": f"The harbour is slow, note {n}", "account": f"A-{n % 20 + 1}"} for n in range(count)]
    load(world, "feedback", notes)
    features = [{"title": f"Feature {n} of the harbour", "owner": "me", "reach": n + 1} for n in range(count)]
    load(world, "feature", features)
    for n in range(1, 41):
        key = f"F-{(n - 1) % 20 + 1}"  # the same thread, however many records stand around it
        verbs.link(world.pm, key, f"N-{n % 15 + 1}", "evidence")
        verbs.link(world.pm, key, f"O-{n % 10 + 1}", "objective")
    for n in range(1, 11):
        verbs.update(world.owner, "objective", f"O-{n}", {"title": f"Aim {n}, changed"})
        verbs.comment(world.owner, "F-1", f"Remark {n} on [[N-{n}]]")
        verbs.archive(world.owner, "feedback", f"N-{count - n}")


def load(world: World, kind: str, values: list[dict[str, Any]]) -> None:
    declared = type_of(kind)

    def run(door: Any) -> None:
        bulk.load(door, declared, [bulk.build(door, declared, door.clean(declared, v, new=True)) for v in values])

    through_door(world.pm, "import", run)


def measured(site: Site) -> dict[str, dict[str, int]]:
    found = {}
    for name, path in PAGES.items():
        site.text(path)  # what a process keeps is read before
        caches["process"].clear()
        with counting() as counted:
            site.text(path)
        found[name] = {"statements": counted.statements, "rows": counted.rows}
    return found


def keep(found: dict[str, dict[str, int]], *, anew: bool) -> None:
    """Write the higher of what was measured now and, unless it begins anew, before."""
    before = {} if anew else json.loads(FILE.read_text())
    kept = {
        name: {what: max(number, before.get(name, {}).get(what, 0)) for what, number in asked.items()}
        for name, asked in found.items()
    }
    FILE.write_text(json.dumps(kept, indent=2) + "\n")


@pytest.mark.parametrize("count", [30, 300])
def test_pages_keep_to_their_budgets(site: Site, count: int) -> None:
    fill(site.world, count)
    found = measured(site)
    if os.environ.get("THREADLINE_BUDGETS") == "write":
        keep(found, anew=count == 30)
    budgets = json.loads(FILE.read_text())
    over = {
        name: (asked, budgets[name])
        for name, asked in found.items()
        if asked["statements"] > budgets[name]["statements"] or asked["rows"] > budgets[name]["rows"]
    }
    assert over == {}


def test_rows_are_counted(site: Site) -> None:
    site.world.make("feature")
    with counting() as counted:
        site.text("features/")
    assert counted.statements >= 4
    assert counted.rows >= 3
