"""The limit: captured statements sent again on the plain driver, their rows made into JSON, and no more.

The connection stands open and is the driver's own: pysqlite3 or sqlite3 with its statement
cache, psycopg with prepared statements. It asks nobody's rights, though the condition for
the rows that a reader may see is part of the statements.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.conf import settings
from django.db import connection

from bench.capture import Statement
from bench.timing import Thunk
from threadline.engine.base import PRAGMAS
from threadline.kernel import rows

_COLUMNS = re.compile(r'^\s*INSERT INTO "?\w+"? \(([^)]*)\)')

_LONGEST = 20  # characters of a name: SQLite calls a computed column by its whole expression


def distinct(names: Sequence[str]) -> list[str]:
    """Column names with a number behind repeated ones, so that a dict holds them all."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return found


class Bare:
    """A plain connection to the database that Django is connected to."""

    def __init__(self) -> None:
        self.postgres = rows.is_postgres()
        self._names: dict[str, list[str]] = {}
        if self.postgres:
            given = connection.get_connection_params()
            plain = {k: v for k, v in given.items() if k not in ("cursor_factory", "context", "prepare_threshold")}
            self.raw: Any = psycopg.connect(**plain, autocommit=True, prepare_threshold=0)
        else:
            path = settings.DATABASES["default"]["NAME"]
            self.raw = sqlite3.connect(path, isolation_level=None, cached_statements=512, check_same_thread=False)
            for pragma in PRAGMAS:
                self.raw.execute(pragma)

    @property
    def process(self) -> int:
        """The database's process that serves this connection; 0 where there is none."""
        return int(self.raw.info.backend_pid) if self.postgres else 0

    def native(self, statement: Statement) -> tuple[str, tuple[Any, ...]]:
        """The statement as the driver takes it."""
        if self.postgres:
            return statement.sql, statement.params
        sql = statement.sql.replace("%s", "?").replace("%%", "%")
        return sql, tuple(p.hex if isinstance(p, UUID) else p for p in statement.params)

    def rows_of(self, statements: Sequence[Statement]) -> int:
        """How many rows the reading statements give."""
        return sum(
            len(self.raw.execute(*self.native(s)).fetchall()) for s in statements if s.verb in ("SELECT", "WITH")
        )

    def reading(self, statements: Sequence[Statement]) -> Thunk:
        """Work that reads what these statements read and gives it as JSON bytes."""
        ready = [(*self.native(s), self._columns(s)) for s in statements]
        execute, dumps = self.raw.execute, orjson.dumps

        def read() -> bytes:
            found = [
                [dict(zip(names, row, strict=False)) for row in execute(sql, params).fetchall()]
                for sql, params, names in ready
            ]
            return dumps(found, default=str)

        return read

    def writing(
        self, statements: Sequence[Statement], instead: Mapping[Any, Any], answer: Sequence[Statement] = ()
    ) -> Thunk:
        """Work that sends these statements in one transaction, with other values for some, and reads the answer.

        What ``answer`` reads is given as JSON bytes; with none, the values of the first statement are.
        """
        ready = [self.native(s) for s in with_other_values(statements, instead)]
        read = self.reading(list(with_other_values(answer, instead))) if answer else None
        execute, dumps = self.raw.execute, orjson.dumps
        begin = "BEGIN" if self.postgres else "BEGIN IMMEDIATE"

        def write() -> object:
            execute(begin)
            for sql, params in ready:
                found = execute(sql, params)
                if found.description:
                    found.fetchall()
                elif not found.rowcount:
                    raise LookupError(f"The limit wrote no row: {sql}")
            execute("COMMIT")
            return read() if read else dumps(ready[0][1], default=str)

        return write

    def _columns(self, statement: Statement) -> list[str]:
        if statement.sql not in self._names:
            found = self.raw.execute(*self.native(statement))
            self._names[statement.sql] = distinct([column[0][:_LONGEST] for column in found.description or ()])
            found.fetchall()
        return self._names[statement.sql]


def with_other_values(statements: Sequence[Statement], instead: Mapping[Any, Any]) -> Iterator[Statement]:
    """The statements with ``instead`` put in place of the values it names; new rows get ids of their own."""
    for statement in statements:
        params = [_other(value, instead) for value in statement.params]
        at = _id_column(statement)
        if at is not None and params[at] == statement.params[at]:
            fresh = rows.new_id()
            params[at] = fresh.hex if isinstance(params[at], str) else fresh
        yield Statement(statement.sql, tuple(params))


def _other(value: Any, instead: Mapping[Any, Any]) -> Any:
    if isinstance(value, UUID):
        return instead.get(value, instead.get(value.hex, value))
    if isinstance(value, str) and len(value) == 32:  # an id as SQLite keeps it
        found = instead.get(value, value)
        return found.hex if isinstance(found, UUID) else found
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return instead.get(value, value)
    return value


def _id_column(statement: Statement) -> int | None:
    found = _COLUMNS.match(statement.sql)
    names = [name.strip(' "') for name in found[1].split(",")] if found else []
    return names.index("id") if "id" in names else None
