"""Workbooks as Excel, other programs and attackers make them."""

from __future__ import annotations

import struct
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from threadline.formats.sheets import Limits, RowProblem, SheetError, open_sheet
from threadline.formats.sheets.sheet import Sheet
from threadline.formats.sheets.xlsx.values import date_kind, moment

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="/xl/s.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="strings.xml"/>'
    f'<Relationship Id="rId3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/strings.xml" ContentType="{TYPE}.sharedStrings+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/></Types>'
)
SHEET = f'<worksheet xmlns="{MAIN}"><sheetData>'
SHEET_END = "</sheetData></worksheet>"
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="str"><v>b</v></c></row>'


@pytest.fixture
def xlsx_of(tmp_path: Path):
    def make(body: str = "", *, parts: dict[str, str | bytes] | None = None, **limits: int) -> Sheet:
        path = tmp_path / "table.xlsx"
        content: dict[str, str | bytes] = {
            "[Content_Types].xml": TYPES,
            "xl/workbook.xml": WORKBOOK,
            "xl/_rels/workbook.xml.rels": RELATIONS,
            "xl/s.xml": f"{SHEET}{HEADER}{body}{SHEET_END}",
            "xl/strings.xml": f'<sst xmlns="{MAIN}"><si><t>zero</t></si></sst>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"/>',
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for name, text in (content | (parts or {})).items():
                package.writestr(name, text)
        return open_sheet(path, limits=Limits(**limits))

    return make


def test_a_workbook_of_another_program(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    table = book.active
    table.append(["name", "when", "at", "time", "n", "f", "yes", "name", None, "sum"])
    at = datetime(2026, 11, 22, 9, 30)
    table.append(["é 😀 <&>", date(2026, 11, 22), at, None, 5, 0.25, True, " x ", None, "=1+1"])
    table["D2"] = datetime(2026, 1, 1, 13, 5).time()
    table["A5"] = "after a gap"
    table["C5"] = 44_000
    table["C5"].number_format = "[$-409]d\\-mmm\\-yy;@"
    table["E5"] = "_x0041_ typed"
    hidden = book.create_sheet("hidden", 0)
    hidden.sheet_state = "hidden"
    book.create_sheet("More").append(["other"])
    book.save(tmp_path / "book.xlsx")

    sheet = open_sheet(tmp_path / "book.xlsx")
    assert sheet.columns == ["name", "when", "at", "time", "n", "f", "yes", "name (2)", "column 9", "sum"]
    first, second = sheet.rows()
    assert first == (
        2,
        {
            "name": "é 😀 <&>",
            "when": date(2026, 11, 22),
            "at": datetime(2026, 11, 22, 9, 30),
            "time": "13:05:00",
            "n": 5,
            "f": 0.25,
            "yes": True,
            "name (2)": " x ",
            "column 9": None,
            "sum": None,
        },
    )
    assert type(first[1]["n"]) is int
    assert type(first[1]["when"]) is date
    assert second[0] == 5
    assert second[1]["at"] == date(2020, 6, 18)
    assert second[1]["name"] == "after a gap"
    assert sheet.notes[0] == "Of 2 worksheets, “Sheet” was read."
    assert sheet.notes[1].startswith("Formulas without a stored result")
    assert sheet.estimate_rows() == 4
    assert open_sheet(tmp_path / "book.xlsx", worksheet="More").columns == ["other"]
    with pytest.raises(SheetError, match="Its worksheets: “Sheet”, “More”"):
        open_sheet(tmp_path / "book.xlsx", worksheet="None")


def test_shared_texts_with_formatting_and_reading_hints(xlsx_of) -> None:
    strings = (
        f"<x:sst xmlns:x='{MAIN}'><x:si><x:t>plain</x:t></x:si><x:si><x:r><x:t>bo</x:t></x:r>"
        "<x:r><x:t>ld_x000D_</x:t></x:r><x:rPh sb='0' eb='1'><x:t>hint</x:t></x:rPh></x:si><x:si/></x:sst>"
    )
    sheet = xlsx_of(
        '<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row><row><c t="s"><v>2</v></c><c t="s"><v>0</v></c></row>',
        parts={"xl/strings.xml": strings},
    )
    assert list(sheet.rows()) == [(2, {"a": "bold\r", "b": "plain"}), (3, {"a": None, "b": "plain"})]


@pytest.mark.slow
def test_many_shared_texts_are_found_in_the_temporary_file(xlsx_of) -> None:
    texts = "".join(f"<si><t>{number}{'é' * 300}</t></si>" for number in range(10_000))
    strings = f'<sst xmlns="{MAIN}">{texts}</sst>'
    rows = "".join(f'<row><c t="s"><v>{number}</v></c></row>' for number in range(9_999, -1, -1))
    sheet = xlsx_of(rows, parts={"xl/strings.xml": strings})
    assert [row["a"] for _, row in sheet.rows()] == [f"{number}{'é' * 300}" for number in range(9_999, -1, -1)]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ('<c t="s"><v>1</v></c>', "Column 1: the text that the cell refers to is missing."),
        ('<c t="s"><v>-1</v></c>', "missing"),
        ("<c><v>12a</v></c>", "“12a” is not a number"),
        ("<c><v>nan</v></c>", "not a number"),
        ("<c><v>" + "9" * 5_000 + "</v></c>", "not a number"),
        ('<c t="inlineStr"><is><t>_x0000_</t></is></c>', "NUL"),
        ('<c t="inlineStr"><is><t>' + "x" * 1_000 + "</t></is></c>", "longer than 100"),
        ('<c r="C2"><v>1</v></c>', "column 3, which has no name"),
    ],
)
def test_a_bad_cell_costs_its_row(xlsx_of, cell: str, message: str) -> None:
    sheet = xlsx_of(f'<row r="2">{cell}</row><row r="3"><c><v>7</v></c></row>', cell=100)
    bad, good = sheet.rows()
    assert isinstance(bad, RowProblem)
    assert bad.row == 2
    assert message in bad.message
    assert good == (3, {"a": 7, "b": None})


def test_numbers_and_marks(xlsx_of) -> None:
    cells = [
        ("<c><v>1E+3</v></c>", 1000.0),
        ("<c><v>99999999999999999999</v></c>", 1e20),
        ("<c><v>-0.5</v></c>", -0.5),
        ('<c t="b"><v>0</v></c>', False),
        ('<c t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="d"><v>2026-11-22</v></c>', date(2026, 11, 22)),
        ('<c t="str"><f>"="&amp;"1"</f><v>=1</v></c>', "=1"),
        ('<c s="7"><v>5</v></c>', 5),
    ]
    sheet = xlsx_of("".join(f"<row>{cell}</row>" for cell, _ in cells))
    assert [row["a"] for _, row in sheet.rows()] == [value for _, value in cells]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", ""),
        ("Standard", ""),
        ("0.00E+00", ""),
        ('#,##0\\ "days"', ""),
        ("[Red]#,##0", ""),
        ('_-* #,##0.00\\ "€"_-', ""),
        ("@", ""),
        ("yyyy-mm-dd", "date"),
        ("d. mmmm yyyy", "date"),
        ("[$-407]mmmm\\ yy;@", "date"),
        ("yyyymmddhhmmss", "time"),
        ("h:mm AM/PM", "time"),
        ("dd/mm/yyyy hh:mm", "time"),
        ("[h]:mm:ss", "span"),
    ],
)
def test_number_formats_that_show_dates(code: str, kind: str) -> None:
    assert date_kind(164, code) == kind


def test_day_numbers() -> None:
    # 1 March 1900 is day 61, because day 60 is a day that never was (ECMA-376 part 1, 18.17.4.1).
    assert moment(61, "date", False) == date(1900, 3, 1)
    assert moment(1, "date", False) == date(1900, 1, 1)
    assert moment(0, "date", True) == 0
    assert moment(42_661, "date", True) == date(2020, 10, 19)
    assert moment(44_123.5, "date", False) == datetime(2020, 10, 19, 12)
    assert moment(44_123, "time", False) == datetime(2020, 10, 19)
    assert moment(0.5, "time", False) == "12:00:00"
    assert moment(2_958_465, "date", False) == 2_958_465
    assert moment(-1, "date", False) == -1
    assert moment(1.5, "span", False) == 1.5
    assert [date_kind(number, None) for number in (0, 14, 22, 46, 49)] == ["", "date", "time", "span", ""]


def test_the_1904_calendar(xlsx_of) -> None:
    book = WORKBOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    sheet = xlsx_of('<row><c s="1"><v>42661</v></c></row>', parts={"xl/workbook.xml": book, "xl/styles.xml": styles})
    assert list(sheet.rows()) == [(2, {"a": date(2020, 10, 19), "b": None})]


# --- attacks ------------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("document_type", [LAUGHS, OUTSIDE, "<!DOCTYPE x>"])
@pytest.mark.parametrize(
    "part",
    [
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/s.xml",
        "xl/strings.xml",
        "xl/styles.xml",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused_in_every_part(xlsx_of, document_type: str, part: str, encoding: str) -> None:
    text = f'<?xml version="1.0"?>{document_type}<x>&a;</x>'
    with pytest.raises(SheetError, match="declares a document type"):
        xlsx_of(parts={part: text.encode(encoding)})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('<row r="1"><c><v>1</v></c></row>', "out of order"),
        ('<row r="99999999"><c><v>1</v></c></row>', "out of order"),
        ('<row r="999999999999"><c><v>1</v></c></row>', "out of order"),
        ('<row r="2"><c r="ZZZ2"><v>1</v></c></row>', "more than 16,384 columns"),
        ("<row>" + "<c><v>1</v></c>" * 17_000 + "</row>", "more than 16,384 columns"),
        ("<row><c><v>1</v></c>", "damaged"),
        ("<row><c>&undefined;</c></row>", "damaged"),
        ('<row><c x="' + "y" * 7_000_000 + '"/></row>', "is too long"),
        ("<row><c><v>1</v></c></row>" * 11, "more than 10 rows"),
    ],
)
def test_worksheets_that_are_refused(xlsx_of, rows: str, message: str) -> None:
    with pytest.raises(SheetError, match=message):
        list(xlsx_of(rows, rows=10).rows())


def test_one_long_text_in_every_cell_of_a_row_is_refused(xlsx_of) -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t>' + "x" * 90 + "</t></si></sst>"
    rows = '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>'
    (found,) = xlsx_of(rows, parts={"xl/strings.xml": strings}, row=100).rows()
    assert isinstance(found, RowProblem)
    assert "the row is longer than 100" in found.message


@pytest.mark.slow
def test_elements_without_end_are_refused(xlsx_of) -> None:
    """Small when packed, and each element would take a hundred bytes of memory."""
    many = "<x/>" * 200_000
    nested = "<x>" * 100 + "</x>" * 100
    for body in (many, f"<row>{many}</row>", nested, "<x>" * 200_000, "<row><c/></row><y>" * 60):
        with pytest.raises(SheetError, match=r"too long|too deeply"):
            list(xlsx_of(body).rows())
    for part in ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        with pytest.raises(SheetError, match="holds too much"):
            xlsx_of(parts={part: f"<x>{many}</x>"})
        with pytest.raises(SheetError, match="too large"):
            xlsx_of(parts={part: "<x>" + " " * 5_000_000 + "</x>"})
    for part in ("xl/strings.xml", "xl/styles.xml"):
        with pytest.raises(SheetError, match="too long"):
            xlsx_of(parts={part: f"<x>{many}</x>"})


def test_rows_of_another_vocabulary_do_not_renew_the_allowance(xlsx_of) -> None:
    with pytest.raises(SheetError, match="too long"):
        list(xlsx_of('<z:row xmlns:z="z"/>' * 200_000).rows())


def test_the_strict_form_is_named(xlsx_of) -> None:
    with pytest.raises(SheetError, match="strict form"):
        xlsx_of(parts={"xl/workbook.xml": WORKBOOK.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")})


def test_parts_that_are_missing_or_of_another_kind_are_a_sheet_error(xlsx_of) -> None:
    for part in ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"):
        for text in ("", "<x/>", "<a/>" * 2, "\0", f'<sst xmlns="{MAIN}"/>'):
            try:
                list(xlsx_of(parts={part: text}).rows())
            except SheetError:
                continue
            assert (part, text) in {("xl/styles.xml", "<x/>"), ("xl/styles.xml", f'<sst xmlns="{MAIN}"/>')}
    with pytest.raises(SheetError, match="missing"):
        xlsx_of(parts={"[Content_Types].xml": TYPES.replace("xl/styles", "xl/absent")})


def test_bombs_are_refused_before_they_are_unpacked(xlsx_of) -> None:
    with pytest.raises(SheetError, match="more densely"):
        xlsx_of(parts={"xl/s.xml": b" " * 60_000_000})
    with pytest.raises(SheetError, match=r"unpacks to 1,\d\d\d,\d\d\d bytes; at most 1,000,000"):
        xlsx_of(parts={"xl/other.bin": b" " * 1_000_000}, unpacked=1_000_000)
    with pytest.raises(SheetError, match="more than 1,000 parts"):
        xlsx_of(parts={f"xl/{number}.xml": "" for number in range(1_000)})


def test_files_that_are_no_workbook(tmp_path: Path, xlsx_of) -> None:
    xlsx_of()
    whole = (tmp_path / "table.xlsx").read_bytes()
    path = tmp_path / "other.xlsx"
    broken_directory = whole.replace(b"PK\x01\x02", b"PK\x01\x09")
    for content in (whole[:-30], whole[:100], b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, broken_directory):
        path.write_bytes(content)
        with pytest.raises(SheetError):
            open_sheet(path, format="xlsx")
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("readme.txt", "no workbook")
    with pytest.raises(SheetError, match="a ZIP file, but not an Excel workbook"):
        open_sheet(path)


@pytest.mark.slow
def test_damage_anywhere_is_a_sheet_error_or_harmless(tmp_path: Path, xlsx_of) -> None:
    xlsx_of('<row><c t="s"><v>0</v></c></row>')
    path = tmp_path / "table.xlsx"
    whole = path.read_bytes()
    refused = 0
    for at in range(0, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            list(open_sheet(path, format="xlsx").rows())
        except SheetError:
            refused += 1
    assert refused > len(whole) // 6


def test_a_directory_of_a_million_names_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    entry = b"PK\x01\x02" + b"\0" * 42
    directory = entry * 100_000
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65_535, 65_535, len(directory), 4, 0)
    path.write_bytes(b"PK\x03\x04" + directory + end)
    with pytest.raises(SheetError, match="too many parts"):
        open_sheet(path)
