"""CSV as the world writes it: read right where it can be, named by row and line where not."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from threadline.formats.sheets import Limits, RowProblem, SheetError, open_sheet
from threadline.formats.sheets.lines import CHUNK, byte_lines, encoding_of
from threadline.formats.sheets.sheet import Sheet


@pytest.fixture
def csv_of(tmp_path: Path):
    def make(content: str | bytes, **limits: int) -> Sheet:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_sheet(path, limits=Limits(**limits))

    return make


def values(sheet: Sheet) -> list[tuple[object, ...]]:
    """The rows as tuples: the number and then the cells. Fails on a problem."""
    found = []
    for item in sheet.rows():
        assert not isinstance(item, RowProblem), item
        found.append((item[0], *item[1].values()))
    return found


def problems(sheet: Sheet) -> list[RowProblem]:
    return [item for item in sheet.rows() if isinstance(item, RowProblem)]


def test_rows_have_numbers_columns_and_text(csv_of) -> None:
    sheet = csv_of('id,text\r\n1,"a, ""b""\r\nc"\r\n2,\r\n\r\n,,\r\n3,d')
    assert sheet.columns == ["id", "text"]
    assert values(sheet) == [(2, "1", 'a, "b"\r\nc'), (3, "2", None), (6, "3", "d")]
    assert values(sheet) == values(sheet)
    assert sheet.notes == []


@pytest.mark.parametrize(
    "content",
    [
        "a;b\n1,5;x\n2,5;y\n",
        "a\tb\n1,5\tx\n2,5\ty\n",
        "a|b\n1,5|x\n2,5|y\n",
        'a,b\n"1,5",x\n"2,5",y\n',
        "sep=;\na;b\n1,5;x\n2,5;y\n",
        '"sep=|"\r\na|b\r\n1,5|x\r\n2,5|y\r\n',
        'a,b\r"1,5",x\r"2,5",y\r',
    ],
)
def test_delimiters_and_line_ends(csv_of, content: str) -> None:
    sheet = csv_of(content)
    assert sheet.columns == ["a", "b"]
    assert [row[1:] for row in values(sheet)] == [("1,5", "x"), ("2,5", "y")]


def test_the_delimiter_is_the_one_that_makes_even_rows(csv_of) -> None:
    sheet = csv_of("id,say; or not\n1,a; b; c\n2,d\n3,e; f\n")
    assert sheet.columns == ["id", "say; or not"]


def test_one_column_of_text_with_commas(csv_of) -> None:
    assert values(csv_of("text\nwell, yes\nno\n")) == [(2, "well, yes"), (3, "no")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_encodings(csv_of, encoding: str) -> None:
    sheet = csv_of("naïve,b\nüber,😀\n".encode(encoding))
    assert sheet.columns == ["naïve", "b"]
    assert values(sheet) == [(2, "über", "😀")]
    assert bool(sheet.notes) == (encoding in ("utf-16-le", "utf-16-be"))


def test_nuls_on_both_sides_are_no_encoding(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\0" * 40 + b"a,b\n1,2\n")
    assert encoding_of(path) == "utf-8"
    with pytest.raises(SheetError, match="NUL"):
        open_sheet(path)


def test_mixed_encodings_are_read_line_by_line_and_noted(csv_of) -> None:
    sheet = csv_of("a,b\nüber,1\n".encode() + "schön “x” €,2\n".encode("cp1252") + "größer,3\n".encode())
    assert [row[1] for row in values(sheet)] == ["über", "schön “x” €", "größer"]
    assert sheet.notes == ["Line 3 is not UTF-8. It, and others like it, were read as Windows-1252."]


def test_headers_are_made_unique_and_named(csv_of) -> None:
    sheet = csv_of('label,label,,"label (2)", label ,x\n1,2,3,4,5,6\n')
    assert sheet.columns == ["label", "label (3)", "column 3", "label (2)", "label (4)", "x"]
    assert values(sheet) == [(2, "1", "2", "3", "4", "5", "6")]
    assert csv_of("a,b,, \n1,2,,\n").columns == ["a", "b"]


def test_a_quote_that_is_never_closed_costs_one_row(csv_of) -> None:
    sheet = csv_of('a,b\n1,x\n2,"y\n3,z\n4,w')
    assert list(sheet.rows()) == [
        (2, {"a": "1", "b": "x"}),
        RowProblem(3, "The row that begins in line 3 has a quote that is never closed.", '2,"y\n3,z\n4,w'),
        (4, {"a": "3", "b": "z"}),
        (5, {"a": "4", "b": "w"}),
    ]
    assert sheet.notes == ["Where a quote is never closed, the lines after it were read as rows of their own."]


def test_a_quote_that_a_later_one_closes_makes_a_row_too_wide(csv_of) -> None:
    found = list(csv_of('a,b\n1,"x\n2,"y",z\n3,w\n').rows())
    assert isinstance(found[0], RowProblem)
    assert found[1:] == [(3, {"a": "3", "b": "w"})]


def test_a_row_that_exceeds_the_limit_is_given_up_after_its_first_line(csv_of) -> None:
    body = "".join(f"{number},text\n" for number in range(300))
    sheet = csv_of(f'a,b\nx,"open\n{body}', row=1_000)
    found = list(sheet.rows())
    assert isinstance(found[0], RowProblem)
    assert found[0].row == 2
    assert "longer than 1,000 characters" in found[0].message
    assert found[1:] == [(3 + number, {"a": str(number), "b": "text"}) for number in range(300)]


def test_one_long_line_is_one_problem(csv_of) -> None:
    sheet = csv_of("a,b\n1," + "x" * 300_000 + "\n2,y\n", row=1_000)
    found = list(sheet.rows())
    assert isinstance(found[0], RowProblem)
    assert len(found[0].source) == 1_000
    assert found[1] == (3, {"a": "2", "b": "y"})


def test_a_long_line_that_ends_with_a_chunk_stays_apart_from_the_next(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"x" * (CHUNK - 1) + b"\rnext\r\nlast")
    assert list(byte_lines(path, 10)) == [b"x" * 11, b"next\r\n", b"last"]
    path.write_bytes(b"x" * (CHUNK - 1) + b"\r\nnext\r")
    assert list(byte_lines(path, CHUNK)) == [b"x" * (CHUNK - 1) + b"\r\n", b"next\r"]


def test_other_broken_rows_are_named(csv_of) -> None:
    sheet = csv_of("a,b\n1,2,3\n4,5,,\n6,x\0y\n7,8\n9\n", cell=50)
    assert problems(sheet) == [
        RowProblem(2, "The row has 3 values for 2 columns.", "1,2,3"),
        RowProblem(4, "The row holds a NUL character.", "6,x\0y\n"),
    ]
    good = [item for item in sheet.rows() if not isinstance(item, RowProblem)]
    assert good == [(3, {"a": "4", "b": "5"}), (5, {"a": "7", "b": "8"}), (6, {"a": "9", "b": None})]
    assert sheet.notes == ["Some rows are shorter than the first; what they lack is empty. One is row 6."]
    assert "longer than 50" in problems(csv_of(f"a,b\n1,{'x' * 51}\n", cell=50))[0].message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b",,\n,,\n", "empty"),
        (b",".join([b"a"] * 1_000_000) + b"\n1\n", "1,000,000 columns; at most 1,000"),
        (b'a,"b\n1,2\n', "never closed"),
        (b"a\0,b\n1,2\n", "NUL"),
        (b"a,b\n" + b"1,2\n" * 11, "more than 10 rows"),
        (b"a" * 1_001 + b",b\n", "longer than 1,000"),
    ],
)
def test_files_that_are_refused(csv_of, content: bytes, message: str) -> None:
    with pytest.raises(SheetError) as caught:
        list(csv_of(content, rows=10).rows())
    assert message in caught.value.message
    assert caught.value.what_to_do.endswith(".")


def test_the_number_of_rows_is_counted_or_estimated(csv_of) -> None:
    assert csv_of("a,b\n" + "1,2\n" * 500).estimate_rows() == 500
    for encoding in ("utf-8", "utf-16"):
        sheet = csv_of(("a,b\n" + "12345,some words\n" * 60_000).encode(encoding))
        assert sheet.estimate_rows() == pytest.approx(60_000, rel=0.02)


odd_bytes = st.lists(st.sampled_from([bytes([mark]) for mark in b"\",;\t\r\n\0\xff\xc3\xbca='"]), max_size=60).map(
    b"".join
)


@given(odd_bytes, st.sampled_from([5, 20, 2_000]))
def test_any_bytes_give_each_row_once(content: bytes, longest: int) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"a,b\n" + content)
        file.flush()
        assume(encoding_of(Path(file.name)) == "utf-8")
        sheet = open_sheet(Path(file.name), format="csv", limits=Limits(row=longest))
        numbers = [item.row if isinstance(item, RowProblem) else item[0] for item in sheet.rows()]
        assert numbers == sorted(set(numbers))
        assert len(numbers) <= content.count(b"\n") + content.count(b"\r") + 1
