"""JSON tables in their usual shapes, cut into objects without reading the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadline.formats.sheets import Limits, RowProblem, SheetError, open_sheet
from threadline.formats.sheets.json_split import JSONStream
from threadline.formats.sheets.sheet import Sheet

ROWS = [{"id": 1, "text": 'a [{"}] b'}, {"id": 2.5, "text": "é 😀\n", "ok": True}, {"id": None, "text": "c"}]
EXPECTED = [
    {"id": 1, "text": 'a [{"}] b', "ok": None},
    {"id": 2.5, "text": "é 😀\n", "ok": True},
    {"id": None, "text": "c", "ok": None},
]


@pytest.fixture
def json_of(tmp_path: Path):
    def make(content: str | bytes, **limits: int) -> Sheet:
        path = tmp_path / "table.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_sheet(path, limits=Limits(**limits))

    return make


SHAPES = {
    "list": json.dumps(ROWS),
    "indented list": json.dumps(ROWS, indent=2),
    "data": json.dumps({"meta": {"data": [1]}, "data": ROWS, "next": None}, indent=1),
    "data on one line": json.dumps({"total": 3, "data": ROWS}),
    "items": json.dumps({"items": ROWS}),
    "lines": "\n".join(map(json.dumps, ROWS)) + "\n\n",
    "lines that hold lists": "\n".join(json.dumps({**row, "data": []}) for row in ROWS),
    "one after the other": "\n".join(json.dumps(row, indent=2) for row in ROWS),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_shapes(json_of, shape: str, encoding: str) -> None:
    sheet = json_of(SHAPES[shape].encode(encoding))
    rows = list(sheet.rows())
    assert [number for number, _ in rows] == [1, 2, 3]
    assert [{name: row[name] for name in ("id", "text", "ok")} for _, row in rows] == EXPECTED
    assert sheet.estimate_rows() == 3
    assert rows == list(sheet.rows())


def test_objects_within_become_columns_and_lists_text(json_of) -> None:
    sheet = json_of(
        '[{"a": {"b": {"c": 1}, "d": []}, "t": ["x", 2, null], "l": [{"q": 1}], "a.d": 3, "": "e", "z": ""}]'
    )
    assert list(sheet.rows()) == [
        (1, {"a.b.c": 1, "a.d": None, "t": "x, 2, ", "l": '[{"q": 1}]', "a.d (2)": 3, "unnamed": "e", "z": None})
    ]


@pytest.mark.parametrize(
    ("element", "message"),
    [
        ('{"a": NaN}', "NaN is not a JSON value. Place: /a."),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"a": "\\u0000"}', "NUL"),
        ('{"a": 1e999}', "too large"),
        ("[1]", "An object was expected"),
        ("7", "An object was expected"),
        ('"x"', "An object was expected"),
        ('{"a" 1}', "cannot be read"),
        ('{"a": ' + "[" * 70 + "]" * 70 + "}", "nested"),
        ('{"a": "' + "x" * 200 + '"}', "longer than 100"),
    ],
)
@pytest.mark.parametrize("form", ["[{},{},{}]", "{}\n{}\n{}"])
def test_a_bad_object_costs_itself(json_of, element: str, message: str, form: str) -> None:
    good = '{"a": "x"}'
    rows = list(json_of(form.replace("{}", "%s") % (good, element, good), cell=100).rows())
    assert rows[0] == (1, {"a": "x"})
    assert isinstance(rows[1], RowProblem)
    assert rows[1].row == 2
    assert message in rows[1].message
    assert rows[2] == (3, {"a": "x"})


def test_bad_utf8_in_a_line_costs_the_line(json_of) -> None:
    rows = list(json_of(b'{"a": "x"}\n{"a": "\xff"}\n{"a": "y"}\n').rows())
    assert isinstance(rows[1], RowProblem)
    assert "UTF-8" in rows[1].message
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no JSON objects"),
        ("[]", "no JSON objects"),
        ("[1, 2]", "no JSON objects"),
        ("[{}]", "no JSON objects"),
        ("not json at all", "no JSON objects"),
        ('[{"a": 1} {"a": 2}]', "“,” is missing"),
        ('[{"a": 1}', "“,” is missing"),
        ('[{"a": 1}, {"a": "x', "ends in the middle of a value, in object 2"),
        ('[{"a": 1}] tail', "follows the end"),
        ('{"data": [{"a": 1}', "“,” is missing"),
        ('[{"a": "' + "x" * 5_000 + '"}]', "longer than 1,000 bytes"),
        ('[{"a": ' + "9" * 500_000 + "}]", "longer than 1,000 bytes"),
        ("[" + "9" * 500_000 + "]", "longer than 1,000 bytes"),
        ("[" * 100_000, "longer than 1,000 bytes"),
        ('{"a":' * 100_000, "longer than 1,000 bytes"),
        ("[" + ",".join(['{"a": 1}'] * 11) + "]", "more than 10 rows"),
        ("[" + json.dumps({f"n{number}": 1 for number in range(60)}) + "]", "more than 50 names"),
    ],
)
def test_files_that_are_refused(json_of, content: str, message: str) -> None:
    with pytest.raises(SheetError) as caught:
        list(json_of(content, rows=10, row=1_000, columns=50).rows())
    assert message in caught.value.message


def test_a_name_that_comes_after_the_sample_is_noted(json_of) -> None:
    many = [{"a": "x" * 1_000_000}] * 18 + [{"a": "y", "late": 1}]
    sheet = json_of(json.dumps(many), row=2_000_000)
    assert sheet.columns == ["a"]
    assert sheet.estimate_rows() == pytest.approx(18, abs=1)
    assert [row for _, row in sheet.rows()][-1] == {"a": "y"}
    assert sheet.notes == ["Some names come only late in the file and were not read: late in row 19."]


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(json_values), st.integers(1, 7), st.sampled_from([None, 1]))
def test_any_list_is_cut_at_the_same_places_however_it_arrives(
    members: list[object], size: int, indent: int | None
) -> None:
    data = json.dumps(members, ensure_ascii=False, indent=indent).encode("utf-8", "replace")
    stream = JSONStream(_pieces(data, size), 100_000)
    assert [json.loads(piece) for piece in stream.list_members()] == json.loads(data)


@given(st.binary() | st.lists(st.sampled_from(list('{}[]",:\\ \n1a')), max_size=40).map("".join).map(str.encode))
def test_any_bytes_end_in_pieces_or_a_sheet_error(data: bytes) -> None:
    stream = JSONStream(_pieces(data, 3), 50)
    try:
        pieces = list(stream.values())
    except SheetError:
        return
    assert b"".join(pieces).translate(None, b" \t\r\n") == data.translate(None, b" \t\r\n")
