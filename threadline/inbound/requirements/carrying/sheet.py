"""Requirements as a table: a row each, criteria under their requirement, the tree by a column of levels."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

from threadline.formats.refusal import Unreadable
from threadline.formats.reqif import ReqDocument, ReqObject, left_out
from threadline.formats.sheets import Cell, Limits, Row, RowProblem, SheetError, open_sheet, write_xlsx
from threadline.inbound.requirements.carrying import names

KEY, LEVEL, KIND, NEEDS = "Key", "Level", "Kind", "Depends on"
# What a column is called, and the attribute that it is.
COLUMNS = {"Text": names.TEXT, "Detail": names.DETAIL, "Steps": names.STEPS, names.WHY: names.WHY,
           **{n: n for n in names.PLAIN}, names.STATE: names.STATE}  # fmt: skip
_NUMBERS = ("Value", "Percentile")
_PLACES = {n.lower(): n for n in (KEY, LEVEL, KIND, NEEDS)}
MOST_ROWS = 5_000


def write(document: ReqDocument, made_at: str) -> tuple[bytes, list[str]]:
    """The workbook, and what a cell could not hold."""
    needs: dict[str, list[str]] = {}
    for source, target, _ in document.relations:
        needs.setdefault(source, []).append(target)
    lines: list[Row] = []
    for ident, depth in document.tree:
        one = document.objects[ident]
        line: Row = {KEY: ident, LEVEL: depth + 1, KIND: one.kind, NEEDS: ", ".join(needs.get(ident, ()))}
        for column, name in COLUMNS.items():
            said = one.values.get(name, "")
            line[column] = float(said) if said and column in _NUMBERS else said
        lines.append(line)
    out = io.BytesIO()
    made = write_xlsx(lines, [KEY, LEVEL, KIND, *COLUMNS, NEEDS], out)
    return out.getvalue(), made.notes


def read(data: bytes) -> ReqDocument:
    """The tree of a table, Excel or CSV. Raises Unreadable."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(data)
        try:
            sheet = open_sheet(path, limits=Limits(rows=MOST_ROWS, unpacked=100_000_000))
            return _Reading(sheet.columns, list(sheet.rows())).document
        except SheetError as wrong:
            raise Unreadable(f"{wrong.message} {wrong.what_to_do}") from None


class _Reading:
    def __init__(self, columns: list[str], found: list[tuple[int, Row] | RowProblem]) -> None:
        by = {c: _PLACES.get(c.strip().lower(), c.strip()) for c in columns}
        known = {c.lower(): name for c, name in COLUMNS.items()}
        by = {c: known.get(name.lower(), name) for c, name in by.items()}
        if not any(n.lower() in names.SENTENCE for n in by.values()):
            raise Unreadable("This table has no column with the text of the requirements. Call it Text.")
        self.by, self.lost = by, Counter[str]()
        self.document = ReqDocument("Table", names={n for n in by.values() if n not in _PLACES.values()})
        self.level, self.needs = 0, dict[str, str]()
        for one in found:
            if isinstance(one, RowProblem):
                self.document.losses.append(f"Row {one.row}: {one.message}")
            else:
                self._row(*one)
        self._relate(NEEDS in by.values())
        self.document.losses += left_out(self.lost)

    def _row(self, number: int, row: Row) -> None:
        said = {self.by[column]: text for column, cell in row.items() if (text := plain(cell))}
        ident = said.pop(KEY, "").strip().upper() or f"row {number}"
        kind, level, needs = said.pop(KIND, ""), said.pop(LEVEL, ""), said.pop(NEEDS, "")
        if ident in self.document.objects:
            self.lost[f"second rows of {ident[:40]}"] += 1
            return
        # Without the word for it, steps and no key of a requirement say what it is.
        criterion = kind.strip().lower() in (names.CRITERION.lower(), "criterion") or ident.startswith("AC-") or (
            not kind and names.STEPS in said and not ident.startswith("RQ-")
        )  # fmt: skip
        if criterion:
            depth = self.level + 1
        else:
            depth = self.level = self._depth(level)
        self.document.objects[ident] = ReqObject(ident, names.CRITERION if criterion else names.REQUIREMENT, said)
        self.document.tree.append((ident, depth))
        if needs:
            self.needs[ident] = needs

    def _depth(self, level: str) -> int:
        if not level.strip():
            return self.level
        try:
            found = int(float(level))
        except (ValueError, OverflowError):
            self.lost["levels that are no number"] += 1
            return self.level
        return min(max(found - 1, 0), 50)

    def _relate(self, said: bool) -> None:
        self.document.relations_said = said
        for source, needs in self.needs.items():
            for target in dict.fromkeys(n.strip().upper() for n in needs.replace(";", ",").split(",")):
                if target in self.document.objects:
                    self.document.relations.append((source, target, names.RELATION))
                elif target:
                    self.lost[f"what depends on {target[:40]}, which is not in the file"] += 1


def plain(cell: Cell) -> str:
    """A cell as text: 2 for a number without a fraction."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)
