"""The whole database as a few hashes: what a refused request must leave as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db import connection

# Written by sign-in and by throttles, and by nothing that a user owns.
BESIDE = frozenset({"django_session", "django_migrations", "threadline_cache", "sqlite_sequence"})
# SQLite keeps the full-text table in these; its content is read from the table itself.
_SHADOWS = ("_data", "_idx", "_content", "_docsize", "_config")

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


def dump() -> Dump:
    """A hash of the rows of every table, in one order whatever the engine's."""
    tables = _tables(connection.vendor, str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            parts = (f"SELECT '{t}', md5(string_agg(x::text, ';' ORDER BY x::text)) FROM \"{t}\" x" for t in tables)
            cursor.execute(" UNION ALL ".join(parts))
            return {name: digest or "" for name, digest in cursor.fetchall()}
        found: Dump = {}
        for table, columns in _columns(tables, str(connection.settings_dict["NAME"])).items():
            # A row as one text, made by the engine: thousands of dumps are taken in a run.
            cursor.execute(f"SELECT group_concat(x, ';') FROM (SELECT {columns} AS x FROM \"{table}\" ORDER BY x)")
            text = cursor.fetchone()[0] or ""
            found[table] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return found


def written() -> int | None:
    """How many rows this connection has written so far; None where the engine does not count."""
    return None if connection.vendor == "postgresql" else int(connection.connection.total_changes)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Gives a list that holds, after the block, the tables that the block changed."""
    found: list[str] = []
    before = dump()
    yield found
    found += moved(before)


def moved(before: Dump) -> list[str]:
    """The tables whose rows are no longer what they were."""
    after = dump()
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
