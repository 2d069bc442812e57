"""After a test that a live server or a transaction of its own took part in, the tables are as migrating left them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import TransactionTestCase

from tests.dump import dump
from threadline.kernel.testing import World

# Rows of these are written by migrating alone.
KEPT = {"django_content_type", "auth_permission", "sqlite_stat1"}


@pytest.mark.django_db(transaction=True)
def test_what_a_test_wrote_is_gone_and_what_migrating_wrote_stays() -> None:
    before = dump()
    world = World()
    world.make("feature", world.owner, title="Gone after this")
    assert rows("kernel_search") > 0
    TransactionTestCase()._fixture_teardown()
    assert {table for table in before if rows(table)} <= KEPT
    assert rows("auth_permission") > 0
    assert dump() == before


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return int(cursor.fetchone()[0])
