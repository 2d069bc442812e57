"""The file of an import as a table whose columns have names a person would use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from threadline.formats.sheets import Cell, Format, Limits, Row, RowProblem, Sheet, open_sheet
from threadline.formats.sheets.sheet import unique_columns

_UNNAMED = re.compile(r"^(?:unnamed|column)[:\s]*\d+$", re.IGNORECASE)
_FORMATS: dict[str, Format] = {".csv": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".json": "json", ".jsonl": "json"}


class Table:
    """A sheet; where most columns have no name, its first row names them and is no row."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self.sheet: Sheet = open_sheet(path, limits=limits)
        self.columns = self.sheet.columns
        self._renamed: dict[str, str] = {}
        unnamed = sum(bool(_UNNAMED.match(c)) for c in self.columns)
        if len(self.columns) > 1 and unnamed * 2 > len(self.columns):
            self._name_by_first_row(self.sheet)

    @property
    def notes(self) -> list[str]:
        """What was assumed while reading, in sentences."""
        return self.sheet.notes

    def rows(self) -> Iterator[tuple[int, Row] | RowProblem]:
        """The rows with their number in the file; may raise SheetError."""
        found = self.sheet.rows()
        if not self._renamed:
            return found
        next(found, None)
        return (one if isinstance(one, RowProblem) else (one[0], self._with_names(one[1])) for one in found)

    def sample(self, count: int) -> list[Row]:
        """The first readable rows."""
        taken: list[Row] = []
        for one in self.rows():
            if not isinstance(one, RowProblem):
                taken.append(one[1])
            if len(taken) >= count:
                break
        return taken

    def column(self, name: str) -> Iterator[Cell]:
        """All values of a column."""
        return (one[1][name] for one in self.rows() if not isinstance(one, RowProblem))

    def _name_by_first_row(self, sheet: Sheet) -> None:
        first = next(sheet.rows(), None)
        if first is None or isinstance(first, RowProblem):
            return
        values = [first[1][c] for c in sheet.columns]
        if sum(isinstance(v, str) for v in values) * 2 <= len(values):
            return
        names = [v if v is not None else c for v, c in zip(values, sheet.columns, strict=True)]
        self._renamed = dict(zip(sheet.columns, unique_columns(names, sheet.limits), strict=True))
        self.columns = list(self._renamed.values())
        sheet.note("The columns have no names; the first row was taken for them.")

    def _with_names(self, row: Row) -> Row:
        return {self._renamed[name]: value for name, value in row.items()}


def format_ending(name: str) -> str:
    """The ending under which a file of this name is kept: one we know, or none."""
    found = re.search(r"\.[A-Za-z]{2,6}$", name)
    ending = found[0].lower() if found else ""
    return {".tab": ".tsv", ".txt": ".csv", ".ndjson": ".jsonl"}.get(ending, ending if ending in _FORMATS else "")
