"""Tables as lines of JSON that any engine reads alike: the form a backup is kept in.

A line is one row, its columns in declared order: ids as text, instants in UTC, JSON with its
keys in order. The same rows give the same bytes, and so the same hash, on every engine. The
full-text index is left out (it is made again), and so is a card's place in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.apps import apps
from django.db import connection, models
from django.utils.dateparse import parse_datetime

from threadline.kernel import rows

CHUNK = 1_000
LONGEST_LINE = 64 * 1024 * 1024
# Django's own tables that a migration fills, and sign-ins, which end with the old database.
LEFT_OUT = frozenset({"contenttypes", "auth", "sessions", "usersessions", "messages", "staticfiles"})
NOT_KEPT = {("card", "doc")}
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z

Model = type[models.Model]


def kept_models() -> list[Model]:
    """The models whose rows are the data, in a fixed order."""
    found = [m for m in apps.get_models() if m._meta.app_label not in LEFT_OUT and m._meta.managed]
    return sorted(found, key=lambda m: m._meta.label_lower)


def columns_of(model: Model) -> list[str]:
    """Names of the kept columns of a model."""
    return [f.attname for f in rows.stored_fields(model) if (model._meta.model_name, f.attname) not in NOT_KEPT]


def lines(model: Model, columns: list[str]) -> Iterator[bytes]:
    """Every row of a table as one line, by primary key, a chunk at a time."""
    last: Any = None
    while True:
        wanted = model._base_manager.order_by("pk")
        chunk = list((wanted if last is None else wanted.filter(pk__gt=last)).values_list("pk", *columns)[:CHUNK])
        for _, *row in chunk:
            yield orjson.dumps(row, default=_neutral, option=_OPTIONS) + b"\n"
        if len(chunk) < CHUNK:
            return
        last = chunk[-1][0]


def _neutral(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value).__name__} has no place in a backup")


@dataclass
class Tally:
    """What passed through: how many lines, and their hash."""

    count: int = 0

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256()

    def through(self, passing: Iterable[bytes]) -> Iterator[bytes]:
        """Count and hash lines on their way."""
        for line in passing:
            self.count += 1
            self._hash.update(line)
            yield line

    @property
    def sha256(self) -> str:
        """The hash so far, in hex."""
        return self._hash.hexdigest()


def tally_of(model: Model, columns: list[str]) -> Tally:
    """Count and hash of a table as it stands."""
    tally = Tally()
    for _ in tally.through(lines(model, columns)):
        pass
    return tally


def fill(model: Model, columns: list[str], given: Iterable[bytes]) -> None:
    """Write lines into a table. Raises ValueError for a line that is not a row of it."""
    by_name = {f.attname: f for f in rows.stored_fields(model)}
    strange = [name for name in columns if name not in by_name]
    if strange:
        raise ValueError(f"{model._meta.db_table} has no column {', '.join(strange)[:200]}")
    readers = [_reader(by_name[name]) for name in columns]
    names = [str(by_name[name].column) for name in columns]
    chunk: list[list[Any]] = []
    for line in given:
        values = orjson.loads(line)
        if not isinstance(values, list) or len(values) != len(readers):
            raise ValueError(f"a line of {model._meta.db_table} does not have {len(readers)} columns")
        chunk.append([None if v is None else read(v) for read, v in zip(readers, values, strict=True)])
        if len(chunk) == CHUNK:
            rows.insert_rows(model._meta.db_table, names, chunk)
            chunk = []
    if chunk:
        rows.insert_rows(model._meta.db_table, names, chunk)


def _reader(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """How a value of the file becomes what the column of this engine stores."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.JSONField):
        return lambda value: orjson.dumps(value).decode()
    if isinstance(field, models.UUIDField):
        return UUID
    if isinstance(field, models.DateTimeField):
        return lambda value: rows.stamp(_instant(value))
    if isinstance(field, models.DateField):
        return date.fromisoformat if rows.is_postgres() else str
    if isinstance(field, models.BinaryField):
        return base64.b64decode
    return lambda value: value


def _instant(value: str) -> Any:
    found = parse_datetime(value)
    if found is None or found.tzinfo is None:
        raise ValueError(f"{value[:40]} is not an instant")
    return found


@contextmanager
def snapshot() -> Iterator[None]:
    """Reads inside see one moment of the database, while others go on writing."""
    if connection.in_atomic_block:  # the caller's transaction already is a snapshot
        yield
        return
    rows.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if rows.is_postgres() else "BEGIN DEFERRED")
    try:
        yield
    finally:
        rows.execute("ROLLBACK")
