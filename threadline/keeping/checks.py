"""Proof that what is derived agrees with what it is derived from, and that nothing points nowhere.

Each check is a function that yields findings and changes nothing. Repairs stand in repair.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

from threadline.house import filing
from threadline.kernel import links, rows, search
from threadline.kernel.door import document
from threadline.kernel.files import Attachment
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType, kinds
from threadline.kernel.workspaces import Workspace

CHUNK = 1_000
SHOWN = 5  # examples in a finding
Tell = Callable[[int, int | None, str], None]

# SQLite builds whose write-ahead log can lose a commit when two connections checkpoint at once.
FAULTY_FROM, FAULTY_TO = (3, 7, 0), (3, 51, 2)


@dataclass
class Finding:
    """One thing that is not as it should be. ``kind`` and ``ids`` are for the repair."""

    check: str
    message: str
    count: int = 1
    examples: list[str] = field(default_factory=list)
    warning: bool = False
    repair: str = ""  # cards, search, counters; empty: a person must look
    kind: str = ""
    ids: list[Any] = field(default_factory=list)


def find_all(tell: Tell | None = None) -> Iterator[Finding]:
    """Run every check. ``tell(done, total, what)`` hears how far it has come.

    With migrations pending only those are reported: the tables are not what the code expects.
    """
    yield from engine()
    pending = list(migrations())
    yield from pending
    if pending:
        return
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("database file", database),
        ("links", declared_links),
        ("workspaces", borders),
        ("numbers", counters),
        ("files", files),
    ]
    for declared in kinds():
        checks += [(f"{declared.plural}: {name}", _of(check, declared)) for name, check in _PER_TYPE]
    for at, (name, check) in enumerate(checks):
        if tell:
            tell(at, len(checks), name)
        yield from check()
    yield from strays()
    if tell:
        tell(len(checks), len(checks), "")


def _of(check: Callable[[RecordType], Iterable[Finding]], declared: RecordType) -> Callable[[], Iterable[Finding]]:
    return lambda: check(declared)


def _found(check: str, message: str, listed: list[Any], *, examples: list[str] | None = None, **extra: Any) -> Finding:
    shown = [str(x) for x in (examples or listed)[:SHOWN]]
    return Finding(check, message, len(listed), shown, ids=listed, **extra)


# ---- the database itself ----------------------------------------------------------------


def engine() -> Iterator[Finding]:
    """A warning for a build of SQLite that can lose commits."""
    if connection.vendor != "sqlite":
        return
    connection.ensure_connection()
    text = str(rows.fetch("SELECT sqlite_version()")[0][0])
    version = tuple(int(part) for part in text.split(".")[:3])
    if FAULTY_FROM <= version <= FAULTY_TO:
        message = f"SQLite {text} can lose a commit when two connections write at once; 3.51.3 and later do not."
        yield Finding("engine", message, warning=True)


def migrations() -> Iterator[Finding]:
    """Steps that the tables lack."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = [f"{m.app_label}.{m.name}" for m, _ in plan]
        yield _found("migrations", "Steps of threadline migrate have not been run.", names)


def database() -> Iterator[Finding]:
    """What the engine itself says of its file: pages, indexes, references, the full-text table."""
    if connection.vendor != "sqlite":
        return  # PostgreSQL enforces references, and checks its pages by itself where it is told to
    said = [str(r[0]) for r in rows.fetch("PRAGMA integrity_check(100)")]
    if said != ["ok"]:
        yield _found("database", "The database file is damaged. Restore a backup.", said)
    dangling = [f"{r[0]} row {r[1]} points into {r[2]}" for r in rows.fetch("PRAGMA foreign_key_check")]
    if dangling:
        yield _found("references", "Rows point at rows that are not there.", dangling)


# ---- records and their cards ------------------------------------------------------------


def _differs(left: str, right: str) -> str:
    return f"{left} IS {'DISTINCT FROM' if rows.is_postgres() else 'NOT'} {right}"


CARD_COLUMNS = (
    *("workspace_id", "number", "title", "state", "owner_id", "product_id"),
    *("revision", "confidentiality", "archived_at", "updated_at"),
)


def cards(declared: RecordType) -> Iterator[Finding]:
    """Every shared column of every card, against its record."""
    prefix = declared.model.prefix
    tests = [_differs(f"c.{name}", f"r.{name}") for name in CARD_COLUMNS]
    until = f"r.{declared.good_until}" if declared.good_until else "NULL"
    tests += [_differs("c.good_until", until), f"c.kind <> '{declared.kind}'", f"c.key <> '{prefix}-' || r.number"]
    joined = f'FROM "{declared.table}" r LEFT JOIN kernel_card c ON c.id = r.id'
    what = f"{declared.plural}: cards"
    drifted = rows.fetch(f"SELECT r.id, r.number {joined} WHERE c.id IS NOT NULL AND ({' OR '.join(tests)})")
    bare = rows.fetch(f"SELECT r.id, r.number {joined} WHERE c.id IS NULL")
    for message, found in (("Cards differ from their records.", drifted), ("Records have no card.", bare)):
        if found:
            keys = [f"{prefix}-{r[1]}" for r in found]
            ids = [rows.ident(r[0]) for r in found]
            yield _found(what, message, ids, examples=keys, repair="cards", kind=declared.kind)
    left = rows.fetch(
        f'SELECT c.key FROM kernel_card c LEFT JOIN "{declared.table}" r ON r.id = c.id'
        " WHERE c.kind = %s AND r.id IS NULL",
        [declared.kind],
    )
    if left:
        yield _found(what, "Cards have no record.", [r[0] for r in left])


def versions(declared: RecordType) -> Iterator[Finding]:
    """The change log of each record: versions 1, 2, 3 … up to the record's own, none missing."""
    found = rows.fetch(
        f'SELECT r.number FROM "{declared.table}" r LEFT JOIN (SELECT card_id, count(DISTINCT version) AS n,'
        " min(version) AS first, max(version) AS last FROM kernel_change WHERE kind = %s AND version > 0"
        " GROUP BY card_id) c ON c.card_id = r.id"
        " WHERE c.card_id IS NULL OR c.first <> 1 OR c.n <> c.last OR c.last <> r.version",
        [declared.kind],
    )
    if found:
        keys = [f"{declared.model.prefix}-{r[0]}" for r in found]
        yield _found(f"{declared.plural}: history", "The change log has gaps or ends too early.", keys)


def counters() -> Iterator[Finding]:
    """Counters that would give out a number twice."""
    behind = rows.fetch(
        "SELECT c.workspace_id, c.kind, max(c.number) FROM kernel_card c LEFT JOIN kernel_counter n"
        " ON n.workspace_id = c.workspace_id AND n.kind = c.kind GROUP BY c.workspace_id, c.kind, n.value"
        " HAVING n.value IS NULL OR max(c.number) > n.value"
    )
    if behind:
        listed = [(rows.ident(w), kind, number) for w, kind, number in behind]
        shown = [f"{kind} {number}" for _, kind, number in listed]
        yield _found("numbers", "Counters stand behind the numbers in use.", listed, examples=shown, repair="counters")


# ---- what points where ------------------------------------------------------------------


def declared_links() -> Iterator[Finding]:
    """Links of a kind that no record type declares, or read at a revision that is still to come."""
    known = {(d.kind, cite.name) for d in kinds() for cite in d.cites} | {(d.kind, links.MENTION) for d in kinds()}
    used = rows.fetch(
        "SELECT s.kind, l.kind, count(*) FROM kernel_link l JOIN kernel_card s ON s.id = l.source_id"
        " GROUP BY s.kind, l.kind"
    )
    strange = [f"{count} {name} of {kind}" for kind, name, count in used if (kind, name) not in known]
    if strange:
        yield _found("links", "Links are of a kind that nothing declares.", strange)
    ahead = rows.fetch(
        "SELECT s.key FROM kernel_link l JOIN kernel_card s ON s.id = l.source_id"
        " JOIN kernel_card t ON t.id = l.target_id WHERE l.seen_revision > t.revision"
    )
    if ahead:
        yield _found("links", "Links have read a revision that does not exist yet.", [r[0] for r in ahead])


def borders() -> Iterator[Finding]:
    """Any reference from one workspace into another, in any table: links, comments, owners, parents."""
    for model in of_workspaces(apps.get_models()):
        for column in _references(model):
            target = column.related_model
            table, other = model._meta.db_table, target._meta.db_table
            found = rows.fetch(
                f'SELECT a.id FROM "{table}" a JOIN "{other}" b ON b.id = a."{column.column}"'
                " WHERE a.workspace_id <> b.workspace_id LIMIT 1000"
            )
            if found:
                ids = [rows.hexed(r[0]) for r in found]
                yield _found("workspaces", f"{table}.{column.column} points into another workspace.", ids)


def of_workspaces(among: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """The models whose rows belong to a workspace."""
    return [m for m in among if _has_workspace(m)]


def _has_workspace(model: type[models.Model]) -> bool:
    return any(f.name == "workspace" and f.related_model is Workspace for f in model._meta.concrete_fields)


def _references(model: type[models.Model]) -> Iterator[models.ForeignKey[Any, Any]]:
    for column in model._meta.concrete_fields:
        target = column.related_model
        if isinstance(column, models.ForeignKey) and isinstance(target, type) and _has_workspace(target):
            yield column


# ---- search -----------------------------------------------------------------------------


def searchable(declared: RecordType) -> Iterator[Finding]:
    """Every record's row in the full-text table, against what the record says today."""
    missing: list[Any] = []
    different: list[Any] = []
    for chunk in _chunks(declared.model):
        indexed = search.held([r.pk for r in chunk])
        for record in chunk:
            wanted = document(declared, record)
            row = indexed.get(record.pk)
            if row is None:
                missing.append(record)
            elif row != (wanted.title, wanted.body, True):
                different.append(record)
    for message, found in (("Records cannot be found.", missing), ("The index holds other words.", different)):
        if found:
            ids, keys = [r.pk for r in found], [r.key for r in found]
            what = f"{declared.plural}: search"
            yield _found(what, message, ids, examples=keys, repair="search", kind=declared.kind)


def _chunks(model: type[Record]) -> Iterator[list[Record]]:
    last: Any = None
    while True:
        more = model._default_manager.order_by("pk")
        chunk = list((more if last is None else more.filter(pk__gt=last))[:CHUNK])
        if not chunk:
            return
        yield chunk
        last = chunk[-1].pk


def strays() -> Iterator[Finding]:
    """Rows of the full-text table that belong to no record."""
    found = search.strays()
    if found:
        yield _found("search", "The index holds rows of no record.", found, repair="search")


# ---- files ------------------------------------------------------------------------------


def files() -> Iterator[Finding]:
    """The bytes of every attached file: there, of the right length, with the right hash."""
    missing, changed = [], []
    for attachment in Attachment.objects.order_by("pk").iterator(CHUNK):
        path = filing.path_of(attachment)
        if not path.is_file():
            missing.append(f"{attachment.name} ({path.name})")
        elif path.stat().st_size != attachment.size or hash_of(path) != attachment.sha256:
            changed.append(f"{attachment.name} ({path.name})")
    if missing:
        yield _found("files", "The bytes of files are missing.", missing)
    if changed:
        yield _found("files", "The bytes of files are not those that were kept.", changed)


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_PER_TYPE: tuple[tuple[str, Callable[[RecordType], Iterable[Finding]]], ...] = (
    ("cards", cards),
    ("history", versions),
    ("search", searchable),
)
