"""Taking a file in: counted, hashed, opened once to see that it is a table, and kept under a generated name."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from threadline.exchange.guessing import propose
from threadline.exchange.runs import ImportRun, folder
from threadline.exchange.table import Table, format_ending
from threadline.formats.sheets import SheetError
from threadline.house.filing import clean_file_name
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of

LARGEST = 200 * 1024 * 1024  # bytes of one file
LONGEST_SOURCE = 60
KEPT_DAYS = 30  # how long the file of an import stays, for the rejected rows and for going on
_SOURCE = re.compile(r"^[^\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+$")


def clean_source(raw: Any) -> str:
    """The name of where rows come from; raises Invalid."""
    text = " ".join(str(raw or "").split())
    if not text:
        raise Invalid(("source", "Say where the rows come from, for example app-reviews-2026. It is remembered."))
    if len(text) > LONGEST_SOURCE or not _SOURCE.match(text):
        raise Invalid(("source", f"At most {LONGEST_SOURCE} plain characters."))
    return text


def take_in(actor: Actor, kind: str, source: Any, name: Any, parts: Iterable[bytes]) -> ImportRun:
    """A new run from an uploaded file, with a proposal for its columns.

    Raises Forbidden, or Invalid when the file is empty, too large, or no table.
    """
    declared = type_of(kind)
    actor.need("create", declared.group)
    actor.need("bulk", declared.group)
    shown = clean_file_name(name)
    run = ImportRun(workspace_id=actor.workspace_id, member_id=actor.member_id, kind=declared.kind)
    run.source, run.file_name, run.ending = clean_source(source), shown, format_ending(shown)
    _keep(run, parts)
    try:
        table = Table(run.path)
        guess = propose(actor, declared, run.source, table)
        run.mapping = guess.mapping.as_json()
        run.report = {"columns": table.columns, "sure": guess.sure, "assumed": list(guess.notes)}
        through_door(actor, "import", lambda door: rows.insert(run))
    except SheetError as wrong:
        run.path.unlink(missing_ok=True)
        raise Invalid(("file", f"{wrong.message} {wrong.what_to_do}")) from None
    except BaseException:
        run.path.unlink(missing_ok=True)
        raise
    return run


def _keep(run: ImportRun, parts: Iterable[bytes]) -> None:
    home = folder(run.workspace_id)
    home.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, aside = tempfile.mkstemp(dir=home, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out:
            for part in parts:
                size += len(part)
                if size > LARGEST:
                    text = f"The file is too large: {LARGEST // 1024 // 1024} MB at most. Divide it and send the parts."
                    raise Invalid(("file", text))
                digest.update(part)
                out.write(part)
        if not size:
            raise Invalid(("file", "The file is empty. Choose the file that holds your rows."))
        run.size, run.sha256 = size, digest.hexdigest()
        os.replace(aside, run.path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def forget_old(now: Any = None) -> int:
    """Remove the files of imports that ended, or were left lying, a month ago; how many."""
    before, count = (now or rows.now()) - timedelta(days=KEPT_DAYS), 0
    for run in ImportRun.objects.filter(created_at__lt=before).exclude(state=ImportRun.State.RUNNING):
        if run.path.exists():
            run.path.unlink()
            count += 1
    return count


def discard(actor: Actor, run: ImportRun) -> None:
    """Forget a run that was not brought in, and its file."""

    def drop(door: Door) -> None:
        ImportRun.objects.filter(pk=run.pk, state__in=_NOT_BEGUN).delete()

    through_door(actor, "import", drop)
    if not ImportRun.objects.filter(pk=run.pk).exists():
        run.path.unlink(missing_ok=True)


_NOT_BEGUN = (ImportRun.State.UPLOADED, ImportRun.State.CHECKING, ImportRun.State.PREVIEWED)
