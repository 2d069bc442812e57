"""Reading the first table of an Excel workbook with openpyxl, row by row, in constant memory.

Openpyxl understands the workbook and its cells; the rows come from `Package.elements`, because
openpyxl's own loop over them keeps what it has read, and ends at the first bad cell.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path

from defusedxml.ElementTree import fromstring
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import _find_workbook_part
from openpyxl.reader.workbook import WorkbookParser
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet._reader import DATA_TAG, DIMENSION_TAG, ROW_TAG
from openpyxl.xml.constants import ARC_CONTENT_TYPES, SHARED_STRINGS, SHEET_MAIN_NS, STYLES_TYPE

from threadline.formats.sheets.sheet import (
    Cell,
    Limits,
    Row,
    RowProblem,
    Sheet,
    SheetError,
    oversized,
    unique_columns,
)
from threadline.formats.sheets.xlsx.cells import Cells, formats
from threadline.formats.sheets.xlsx.package import DAMAGED, NOT_A_WORKBOOK, Package, library_errors
from threadline.formats.sheets.xlsx.strings import Strings

_LAST_ROW = 1_048_576


class XlsxSheet(Sheet):
    """A worksheet: the first visible one, or the one of the given name."""

    def __init__(self, path: Path, limits: Limits, name: str | None = None) -> None:
        super().__init__(path, limits)
        self._header_row = 0
        self._strings: Strings | None = None
        self.last_row: int | None = None
        with Package(path, limits) as package:
            with library_errors():
                manifest, book = _workbook(package)
                self._string_part, self._styles = (_part(manifest, kind) for kind in (SHARED_STRINGS, STYLES_TYPE))
                self._from_1904 = book.wb.epoch == MAC_EPOCH
                self._part = self._find_table(book, name)
            self.columns = self._read_header(package)

    def rows(self) -> Iterator[tuple[int, Row] | RowProblem]:
        count = 0
        with Package(self.path, self.limits) as package:
            for row_number, cells in self._table(package):
                if row_number <= self._header_row or not cells:
                    continue
                count += 1
                self.refuse_row_number(count)
                yield self._row(row_number, cells)

    def estimate_rows(self) -> int | None:
        # By the worksheet's own word, which programs need not give.
        return None if self.last_row is None else max(0, self.last_row - self._header_row)

    def _find_table(self, book: WorkbookParser, name: str | None) -> str:
        tables = [
            (str(sheet.name), str(relation.target))
            for sheet, relation in book.find_sheets()
            if relation.Type.endswith("/worksheet") and (sheet.state == "visible" or sheet.name == name)
        ]
        wanted = [table for table in tables if name in (None, table[0])]
        if not wanted:
            shown = ", ".join(f"“{title}”" for title, _ in tables[:10]) or "none"
            raise SheetError("The worksheet was not found in the workbook.", f"Its worksheets: {shown}.")
        if len(tables) > 1:
            self.note(f"Of {len(tables)} worksheets, “{wanted[0][0]}” was read.")
        return wanted[0][1]

    def _table(self, package: Package) -> Iterator[tuple[int, dict[int, Cell | ValueError]]]:
        number = 0
        with library_errors():
            if self._strings is None:
                # They are most of a file and most of the time, so they are read once.
                self._strings = Strings(package, self._string_part)
                weakref.finalize(self, self._strings.close)
            cells = Cells(self._strings, formats(package, self._styles), self._from_1904, self.limits)
            for parent, element in package.elements(self._part, {DIMENSION_TAG, ROW_TAG}, last=DATA_TAG):
                if element.tag == DIMENSION_TAG:
                    self.last_row = _last_row(element.get("ref", ""))
                elif parent == DATA_TAG:
                    number = _row_number(element.get("r"), number)
                    yield number, cells.of(element, number)
                    if cells.formula_without_result:
                        self.note(
                            "Formulas without a stored result were read as empty. "
                            "Opening and saving the file in a spreadsheet program stores the results."
                        )

    def _read_header(self, package: Package) -> list[str]:
        for row_number, cells in self._table(package):
            if cells:
                self._header_row = row_number
                last = max(cells)
                if last >= self.limits.columns:
                    raise SheetError(
                        f"The table has more than {self.limits.columns:,} columns.",
                        "Keep the columns that you need and delete the others.",
                    )
                headers = [cells.get(column) for column in range(last + 1)]
                return unique_columns([None if isinstance(h, ValueError) else h for h in headers], self.limits)
        raise SheetError("The worksheet is empty.", "Put the names of the columns in its first row.")

    def _row(self, row_number: int, cells: dict[int, Cell | ValueError]) -> tuple[int, Row] | RowProblem:
        width = len(self.columns)
        row: Row = dict.fromkeys(self.columns)
        for column, value in cells.items():
            if isinstance(value, ValueError):
                return RowProblem(row_number, f"Column {column + 1}: {value}.")
            if column >= width:
                return RowProblem(row_number, f"There is a value in column {column + 1}, which has no name.")
            row[self.columns[column]] = value
        if long := oversized(row, self.limits):
            return RowProblem(row_number, f"The value of {long} is longer than {self.limits.cell:,} characters.")
        return row_number, row


def _workbook(package: Package) -> tuple[Manifest, WorkbookParser]:
    """The list of parts and the workbook. Raises SheetError if there is none."""
    try:
        manifest = Manifest.from_tree(fromstring(package.read(ARC_CONTENT_TYPES)))
        part = _find_workbook_part(manifest).PartName.lstrip("/")
        root = fromstring(package.read(part)).tag
    except (KeyError, OSError):
        raise SheetError("The file is a ZIP file, but not an Excel workbook.", NOT_A_WORKBOOK) from None
    if root != f"{{{SHEET_MAIN_NS}}}workbook":
        raise SheetError("The workbook is in the strict form of .xlsx.", "Save it as an ordinary .xlsx and send that.")
    book = WorkbookParser(package, part, keep_links=False)
    book.parse()
    return manifest, book


def _part(manifest: Manifest, kind: str) -> str | None:
    found = manifest.find(kind)
    return found.PartName.lstrip("/") if found else None


def _row_number(given: str | None, before: int) -> int:
    """The number that a row has, or the next. Rows only ever go down."""
    try:
        number = int(given) if given else before + 1
    except ValueError:
        number = 0
    if not before < number <= _LAST_ROW:
        raise SheetError(f"The rows of the worksheet are out of order after row {before}.", DAMAGED)
    return number


def _last_row(reference: str) -> int | None:
    """The last row of a table that says it reaches over "A1:C9", if it does."""
    try:
        last = range_boundaries(reference)[3]
    except (ValueError, TypeError):
        return None
    return min(last, _LAST_ROW) if last else None
