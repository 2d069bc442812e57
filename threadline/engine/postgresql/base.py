"""Django's PostgreSQL backend, with two detours left out.

Instants are read by the driver's own compiled code. Django reads them in Python, to be ready
for any time zone; ours is UTC, always, so the driver's answer is already right. A page of 100
records holds 300 instants, which took as long as all the rest of it.

Hand-written statements keep their numbered form. The driver would look for the marks of
parameters in a statement of more than 4,096 characters each time it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import Format

_INSTANT = psycopg.adapters.types["timestamptz"].oid
_compiled = psycopg.adapters.get_loader(_INSTANT, Format.TEXT)
assert _compiled is not None  # psycopg brings one for every type of its own


_MARK = re.compile("%(s|%)")


@lru_cache(maxsize=1_024)
def numbered(query: str) -> str:
    """A statement with ``$1, $2`` in place of ``%s``, and ``%`` in place of ``%%``."""
    numbers: Iterator[int] = count(1)
    return _MARK.sub(lambda mark: f"${next(numbers)}" if mark[1] == "s" else "%", query)


class PlainCursor(psycopg.RawCursor[Any]):
    """A cursor for hand-written statements."""

    def execute(  # type: ignore[override]  # hand-written statements are text
        self, query: str, params: Sequence[Any] | None = None, **options: Any
    ) -> Any:
        return super().execute(numbered(query), params, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    """The connection."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if self.timezone == UTC:
            connection.adapters.register_loader(_INSTANT, _compiled)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        if self.timezone != UTC:
            return super().create_cursor(name)
        # As Django does, but for a look at whose loader this is, and bringing its own.
        if name is None:
            return self.connection.cursor()
        return self.connection.cursor(name, scrollable=False, withhold=self.connection.autocommit)

    def run(self, query: str, params: Sequence[Any]) -> PlainCursor:
        """A cursor that has run one hand-written statement with positional parameters."""
        cursor = self.create_plain_cursor()
        cursor.execute(query, params)
        return cursor

    def create_plain_cursor(self) -> PlainCursor:
        """A cursor for hand-written statements with positional parameters."""
        return PlainCursor(self.connection)
