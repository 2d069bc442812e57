"""The migrated, empty database that every test process on SQLite starts from: built once, then copied."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(__file__).parent.parent
# All that decides what stands in an empty database: the migrations, what they call, and Django and allauth.
_DECIDING = (
    "requirements/base.txt",
    "tests/template.py",
    "threadline/settings.py",
    "threadline/engine/*.py",
    "threadline/kernel/*.py",
    "threadline/**/models.py",
    "threadline/**/apps.py",
    "threadline/**/migrations/*.py",
)


def built_once(build: Callable[..., str]) -> Callable[..., str]:
    """Django's ``create_test_db``, which on SQLite copies a kept database where there is a fitting one."""

    @wraps(build)
    def create(creation: Any, verbosity: int = 1, autoclobber: bool = False, **how: Any) -> str:
        connection = creation.connection
        if connection.vendor != "sqlite" or how.get("keepdb"):
            return build(creation, verbosity, autoclobber, **how)
        name = creation._get_test_db_name()
        with _alone() as kept:
            if kept.exists():
                shutil.copy(kept, name)
            else:
                build(creation, verbosity, autoclobber, **how)
                connection.close()
                _keep(name, kept)
        connection.close()
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
        return str(name)

    return create


class _alone:  # noqa: N801 - reads as a phrase
    """The place of the fitting database, with every other test process kept out."""

    def __enter__(self) -> Path:
        home = Path(tempfile.gettempdir()) / f"threadline-tests-{os.getuid()}"
        home.mkdir(mode=0o700, exist_ok=True)
        if home.stat().st_uid != os.getuid():
            raise RuntimeError(f"{home} belongs to somebody else")
        self._lock = (home / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        return home / f"{_version()}.sqlite3"

    def __exit__(self, *problem: object) -> None:
        self._lock.close()


def _keep(name: str, kept: Path) -> None:
    """Put a copy by, in one file without a log, for a while: the five last versions stay."""
    making = kept.with_suffix(".making")
    making.unlink(missing_ok=True)
    with sqlite3.connect(name) as made:
        made.execute("VACUUM INTO ?", [str(making)])
    making.rename(kept)
    for old in sorted(kept.parent.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-5]:
        old.unlink(missing_ok=True)


def _version() -> str:
    found = hashlib.sha256()
    for path in _deciding():
        found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _deciding() -> Iterator[Path]:
    for pattern in _DECIDING:
        yield from sorted(ROOT.glob(pattern))
