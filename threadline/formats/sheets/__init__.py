"""Tables in files: CSV, Excel workbooks and JSON, read and written a row at a time.

    sheet = open_sheet(path)
    for found in sheet.rows():
        if isinstance(found, RowProblem): ...
        else: number, row = found

Reading holds a few rows in memory, whatever the size of the file. See `shield` for how text
that begins like a formula is written to CSV and read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from threadline.formats.sheets.csv_reader import CsvSheet
from threadline.formats.sheets.json_reader import JsonSheet
from threadline.formats.sheets.sheet import Cell, Limits, Row, RowProblem, Sheet, SheetError
from threadline.formats.sheets.writers import Written, write_csv, write_json
from threadline.later import later

if TYPE_CHECKING:
    from threadline.formats.sheets.xlsx import reader, writer
else:  # what reads and writes workbooks is larger than all else that a web process holds for its work
    reader, writer = later("threadline.formats.sheets.xlsx.reader"), later("threadline.formats.sheets.xlsx.writer")

__all__ = [
    "Cell",
    "Format",
    "Limits",
    "Row",
    "RowProblem",
    "Sheet",
    "SheetError",
    "Written",
    "format_of",
    "open_sheet",
    "write_csv",
    "write_json",
    "write_xlsx",
]

Format = Literal["csv", "xlsx", "json"]

_BY_ENDING: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
_OTHER_FORMATS = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls), or one with a password",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3": "a database",
    b"{\\rtf": "a text document",
}


def open_sheet(
    path: Path, *, format: Format | None = None, limits: Limits | None = None, worksheet: str | None = None
) -> Sheet:
    """The table in the file at `path`. Raises SheetError.

    Without `format` it is told from the content and then the file's ending. `worksheet` names
    one of a workbook; without it the first visible one is read.
    """
    bounds = limits or Limits()
    kind = format or format_of(path)
    if kind == "xlsx":
        return reader.XlsxSheet(path, bounds, worksheet)
    return JsonSheet(path, bounds) if kind == "json" else CsvSheet(path, bounds)


def write_xlsx(
    rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], out: IO[bytes], *, sheet: str = "Threadline"
) -> Written:
    """Writes a workbook: see :func:`threadline.formats.sheets.xlsx.writer.write_xlsx`."""
    return writer.write_xlsx(rows, columns, out, sheet=sheet)


def format_of(path: Path) -> Format:
    """The format of the file. Raises SheetError if it is known to be none of ours."""
    with path.open("rb") as file:
        start = file.read(1024)
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    for mark, name in _OTHER_FORMATS.items():
        if start.startswith(mark):
            raise SheetError(f"The file is {name}.", "Save the table as .xlsx or .csv and send that.")
    if path.suffix.lower() in _BY_ENDING:
        return _BY_ENDING[path.suffix.lower()]
    opening = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "json" if opening.startswith((b"{", b"[{", b"[\n", b"[\r", b"[ ")) else "csv"
