"""Writing a workbook of one worksheet with XlsxWriter, which gathers it in temporary files.

Text is stored as text, with its type said in every cell, so that nothing in it can become a
formula; cells that look like one also carry the mark that keeps them text when edited.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileSizeError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from threadline.formats.sheets.sheet import Cell, SheetError
from threadline.formats.sheets.shield import shield
from threadline.formats.sheets.writers import Written
from threadline.formats.sheets.xlsx.values import escaped

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_LONGEST_TEXT = 32_767
_NARROWEST, _WIDEST = 11, 60  # letters a column shows; a day needs 11
# Spreadsheet programs calculate with 15 digits; longer numbers are mostly identifiers.
_MOST_EXACT = 999_999_999_999_999
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# A fixed time: the same rows make the same file.
_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001 - documents know no zone


def write_xlsx(
    rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], out: IO[bytes], *, sheet: str = "Threadline"
) -> Written:
    """Writes a workbook to `out`, which need not be seekable, once the last row has come; `sheet` is the name of
    its one worksheet.

    Moments with a time zone are written in UTC, to the second; dates before 1901 and
    whole numbers of more than 15 digits as text; text is cut to what a cell holds. The notes
    say how often something was cut. Raises SheetError if the format cannot hold the table,
    ValueError for a number that is not finite.
    """
    if len(columns) > _LAST_COLUMN:
        raise SheetError(f"A worksheet holds {_LAST_COLUMN:,} columns at most.", "Export as CSV or JSON.")
    written = Written()
    cut = _Cut()
    # The library leaves its temporary files behind when the rows end in an error.
    with tempfile.TemporaryDirectory() as folder:
        book = Workbook(out, {**_OPTIONS, "tmpdir": folder})
        book.set_properties({"created": _CREATED})
        table = _Table(book, columns, sheet)
        for row in rows:
            written.rows += 1
            if written.rows >= _LAST_ROW:
                raise SheetError(f"A worksheet holds {_LAST_ROW:,} rows at most.", "Export as CSV or JSON.")
            table.write(written.rows, [cut.fitting(row.get(name), written.rows, name) for name in columns])
        table.end(written.rows)
        try:
            book.close()
        except FileSizeError:
            raise SheetError("The table is larger than a workbook may be.", "Export as CSV or JSON.") from None
    written.notes += cut.notes()
    return written


class _Table:
    """The worksheet with its formats. Row 0 holds the names of the columns."""

    def __init__(self, book: Workbook, columns: Sequence[str], name: str) -> None:
        self._sheet = book.add_worksheet(name, worksheet_class=_Worksheet)
        self._sheet.freeze_panes(1, 0)
        self._widths = [_NARROWEST] * len(columns)
        self._date = book.add_format({"num_format": r"yyyy\-mm\-dd"})
        self._moment = book.add_format({"num_format": r"yyyy\-mm\-dd\ hh:mm:ss"})
        self._literal = book.add_format({"num_format": "@", "quote_prefix": True})
        header = book.add_format({"num_format": "@", "quote_prefix": True, "bold": True})
        for place, column in enumerate(columns):
            self._text(0, place, column, header)

    def write(self, number: int, values: Sequence[Cell]) -> None:
        """Writes a row; rows come in order."""
        for place, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                self._text(number, place, value, self._literal if shield(value) != value else None)
            elif isinstance(value, bool):
                self._sheet.write_boolean(number, place, value)
            elif isinstance(value, date):
                self._day(number, place, value)
            elif isinstance(value, int) and abs(value) > _MOST_EXACT:
                self._text(number, place, str(value))
            elif not math.isfinite(value):
                raise ValueError(f"{value} cannot be written as a number")
            else:
                self._sheet.write_number(number, place, value)

    def end(self, last: int) -> None:
        """Columns as wide as what they hold, within reason, and a filter at their heads."""
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, width)
        if self._widths:
            self._sheet.autofilter(0, 0, last, len(self._widths) - 1)

    def _day(self, number: int, place: int, value: date) -> None:
        if value.year < 1901:
            self._text(number, place, value.isoformat())
        elif not isinstance(value, datetime):
            self._sheet.write_datetime(number, place, value, self._date)
        else:
            plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            self._sheet.write_datetime(number, place, plain.replace(microsecond=0), self._moment)

    def _text(self, number: int, place: int, text: str, look: Format | None = None) -> None:
        self._widths[place] = min(max(self._widths[place], len(text) + 2), _WIDEST)
        # Halves of surrogate pairs fit no file.
        self._sheet.write_string(number, place, text.encode("utf-8", "replace").decode(), look)


class _Worksheet(Worksheet):  # type: ignore[misc]
    """A worksheet that keeps every text and number exactly.

    The library takes text such as "<r>…</r>" for markup of its own and writes it as it is,
    rounds to 16 digits, and leaves the second of two adjoining escapes unescaped.
    """

    @staticmethod
    def _escape_control_characters(data: object) -> object:
        return escaped(data) if isinstance(data, str) else data

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[Any] = ()) -> None:
        self._xml_inline_string(string, True, attributes)

    def _xml_number_element(self, number: float, attributes: Sequence[Any] = ()) -> None:
        super()._xml_number_element(_Exact(number) if isinstance(number, float) else number, attributes)


class _Exact(float):
    """A number that is formatted with all its digits, whatever the format asked for."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


class _Cut:
    """Cuts texts to what a cell holds, and remembers how many and which first."""

    def __init__(self) -> None:
        self._count = 0
        self._first = ""

    def fitting(self, value: Cell, row: int, column: str) -> Cell:
        # A cell counts in UTF-16, in which a character takes two places at most.
        if not isinstance(value, str) or len(value) * 2 <= _LONGEST_TEXT:
            return value
        coded = value.encode("utf-16-le", "replace")
        if len(coded) <= _LONGEST_TEXT * 2:
            return value
        self._count += 1
        self._first = self._first or f"row {row + 1}, {column}"
        return coded[: (_LONGEST_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"

    def notes(self) -> list[str]:
        if not self._count:
            return []
        texts = "1 text was" if self._count == 1 else f"{self._count:,} texts were"
        return [f"{texts} cut to the {_LONGEST_TEXT:,} characters that a cell holds. First: {self._first}."]
