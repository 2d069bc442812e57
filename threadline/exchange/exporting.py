"""Records as CSV, XLSX or JSON: any query, chosen fields, through the reader's own reach.

A reference is written as its key and title (``A-12 Acme``), a person and a product by name,
citations as keys; so a file means the same to a person, to a second import here, and, as far
as it can, in another workspace. Text that looks like a formula stays text.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import IO, Any

from threadline.exchange.checking import Tell
from threadline.exchange.mapping import TAGS
from threadline.formats.sheets import Cell, SheetError, Written, write_csv, write_json, write_xlsx
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.customs import all_fields
from threadline.kernel.errors import Invalid
from threadline.kernel.listing import MOST_ROWS, count_of, list_page
from threadline.kernel.query import Query, parse
from threadline.kernel.registry import RecordType

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_IN_MEMORY = 4 * 1024 * 1024


def default_names(actor: Actor, declared: RecordType) -> list[str]:
    """What an export holds unless chosen: every stored field the actor may read, tags, citations."""
    return [*all_fields(actor, declared), TAGS, *declared.cite_by_name]


def exported_rows(
    actor: Actor, declared: RecordType, query: Query | str = "", names: Sequence[str] | None = None
) -> tuple[list[str], Iterator[dict[str, Cell]]]:
    """The columns, and the rows as they are read, page by page. Raises QueryError before the first row."""
    tree = parse(query) if isinstance(query, str) else query
    if not tree.sort and not tree.group:
        tree = Query(tree.terms, tree.words, (("key", False),))  # an order that edits meanwhile do not disturb
    chosen = list(names) if names is not None else default_names(actor, declared)
    wanted = [n for n in dict.fromkeys(chosen) if n not in ("id", "key")]
    first = list_page(actor, declared, tree, names=wanted, limit=MOST_ROWS)
    columns = ["id", "key", *wanted]

    def read() -> Iterator[dict[str, Cell]]:
        page = first
        while True:
            yield from _page(actor, declared, page.rows, wanted)
            if page.next_cursor is None:
                return
            page = list_page(actor, declared, tree, names=wanted, limit=MOST_ROWS, cursor=page.next_cursor)

    return columns, read()


def write(
    actor: Actor,
    declared: RecordType,
    out: IO[bytes],
    *,
    file_format: str = "csv",
    query: Query | str = "",
    names: Sequence[str] | None = None,
    tell: Tell | None = None,
) -> Written:
    """Write the records that match to ``out``, a row at a time; what the format cannot hold is noted."""
    columns, found = exported_rows(actor, declared, query, names)
    if tell is not None:
        total, _ = count_of(actor, declared, query, cap=None)
        found = _told(found, total, tell)
    return write_table(columns, found, out, file_format)


def write_table(columns: Sequence[str], found: Iterator[dict[str, Cell]], out: IO[bytes], file_format: str) -> Written:
    """Write rows in one of :data:`FORMATS`; raises Invalid for another, or for what it cannot hold."""
    writers: dict[str, Callable[..., Written]] = {"csv": write_csv, "xlsx": write_xlsx, "json": write_json}
    if file_format not in writers:
        raise Invalid(("format", f"Choose one of: {', '.join(FORMATS)}."))
    try:
        written = writers[file_format](found, columns, out)
    except SheetError as wrong:
        raise Invalid(("format", f"{wrong.message} {wrong.what_to_do}")) from None
    return written


def written_aside(columns: Sequence[str], found: Iterator[dict[str, Cell]], file_format: str) -> IO[bytes]:
    """The whole file, ready to be sent from its beginning.

    It is written first and sent then: what goes wrong half-way is an error, never a short file
    that looks whole. Only the first megabytes are held in memory.
    """
    aside = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller's answer closes it
    try:
        write_table(columns, found, aside, file_format)
    except BaseException:
        aside.close()
        raise
    aside.seek(0)
    return aside


def _told(found: Iterator[dict[str, Cell]], total: int, tell: Tell) -> Iterator[dict[str, Cell]]:
    done = 0
    for done, row in enumerate(found, 1):
        yield row
        if not done % MOST_ROWS:
            tell(done, total, "Writing")
    tell(done, total, "Writing")


def _page(
    actor: Actor, declared: RecordType, listed: list[dict[str, Any]], names: list[str]
) -> Iterator[dict[str, Cell]]:
    cites = [n for n in names if n in declared.cite_by_name]
    cited = _cited_keys(actor, [r["id"] for r in listed], cites) if cites and listed else {}
    for row in listed:
        cells: dict[str, Cell] = {"id": row["id"], "key": row["key"]}
        for name in names:
            if name in declared.cite_by_name:
                cells[name] = ", ".join(cited.get((row["id"], name), ())) or None
            else:
                cells[name] = _cell(row.get(name))
        yield cells


def _cell(value: Any) -> Cell:
    """A row's value as a file carries it; numbers stay numbers and dates dates."""
    if isinstance(value, dict):
        named = (value.get("key"), value.get("title")) if "key" in value else (value.get("name"),)
        return " ".join(part for part in named if part) or None
    if isinstance(value, list):
        return ", ".join(map(str, value)) or None
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str | int | float | date) or value is None:
        return value if value != "" else None
    return str(value)


def _cited_keys(actor: Actor, ids: Sequence[str], kinds: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    near, params = reach_sql(actor, "c")
    own = list(ids) if rows.is_postgres() else [i.replace("-", "") for i in ids]
    found = rows.fetch(
        "SELECT l.source_id, l.kind, c.key FROM kernel_link l JOIN kernel_card c ON c.id = l.target_id"
        f" WHERE l.workspace_id = %s AND l.source_id IN ({rows.marks(len(own))})"
        f" AND l.kind IN ({rows.marks(len(kinds))}) AND c.archived_at IS NULL AND {near} ORDER BY l.id",
        [actor.workspace_id, *own, *kinds, *params],
    )
    cited: dict[tuple[str, str], list[str]] = {}
    for source, kind, key in found:
        cited.setdefault((rows.hexed(source) or "", kind), []).append(key)
    return cited
