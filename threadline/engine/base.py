"""Django's SQLite backend with a write-ahead log, full durability and the write gate.

The gate is taken where the outermost write transaction begins and given back where it
ends: at commit, at rollback, or when the connection closes. A single write outside any
transaction passes it for the length of the statement. Reads outside transactions never
touch it.

All transactions are IMMEDIATE: one that reads first and writes later would otherwise fail
when somebody else wrote in between. So never read inside ``atomic`` what could be read
before it, and never call a network inside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base as sqlite
from django.db.utils import OperationalError

from threadline.engine.gate import GateTimeout, WriteGate, gate_of

PATIENCE = 20.0
"""Seconds a writer waits before it is told that the database is busy."""

WRITING_WORDS = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP", "VACUUM"})

PRAGMAS = (
    "PRAGMA synchronous = FULL",  # an acknowledged write survives a power cut
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8000",  # 8 MB a connection
    "PRAGMA mmap_size = 0",  # several processes and a mapped file have corrupted data before
    "PRAGMA journal_size_limit = 67108864",
)


def _moment(value: bytes) -> datetime:
    return datetime.fromisoformat(value.decode())


@lru_cache(maxsize=4_096)
def _day(value: bytes) -> date:
    return date.fromisoformat(value.decode())


# Django's own accept more ways of writing than its columns hold, at three times the cost; every
# date of every list comes through here.
sqlite3.register_converter("datetime", _moment)
sqlite3.register_converter("date", _day)


_BUSY = "database is locked"


def is_busy(error: BaseException | None) -> bool:
    """Whether it is only that a writer's turn did not come in time: nothing was written, and trying again may do."""
    return isinstance(error, OperationalError) and _BUSY in str(error)


class GatedCursor(sqlite.SQLiteCursorWrapper):
    """A cursor whose lone writes pass the gate."""

    gated: DatabaseWrapper | None = None

    def execute(self, query: str, params: Any = None) -> Any:
        if self.gated is None or not self.gated.writes_alone(query):
            return super().execute(query, params)
        with self.gated.turn():
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        if self.gated is None or not self.gated.writes_alone(query):
            return super().executemany(query, param_list)
        with self.gated.turn():
            return super().executemany(query, param_list)

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """Django's query text as SQLite takes it; texts without names are few and long, so they are remembered."""
        if param_names is None:
            return _with_question_marks(query)
        converted: str = super().convert_query(query, param_names=param_names)
        return converted


@lru_cache(maxsize=1_024)
def _with_question_marks(query: str) -> str:
    return str(sqlite.FORMAT_QMARK_REGEX.sub("?", query)).replace("%%", "%")


@lru_cache(maxsize=2_048)
def _prepared(query: str) -> tuple[str, bool]:
    """A statement as SQLite takes it, and whether it writes."""
    return _with_question_marks(query), _writes(query)


def _writes(query: str) -> bool:
    return query.lstrip()[:8].partition(" ")[0].upper() in WRITING_WORDS


class _Turn:
    """Holds the gate for one statement."""

    def __init__(self, database: DatabaseWrapper) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.take_gate()

    def __exit__(self, *problem: object) -> None:
        self._database.leave_gate()


class DatabaseWrapper(sqlite.DatabaseWrapper):
    """The connection. In-memory databases, as tests use them, have no gate."""

    transaction_mode: str | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate: WriteGate | None = None
        self._holds_gate = False

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.setdefault("timeout", PATIENCE)
        params.setdefault("cached_statements", 512)
        self.transaction_mode = self.transaction_mode or "IMMEDIATE"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._gate = None if self.is_in_memory_db() else gate_of(str(conn_params["database"]))
        connection = super().get_new_connection(conn_params)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        if self._gate is not None:
            self._use_write_ahead_log(connection)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=GatedCursor)
        if self._gate is not None:
            cursor.gated = self
        return cursor

    def create_plain_cursor(self) -> Any:
        """A cursor for hand-written statements with positional parameters: the same here."""
        return self.create_cursor()

    def run(self, query: str, params: Any) -> Any:
        """A cursor of the driver's that has run one hand-written statement with positional parameters."""
        text, writes = _prepared(query)
        if not writes or self._holds_gate or self._gate is None:
            return self.connection.execute(text, params)
        with self.turn():
            return self.connection.execute(text, params)

    def writes_alone(self, query: str) -> bool:
        """Whether `query` writes and no transaction of ours holds the gate."""
        return not self._holds_gate and _writes(query)

    def turn(self) -> _Turn:
        """The gate for one statement, as a context."""
        return _Turn(self)

    def take_gate(self) -> None:
        """Wait for our turn to write; raise OperationalError after PATIENCE."""
        if self._gate is None or self._holds_gate:
            return
        try:
            self._gate.acquire(PATIENCE)
        except GateTimeout:
            raise OperationalError(f"{_BUSY}: another writer held it for {PATIENCE:.0f} seconds") from None
        self._holds_gate = True

    def leave_gate(self) -> None:
        """Let the next writer in, if it is we who hold the gate."""
        if self._holds_gate and self._gate is not None:
            self._holds_gate = False
            self._gate.release()

    def _use_write_ahead_log(self, connection: Any) -> None:
        # The mode is kept in the file: only the very first connection has to set it.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            return
        with self.turn():
            connection.execute("PRAGMA journal_mode = WAL")

    def _start_transaction_under_autocommit(self) -> None:
        self.take_gate()
        try:
            if self.execute_wrappers or self.force_debug_cursor:
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
            else:  # the same without Django's cursor around it
                with self.wrap_database_errors:
                    self.connection.execute(f"BEGIN {self.transaction_mode}")
        except BaseException:
            self.leave_gate()
            raise

    def _commit(self) -> Any:
        # A commit that fails leaves the transaction open: the rollback that follows lets go.
        done = super()._commit()  # type: ignore[misc]
        self.leave_gate()
        return done

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self.leave_gate()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self.leave_gate()
