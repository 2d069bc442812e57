"""Rows in and out of the database without building model instances.

Measured on this stack, building ORM instances costs about ten times the bare query and
``bulk_create`` a third of ``executemany`` speed. Lists, cards, history and imports therefore
use plain rows; model instances remain for writes of single records.
"""

from __future__ import annotations

import sqlite3
import threading
from asyncio import _get_running_loop
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState
from uuid_utils import uuid7 as native_uuid7
from uuid_utils.compat import uuid7

sqlite3.register_adapter(UUID, lambda value: value.hex)

Row = tuple[Any, ...]
M = TypeVar("M", bound=models.Model)
Keeper = Callable[[Any], Any]


def new_id() -> UUID:
    """A UUIDv7: time-ordered, made here, unique without coordination between shards."""
    return uuid7()


def new_id_text() -> Any:
    """A new id as hand-written SQL takes it; see :func:`id_text`."""
    made = native_uuid7()
    return str(made) if is_postgres() else made.hex


def id_text(value: UUID | None) -> Any:
    """An id as a parameter of hand-written SQL, made once where many statements need it."""
    return value if value is None or is_postgres() else value.hex


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


@cache
def is_postgres() -> bool:
    """Whether the default database speaks PostgreSQL."""
    return connection.vendor == "postgresql"


def stamp(at: datetime) -> Any:
    """A datetime as a parameter of hand-written SQL: aware on PostgreSQL, on SQLite the text Django keeps."""
    return at if is_postgres() else at.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def day(on: date | None) -> Any:
    """A date as a parameter of hand-written SQL."""
    return on if on is None or is_postgres() else on.isoformat()


def key_of(ident: UUID) -> Any:
    """A UUID as the driver keeps it, for parameters that are sent again and again."""
    return ident if is_postgres() else ident.hex


def hexed(value: Any) -> str | None:
    """A UUID column's value as canonical text, whichever engine it came from."""
    if value is None:
        return None
    if isinstance(value, UUID):
        return str(value)
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def ident(value: Any) -> UUID:
    """A UUID column's value as a UUID, whichever engine it came from."""
    return value if isinstance(value, UUID) else UUID(value)


class _Here(threading.local):
    """This thread's connection. Django looks it up anew each time, which took as long as a short statement."""

    db: Any = None


_here = _Here()


def _own() -> Any:
    if _get_running_loop() is not None:  # Django then keeps connections by task, not by thread
        return connections[DEFAULT_DB_ALIAS]
    found = _here.db
    if found is None:
        found = _here.db = connections[DEFAULT_DB_ALIAS]
    return found


def settle_connection() -> None:
    """Let go of a connection that broke or was kept for too long; what Django does around each request."""
    _own().close_if_unusable_or_obsolete()


def _run(sql: str, params: Sequence[Any]) -> Any:
    """The driver's own cursor, having run one statement.

    Django's wrapping of a cursor costs more than most statements here, so it is used only
    when somebody listens to what is sent, or when it has something to do: to open the
    connection or see that it still lives, or to say that the transaction has failed.
    """
    db = _own()
    unchecked = db.connection is None or (db.health_check_enabled and not db.health_check_done)
    if unchecked or db.execute_wrappers or db.needs_rollback or db.force_debug_cursor:
        cursor = db.cursor()
        cursor.execute(sql, params)
        return cursor
    with db.wrap_database_errors:
        return db.run(sql, params)


def fetch(sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """All rows of one statement."""
    found: list[Row] = _run(sql, params).fetchall()
    return found


def fetch_one(sql: str, params: Sequence[Any] = ()) -> Row | None:
    """The first row of one statement, or None."""
    row: Row | None = _run(sql, params).fetchone()
    return row


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Run one statement; the number of rows it touched."""
    return int(_run(sql, params).rowcount)


def execute_for_row(sql: str, params: Sequence[Any] = ()) -> int:
    """Run one INSERT on SQLite; the number of the new row."""
    return int(_run(sql, params).lastrowid)


def marks(count: int) -> str:
    """``%s, %s, …`` for an IN list of ``count`` values."""
    return ", ".join(["%s"] * count)


@cache
def stored_fields(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    """The columns a row of this model is written with (generated ones are the database's own)."""
    return tuple(f for f in model._meta.concrete_fields if not getattr(f, "generated", False))


_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.FloatField, models.BooleanField)


@cache
def keeper(field: models.Field[Any, Any]) -> Keeper | None:
    """How a value of a column is handed to the driver; None when it goes as it is.

    Django's own way (``get_db_prep_save``) gives the same at twenty times the cost, most of
    it for values of the wrong type, which the door's cleaning has already refused.
    """
    if isinstance(field, models.ForeignKey):
        return keeper(field.target_field)
    if isinstance(field, models.UUIDField):
        return _keep_id if is_postgres() else _keep_hex
    if isinstance(field, models.JSONField):
        return _keep_json
    if isinstance(field, models.DateTimeField):
        return None if is_postgres() else _keep_moment
    if isinstance(field, models.DateField):
        return None if is_postgres() else _keep_day
    return None if isinstance(field, _PLAIN) else lambda value: field.get_db_prep_save(value, connection)


def _keep_id(value: Any) -> Any:
    return value if value is None or isinstance(value, UUID) else UUID(str(value))


def _keep_hex(value: Any) -> Any:
    if value.__class__ is UUID:
        return value.hex
    return None if value is None else UUID(str(value)).hex


def _keep_json(value: Any) -> Any:
    return None if value is None else orjson.dumps(value).decode()


def _keep_moment(value: Any) -> Any:
    return None if value is None else stamp(value)


def _keep_day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@cache
def _columns(model: type[models.Model]) -> dict[str, tuple[str, Keeper | None]]:
    """Column and keeper by attribute."""
    return {f.attname: (str(f.column), keeper(f)) for f in stored_fields(model)}


@cache
def _insert(model: type[models.Model]) -> str:
    columns = [column for column, _ in _columns(model).values()]
    names = ", ".join(f'"{c}"' for c in columns)
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks(len(columns))})'


def insert(*instances: models.Model) -> None:
    """Write new rows of one model as they stand; skips signals, which nothing here uses."""
    if not instances:
        return
    model = type(instances[0])
    columns = _columns(model).items()
    rows = []
    for instance in instances:
        held = instance.__dict__
        rows.append([held[name] if keep is None else keep(held[name]) for name, (_, keep) in columns])
    if len(rows) == 1:
        execute(_insert(model), rows[0])
    else:
        with connection.cursor() as cursor:
            cursor.executemany(_insert(model), rows)
    for instance in instances:
        instance._state.adding = False


@cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """What a new instance holds: plain defaults to copy, and the ones to make anew each time."""
    plain, fresh = {}, []
    for field in stored_fields(model):
        if field.has_default() and callable(field.default):
            fresh.append((field.attname, field.default))
        else:
            plain[field.attname] = field.get_default()
    return plain, tuple(fresh)


def blank(model: type[M], **values: Any) -> M:
    """A new instance as its constructor would make it, in a tenth of the time; ``values`` by attribute."""
    plain, fresh = _defaults(model)
    made = model.__new__(model)
    made._state = ModelState()
    held = made.__dict__
    held.update(plain)
    for name, make in fresh:
        if name not in values:
            held[name] = make()
    held.update(values)
    return made


def partial(model: type[M], names: Sequence[str], values: Sequence[Any]) -> M:
    """An instance of a row that is there, with some of its columns; the others are read when asked for."""
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    made.__dict__.update(zip(names, values, strict=True))
    return made


def _load_moment(value: Any) -> Any:
    return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def _load_json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


@cache
def _loaders(model: type[models.Model]) -> tuple[str, tuple[str, ...], tuple[tuple[str, Keeper], ...]]:
    """The columns over alias ``r``, their attributes, and how the driver's values become the attributes'."""
    found = tuple(model._meta.concrete_fields)
    by_kind: tuple[tuple[Any, Keeper], ...] = (
        (models.UUIDField, lambda value: None if value is None else ident(value)),
        (models.JSONField, _load_json),
        (models.DateTimeField, _load_moment),
    )
    loaders = [(f.attname, f.target_field if isinstance(f, models.ForeignKey) else f) for f in found]
    chosen = tuple((n, load) for n, f in loaders for column, load in by_kind if isinstance(f, column))
    return ", ".join(f'r."{f.column}"' for f in found), tuple(f.attname for f in found), chosen


def fetch_instance(model: type[M], where: str, params: Sequence[Any], *, lock: bool = False) -> M | None:
    """One instance by a condition over alias ``r``, as the ORM would load it; ``lock`` keeps others from writing it."""
    columns, names, loaders = _loaders(model)
    kept = " FOR UPDATE OF r" if lock and is_postgres() else ""  # on SQLite a transaction has the only pen
    row = fetch_one(f'SELECT {columns} FROM "{model._meta.db_table}" r WHERE {where}{kept}', params)
    return None if row is None else _loaded(model, names, loaders, row)


def fetch_instances(model: type[M], where: str, params: Sequence[Any]) -> list[M]:
    """Instances by a condition over alias ``r`` and what may follow it (ORDER BY, LIMIT)."""
    columns, names, loaders = _loaders(model)
    found = fetch(f'SELECT {columns} FROM "{model._meta.db_table}" r WHERE {where}', params)
    return [_loaded(model, names, loaders, row) for row in found]


def _loaded(model: type[M], names: tuple[str, ...], loaders: tuple[tuple[str, Keeper], ...], row: Row) -> M:
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    held = made.__dict__
    held.update(zip(names, row, strict=True))
    for name, load in loaders:
        held[name] = load(held[name])
    return made


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write prepared rows in bulk: COPY on PostgreSQL, executemany elsewhere.

    Values must already be what the column stores (see :func:`stamp`); JSON as text.
    """
    names = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        if is_postgres():
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks(len(columns))})', list(rows))


@cache
def _update(model: type[models.Model], names: tuple[str, ...], where: str) -> str:
    known = _columns(model)
    sets = ", ".join(f'"{known[n][0]}" = %s' for n in names)
    extra = f" AND {where}" if where else ""
    return f'UPDATE "{model._meta.db_table}" SET {sets} WHERE id = %s{extra}'


def update(instance: models.Model, names: Iterable[str], *, where: str = "", params: Sequence[Any] = ()) -> int:
    """Write the named attributes of one row; returns rows touched (0 when ``where`` did not hold)."""
    model, chosen = type(instance), tuple(names)
    known, values = _columns(model), []
    for name in chosen:
        value, keep = getattr(instance, name), known[name][1]
        values.append(value if keep is None else keep(value))
    return execute(_update(model, chosen, where), [*values, instance.pk, *params])
