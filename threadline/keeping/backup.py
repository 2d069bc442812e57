"""One archive of everything: tables as lines of JSON, the bytes of files, and a manifest.

It is read in one snapshot while people go on working, in constant memory, and does not care
which engine it came from. SQLite's live file is never copied: a copy taken between two pages
of one write is a broken database.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import orjson
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from threadline import __version__
from threadline.house import filing
from threadline.keeping.tables import Tally, columns_of, kept_models, lines, snapshot
from threadline.kernel import rows
from threadline.kernel.files import Attachment

FORMAT, FORMAT_VERSION = "threadline-backup", 1
MANIFEST = "manifest.json"
Tell = Callable[[int, int | None, str], None]


def write_backup(path: Path, *, replace: bool = False, tell: Tell | None = None) -> dict[str, Any]:
    """Write the archive; the manifest. It appears under its name only when it is complete.

    Readable by its owner alone: it holds what everybody wrote and the hashes of passwords.
    Raises FileExistsError unless ``replace``.
    """
    if path.exists() and not replace:
        raise FileExistsError(str(path))
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            manifest = stream_backup(out, tell=tell)
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise
    return manifest


def stream_backup(out: IO[bytes], *, tell: Tell | None = None) -> dict[str, Any]:
    """Write the archive to an open stream, which need not be a file; the manifest."""
    tell = tell or (lambda done, total, what: None)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive, snapshot():
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "threadline": __version__,
            "made_at": rows.now().isoformat(),
            "engine": _engine(),
            "migrations": _migrations(),
            "tables": _write_tables(archive, tell),
            "files": _write_files(archive, tell),
        }
        archive.writestr(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return manifest


def _engine() -> str:
    column = "version()" if rows.is_postgres() else "'SQLite ' || sqlite_version()"
    return str(rows.fetch(f"SELECT {column}")[0][0]).partition(" (")[0]


def _migrations() -> dict[str, list[str]]:
    labels = {m._meta.app_label for m in kept_models()}
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return {label: [name for app, name in applied if app == label] for label in sorted(labels)}


def _write_tables(archive: zipfile.ZipFile, tell: Tell) -> list[dict[str, Any]]:
    found, models = [], kept_models()
    for at, model in enumerate(models):
        tell(at, len(models), model._meta.db_table)
        columns, tally = columns_of(model), Tally()
        _write(archive, f"tables/{model._meta.label_lower}.jsonl", tally.through(lines(model, columns)))
        found.append(
            {"model": model._meta.label_lower, "columns": columns, "rows": tally.count, "sha256": tally.sha256}
        )
    return found


def _write_files(archive: zipfile.ZipFile, tell: Tell) -> dict[str, Any]:
    total, count, missing = Attachment.objects.count(), 0, []
    last: Any = None
    while True:
        wanted = Attachment.objects.order_by("pk")
        chunk = list((wanted if last is None else wanted.filter(pk__gt=last))[:500])
        for attachment in chunk:
            tell(count, total, "files")
            path = filing.path_of(attachment)
            if path.is_file():
                archive.write(path, f"files/{attachment.pk.hex}")
                count += 1
            else:
                missing.append(attachment.pk.hex)
        if not chunk:
            return {"count": count, "missing": missing}
        last = chunk[-1].pk


def _write(archive: zipfile.ZipFile, name: str, given: Iterable[bytes]) -> None:
    with archive.open(zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0)), "w", force_zip64=True) as out:
        buffer, size = [], 0
        for line in given:
            buffer.append(line)
            size += len(line)
            if size > 262_144:
                out.write(b"".join(buffer))
                buffer, size = [], 0
        out.write(b"".join(buffer))
