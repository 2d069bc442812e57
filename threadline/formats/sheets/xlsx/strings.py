"""The texts that the cells of a workbook share, kept out of memory.

Openpyxl holds them all in a list, which for a long table is most of the file.
"""

from __future__ import annotations

import tempfile
from array import array

from openpyxl.cell.text import Text
from openpyxl.xml.constants import SHEET_MAIN_NS

from threadline.formats.sheets.sheet import SheetError
from threadline.formats.sheets.xlsx.package import Package

_TEXT = f"{{{SHEET_MAIN_NS}}}si"
_MOST_STRINGS = 10_000_000
_KEPT_IN_MEMORY = 4 * 1024 * 1024


class Strings:
    """The texts that cells refer to by number: in memory while few, then in a temporary file."""

    def __init__(self, package: Package, part: str | None) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._ends = array("Q", [0])
        try:
            for _, element in package.elements(part, {_TEXT}) if part else ():
                self._add(Text.from_tree(element).content)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Removes the temporary file."""
        self._file.close()

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self._ends) - 1:
            raise IndexError(place)
        start, end = self._ends[place], self._ends[place + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8")

    def _add(self, content: str) -> None:
        text = content.encode("utf-8", "replace")
        self._file.write(text)
        self._ends.append(self._ends[-1] + len(text))
        if len(self._ends) > _MOST_STRINGS:
            raise SheetError("The workbook holds too many texts.", "Divide the table, or send it as CSV.")
