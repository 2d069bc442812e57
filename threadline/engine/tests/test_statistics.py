"""What SQLite is told to expect, and that it plans by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from threadline.engine.base import DatabaseWrapper
from threadline.engine.statistics import ROWS, WORKSPACES, expectation, write_expectations
from threadline.engine.tests.test_engine import connect

TAGS_OF_A_CARD = "SELECT tag_id FROM cardtag WHERE workspace_id = %s AND card_id IN (%s)"


@pytest.fixture
def database(django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    with django_db_blocker.unblock():
        found = connect(":memory:")
        with found.cursor() as cursor:
            cursor.execute("CREATE TABLE cardtag (workspace_id char(32), tag_id char(32), card_id char(32))")
            cursor.execute("CREATE UNIQUE INDEX once ON cardtag (workspace_id, tag_id, card_id)")
            cursor.execute("CREATE INDEX of_card ON cardtag (workspace_id, card_id)")
        yield found
        found.close()


def plan(database: DatabaseWrapper) -> str:
    with database.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {TAGS_OF_A_CARD}", ["w", "c"])
        return str(cursor.fetchall()[0][3])


def test_a_workspace_holds_many_rows_and_a_unique_key_one() -> None:
    columns = [("workspace_id", "char(32)"), ("number", "integer unsigned")]
    assert expectation(columns, unique=True) == f"{WORKSPACES * ROWS} {ROWS} 1"


def test_states_are_few_and_people_some() -> None:
    columns = [("workspace_id", "char(32)"), ("state", "varchar(40)"), ("owner_id", "char(32)"), ("id", "char(32)")]
    assert expectation(columns, unique=False) == f"{WORKSPACES * ROWS} {ROWS} {ROWS // 8} {ROWS // 8 // 20} 1"


def test_the_index_of_the_card_is_used_once_sqlite_knows_that_workspaces_are_large(database: DatabaseWrapper) -> None:
    assert "once" in plan(database)
    write_expectations(database)
    assert "of_card" in plan(database)


def test_expectations_are_written_anew_each_time(database: DatabaseWrapper) -> None:
    for _ in range(2):
        write_expectations(database)
    with database.cursor() as cursor:
        cursor.execute("SELECT idx FROM sqlite_stat1 ORDER BY idx")
        assert [name for (name,) in cursor.fetchall()] == ["of_card", "once"]
