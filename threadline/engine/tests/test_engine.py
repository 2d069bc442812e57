"""The SQLite backend: its pragmas, and many writers at once on a real file."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS
from django.db.utils import IntegrityError, OperationalError

from threadline.engine import base
from threadline.engine.base import DatabaseWrapper

WRITER = Path(__file__).with_name("writer.py")
ROUNDS = 15


def connect(path: Path | str) -> DatabaseWrapper:
    settings = {
        "ENGINE": "threadline.engine", "NAME": str(path), "OPTIONS": {}, "TIME_ZONE": None,
        "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False,
    }  # fmt: skip
    return DatabaseWrapper(settings, DEFAULT_DB_ALIAS)


@pytest.fixture(autouse=True)
def _own_files(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():  # these tests open files of their own, never the test database
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "db.sqlite3") as made:
        made.execute("CREATE TABLE counter (n INTEGER)")
        made.execute("INSERT INTO counter VALUES (0)")
        made.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT, other INTEGER REFERENCES note(id))")
    made.close()
    return tmp_path / "db.sqlite3"


@pytest.fixture
def database(path: Path) -> Iterator[DatabaseWrapper]:
    found = connect(path)
    yield found
    found.close()


def value(database: DatabaseWrapper, sql: str) -> Any:
    with database.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def start(path: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, str(WRITER), str(path), *words], stdout=subprocess.PIPE, text=True)


def begin(database: DatabaseWrapper) -> None:
    database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 20_000)],
)
def test_connection_is_durable_and_checked(database: DatabaseWrapper, pragma: str, expected: Any) -> None:
    assert value(database, f"PRAGMA {pragma}") == expected


def test_transactions_are_immediate(database: DatabaseWrapper, path: Path) -> None:
    begin(database)
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    database.rollback()


@pytest.mark.slow
@pytest.mark.parametrize(("processes", "threads"), [(1, 8), (8, 1)])
def test_eight_writers_meet_no_error_and_lose_no_update(path: Path, processes: int, threads: int) -> None:
    running = [start(path, "count", str(threads), str(ROUNDS)) for _ in range(processes)]
    assert [one.communicate(timeout=120)[0].strip() for one in running] == ["clean"] * processes
    with sqlite3.connect(path) as seen:
        assert seen.execute("SELECT n FROM counter").fetchone()[0] == 8 * ROUNDS
        assert seen.execute("SELECT count(*) FROM note").fetchone()[0] == 8 * ROUNDS
    seen.close()


def test_killed_writer_leaves_the_gate_open_and_nothing_written(path: Path, database: DatabaseWrapper) -> None:
    holder = start(path, "hold")
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "holding"
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate(timeout=20)
    begin(database)
    assert value(database, "SELECT n FROM counter") == 0
    database.rollback()


def test_waiting_ends_in_a_clear_error(path: Path, database: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.05)
    other = connect(path)
    begin(other)
    with pytest.raises(OperationalError, match="another writer"):
        begin(database)
    assert value(database, "SELECT n FROM counter") == 0  # reading needs no gate
    other.rollback()
    other.close()


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_gate_opens_however_the_transaction_ends(path: Path, database: DatabaseWrapper, end: str) -> None:
    begin(database)
    getattr(database, end)()
    other = connect(path)
    other.ensure_connection()
    assert other._gate is not None
    other._gate.acquire(0.5)
    other._gate.release()
    other.close()


def test_failed_lone_write_opens_the_gate(database: DatabaseWrapper) -> None:
    with pytest.raises(IntegrityError), database.cursor() as cursor:
        cursor.execute("INSERT INTO note (text, other) VALUES (%s, %s)", ["x", 99])
    assert database._gate is not None
    database._gate.acquire(0.5)
    database._gate.release()


def test_database_in_memory_has_no_gate_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    memory = connect(":memory:")
    begin(memory)
    memory.rollback()
    assert memory._gate is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sql", "alone"),
    [
        ("INSERT INTO t VALUES (1)", True),
        ("  update t SET a = 1", True),
        ("SELECT 1", False),
        ("PRAGMA user_version", False),
        ("", False),
    ],
)
def test_only_writes_pass_the_gate(database: DatabaseWrapper, sql: str, alone: bool) -> None:
    assert database.writes_alone(sql) is alone
