"""The cells of a worksheet row as values; openpyxl finds out what each holds."""

from __future__ import annotations

import math
from datetime import date, time, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl.worksheet._reader import CELL_TAG, FORMULA_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from threadline.formats.sheets.sheet import Cell, Limits, SheetError
from threadline.formats.sheets.xlsx.package import DAMAGED, Package
from threadline.formats.sheets.xlsx.strings import Strings
from threadline.formats.sheets.xlsx.values import date_kind, moment, shown, unescaped

_FORMAT, _STYLE, _STYLES = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("numFmt", "xf", "cellXfs"))
_LAST_COLUMN = 16_384


class Cells:
    """Turns rows into values. `formula_without_result` says whether a formula was read as empty."""

    def __init__(self, strings: Strings, kinds: list[str], from_1904: bool, limits: Limits) -> None:
        # No date formats are given to openpyxl: it would make dates of times and lose odd ones.
        self._parser = WorkSheetParser(None, strings, data_only=True)
        self._kinds = kinds
        self._from_1904 = from_1904
        self._limits = limits
        self._room = 0
        self.formula_without_result = False

    def of(self, row: Element, number: int) -> dict[int, Cell | ValueError]:
        """The values of a row by column, counted from 0; an error in place of a bad one."""
        self._parser.row_counter, self._parser.col_counter = number, 0
        self._room = self._limits.row
        found: dict[int, Cell | ValueError] = {}
        for element in row:
            if element.tag != CELL_TAG:
                continue
            value = self._value(element)
            column = self._parser.col_counter
            if column > _LAST_COLUMN:
                raise SheetError(f"Row {number} has more than {_LAST_COLUMN:,} columns.", DAMAGED)
            if value is not None:
                found[column - 1] = value
        return found

    def _value(self, element: Element) -> Cell | ValueError:
        try:
            cell = self._parser.parse_cell(element)
            if cell["value"] is None:
                if element.find(FORMULA_TAG) is not None:
                    self.formula_without_result = True
                return None
            return self._checked(cell["value"], cell["style_id"])
        except ValueError as error:
            return error if type(error) is _Refused else _unreadable(element)
        except Exception:
            # Openpyxl raises whatever its code runs into.
            return _unreadable(element)

    def _checked(self, value: Any, style: int) -> Cell:
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return self._number(value, style)
        if isinstance(value, date | time | timedelta):
            return shown(value)
        text = unescaped(str(value))
        if "\0" in text:
            raise _Refused("the text holds a NUL character")
        # One long text can be referred to by every cell of a row.
        self._room -= len(text)
        if self._room < 0:
            raise _Refused(f"the row is longer than {self._limits.row:,} characters")
        return text or None

    def _number(self, value: float, style: int) -> Cell:
        if not -(2**63) <= value < 2**63:
            value = float(value)
        if not math.isfinite(value):
            raise ValueError("not finite")
        kind = self._kinds[style] if 0 <= style < len(self._kinds) else ""
        return moment(value, kind, self._from_1904) if kind else value


class _Refused(ValueError):
    """A value that is understood but not taken; says why."""


def _unreadable(element: Element) -> ValueError:
    if element.get("t") == "s":
        return ValueError("the text that the cell refers to is missing")
    text = (element.findtext(VALUE_TAG) or "")[:40]
    return ValueError(f"“{text}” is not a number" if element.get("t", "n") == "n" else f"“{text}” cannot be read")


def formats(package: Package, part: str | None) -> list[str]:
    """For each cell style, what kind of date it shows, if any.

    Openpyxl's own reader of styles refuses whole workbooks for a colour or font it does not know.
    """
    codes: dict[int, str] = {}
    kinds: list[str] = []
    for parent, element in package.elements(part, {_FORMAT, _STYLE}) if part else ():
        number = int(element.get("numFmtId", "0"))
        if element.tag == _FORMAT:
            codes[number] = element.get("formatCode", "")
        elif parent == _STYLES:
            kinds.append(date_kind(number, codes.get(number)))
    return kinds
