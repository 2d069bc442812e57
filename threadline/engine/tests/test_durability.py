"""bulk_writes: faster inside, durable again after, refused inside a transaction."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from threadline.engine.durability import bulk_writes

pytestmark = pytest.mark.django_db(transaction=True)


def durability() -> str:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
        return {"1": "relaxed", "off": "relaxed", "2": "full", "on": "full"}[str(cursor.fetchone()[0])]


def test_relaxed_inside_and_full_after_even_when_the_work_fails() -> None:
    def fail_inside() -> None:
        with bulk_writes():
            seen.append(durability())
            raise ZeroDivisionError

    seen: list[str] = []
    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert [*seen, durability()] == ["relaxed", "full"]


def test_refused_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside"), bulk_writes():
        pass
