"""An empty database filled from an archive, and proof that nothing was lost on the way.

The tables are first brought to the step of migration that the archive was made at, so that an
old archive fits a new program; then filled and compared by count and hash, in one transaction;
then brought up to date. An archive may come from anywhere, so nothing in it is believed: not
its names, not its sizes.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson
from django.apps.registry import Apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from threadline.house import filing
from threadline.keeping.backup import FORMAT, FORMAT_VERSION, MANIFEST, Tell
from threadline.keeping.checks import hash_of
from threadline.keeping.tables import LONGEST_LINE, Tally, columns_of, fill, kept_models, tally_of
from threadline.kernel import rows, search
from threadline.kernel.door import document
from threadline.kernel.files import Attachment
from threadline.kernel.registry import kinds

LARGEST_MANIFEST = 64 * 1024 * 1024
MOST_ENTRIES = 2_000_000
_TABLE = re.compile(r"^tables/[a-z_]{1,40}\.[a-z_]{1,60}\.jsonl$")
_FILE = re.compile(r"^files/[0-9a-f]{32}$")
CHUNK = 1_000


class BadArchive(Exception):
    """The archive cannot be used; the message says why."""


class NotEmpty(Exception):
    """There is data already; a restore never mixes two sets."""


@contextmanager
def opened(path: Path | IO[bytes]) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """The archive and its manifest, after its names and sizes were found harmless."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _manifest(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        raise BadArchive(f"This is not a whole archive: {problem}") from problem


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    entries = archive.infolist()
    names = [e.filename for e in entries]
    if len(entries) > MOST_ENTRIES or len(set(names)) != len(names):
        raise BadArchive("The archive holds too many entries, or one of them twice.")
    strange = [n for n in names if n != MANIFEST and not _TABLE.match(n) and not _FILE.match(n)]
    if strange:
        raise BadArchive(f"The archive holds something that no backup writes: {strange[0][:100]!r}")
    room = shutil.disk_usage(_existing(filing.folder())).free
    if sum(e.file_size for e in entries) > room:
        raise BadArchive("The archive unpacks to more than the disk has room for.")
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise BadArchive("The archive has no manifest; its backup was not finished.")
    try:
        manifest = orjson.loads(archive.read(MANIFEST))
        fits = manifest["format"] == FORMAT and isinstance(manifest["tables"], list)
        version = int(manifest["format_version"])
    except (ValueError, KeyError, TypeError):
        raise BadArchive("The manifest of the archive cannot be read.") from None
    if not fits or version > FORMAT_VERSION:
        raise BadArchive("The archive was written by a newer version, or by something else.")
    wanted = {f"tables/{t['model']}.jsonl" for t in manifest["tables"]} | {MANIFEST}
    if {n for n in names if not _FILE.match(n)} != wanted:
        raise BadArchive("The tables in the archive are not those of its manifest.")
    return dict(manifest)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def verify(path: Path | IO[bytes], *, tell: Tell | None = None) -> dict[str, Any]:
    """Read the whole archive and compare it with its manifest; changes nothing. The manifest."""
    tell = tell or (lambda done, total, what: None)
    with opened(path) as (archive, manifest):
        for at, table in enumerate(manifest["tables"]):
            tell(at, len(manifest["tables"]), str(table["model"]))
            tally = Tally()
            for _ in tally.through(_lines(archive, table)):
                pass
            _same(table, tally, "in the archive")
        return manifest


def restore(path: Path | IO[bytes], *, tell: Tell | None = None, schedules: bool = False) -> dict[str, Any]:
    """Fill an empty database; the manifest. ``schedules``: those of a worker that runs already give way.

    Raises BadArchive, or NotEmpty when any kept table has a row. When it raises, no row was kept.
    """
    tell = tell or (lambda done, total, what: None)
    with opened(path) as (archive, manifest):
        then = _migrated_to(manifest["migrations"])
        made: list[Path] = []
        try:
            with transaction.atomic():
                if schedules:
                    rows.execute("DELETE FROM kernel_job WHERE workspace_id IS NULL AND repeat_seconds IS NOT NULL")
                _fill_all(archive, manifest["tables"], then, tell)
                made = _unpack_files(archive, tell)
        except BaseException:
            for file in made:
                file.unlink(missing_ok=True)
            raise
    call_command("migrate", verbosity=0, interactive=False)
    _index(tell)
    return manifest


# ---- tables -----------------------------------------------------------------------------


def _migrated_to(recorded: dict[str, list[str]]) -> Apps:
    """Bring the tables to the archive's steps; the models as they were then."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    nodes = {(str(app), str(name)) for app, names in recorded.items() for name in names}
    unknown = sorted(nodes - set(graph.nodes))
    if unknown:
        raise BadArchive(f"The archive was made by a newer version: it knows {'.'.join(unknown[0])[:100]}.")
    ahead = [n for n in executor.loader.applied_migrations if n[0] in recorded and n not in nodes]
    if ahead:
        raise NotEmpty(f"The database is newer than the archive ({'.'.join(ahead[0])}). Give an empty one.")
    targets = sorted(n for n in nodes if not any(child.key in nodes for child in graph.node_map[n].children))
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def _fill_all(archive: zipfile.ZipFile, tables: list[dict[str, Any]], then: Apps, tell: Tell) -> None:
    for at, table in enumerate(tables):
        tell(at, len(tables), str(table["model"]))
        try:
            model = then.get_model(str(table["model"]))
        except LookupError:
            raise BadArchive(f"There is no table for {str(table['model'])[:80]} here.") from None
        if model._base_manager.exists():
            raise NotEmpty(f"There are rows in {model._meta.db_table} already. Give an empty database.")
        columns, tally = [str(c) for c in table["columns"]], Tally()
        try:
            fill(model, columns, tally.through(_lines(archive, table)))
        except ValueError as wrong:
            raise BadArchive(str(wrong)) from wrong
        _same(table, tally, "in the archive")
        _same(table, tally_of(model, columns), "in the database")
    _continue_sequences([then.get_model(str(t["model"])) for t in tables])


def _lines(archive: zipfile.ZipFile, table: dict[str, Any]) -> Iterator[bytes]:
    with archive.open(f"tables/{table['model']}.jsonl") as stream:
        while line := stream.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise BadArchive(f"A line of {table['model']} is longer than any row.")
            yield line


def _same(table: dict[str, Any], tally: Tally, where: str) -> None:
    if (tally.count, tally.sha256) != (table["rows"], table["sha256"]):
        raise BadArchive(
            f"{table['model']}: {tally.count:,} rows {where} are not the {table['rows']:,} that were backed up."
        )


def _continue_sequences(models: list[Any]) -> None:
    for statement in connection.ops.sequence_reset_sql(no_style(), models):
        rows.execute(statement)


# ---- files and index --------------------------------------------------------------------


def _unpack_files(archive: zipfile.ZipFile, tell: Tell) -> list[Path]:
    """Write the bytes of every attachment that the archive holds, each compared with its row."""
    there = {n for n in archive.namelist() if _FILE.match(n)}
    made: list[Path] = []
    try:
        for attachment in Attachment.objects.order_by("pk").iterator(CHUNK):
            name = f"files/{attachment.pk.hex}"
            if name in there:
                tell(len(made), len(there), "files")
                there.discard(name)
                made.append(_unpack(archive, name, attachment))
        if there:
            raise BadArchive("The archive holds files that no record has.")
    except BaseException:
        for file in made:
            file.unlink(missing_ok=True)
        raise
    return made


def _unpack(archive: zipfile.ZipFile, name: str, attachment: Attachment) -> Path:
    target = filing.path_of(attachment)
    target.parent.mkdir(parents=True, exist_ok=True)
    if archive.getinfo(name).file_size != attachment.size:
        raise BadArchive(f"{attachment.name} does not have the size it was kept with.")
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out, archive.open(name) as stream:
            shutil.copyfileobj(stream, out, 1024 * 1024)
        if hash_of(Path(aside)) != attachment.sha256:
            raise BadArchive(f"{attachment.name} does not have the bytes it was kept with.")
        os.replace(aside, target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return target


def _index(tell: Tell) -> None:
    """Make the full-text rows of every record, which no archive carries."""
    for declared in kinds():
        last: Any = None
        done = 0
        while True:
            wanted = declared.model._default_manager.order_by("pk")
            chunk = list((wanted if last is None else wanted.filter(pk__gt=last))[:CHUNK])
            if not chunk:
                break
            tell(done, None, f"search: {declared.plural.lower()}")
            with transaction.atomic():
                docs = search.add([document(declared, record) for record in chunk])
                for record, doc in zip(chunk, docs, strict=True):
                    if doc is not None:
                        rows.execute("UPDATE kernel_card SET doc = %s WHERE id = %s", [doc, record.pk])
            done, last = done + len(chunk), chunk[-1].pk


def is_empty() -> bool:
    """Whether no kept table has a row; True for a database without tables."""
    existing = set(connection.introspection.table_names())
    return not any(m._meta.db_table in existing and m._base_manager.exists() for m in kept_models())


def differences(manifest: dict[str, Any]) -> list[str]:
    """Tables whose rows today are not those of a manifest; for tests and for the careful."""
    by_label = {m._meta.label_lower: m for m in kept_models()}
    found = []
    for table in manifest["tables"]:
        model = by_label[table["model"]]
        if columns_of(model) == table["columns"]:
            tally = tally_of(model, table["columns"])
            if (tally.count, tally.sha256) != (table["rows"], table["sha256"]):
                found.append(str(table["model"]))
    return found
