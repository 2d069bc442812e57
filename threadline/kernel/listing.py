"""The one list path: a query to plain rows, without model instances.

One statement picks the ids of the page by index; the same statement then reads the wide
columns and the joined names for those ids only. Pages are cut by key, never by offset, and
counts are capped, because an exact count is what makes other lists slow.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.utils.crypto import constant_time_compare, salted_hmac

from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.customs import fields_for
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.plan import GENERAL, Plan, names_in, plan
from threadline.kernel.query import Query, QueryError, nearest, parse
from threadline.kernel.registry import RecordType
from threadline.kernel.shapes import add_tags, shape_of

COUNT_CAP = 1_000
MOST_ROWS = 200
# What every row has or may be asked for beside its fields, and what can only be asked about.
ALWAYS = frozenset({"tags", "id", "key", "kind", "version", "revision", "number"})
NOT_SHOWN = frozenset(GENERAL) - ALWAYS
JSON_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


@dataclass(slots=True)
class Page:
    """One page: rows as dicts by field name, and the cursor of the next page, if there is one."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    next_cursor: str | None = None
    group: str = ""


def list_page(
    actor: Actor,
    declared: RecordType,
    query: Query | str = "",
    *,
    names: Iterable[str] | None = None,
    limit: int = 100,
    cursor: str | None = None,
    archived: bool = False,
) -> Page:
    """One page of the records that match a query and that the actor may see.

    ``names`` chooses fields (stored, computed, citation kinds, ``tags``); None means all
    stored ones. Raises QueryError for names and queries that are not declared.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise Invalid(("limit", f"Between 1 and {MOST_ROWS}."))
    tree = parse(query) if isinstance(query, str) else query
    made = plan(actor, declared, tree, archived=archived)
    chosen = _chosen(actor, declared, names, made.group)
    shape = shape_of(actor, declared, chosen)
    inner, params = _page_sql(made, limit, cursor)
    count = len(made.order)
    sql = (
        f"SELECT {shape.select} , {', '.join(['k.id', *(f'k.o{i}' for i in range(count))])}"
        f' FROM ({inner}) k JOIN "{declared.table}" r ON r.id = k.id{shape.joins} ORDER BY {_outer_order(made)}'
    )
    found = rows.fetch(sql, [*shape.select_params, *params, *shape.join_params])
    page = Page(names=[*shape.names], group=made.group)
    if len(found) > limit:
        found = found[:limit]
        page.next_cursor = _encode(made, [*found[-1][-count:], rows.hexed(found[-1][-count - 1])])
    page.rows = shape.dicts(found)
    if "tags" in chosen:
        add_tags(actor, page.rows)
    return page


def row_of(
    actor: Actor, declared: RecordType, ref: str, *, names: Iterable[str] | None = None, archived: bool = False
) -> dict[str, Any]:
    """One record by id or key as the same dict a list gives; NotFound for absent and forbidden alike."""
    shape = shape_of(actor, declared, _chosen(actor, declared, names, ""))
    near, params = reach_sql(actor, "r")
    column, value = _sought(declared, ref)
    found = rows.fetch_one(
        f'SELECT {shape.select}, r.archived_at FROM "{declared.table}" r{shape.joins} WHERE {near} AND {column} = %s',
        [*shape.select_params, *shape.join_params, *params, value],
    )
    if found is None or (found[-1] is not None and not archived):
        raise NotFound
    row = shape.dicts([found])[0]
    if archived:
        row["archived_at"] = found[-1]
    if "tags" in shape.names:
        add_tags(actor, [row])
    return row


def _sought(declared: RecordType, ref: str) -> tuple[str, Any]:
    prefix, _, number = ref.upper().rpartition("-")
    if prefix == declared.model.prefix and number.isascii() and number.isdigit() and len(number) < 10:
        return "r.number", int(number)
    try:
        return "r.id", UUID(ref)
    except ValueError:
        raise NotFound from None


def count_of(
    actor: Actor,
    declared: RecordType,
    query: Query | str = "",
    cap: int | None = COUNT_CAP,
    *,
    archived: bool = False,
) -> tuple[int, bool]:
    """How many match, and whether that is exact; ``cap`` None counts to the end."""
    made = plan(actor, declared, parse(query) if isinstance(query, str) else query, archived=archived)
    base = f'FROM "{declared.table}" r WHERE {made.condition}'
    if cap is None:
        row = rows.fetch_one(f"SELECT count(*) {base}", made.params)
    else:
        row = rows.fetch_one(f"SELECT count(*) FROM (SELECT 1 {base} LIMIT {cap + 1}) n", made.params)
    number = int(row[0]) if row else 0
    return (number, True) if cap is None or number <= cap else (cap, False)


def ids_of(actor: Actor, declared: RecordType, query: Query | str, limit: int) -> list[Any]:
    """Ids of the first matches, for bulk actions on "all that match"."""
    made = plan(actor, declared, parse(query) if isinstance(query, str) else query)
    inner, params = _page_sql(made, limit, None)
    return [rows.hexed(r[0]) for r in rows.fetch(f"SELECT k.id FROM ({inner}) k", params)][:limit]


def _chosen(actor: Actor, declared: RecordType, names: Iterable[str] | None, group: str) -> tuple[str, ...]:
    private, version = actor.may("read_private", declared.group), actor.workspace.fields_version
    return _readable(declared, private, actor.workspace_id, version, None if names is None else tuple(names), group)


@lru_cache(maxsize=1_024)
def _readable(
    declared: RecordType, private: bool, workspace_id: UUID, version: int, names: tuple[str, ...] | None, group: str
) -> tuple[str, ...]:
    known = names_in(declared, private, workspace_id, version)
    if names is None:
        chosen = list(fields_for(declared, private, workspace_id, version))
    else:
        chosen = [n for n in dict.fromkeys(map(str.strip, names)) if n]
        for name in chosen:
            if name not in ALWAYS and (name not in known or name in NOT_SHOWN):
                raise QueryError(f"There is no field called {name[:60]}. {nearest(name, known)}")
    if group and group not in chosen:
        chosen.append(group)
    return tuple(chosen)


def _page_sql(made: Plan, limit: int, cursor: str | None) -> tuple[str, list[Any]]:
    orders = "".join(f", {expression} AS o{i}" for i, (expression, _, _) in enumerate(made.order))
    where, params = made.condition, [*made.order_params, *made.params]
    if cursor:
        after, values = _after(made, cursor)
        where, params = f"{where} AND {after}", [*params, *values]
    order = made.order_sql()
    if made.order_params:  # refer to the selected columns, so that parameters are bound once
        for i, (expression, _, _) in enumerate(made.order):
            order = order.replace(expression, f"o{i}", 1)
    return (
        f'SELECT r.id{orders} FROM "{made.declared.table}" r WHERE {where} ORDER BY {order} LIMIT {limit + 1}',
        params,
    )


def _outer_order(made: Plan) -> str:
    parts = [
        f"k.o{i} {'DESC' if down else 'ASC'}{' NULLS LAST' if blank else ''}"
        for i, (_, down, blank) in enumerate(made.order)
    ]
    return ", ".join([*parts, f"k.id {'DESC' if made.order[0][1] else 'ASC'}"])


# ---- cursors ----------------------------------------------------------------------------


def _encode(made: Plan, values: list[Any]) -> str:
    plain = [rows.stamp(v) if isinstance(v, datetime) and not rows.is_postgres() else v for v in map(_aware, values)]
    body = orjson.dumps(plain, default=float)  # PostgreSQL's sums are decimals
    return base64.urlsafe_b64encode(_signature(made, body) + body).decode().rstrip("=")


def _signature(made: Plan, body: bytes) -> bytes:
    """Ties a cursor to this server and to its list: a forged or foreign one never reaches the database."""
    return salted_hmac(made.identity, body, algorithm="sha256").digest()[:12]


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _decode(made: Plan, cursor: str) -> list[Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, binascii.Error):
        raw = b""
    if not constant_time_compare(raw[:12], _signature(made, raw[12:])):
        raise Invalid(("cursor", "This cursor does not belong to this list; start from the first page."))
    values: list[Any] = orjson.loads(raw[12:])
    return [*values[:-1], values[-1] if rows.is_postgres() else values[-1].replace("-", "")]


def _after(made: Plan, cursor: str) -> tuple[str, list[Any]]:
    """The condition "behind this row" in the plan's order, blanks last."""
    values = _decode(made, cursor)
    last = "<" if made.order[0][1] else ">"
    if len(made.order) == 1 and not made.order[0][2] and not made.order_params:
        return f"({made.order[0][0]}, r.id) {last} (%s, %s)", values
    spread = _order_params(made)
    branches, params = [], []
    equal = ""
    equal_params: list[Any] = []
    for (expression, down, blank), own, value in zip(made.order, spread, values, strict=False):
        if value is not None:
            test = f"{expression} {'<' if down else '>'} %s"
            test = f"({test} OR {expression} IS NULL)" if blank else test
            branches.append(f"({equal}{test})")
            params += [*equal_params, *own, value, *(own if blank else [])]
            equal += f"{expression} = %s AND "
            equal_params = [*equal_params, *own, value]
        else:
            equal += f"{expression} IS NULL AND "
            equal_params = [*equal_params, *own]
    branches.append(f"({equal}r.id {last} %s)")
    return f"({' OR '.join(branches)})", [*params, *equal_params, values[-1]]


def _order_params(made: Plan) -> list[list[Any]]:
    rest, spread = list(made.order_params), []
    for expression, _, _ in made.order:
        count = expression.count("%s")
        spread.append(rest[:count])
        rest = rest[count:]
    return spread


def exported(value: Any) -> Any:
    """A row's value as files carry it: names for people, keys for records, text for dates."""
    if isinstance(value, dict):
        return value.get("key") or value.get("name")
    if isinstance(value, datetime):
        return _aware(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value
