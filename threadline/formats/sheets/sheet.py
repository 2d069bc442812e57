"""What every reader of tables gives, whatever the format: named columns and rows, one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

Cell = str | int | float | bool | date | None
Row = dict[str, Cell]


class SheetError(ValueError):
    """A file that cannot be read as a table. `what_to_do` is the sender's next step."""

    def __init__(self, message: str, what_to_do: str) -> None:
        super().__init__(f"{message} {what_to_do}")
        self.message = message
        self.what_to_do = what_to_do


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be read. `row` is its 1-based number in the file.

    `source` is the beginning of what the file holds there, so that it can be shown and mended.
    """

    row: int
    message: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused. Sizes of rows and parts are bytes, of cells characters."""

    rows: int = 1_000_000
    columns: int = 1_000
    cell: int = 1_000_000
    row: int = 2_000_000
    parts: int = 1_000
    unpacked: int = 500_000_000


class Sheet:
    """A table in a file. `rows` may be asked for more than once; each time reads anew.

    `columns` are unique. `notes` says in sentences what was assumed, and may grow while rows
    are read. Rows without any value are left out. A cell without a value is None.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.columns: list[str] = []
        self.notes: list[str] = []

    def rows(self) -> Iterator[tuple[int, Row] | RowProblem]:
        """The rows in file order with their 1-based number, the header being one. May raise SheetError."""
        raise NotImplementedError

    def estimate_rows(self) -> int | None:
        """About how many rows there are, or None if that takes reading them."""
        raise NotImplementedError

    def note(self, sentence: str) -> None:
        """Adds `sentence` to the notes once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def refuse_row_number(self, count: int) -> None:
        """Raises SheetError if `count` rows are more than are taken."""
        if count > self.limits.rows:
            raise SheetError(
                f"The file has more than {self.limits.rows:,} rows.", "Divide it and send the parts one by one."
            )


def unique_columns(headers: Iterable[Cell], limits: Limits) -> list[str]:
    """Column names from header cells: trimmed, unnamed ones numbered, repeated ones told apart.

    Unnamed columns at the right edge are what spreadsheets leave behind and are dropped.
    """
    names = [re.sub(r"\s+", " ", "" if header is None else str(header)).strip() for header in headers]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise SheetError("The first row holds no column names.", "Put the names of the columns in the first row.")
    if len(names) > limits.columns:
        raise SheetError(
            f"The file has {len(names):,} columns; at most {limits.columns:,} are read.",
            "Keep the columns that you need and delete the others.",
        )
    if any(len(name) > 1_000 for name in names):
        raise SheetError(
            "A column name is longer than 1,000 characters.", "Put the names of the columns in the first row."
        )
    taken = set(names)
    found: list[str] = []
    for position, name in enumerate(names, start=1):
        found.append(_untaken(name or f"column {position}", found, taken))
    return found


def _untaken(name: str, found: list[str], taken: set[str]) -> str:
    """`name`, or "name (2)" and so on where it or the numbered form exists already."""
    if name not in found:
        return name
    copy = 2
    while f"{name} ({copy})" in taken or f"{name} ({copy})" in found:
        copy += 1
    return f"{name} ({copy})"


def oversized(values: Mapping[str, Cell], limits: Limits) -> str | None:
    """The first column whose text exceeds the limit, if any."""
    for name, value in values.items():
        if isinstance(value, str) and len(value) > limits.cell:
            return name
    return None
