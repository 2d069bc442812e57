"""The rows that could not be brought in, as a file to mend and send again."""

from __future__ import annotations

from collections.abc import Iterator

from threadline.exchange.checking import chunks
from threadline.exchange.mapping import from_json
from threadline.exchange.reading import Draft, Reader
from threadline.exchange.runs import ImportRun
from threadline.exchange.sorting import changes_of, faults_of, sort_out, would_change
from threadline.exchange.table import Table
from threadline.formats.sheets import Cell, RowProblem, SheetError
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid

REASON, UNREAD = "why not", "as it stands"


def rejected(actor: Actor, run: ImportRun) -> tuple[list[str], Iterator[dict[str, Cell]]]:
    """The file's own columns with the reason in one more, and the rows, found by reading the file again."""
    try:
        table = Table(run.path)
    except FileNotFoundError:
        raise Conflict("The file of this import is kept no longer; send it again.") from None
    reason = REASON if REASON not in table.columns else f"{REASON} (Threadline)"
    return [*table.columns, reason, UNREAD], _rows(actor, run, table, reason)


def _rows(actor: Actor, run: ImportRun, table: Table, reason: str) -> Iterator[dict[str, Cell]]:
    mapping = from_json(run.mapping)
    reader, door, declared = Reader(actor, run.declared, mapping), Door(actor, "import"), run.declared
    try:
        for part in chunks(table.rows()):
            drafts = reader.drafts(part)
            made = sort_out(door, declared, run.source, drafts, lock=False)
            for draft, record in made.here:
                try:
                    would_change(door, declared, record, changes_of(draft, exact=mapping.exact))
                except Invalid as refused:
                    draft.faults += faults_of(declared, refused)
            for one, draft in zip(part, drafts, strict=True):
                if draft.faults:
                    held: dict[str, Cell] = {UNREAD: one.source} if isinstance(one, RowProblem) else dict(one[1])
                    yield {**held, reason: _why(draft)}
    except SheetError as wrong:
        yield {reason: f"{wrong.message} {wrong.what_to_do}"}


def _why(draft: Draft) -> str:
    said = (f"{f.column}: {f.text}" if f.column else f.text for f in draft.faults)
    return f"Row {draft.number}. {' '.join(said)}"
