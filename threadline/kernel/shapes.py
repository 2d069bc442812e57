"""The shape of a list's rows: which columns to read for the chosen names, and how tuples become dicts.

A row costs one ``dict(zip(...))`` in C. Only columns that are more than their value (a person,
a citation) are gone over in Python, column by column; people and products repeat down a page,
so each is made once and shared by its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.customs import all_fields
from threadline.kernel.plan import cited_title
from threadline.kernel.registry import Computed, Field, RecordType

BASE = ("id", "key", "kind", "version", "revision")
_LEFT_OUT = frozenset({"id", "kind", "number", "version", "revision"})
_TABLES = {"person": "kernel_member", "product": "kernel_product"}

# Makes a column's values from the first of its columns, and the rest of them by place.
Maker = Callable[[Any, rows.Row, Sequence[int]], Any]


class Shape:
    """The SELECT list and joins over alias ``r`` for one reader, and the dicts made of what comes back."""

    def __init__(self, actor: Actor, declared: RecordType, chosen: Iterable[str]) -> None:
        self.actor, self.prefix = actor, declared.model.prefix
        self.names = [n for n in chosen if n not in _LEFT_OUT]
        known: dict[str, Field | Computed] = {**all_fields(actor, declared), **declared.computed_by_name}
        self.own = [n for n in self.names if isinstance(found := known.get(n), Field) and found.custom]
        self.keys = [*BASE]
        self._first = ["r.id", "r.number", f"'{declared.kind}'", "r.version", "r.revision"]
        self._more: list[str] = []
        self._joined: list[str] = []
        self._first_params: list[Any] = []
        self._more_params: list[Any] = []
        self.join_params: list[Any] = []
        self._made: list[tuple[str, Maker, bool, list[int]]] = []
        for name in self.names:
            self._choose(declared, name, known.get(name))
        if self.own:
            self._more.append("r.custom")
        for _, _, _, places in self._made:  # what stands behind the dict's own columns
            places[:] = [len(self._first) + at for at in places]

    @property
    def select(self) -> str:
        """The columns: one for each key, then what some of them need beside."""
        return ", ".join([*self._first, *self._more])

    @property
    def select_params(self) -> list[Any]:
        """Parameters of the columns, in order."""
        return [*self._first_params, *self._more_params]

    @property
    def joins(self) -> str:
        """The joins; their parameters are ``join_params``."""
        return "".join(self._joined)

    def dicts(self, found: Sequence[rows.Row]) -> list[dict[str, Any]]:
        """The rows as dicts, in order."""
        keys, prefix, hexed = self.keys, self.prefix, rows.hexed
        listed = [dict(zip(keys, r)) for r in found]  # noqa: B905 - the columns behind the keys are for the makers
        for row in listed:
            row["id"] = hexed(row["id"])
            row["key"] = f"{prefix}-{row['key']}"
        for name, make, shared, places in self._made:
            if shared:
                _share(listed, found, name, make, places)
            else:
                for row, r in zip(listed, found, strict=True):
                    row[name] = make(row[name], r, places)
        if self.own:
            at = len(self._first) + len(self._more) - 1
            for row, r in zip(listed, found, strict=True):
                kept = r[at]
                kept = orjson.loads(kept) if isinstance(kept, str) else kept
                for name in self.own:
                    row[name] = kept.get(name)
        return listed

    def _choose(self, declared: RecordType, name: str, target: Field | Computed | None) -> None:
        if name in self.own or name == "tags":
            return
        if isinstance(target, Computed):
            sql, params = target.sql(self.actor, "r")
            self._add(name, f"({sql})", params)
        elif isinstance(target, Field):
            self._stored(target)
        elif name in declared.cite_by_name:
            (key, params), (title, more) = (cited_title(self.actor, name, c) for c in ("key", "title"))
            self._add(name, key, params)
            self._make(name, _first_cited, [(title, more)])

    def _add(self, name: str, sql: str, params: Sequence[Any] = ()) -> None:
        self.keys.append(name)
        self._first.append(sql)
        self._first_params += params

    def _make(
        self, name: str, make: Maker, beside: Sequence[tuple[str, Sequence[Any]]], *, shared: bool = False
    ) -> None:
        places = []
        for sql, params in beside:
            places.append(len(self._more))
            self._more.append(sql)
            self._more_params += params
        self._made.append((name, make, shared, places))

    def _stored(self, target: Field) -> None:
        alias, column = f"j{len(self._joined)}", f'r."{target.column}"'
        if target.kind.name in _TABLES:
            self._joined.append(f" LEFT JOIN {_TABLES[target.kind.name]} {alias} ON {alias}.id = {column}")
            self._add(target.name, f"{alias}.id")
            self._make(target.name, _named, [(f"{alias}.name", ())], shared=True)
        elif target.kind.name == "reference":
            near, params = reach_sql(self.actor, alias)
            self._joined.append(f" LEFT JOIN kernel_card {alias} ON {alias}.id = {column} AND {near}")
            self.join_params += params
            self._add(target.name, f"{alias}.id")
            self._make(target.name, _titled, [(f"{alias}.key", ()), (f"{alias}.title", ())], shared=True)
        else:
            self._add(target.name, column)
            if target.kind.name == "flag":
                self._make(target.name, _flag, ())


def _share(
    listed: list[dict[str, Any]], found: Sequence[rows.Row], name: str, make: Maker, places: Sequence[int]
) -> None:
    made: dict[Any, Any] = {None: None}
    for row, r in zip(listed, found, strict=True):
        value = row[name]
        sign = value.int if isinstance(value, UUID) else value  # a UUID takes ten times as long to hash
        if sign not in made:
            made[sign] = make(value, r, places)
        row[name] = made[sign]


def _named(value: Any, r: rows.Row, places: Sequence[int]) -> dict[str, Any]:
    return {"id": rows.hexed(value), "name": r[places[0]]}


def _titled(value: Any, r: rows.Row, places: Sequence[int]) -> dict[str, Any]:
    return {"id": rows.hexed(value), "key": r[places[0]], "title": r[places[1]]}


def _first_cited(value: Any, r: rows.Row, places: Sequence[int]) -> dict[str, Any] | None:
    return None if value is None else {"key": value, "title": r[places[0]]}


def _flag(value: Any, r: rows.Row, places: Sequence[int]) -> bool | None:
    return None if value is None else bool(value)


def shape_of(actor: Actor, declared: RecordType, chosen: Sequence[str]) -> Shape:
    """The shape for these names, remembered per reader; for a day, because computed columns may count from today."""
    private = actor.may("read_private", declared.group)
    return _remembered(_Reader(actor, private), declared, tuple(chosen), rows.now().toordinal())


class _Reader:
    """An actor as far as shapes depend on one: two that may read alike in the same place are equal."""

    __slots__ = ("_sign", "actor")

    def __init__(self, actor: Actor, private: bool) -> None:
        self.actor = actor
        self._sign: tuple[UUID, UUID, int, bool, bool] = (
            actor.workspace_id,
            actor.member_id,
            actor.workspace.fields_version,
            actor.may("read"),
            private,
        )

    def __hash__(self) -> int:
        return hash(self._sign)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reader) and self._sign == other._sign


@lru_cache(maxsize=512)
def _remembered(reader: _Reader, declared: RecordType, chosen: tuple[str, ...], day: int) -> Shape:
    return Shape(reader.actor, declared, chosen)


def add_tags(actor: Actor, listed: list[dict[str, Any]]) -> None:
    """Put each row's tags into it, in one statement."""
    by_id: dict[str, dict[str, Any]] = {}
    for row in listed:
        row["tags"] = []
        by_id[row["id"]] = row
    if not by_id:
        return
    ids = list(by_id) if rows.is_postgres() else [i.replace("-", "") for i in by_id]
    sql = (
        "SELECT ct.card_id, t.name FROM kernel_cardtag ct JOIN kernel_tag t ON t.id = ct.tag_id"
        f" WHERE ct.workspace_id = %s AND ct.card_id IN ({rows.marks(len(ids))}) ORDER BY t.name"
    )
    for card_id, name in rows.fetch(sql, [actor.workspace_id, *ids]):
        by_id[rows.hexed(card_id) or ""]["tags"].append(name)
