"""Notes and features as read texts on disk, one shelf a workspace, kept up to date by jobs.

A shelf is derived: it holds nothing that the database does not, is not part of a backup and is
made again when its folder is gone. Who may see what is asked of the database at each
question; the shelf knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from threadline.inbound.feedback.models import Feedback
from threadline.inbound.feedback.queries import FEATURE
from threadline.kernel import rows, search
from threadline.kernel.work import Progress
from threadline.reading.shelf import Shelf, Text

KINDS = (FEATURE, Feedback.kind)  # features first: there are fewer of them, and each note asks for one
BATCH = 400  # texts read and written at once


@lru_cache(maxsize=64)
def _shelf(folder: str, workspace_id: UUID) -> Shelf:
    return Shelf(settings.DATA_DIR / folder / workspace_id.hex)


def shelf_of(workspace_id: UUID) -> Shelf:
    """The shelf of a workspace; it may hold nothing yet."""
    return _shelf("reading", workspace_id)


_CHANGED = (
    "SELECT c.id, c.kind, c.updated_at, c.archived_at FROM kernel_card c WHERE c.workspace_id = %s AND c.kind = %s"
    " AND (c.updated_at > %s OR (c.updated_at = %s AND c.id > %s)) ORDER BY c.updated_at, c.id LIMIT %s"
)
_BEGINNING = ["0001-01-01 00:00:00", "00000000000000000000000000000000"]


def catch_up(workspace_id: UUID, progress: Progress | None = None) -> int:
    """Read what was written since the last time, oldest first; how many texts were read."""
    shelf, done = shelf_of(workspace_id), 0
    for kind in KINDS:
        while True:
            mark = shelf.state().get(f"mark {kind}", _BEGINNING) if shelf.ready() else _BEGINNING
            found = rows.fetch(_CHANGED, [workspace_id, kind, *since(mark), BATCH])
            if not found:
                break
            last = found[-1]
            here = [r for r in found if r[3] is None]
            gone = [rows.hexed(r[0]) or "" for r in found if r[3] is not None]
            shelf.write(_texts(here), gone, **{f"mark {kind}": [_moment(last[2]), rows.hexed(last[0])]})
            done += len(found)
            if progress is not None:
                progress(done, None, "reading notes and features")
    return done


def since(mark: Sequence[str]) -> list[Any]:
    """A mark (an instant and an id) as the parameters of "later than this, or as late with a later id"."""
    at = datetime.fromisoformat(mark[0])
    when = rows.stamp(at if at.tzinfo else at.replace(tzinfo=UTC))
    return [when, when, rows.key_of(UUID(mark[1]))]


def read_one(card_id: UUID, workspace_id: UUID) -> None:
    """Read one record unless it is kept, whatever its time; forget it if it is in the trash."""
    found = rows.fetch(
        "SELECT c.id, c.kind, c.updated_at, c.archived_at FROM kernel_card c WHERE c.workspace_id = %s AND c.id = %s",
        [workspace_id, card_id],
    )
    here = [r for r in found if r[3] is None]
    shelf = shelf_of(workspace_id)
    if bool(here) != bool(shelf.kept([str(card_id)])):
        shelf.write(_texts(here), [] if here else [str(card_id)])


def forget_the_gone(workspace_id: UUID, progress: Progress | None = None) -> bool:
    """Make the shelf anew if it holds anything that is no longer there: what was erased leaves no trace.

    What waits is read first: a shelf that is merely behind would seem to hold too little.
    """
    shelf = shelf_of(workspace_id)
    if not shelf.ready():
        return False
    catch_up(workspace_id, progress)
    counted = rows.fetch_one(
        "SELECT COUNT(*) FROM kernel_card c WHERE c.workspace_id = %s AND c.archived_at IS NULL"
        f" AND c.kind IN ({rows.marks(len(KINDS))})",
        [workspace_id, *KINDS],
    )
    if counted and int(counted[0]) == shelf.state().get("texts"):
        return False
    shelf.clear()
    return True


def _texts(found: list[Any]) -> list[Text]:
    ids = [rows.ident(r[0]) for r in found]
    held = search.held(ids) if ids else {}
    return [Text(str(i), r[1], held[i][0], held[i][1]) for i, r in zip(ids, found, strict=True) if i in held]


def _moment(value: Any) -> str:
    return value if isinstance(value, str) else value.isoformat()
