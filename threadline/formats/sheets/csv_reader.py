"""Reading CSV and its relatives: any common delimiter and encoding, broken rows named, never guessed."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from threadline.formats.sheets.lines import byte_lines, decoded, encoding_of
from threadline.formats.sheets.sheet import Limits, Row, RowProblem, Sheet, SheetError, oversized, unique_columns
from threadline.formats.sheets.shield import unshield

# The standard reader's own limit holds for the whole process and is far too low for a long
# complaint. Ours is Limits.row, checked below before a line reaches it.
csv.field_size_limit(64 * 1024 * 1024)

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# Found in no text, so that a file of one column is read as one column, commas and all.
_NO_DELIMITER = "\x1f"
_SAMPLE_LINES, _SAMPLE_LINE = 100, 8 * 1024
_SAMPLE_BYTES = 256 * 1024


class _TooLong(Exception):
    """The record being read has exceeded Limits.row."""


class _Lines:
    """Hands lines to the standard reader and keeps those of the record it is in.

    So a record that turns out to be broken can be given back, but for its first line.
    """

    def __init__(self, sheet: CsvSheet) -> None:
        self._sheet = sheet
        self._source = byte_lines(sheet.path, sheet.limits.row)
        self._again: deque[str] = deque()
        self.record: list[str] = []
        self._size = 0
        self.number = 0
        self.characters = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._next_new()
        self.number += 1
        self.record.append(line)
        self._size += len(line)
        if self._size > self._sheet.limits.row:
            raise _TooLong
        return line

    def _next_new(self) -> str:
        raw = next(self._source, None)
        if raw is None:
            self.ended = True
            raise StopIteration
        line, is_utf8 = decoded(raw)
        if not is_utf8:
            self._sheet.note_encoding(self.number + 1)
        self.characters += len(line)
        return line

    def begin(self) -> None:
        """A new record starts with the next line."""
        self.record = []
        self._size = 0
        self.ended = False

    @property
    def broken(self) -> bool:
        """Whether the reader was stopped within the record."""
        return self.ended or self._size > self._sheet.limits.row

    def give_back(self) -> None:
        """All lines of the record but the first are to be read again, as records of their own."""
        self.number -= len(self.record) - 1
        self._again.extendleft(reversed(self.record[1:]))


class CsvSheet(Sheet):
    """A CSV file. All values are text or None: CSV has no other types."""

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        self._other_encoding_noted = False
        # Long lines come cut here, so that even a hundred of them are a small sample.
        sample = [decoded(line)[0] for line in islice(byte_lines(path, _SAMPLE_LINE), _SAMPLE_LINES)]
        if not "".join(sample).strip():
            raise SheetError("The file is empty.", "Choose the file that holds your rows.")
        self._hinted = _delimiter_hint(sample[0])
        self._delimiter = self._hinted or _likely_delimiter(sample)
        if encoding_of(path).startswith("utf-16-"):
            self.note("The file has no byte order mark; it was read as UTF-16.")
        self._header_row = 0
        self.columns = self._read_header()

    def rows(self) -> Iterator[tuple[int, Row] | RowProblem]:
        count = 0
        for number, record in self._records(_Lines(self)):
            if number <= self._header_row:
                continue
            found = record if isinstance(record, RowProblem) else self._row(number, record)
            if found is not None:
                count += 1
                self.refuse_row_number(count)
                yield found

    def estimate_rows(self) -> int | None:
        lines = _Lines(self)
        count = 0
        for number, _ in self._records(lines):
            count += number > self._header_row
            if lines.characters > _SAMPLE_BYTES:
                width = {"utf-16": 2, "utf-32": 4}.get(encoding_of(self.path)[:6], 1)
                return max(1, round(count * self.path.stat().st_size / width / lines.characters))
        return count

    def note_encoding(self, line: int) -> None:
        """Notes, once, that a line is not UTF-8."""
        if not self._other_encoding_noted:
            self._other_encoding_noted = True
            self.note(f"Line {line} is not UTF-8. It, and others like it, were read as Windows-1252.")

    def _read_header(self) -> list[str]:
        for number, record in self._records(_Lines(self)):
            if isinstance(record, RowProblem):
                raise SheetError(record.message, "Mend the first row, which names the columns.")
            if any(cell.strip() for cell in record):
                self._header_row = number
                return unique_columns(map(unshield, record), self.limits)
        raise SheetError("The file is empty.", "Choose the file that holds your rows.")

    def _records(self, lines: _Lines) -> Iterator[tuple[int, list[str] | RowProblem]]:
        """Records with their 1-based number. A broken one is given up after its first line."""
        if self._hinted:
            next(lines)
        number = 0
        reader = csv.reader(lines, delimiter=self._delimiter)
        while True:
            lines.begin()
            number += 1
            first_line = lines.number + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except (_TooLong, csv.Error):
                problem = f"The row that begins in line {first_line} is longer than {self.limits.row:,} characters."
            else:
                problem = self._unreadable(lines, first_line)
            if not problem:
                yield number, record
                continue
            yield number, RowProblem(number, problem, "".join(lines.record)[:1_000])
            if lines.broken:
                self.note("Where a quote is never closed, the lines after it were read as rows of their own.")
                lines.give_back()
                # The standard reader is in the middle of the record; a new one is not.
                reader = csv.reader(lines, delimiter=self._delimiter)

    def _unreadable(self, lines: _Lines, first_line: int) -> str:
        # A record is complete before the reader asks for one line more, unless a quote is open.
        if lines.ended:
            return f"The row that begins in line {first_line} has a quote that is never closed."
        return "The row holds a NUL character." if any("\0" in line for line in lines.record) else ""

    def _row(self, number: int, record: list[str]) -> tuple[int, Row] | RowProblem | None:
        width = len(self.columns)
        values = [unshield(cell) or None for cell in record]
        if not any(values):
            return None
        if any(values[width:]):
            message = f"The row has {len(record):,} values for {width:,} columns."
            return RowProblem(number, message, self._delimiter.join(record)[:1_000])
        if len(values) < width:
            self._note_short(number)
        values += [None] * (width - len(values))
        row: Row = dict(zip(self.columns, values, strict=False))
        if long := oversized(row, self.limits):
            message = f"The value of {long} is longer than {self.limits.cell:,} characters."
            return RowProblem(number, message, self._delimiter.join(record)[:1_000])
        return number, row

    def _note_short(self, number: int) -> None:
        if not any(note.startswith("Some rows are shorter") for note in self.notes):
            self.note(f"Some rows are shorter than the first; what they lack is empty. One is row {number}.")


def _delimiter_hint(line: str) -> str:
    """The delimiter in the line "sep=;" with which Excel begins files for itself, else ""."""
    hint = line.strip("\r\n").strip('"')
    return hint[4] if len(hint) == 5 and hint.startswith("sep=") else ""


def _likely_delimiter(sample: Sequence[str]) -> str:
    """The delimiter with which most rows are as wide as the first, wider rows winning ties."""
    scores = {mark: _evenness(sample, mark) for mark in _DELIMITERS}
    best = max(scores, key=lambda mark: scores[mark])
    return best if scores[best] > (0.0, 0) else _NO_DELIMITER


def _evenness(sample: Sequence[str], delimiter: str) -> tuple[float, int]:
    records = [record for record in csv.reader(sample, delimiter=delimiter) if record]
    if not records or len(records[0]) < 2:
        return 0.0, 0
    # The last record may be cut off by the end of the sample.
    whole = records[:-1] if len(records) > 2 else records
    return sum(len(record) == len(records[0]) for record in whole) / len(whole), len(records[0])
