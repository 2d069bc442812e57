"""Rows go through the connection that Django uses, whoever runs the thread."""

from __future__ import annotations

import asyncio

import pytest
from django.db import transaction

from threadline.kernel import rows
from threadline.kernel.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def begin_and_count() -> list[rows.Row]:
    """What a statement of ours sees of an uncommitted row of Django's."""
    with transaction.atomic():
        Workspace.objects.create(name="North", slug="north")
        return rows.fetch("SELECT name FROM kernel_workspace")


def test_a_statement_is_part_of_the_transaction_around_it() -> None:
    assert begin_and_count() == [("North",)]


def test_so_it_is_where_an_event_loop_runs_in_the_thread() -> None:
    async def within() -> list[rows.Row]:
        return begin_and_count()

    rows.fetch("SELECT 1")  # the thread's own connection is known by now
    assert asyncio.run(within()) == [("North",)]
