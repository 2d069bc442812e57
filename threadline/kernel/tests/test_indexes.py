"""What an index must be for a database to use it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.models.expressions import OrderBy

from threadline.kernel.records import HighestFirst
from threadline.kernel.registry import kinds


def descending(index: models.Index) -> Iterator[str]:
    """The fields that an index keeps highest first."""
    yield from (name for name, order in index.fields_orders if order)
    for one in index.expressions:
        if isinstance(one, OrderBy) and one.descending:
            yield one.expression.name


def test_a_field_that_may_be_blank_is_kept_as_lists_ask_for_it() -> None:
    """Lists sort blanks last, which a plain descending index on PostgreSQL does not: it would lie there unused."""
    wrong = [
        f"{declared.kind}: {index.name} keeps {name}, which may be blank; use HighestFirst"
        for declared in kinds()
        for index in declared.model._meta.indexes
        if not isinstance(index, HighestFirst)
        for name in descending(index)
        if declared.model._meta.get_field(name).null
    ]
    assert wrong == []
