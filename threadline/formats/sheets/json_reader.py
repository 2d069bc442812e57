"""Reading JSON tables: a list of objects, {"data": [...]}, or an object per line; never all at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from threadline.formats.sheets.json_split import JSONStream
from threadline.formats.sheets.lines import byte_lines, utf8_chunks
from threadline.formats.sheets.sheet import Cell, Limits, Row, RowProblem, Sheet, SheetError, oversized
from threadline.formats.strictjson import BadJSON, JSONValue, loads, loads_any

# Names under which products put the list of rows in an object around it.
_ENVELOPES = ("data", "items", "results", "records", "rows")
# Columns are the names in the first rows, up to this many bytes: for most files in all rows.
_SAMPLE_BYTES = 4 * 1024 * 1024

_Found = tuple[int, dict[str, JSONValue]] | RowProblem


class JsonSheet(Sheet):
    """A JSON file. Objects in objects become columns such as "author.name"; lists become text."""

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        self._by_lines = _is_json_lines(path, limits)
        self._sampled_rows = self._sampled_bytes = 0
        self._sampled_all = True
        self.columns = self._sample_columns()

    def rows(self) -> Iterator[tuple[int, Row] | RowProblem]:
        known = dict.fromkeys(self.columns)
        count = 0
        for _, found in self._objects():
            count += 1
            self.refuse_row_number(count)
            if isinstance(found, RowProblem):
                yield found
                continue
            number, members = found
            values = flattened(members)
            if late := [name for name in values if name not in known]:
                self._note_late(late[0], number)
            row: Row = {name: values.get(name) for name in known}
            if long := oversized(row, self.limits):
                yield RowProblem(number, f"The value of {long} is longer than {self.limits.cell:,} characters.")
            elif any(value is not None for value in row.values()):
                yield number, row

    def estimate_rows(self) -> int | None:
        if self._sampled_all:
            return self._sampled_rows
        return round(self._sampled_rows * self.path.stat().st_size / self._sampled_bytes)

    def _note_late(self, name: str, number: int) -> None:
        if not any(note.startswith("Some names come") for note in self.notes):
            self.note(f"Some names come only late in the file and were not read: {name[:100]} in row {number}.")

    def _sample_columns(self) -> list[str]:
        names: dict[str, None] = {}
        for size, found in self._objects():
            self._sampled_rows += 1
            self._sampled_bytes += size
            if not isinstance(found, RowProblem):
                names.update(dict.fromkeys(flattened(found[1])))
            if len(names) > self.limits.columns:
                raise SheetError(
                    f"The objects have more than {self.limits.columns:,} names between them.",
                    "Keep the names that you need and leave out the others.",
                )
            if self._sampled_bytes > _SAMPLE_BYTES:
                self._sampled_all = False
                break
        if not names:
            raise SheetError("The file holds no JSON objects with values.", "Send a list of objects.")
        return list(names)

    def _objects(self) -> Iterator[tuple[int, _Found]]:
        """Size in bytes, and number with members, of each object in the file."""
        for number, raw in self._lines() if self._by_lines else self._elements():
            yield len(raw), self._parsed(number, raw)

    def _parsed(self, number: int, raw: bytes) -> _Found:
        try:
            value = loads_any(raw, max_bytes=self.limits.row)
        except BadJSON as error:
            place = f" Place: {error.pointer}." if error.pointer else ""
            message = f"The object cannot be read. {error.message}{place}"
        else:
            if isinstance(value, dict):
                return number, value
            message = "An object was expected here."
        return RowProblem(number, message, raw[:1_000].decode("utf-8", "replace"))

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        for number, line in enumerate(byte_lines(self.path, self.limits.row), start=1):
            if line.strip():
                yield number, line

    def _elements(self) -> Iterator[tuple[int, bytes]]:
        stream = JSONStream(utf8_chunks(self.path), self.limits.row)
        if stream.peek() == b"[" or _is_in_envelope(self.path, self.limits, stream):
            yield from enumerate(stream.list_members(), start=1)
        else:
            stream = JSONStream(utf8_chunks(self.path), self.limits.row)
            yield from enumerate(stream.values(), start=1)


def flattened(members: dict[str, JSONValue], prefix: str = "") -> dict[str, Cell]:
    """The values of an object as cells, those of inner objects under names joined with dots."""
    cells: dict[str, Cell] = {}
    for key, value in members.items():
        name = prefix + (key or "unnamed")
        inner = flattened(value, f"{name}.") if isinstance(value, dict) else {name: _cell(value)}
        for inner_name, cell in inner.items():
            # {"a": {"b": 1}, "a.b": 2} names one column twice; both values are kept.
            cells[inner_name if inner_name not in cells else f"{inner_name} (2)"] = cell
    return cells


def _cell(value: JSONValue) -> Cell:
    if isinstance(value, list):
        if any(isinstance(member, dict | list) for member in value):
            return json.dumps(value, ensure_ascii=False)
        value = ", ".join("" if member is None else str(member) for member in value)
    assert not isinstance(value, dict | list)
    return None if value == "" else value


def _is_json_lines(path: Path, limits: Limits) -> bool:
    """Whether the first line is an object and another line follows that could be one."""
    filled = (line for line in byte_lines(path, limits.row) if line.strip())
    start = list(islice(filled, 2))
    try:
        loads(start[0] if start else b"", max_bytes=limits.row)
    except BadJSON:
        return False
    return len(start) == 2 and start[1].lstrip().startswith(b"{")


def _is_in_envelope(path: Path, limits: Limits, stream: JSONStream) -> bool:
    """Whether the file is one object with a list of rows; `stream` is then at that list."""
    try:
        return stream.enter_member(_ENVELOPES)
    except SheetError:
        # Not an object with members. Reading it value by value will say what is wrong.
        return False
