"""Taguette: its projects (SQLite) and its codebooks (CSV).

Taguette keeps documents as HTML and counts bytes of their UTF-8 text; here they become plain
text and code points. The database is opened read only, from a copy, with every statement our own.
"""

from __future__ import annotations

import csv
import html
import io
import re
import sqlite3
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

from threadline.formats.refi import QCode, QProject, QSelection, QSource, guid
from threadline.formats.refusal import Unreadable

LARGEST = 200 * 1024 * 1024
MOST_ROWS = 200_000
LARGEST_DOCUMENT = 20 * 1024 * 1024
_BLOCKS = frozenset({"p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "blockquote"})
_NAMES = ("tag", "name", "path")


class _Text(HTMLParser):
    """The text nodes of a document, as Taguette counts them, and where a block begins."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.breaks: set[int] = set()  # bytes of text before a new block
        self._bytes = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._silent += 1
        if tag in _BLOCKS:
            self.breaks.add(self._bytes)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style") and self._silent:
            self._silent -= 1
        if tag in _BLOCKS:
            self.breaks.add(self._bytes)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
            self._bytes += len(data.encode("utf-8", "surrogatepass"))


def read_project(data: bytes) -> QProject:
    """The first project of a Taguette database; raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(f"Too large: {LARGEST // 1024 // 1024} MB at most.")
    if not data.startswith(b"SQLite format 3\x00"):
        raise Unreadable("This is no Taguette project: export it from Taguette as SQLite.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{uuid4().hex}.sqlite3"
        path.write_bytes(data)
        database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            database.execute("PRAGMA trusted_schema = OFF")
            _refuse_tricks(database)
            return _project(database)
        except (sqlite3.Error, OverflowError, UnicodeDecodeError):
            raise Unreadable("This database is damaged, or is no Taguette project.") from None
        finally:
            database.close()


def _refuse_tricks(database: sqlite3.Connection) -> None:
    """A view or trigger in place of a table could do more than hold rows."""
    kinds = {k for (k,) in database.execute("SELECT type FROM sqlite_master")}
    if kinds & {"view", "trigger"}:
        raise Unreadable("This database holds views or triggers, which Taguette does not write.")
    virtual = database.execute("SELECT 1 FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%' LIMIT 1").fetchone()
    if virtual:
        raise Unreadable("This database holds virtual tables, which Taguette does not write.")


def _project(database: sqlite3.Connection) -> QProject:
    first = database.execute("SELECT id, name FROM projects ORDER BY id LIMIT 1").fetchone()
    if first is None:
        raise Unreadable("There is no project in this database.")
    ident, name = first
    project = QProject(str(name or "")[:300])
    tags: dict[int, str] = {}
    for tag, path, said in database.execute(
        f"SELECT id, path, description FROM tags WHERE project_id = ? ORDER BY path LIMIT {MOST_ROWS}", [ident]
    ):
        tags[tag] = _code(project, str(path), str(said or ""))
    for document, title, contents in database.execute(
        f"SELECT id, name, contents FROM documents WHERE project_id = ? ORDER BY id LIMIT {MOST_ROWS}", [ident]
    ).fetchall():
        _document(database, project, tags, document, str(title), str(contents or ""))
    return project


def _code(project: QProject, path: str, said: str) -> str:
    """The GUID of a code by its path; dots part the levels, and levels that are missing are made."""
    above, so_far = "", ""
    by = {c.guid for c in project.codes}
    levels = [" ".join(p.split()) for p in path.split(".")]
    levels = [p for p in levels if p][:20] or ["unnamed"]
    for number, level in enumerate(levels, 1):
        so_far = f"{so_far}.{level}" if so_far else level
        ident = guid("taguette", so_far)
        if ident not in by:
            project.codes.append(QCode(ident, level[:200], said if number == len(levels) else "", "", above))
            by.add(ident)
        elif number == len(levels) and said:
            next(c for c in project.codes if c.guid == ident).description = said
        above = ident
    return above


def _document(
    database: sqlite3.Connection, project: QProject, tags: dict[int, str], ident: int, title: str, contents: str
) -> None:
    if len(contents) > LARGEST_DOCUMENT:
        project.losses.append(f"“{title}” is too large and was left out.")
        return
    reader = _Text()
    reader.feed(contents)
    reader.close()
    text, at = _plain(reader)
    source = QSource(guid("taguette", "document", str(ident), title), title[:300], text)
    lost = 0
    rows = database.execute(
        "SELECT id, start_offset, end_offset FROM highlights WHERE document_id = ?"
        f" ORDER BY start_offset LIMIT {MOST_ROWS}",
        [ident],
    ).fetchall()
    for highlight, start, end in rows:
        if not (isinstance(start, int) and isinstance(end, int) and start in at and end in at and at[start] < at[end]):
            lost += 1
            continue
        codes = [
            tags[t]
            for (t,) in database.execute("SELECT tag_id FROM highlight_tags WHERE highlight_id = ?", [highlight])
            if t in tags
        ]
        first, last = _trimmed(text, at[start], at[end])
        if first < last:
            source.selections.append(QSelection(guid("taguette", "highlight", str(highlight)), first, last, codes))
    if lost:
        project.losses.append(f"{lost} highlights of “{title}” begin or end within a character and were left out.")
    project.sources.append(source)


def _plain(reader: _Text) -> tuple[str, dict[int, int]]:
    """The text with a line for each block, and where each byte that begins a character is in it."""
    kept: list[str] = []
    at: dict[int, int] = {}
    count = 0
    for sign in "".join(reader.parts):
        if count in reader.breaks and kept and kept[-1] != "\n":
            kept.append("\n")
        at[count] = len(kept)
        sign_bytes = len(sign.encode("utf-8", "surrogatepass"))
        kept.append("\n" if sign == "\r" else sign)
        count += sign_bytes
    at[count] = len(kept)
    return "".join(kept), at


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def read_codebook(data: bytes) -> QProject:
    """The codes of a codebook as CSV: a column called tag, name or path, and one called description."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\x00" in text or len(text) > 10_000_000:
        raise Unreadable("This is no codebook in CSV.")
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise Unreadable(f"This CSV cannot be read: {error}.") from None
    heads = [h.strip().lower() for h in rows[0]] if rows else []
    name = next((heads.index(n) for n in _NAMES if n in heads), None)
    if name is None:
        raise Unreadable("A codebook needs a column called tag, name or path.")
    said = heads.index("description") if "description" in heads else None
    project = QProject("")
    for row in rows[1:MOST_ROWS]:
        if len(row) > name and row[name].strip():
            description = row[said].strip() if said is not None and len(row) > said else ""
            _code(project, _unshielded(row[name]), _unshielded(description))
    project.losses += [f"The column {h} was left out." for h in heads if h not in (*_NAMES, "description", "")]
    return project


def _unshielded(cell: str) -> str:
    """What a spreadsheet was kept from taking for a formula."""
    return cell[1:] if re.match(r"^'[=+\-@\t\r]", cell) else html.unescape(cell) if "&" in cell else cell
