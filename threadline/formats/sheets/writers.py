"""Writing tables as CSV and JSON, a row at a time. `xlsx.writer` does workbooks.

Rows are mappings from column name to cell; a column that a row lacks is written empty.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from threadline.formats.sheets.sheet import Cell
from threadline.formats.sheets.shield import shield


class Sink(Protocol):
    """Anything that takes bytes: a file, a socket, a response."""

    def write(self, data: bytes, /) -> object: ...


@dataclass(slots=True)
class Written:
    """How many rows were written, and in `notes` what the format could not hold."""

    rows: int = 0
    notes: list[str] = field(default_factory=list)


class _Utf8:
    """What csv.writer needs of a file, in front of a sink for bytes."""

    def __init__(self, out: Sink) -> None:
        self._out = out

    def write(self, text: str) -> None:
        self._out.write(text.encode("utf-8", "replace"))


def write_csv(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], out: Sink) -> Written:
    """Writes UTF-8 with a byte order mark, by which spreadsheet programs know it.

    All text is quoted, so that no program splits it at another delimiter, and shielded from
    being run as a formula (`formats.sheets.shield`). Dates are ISO 8601. Raises ValueError for
    a number that is not finite.
    """
    out.write(b"\xef\xbb\xbf")
    writer = csv.writer(_Utf8(out), quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([shield(column) for column in columns])
    written = Written()
    for row in rows:
        writer.writerow([_csv_value(row.get(column)) for column in columns])
        written.rows += 1
    return written


def write_json(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], out: Sink) -> Written:
    """Writes a list with one object to a line. Dates are ISO 8601.

    Raises ValueError for a number that is not finite.
    """
    written = Written()
    out.write(b"[")
    for row in rows:
        members = {column: _json_value(row.get(column)) for column in columns}
        line = json.dumps(members, ensure_ascii=False, allow_nan=False)
        out.write(b",\n" if written.rows else b"\n")
        out.write(line.encode("utf-8", "replace"))
        written.rows += 1
    out.write(b"\n]\n")
    return written


def _csv_value(value: Cell) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} cannot be written as a number")
    if isinstance(value, date):
        return value.isoformat()
    return shield(value) if isinstance(value, str) else value


def _json_value(value: Cell) -> str | int | float | bool | None:
    return value.isoformat() if isinstance(value, date) else value
