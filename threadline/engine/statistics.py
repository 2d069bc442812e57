"""Tells SQLite how a grown database looks, so that its plans are good from the first day.

Without statistics SQLite takes every equality on an index for rare. All our indexes lead with
the workspace, which is the least rare thing there is, so it would go through all of a
workspace's tags to find those of one card. Statistics gathered now and then would help late,
and connections that are already open not at all. These are written once, by ``migrate``: what
to expect of each kind of column in a large workspace among many. They only order the choices
between indexes; a wrong guess costs time, never an answer.
"""

from __future__ import annotations

import json
import re
from typing import Any

WORKSPACES = 100
ROWS = 100_000  # of one table in one workspace
FEW = 8  # states, kinds, flags
SOME = 20  # people, products, teams, tags
_SOME = re.compile(r"^(owner|outbound_owner|member|author|actor|created_by|user|product|team|tag)_id$")
_SHORT = re.compile(r"^(bool|smallint( unsigned)?|varchar\((\d|[1-3]\d|40)\))$")


def write_expectations(connection: Any) -> None:
    """Put an expectation for each index into SQLite's own table of statistics."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sqlite_schema")  # makes the table, and looks at nothing
        found = [
            (table, name, expectation(columns, unique=unique))
            for table, name, unique, columns in _indexes(cursor)
            if columns
        ]
        cursor.execute("DELETE FROM sqlite_stat1")
        # In one statement: one by one, each of hundreds would wait for the disk.
        cursor.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT value->>0, value->>1, value->>2 FROM json_each(%s)",
            [json.dumps(found)],
        )
        cursor.execute("ANALYZE sqlite_schema")  # this connection reads them now, others when they open


def expectation(columns: list[tuple[str, str]], *, unique: bool) -> str:
    """Rows in the table, then rows that share the first column, the first two, and so on."""
    total = left = WORKSPACES * ROWS
    numbers = [total]
    for name, kind in columns:
        left = max(1, left // _distinct(name, kind))
        numbers.append(left)
    if unique:
        numbers[-1] = 1
    return " ".join(map(str, numbers))


def _distinct(name: str, kind: str) -> int:
    if name == "workspace_id":
        return WORKSPACES
    if _SOME.match(name):
        return SOME
    if _SHORT.match(kind):
        return FEW
    return ROWS // 4 if name.endswith("_id") else ROWS


def _indexes(cursor: Any) -> list[tuple[str, str, bool, list[tuple[str, str]]]]:
    cursor.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%%'")
    tables = [name for (name,) in cursor.fetchall() if not name.startswith("sqlite_")]
    found = []
    for table in tables:
        cursor.execute(f'PRAGMA table_xinfo("{table}")')
        kinds = {column[1]: column[2].lower() for column in cursor.fetchall()}
        cursor.execute(f'PRAGMA index_list("{table}")')
        for _, index, unique, *_ in cursor.fetchall():
            cursor.execute(f'PRAGMA index_info("{index}")')
            columns = [(name, kinds.get(name, "")) for _, _, name in cursor.fetchall() if name]
            found.append((table, index, bool(unique), columns))
    return found
