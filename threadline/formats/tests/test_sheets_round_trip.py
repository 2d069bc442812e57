"""What is written is read back the same, and no spreadsheet program finds a formula in it."""

from __future__ import annotations

import csv
import io
import math
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from threadline.formats.sheets import (
    Cell,
    Row,
    RowProblem,
    SheetError,
    open_sheet,
    write_csv,
    write_json,
    write_xlsx,
)
from threadline.formats.sheets.shield import shield, unshield

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\tx",
    " =1",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "﹦1",
    '=cmd|"/c calc"!A1',
    '=HYPERLINK("//evil.example","x")',
]
APOSTROPHES = ["'=1", "''=1", "'tis", "'", "''", "' =1", "'\t"]

# What no format can hold: halves of surrogate pairs and NUL. Empty text is no value.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    FORMULAS + APOSTROPHES
)
texts |= st.builds(str.__add__, st.sampled_from(["'", "''", "=", " ", "\t", "_x0041_", "_x005F_", "\r", "\x0b"]), texts)
numbers = st.integers(-(10**15) + 1, 10**15 - 1) | st.floats(allow_nan=False, allow_infinity=False)
days = st.dates(date(1901, 1, 1))
moments = st.datetimes(datetime(1901, 1, 1), datetime(9999, 12, 30)).map(lambda found: found.replace(microsecond=0))
cells = st.none() | texts | numbers | st.booleans() | days | moments
columns = st.lists(
    texts.map(lambda name: " ".join(name.split())).filter(bool), min_size=1, max_size=4, unique=True
).filter(lambda names: all(len(name) < 1_000 for name in names))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[Row]]:
    names = draw(columns)
    row = st.fixed_dictionaries(dict.fromkeys(names, cells))
    return names, draw(st.lists(row.filter(lambda found: any(v not in (None, "") for v in found.values())), max_size=4))


def read_back(data: bytes, ending: str) -> tuple[list[str], list[Row]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"table.{ending}")
        path.write_bytes(data)
        sheet = open_sheet(path)
        rows: list[Row] = []
        for item in sheet.rows():
            assert not isinstance(item, RowProblem), item
            rows.append(item[1])
        return sheet.columns, rows


def as_csv_text(value: Cell) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else value or None


def as_json(value: Cell) -> Cell:
    return value.isoformat() if isinstance(value, date) else None if value == "" else value


def as_cell(value: Cell) -> Cell:
    return None if value == "" else value


def changed(rows: list[Row], change) -> list[Row]:
    return [{name: change(value) for name, value in row.items()} for row in rows]


@given(tables())
@example((["a"], [{"a": "\ufeff=1"}]))
@example((["\ufeffa"], [{"\ufeffa": 1}]))
@example((["=a", "'=a"], [{"=a": "x;=1", "'=a": 'a"\n=1'}]))
def test_csv(table: tuple[list[str], list[Row]]) -> None:
    names, rows = table
    out = io.BytesIO()
    assert write_csv(rows, names, out).rows == len(rows)
    assert read_back(out.getvalue(), "csv") == (names, changed(rows, as_csv_text))


@given(tables())
def test_json(table: tuple[list[str], list[Row]]) -> None:
    names, rows = table
    out = io.BytesIO()
    assert write_json(rows, names, out).rows == len(rows)
    if rows:
        assert read_back(out.getvalue(), "json") == (names, changed(rows, as_json))


@pytest.mark.slow
@given(tables())
@example((["a"], [{"a": 0.1 + 0.2}, {"a": 1.7976931348623157e308}, {"a": 5e-324}]))
def test_xlsx(table: tuple[list[str], list[Row]]) -> None:
    names, rows = table
    out = io.BytesIO()
    assert write_xlsx(rows, names, out).notes == []
    assert read_back(out.getvalue(), "xlsx") == (names, changed(rows, as_cell))
    for row in read_back(out.getvalue(), "xlsx")[1]:
        assert not any(isinstance(value, float) and math.isnan(value) for value in row.values())


@given(texts)
def test_shielded_text_never_begins_as_a_formula_and_comes_back(text: str) -> None:
    assert unshield(shield(text)) == text
    assert not shield(text).startswith(("\t", "\r", "\n"))
    assert not shield(text).lstrip().lstrip("\ufeff\u200b").startswith(tuple("=+-@＝＋－＠﹦"))


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_text_in_csv(text: str) -> None:
    assert shield(text) == f"'{text}"


def test_ordinary_text_and_numbers_are_left_alone() -> None:
    out = io.BytesIO()
    write_csv([{"a": "'tis fine", "b": -5, "c": -0.5, "d": None, "e": True}], list("abcde"), out)
    assert out.getvalue() == b'\xef\xbb\xbf"a","b","c","d","e"\r\n"\'tis fine",-5,-0.5,"","true"\r\n'


def test_no_delimiter_of_another_country_splits_a_text() -> None:
    out = io.BytesIO()
    write_csv([{"a": 'x;=1\t"=1", =1'}], ["a"], out)
    for delimiter in ";\t|":
        found = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""), delimiter=delimiter))
        assert all(not cell.startswith("=") for record in found for cell in record)


def test_another_program_finds_text_numbers_and_dates_in_the_workbook() -> None:
    values: list[Cell] = [
        *FORMULAS[:4],
        -5,
        2.5,
        True,
        date(2026, 11, 22),
        datetime(2026, 11, 22, 9, 30),
        "a\r\nb",
        "_x0041_",
    ]
    names = [f"=c{number}" for number in range(len(values))]
    out = io.BytesIO()
    write_xlsx([dict(zip(names, values, strict=True))], names, out)
    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
    header, row = sheet.iter_rows()
    assert [cell.value for cell in header] == names
    assert {cell.data_type for cell in header} == {"s"}
    assert "".join(cell.data_type for cell in row) == "ssssnnbddss"
    assert [cell.value for cell in row[:7]] == values[:7]
    assert row[0].quotePrefix
    assert not row[9].quotePrefix
    assert row[7].value == datetime(2026, 11, 22)
    assert row[7].number_format == r"yyyy\-mm\-dd"
    assert row[8].value == datetime(2026, 11, 22, 9, 30)
    assert openpyxl.utils.escape.unescape(row[9].value) == "a\r\nb"
    assert sheet.freeze_panes == "A2"


def test_space_around_text_is_kept_by_other_programs_too() -> None:
    out = io.BytesIO()
    write_xlsx([{"a": " x "}], ["a"], out)
    part = zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml")
    assert b'<t xml:space="preserve"> x </t>' in part


def test_what_a_workbook_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    noon = datetime(2026, 11, 22, 13, 0, 0, 999, timezone(timedelta(hours=1)))
    row: Row = {"text": "😀" * 20_000, "id": 12345678901234567, "old": date(1899, 5, 1), "at": noon}
    out = io.BytesIO()
    written = write_xlsx([{"text": "x"}, row], list(row), out)
    assert written.notes == ["1 text was cut to the 32,767 characters that a cell holds. First: row 3, text."]
    found = read_back(out.getvalue(), "xlsx")[1][1]
    assert found["text"] == "😀" * 16_383 + "…"
    assert found["id"] == "12345678901234567"
    assert found["old"] == "1899-05-01"
    assert found["at"] == datetime(2026, 11, 22, 12, 0)
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("write", [write_csv, write_json, write_xlsx])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused(write, number: float) -> None:
    with pytest.raises(ValueError, match=r"nan|inf|JSON compliant"):
        write([{"a": number}], ["a"], io.BytesIO())


def test_a_table_too_wide_for_a_workbook_is_refused() -> None:
    with pytest.raises(SheetError, match="16,384"):
        write_xlsx([], [str(number) for number in range(16_385)], io.BytesIO())


class Unseekable(io.RawIOBase):
    """A sink as a web server gives it: it takes bytes, and that is all."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        self.parts.append(bytes(data))
        return len(data)


@pytest.mark.parametrize(("write", "ending"), [(write_csv, "csv"), (write_json, "json")])
def test_rows_are_written_as_they_come(write, ending: str) -> None:
    """Output begins before the last row is asked for, and the sink need not be a file."""
    out = Unseekable()
    begun: list[bool] = []

    def rows() -> Iterator[Row]:
        for number in range(3_000):
            begun.append(bool(out.parts))
            yield {"a": f"{number} {number * 7919 % 1000}"}

    write(rows(), ["a"], out)
    assert begun[-1]
    assert len(read_back(b"".join(out.parts), ending)[1]) == 3_000


@pytest.mark.slow
def test_a_workbook_is_gathered_outside_memory_and_leaves_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10,000 texts of 1 kB take a fraction of their 10 MB, and the sink need not be a file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    out = Unseekable()
    tracemalloc.start()
    try:
        write_xlsx(({"a": f"{number} " + "x" * 1_000} for number in range(10_000)), ["a"], out)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert list(tmp_path.iterdir()) == []
    assert len(read_back(b"".join(out.parts), "xlsx")[1]) == 10_000


def test_rows_that_end_in_an_error_leave_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="nan"):
        write_xlsx([{"a": 1}, {"a": math.nan}], ["a"], io.BytesIO())
    assert list(tmp_path.iterdir()) == []


MARKUP = '<r><t>x</t></r></is></c><c r="B2"><f>1+1</f><v>2</v></c><c r="C2" t="inlineStr"><is><r></r>'


@pytest.mark.parametrize("text", [MARKUP, "<r></r>", "_x0041_x0042_", "_x005F_x0041_"])
def test_text_that_looks_like_the_writers_own_markup_is_text(text: str) -> None:
    out = io.BytesIO()
    write_xlsx([{"a": text, "b": None}], ["a", "b"], out)
    assert read_back(out.getvalue(), "xlsx") == (["a", "b"], [{"a": text, "b": None}])
    assert b"<f>" not in zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml")


def test_the_same_rows_make_the_same_workbook() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    for out in (first, second):
        write_xlsx([{"a": 1}], ["a"], out)
    assert first.getvalue() == second.getvalue()
    # Both were written in the same second, so the time is looked for as well.
    assert b">1980-01-01T00:00:00Z</dcterms:created>" in zipfile.ZipFile(first).read("docProps/core.xml")
