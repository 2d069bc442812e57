"""An empty server filled from an archive that somebody sends it: a thread does it, a file tells how far it is.

The database cannot tell: until the last row is in, it is one open transaction.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connection

from threadline.keeping import restore
from threadline.keeping.backup import Tell
from threadline.kernel import rows
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.members import User
from threadline.kernel.workspaces import Workspace

LARGEST = 200 * 1024 * 1024  # bytes that a page takes; larger archives go by the command line
SILENT = 300.0  # seconds without a sign after which the work is taken for dead


def nobody_yet() -> bool:
    """Whether the server holds no person and no workspace: only then may whoever comes begin."""
    return not User.objects.exists() and not Workspace.objects.exists()


def _folder() -> Path:
    found: Path = settings.DATA_DIR / "beginning"
    return found


def state() -> dict[str, Any]:
    """How far it is: {doing: text, at: seconds}, {failed: text}, {done: rows, files}; empty when nothing was begun."""
    try:
        found: dict[str, Any] = orjson.loads((_folder() / "state.json").read_bytes())
    except (OSError, ValueError):
        return {}
    if "doing" in found and time.time() - found["at"] > SILENT:
        return {"failed": "The server stopped in the middle. Nothing was kept; send the archive again."}
    return found


def begin(parts: Iterable[bytes]) -> threading.Thread:
    """Take the archive in and start; the thread that does it.

    Raises Conflict when somebody is here by now or another archive is under way, Invalid when the file is too large.
    """
    if not nobody_yet():
        raise Conflict("This server is in use already; an archive fills only an empty one.")
    _claim()
    path, size = _folder() / "archive.zip", 0
    try:
        with path.open("wb") as out:
            for part in parts:
                size += len(part)
                if size > LARGEST:
                    most = LARGEST // 1024 // 1024
                    raise Invalid(("file", f"A page takes at most {most} MB; use threadline restore."))
                out.write(part)
        _note(doing="Reading the archive")
    except BaseException:
        shutil.rmtree(_folder(), ignore_errors=True)
        raise
    made = threading.Thread(target=_alone, args=(path,), name="beginning", daemon=True)
    made.start()
    return made


def _claim() -> None:
    """Make the folder ours: of two who send an archive at once, only one can make it. Raises Conflict."""
    before = _folder()
    try:
        silent = time.time() - before.stat().st_mtime > SILENT  # also before its first word: still being written
    except FileNotFoundError:
        silent = True
    if "doing" in state() or not (silent or {"failed", "done"} & state().keys()):
        raise Conflict("An archive is being brought in already.")
    shutil.rmtree(before, ignore_errors=True)
    try:
        before.mkdir(mode=0o700)
    except FileExistsError:
        raise Conflict("An archive is being brought in already.") from None


def _alone(path: Path) -> None:
    try:
        _carry_out(path)
    finally:
        connection.close()


def _carry_out(path: Path) -> None:
    try:
        manifest = restore.restore(path, tell=_tell(), schedules=True)
        _note(done=sum(t["rows"] for t in manifest["tables"]), files=manifest["files"]["count"])
    except (restore.BadArchive, restore.NotEmpty) as refused:
        _note(failed=str(refused))
    except Exception as error:
        _note(failed=f"It failed, and nothing was kept: {error}")
        raise
    finally:
        path.unlink(missing_ok=True)


def _tell() -> Tell:
    told = 0.0

    def tell(done: int, total: int | None, what: str) -> None:
        nonlocal told
        if time.monotonic() - told > 0.5:
            told = time.monotonic()
            _note(doing=f"{what} ({done:,} of {total:,})" if total else what)

    return tell


def _note(**said: Any) -> None:
    aside = _folder() / "state.new.json"
    aside.write_bytes(orjson.dumps({**said, "at": time.time(), "on": rows.now()}))
    os.replace(aside, _folder() / "state.json")
