"""The whole database as a few hashes: what a refused request must leave as it was."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from django.db import connection

# Written by sign-in and by throttles, and by nothing that a user owns.
BESIDE = frozenset({"django_session", "django_migrations", "threadline_cache", "sqlite_sequence"})
# SQLite keeps the full-text table in these; its content is read from the table itself.
_SHADOWS = ("_data", "_idx", "_content", "_docsize", "_config")

# A statement that writes, as SQLite traces it; one of a trigger's is traced as a remark.
_WRITING = re.compile(
    r"\s*(?:--\s*)?(INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)"
    r"\s+\"?(\w+)",
    re.IGNORECASE,
)
# One that adds rows, or fails, and can do nothing to those that are there.
_ADDING = re.compile(r"INSERT\s+INTO", re.IGNORECASE)
_REPLACING = re.compile(r"\bON\s+CONFLICT\b", re.IGNORECASE)

Dump = dict[str, str]


@cache
def _tables(vendor: str, database: str) -> tuple[str, ...]:
    names = connection.introspection.table_names()
    shadows = {f"kernel_search{ending}" for ending in _SHADOWS}
    kept = {*names, "kernel_search"} - BESIDE - (shadows if vendor == "sqlite" else set())
    return tuple(sorted(kept))


@cache
def _columns(tables: tuple[str, ...], database: str) -> dict[str, str]:
    """For each table of SQLite, the expression of a whole row."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT name FROM pragma_table_info(%s)", [table])
            found[table] = "||','||".join(f'quote("{name}")' for (name,) in cursor.fetchall())
    return found


def dump(only: Iterable[str] | None = None, counted: Collection[str] = ()) -> Dump:
    """A hash of the rows of every table, or of those named, in one order whatever the engine's.

    SQLite only counts the rows of the tables in ``counted``.
    """
    tables = _tables(connection.vendor, str(connection.settings_dict["NAME"]))
    asked = tables if only is None else tuple(sorted(set(only) & {*tables}))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            parts = (f"SELECT '{t}', md5(string_agg(x::text, ';' ORDER BY x::text)) FROM \"{t}\" x" for t in asked)
            cursor.execute(" UNION ALL ".join(parts))
            return {name: digest or "" for name, digest in cursor.fetchall()}
        found: Dump = {}
        columns = _columns(tables, str(connection.settings_dict["NAME"]))
        for table in asked:
            if table in counted:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                found[table] = str(cursor.fetchone()[0])
                continue
            # A row as one text, made by the engine: thousands of dumps are taken in a run.
            cursor.execute(
                f"SELECT group_concat(x, ';') FROM (SELECT {columns[table]} AS x FROM \"{table}\" ORDER BY x)"
            )
            text = cursor.fetchone()[0] or ""
            found[table] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return found


class Writes:
    """The tables that were written to inside a block, whether or not anything in them is another now.

    ``tables`` is None while nobody can tell: then every table has to be looked at. To those in ``grown`` rows were
    added and nothing else was done, so that their number says whether anything is another now.
    """

    def __init__(self) -> None:
        self.tables: set[str] | None = None
        self._named: set[str] = set()
        self._mended: set[str] = set()
        self._before = 0

    def __enter__(self) -> Writes:
        if connection.vendor != "postgresql":
            self._before = connection.connection.total_changes
            connection.connection.set_trace_callback(self._note)
        return self

    def __exit__(self, *problem: object) -> None:
        if connection.vendor != "postgresql":
            connection.connection.set_trace_callback(None)
            if self._named or connection.connection.total_changes == self._before:
                self.tables = self._named

    @property
    def grown(self) -> set[str]:
        return self._named - self._mended

    def _note(self, statement: str) -> None:
        found = _WRITING.match(statement)
        if found:
            self._named.add(found[2])
            if not _ADDING.match(found[1]) or _REPLACING.search(statement):
                self._mended.add(found[2])


@contextmanager
def watched() -> Iterator[list[str]]:
    """Gives a list that holds, after the block, the tables that the block changed."""
    found: list[str] = []
    before = dump() if connection.vendor == "postgresql" else {}
    with Writes() as writes:
        yield found
    # What was only ever read needs no look; SQLite tells, and has no older state to compare with, so all counts.
    found += moved(before) if writes.tables is None else sorted(writes.tables - BESIDE)


def moved(before: Dump) -> list[str]:
    """The tables whose rows are no longer what they were."""
    after = dump()
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
