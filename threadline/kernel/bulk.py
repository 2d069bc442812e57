"""Many new records at once, through the same door: the same cleaning, rules, log, cards, search.

What one :meth:`Door.create` does in five statements, this does in five for a whole chunk.
Mentions in imported texts notify nobody; citations in them become links as always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

import orjson
from django.db import models
from django.db.models.base import ModelState

from threadline.kernel import rows, search, text
from threadline.kernel.door import Door, document, good_until_of, settled
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType
from threadline.kernel.workspaces import take_numbers


def build(door: Door, declared: RecordType, cleaned: dict[str, Any]) -> Record:
    """An unsaved record from clean values, settled; raises Invalid as the door would."""
    record = _blank(declared.model)
    record.workspace_id = door.actor.workspace_id
    record.state = declared.states[0].name
    held, attributes = record.__dict__, _attributes(declared)
    custom = {}
    for name, value in cleaned.items():
        attname = attributes.get(name)
        if attname is None:
            custom[name] = value
        elif value is not None:  # a blank leaves the column's own default
            held[attname] = value
    if custom:
        door.set_values(record, custom)
    settled(door, declared, record, None)
    return record


@cache
def _attributes(declared: RecordType) -> dict[str, str]:
    return {n: f.attname for n, f in declared.by_name.items()}


def load(
    door: Door, declared: RecordType, records: Sequence[Record], *, beside: Sequence[dict[str, Any]] | None = None
) -> None:
    """Write new records that :func:`build` made, in order. Call inside the door's transaction.

    ``beside`` is what each record's change says besides its fields (``+tags``).
    """
    if not records:
        return
    door.actor.need("create", declared.group)
    door.actor.need("bulk", declared.group)
    first = take_numbers(door.actor.workspace_id, declared.kind, len(records))
    own, at = door.own(declared), rows.now()
    documents, changes = [], []
    for offset, record in enumerate(records):
        record.number = first + offset
        record.created_at = record.updated_at = at
        documents.append(document(declared, record))
        diff = _first_diff(declared, record, own)
        changes.append((record.pk, {**diff, **beside[offset]} if beside else diff, 1, 1))
    _insert_records(declared.model, records)
    _insert_cards(records, search.add(documents), rows.stamp(at))
    log_many(door, declared.kind, changes, at)
    for record, found in zip(records, documents, strict=True):
        if "[[" in found.body:
            door.cite_from_text(record, text.citations(found.body))
    if declared.follows:
        for record, (_, diff, _, _) in zip(records, changes, strict=True):
            declared.changed(door, record, diff)


def _first_diff(declared: RecordType, record: Record, own: Iterable[str]) -> dict[str, Any]:
    held, diff = record.__dict__, {}
    for name, attname, exchange in declared.logged:
        value = held[attname]
        if value:
            diff[name] = [None, value if exchange is None else exchange(value)]
    for name in own:
        if held["custom"].get(name):
            diff[name] = [None, held["custom"][name]]
    return diff


def _insert_cards(records: Sequence[Record], docs: Sequence[int | None], at: Any) -> None:
    text_of = rows.id_text
    rows.insert_rows(
        "kernel_card",
        _CARD,
        [
            (
                text_of(r.pk),
                text_of(r.workspace_id),
                r.kind,
                r.number,
                r.key,
                r.title,
                r.state,
                text_of(r.owner_id),
                text_of(r.product_id),
                r.revision,
                r.confidentiality,
                at,
                rows.day(good_until_of(r)),
                doc,
            )
            for r, doc in zip(records, docs, strict=True)
        ],
    )


_CARD = (
    "id",
    "workspace_id",
    "kind",
    "number",
    "key",
    "title",
    "state",
    "owner_id",
    "product_id",
    "revision",
    "confidentiality",
    "updated_at",
    "good_until",
    "doc",
)
_CHANGE = (
    "id",
    "workspace_id",
    "card_id",
    "kind",
    "action",
    "actor_id",
    "actor_name",
    "face",
    "why",
    "diff",
    "version",
    "revision",
    "batch",
    "at",
)


Logged = tuple[UUID, dict[str, Any], int, int]  # card, diff, version, revision


def log_many(door: Door, kind: str, changes: Sequence[Logged], at: datetime) -> None:
    """Append one change for each of many records of a kind."""
    actor, stamped, text_of, new_id = door.actor, rows.stamp(at), rows.id_text, rows.new_id_text
    head, batch = (text_of(actor.workspace_id),), text_of(door.batch)
    who = (kind, door.action, text_of(actor.member_id), actor.name, actor.face, door.why)
    rows.insert_rows(
        "kernel_change",
        _CHANGE,
        [
            (new_id(), *head, text_of(pk), *who, orjson.dumps(diff).decode(), version, revision, batch, stamped)
            for pk, diff, version, revision in changes
        ],
    )


@cache
def _defaults(model: type[Record]) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """What a new instance holds: plain defaults to copy, and the ones to make anew each time."""
    plain, fresh = {}, []
    for field in rows.stored_fields(model):
        if field.has_default() and callable(field.default):
            fresh.append((field.attname, field.default))
        else:
            plain[field.attname] = field.get_default()
    return plain, tuple(fresh)


def _blank(model: type[Record]) -> Record:
    """A new instance as its constructor would make it, in a tenth of the time."""
    plain, fresh = _defaults(model)
    record = model.__new__(model)
    record._state = ModelState()
    record.__dict__.update(plain)
    for name, make in fresh:
        record.__dict__[name] = make()
    return record


def _insert_records(model: type[Record], records: Sequence[Record]) -> None:
    stored = rows.stored_fields(model)
    names = [f.attname for f in stored]
    prepared = [(i, prepare) for i, f in enumerate(stored) if (prepare := _prepared(f)) is not None]
    ready = []
    for record in records:
        held = record.__dict__
        row = [held[name] for name in names]
        for i, prepare in prepared:
            row[i] = prepare(row[i])
        ready.append(row)
        record._state.adding = False
    rows.insert_rows(model._meta.db_table, [cast(str, f.column) for f in stored], ready)


def _prepared(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """How a value of the column is written by hand; None when it goes as it is."""
    if isinstance(field, models.JSONField):
        return lambda value: orjson.dumps(value).decode() if value else "{}"
    if rows.is_postgres():
        return None
    if isinstance(field, models.DateTimeField):
        return _remembering(lambda value: None if value is None else rows.stamp(value))
    if isinstance(field, models.DateField):
        return lambda value: value.isoformat() if isinstance(value, date) else value
    if isinstance(field, models.UUIDField | models.ForeignKey):
        return rows.id_text
    return None


def _remembering(prepare: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """For a column in which the same object comes again and again."""
    last: list[Any] = [None, prepare(None)]

    def prepared(value: Any) -> Any:
        if value is not last[0]:
            last[:] = value, prepare(value)
        return last[1]

    return prepared
