"""Files on records: bytes in the data directory under generated names, rows through the door.

Nothing about a file is believed: its size is counted while it is read, what it is comes from
its first bytes, and its name is only ever shown, never used as a path.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from threadline.formats import pictures
from threadline.formats.refusal import Unreadable
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.files import Attachment
from threadline.kernel.registry import RecordType, type_of
from threadline.kernel.verbs import card

LARGEST = 25 * 1024 * 1024  # bytes of one file that is no recording
RECORDINGS = (".mp3", ".m4a", ".ogg", ".oga", ".wav", ".mp4", ".webm", ".m4v", ".mov")
MOST_ON_A_RECORD = 200
# First bytes of what may be shown in the page; anything else is only ever downloaded.
_MAGIC: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
    (b"GIF87a", "image/gif", (".gif",)),
    (b"GIF89a", "image/gif", (".gif",)),
    (b"RIFF", "image/webp", (".webp",)),
    (b"%PDF-", "application/pdf", (".pdf",)),
)
_NAMED = {".csv": "text/csv", ".txt": "text/plain", ".md": "text/plain", ".json": "application/json"}
_UNFIT = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def folder() -> Path:
    """Where the bytes of all files lie."""
    return Path(settings.DATA_DIR) / "files"


def path_of(attachment: Attachment) -> Path:
    """Where the bytes of one file lie; made of ids alone."""
    name = attachment.pk.hex
    return folder() / attachment.workspace_id.hex / name[-2:] / name


def clean_file_name(raw: Any) -> str:
    """The last part of a name, without what could hide how it ends."""
    text = _UNFIT.sub("", str(raw or "").replace("\\", "/")).rpartition("/")[2]
    text = " ".join(text.split()).strip(". ")
    stem, dot, ending = text.rpartition(".")
    if len(text) > 200 and dot and len(ending) <= 10:
        text = f"{stem[: 199 - len(ending)]}.{ending}"
    return text[:200] or "file"


def content_type_of(name: str, head: bytes) -> str:
    """What a file is, by its first bytes; raises Invalid for one that claims to be a picture and is not."""
    ending = Path(name).suffix.lower()
    found = next((m for m in _MAGIC if head.startswith(m[0]) and (m[1] != "image/webp" or head[8:12] == b"WEBP")), None)
    if found is None and any(ending in endings for _, _, endings in _MAGIC):
        raise Invalid(("file", f"This is not what its name says: the content of {ending} is missing."))
    if found is not None:
        return found[1] if ending in found[2] else "application/octet-stream"
    return _NAMED.get(ending, "application/octet-stream")


def largest(declared: RecordType, name: str = "") -> int:
    """How many bytes a file of this name may have on a record of this type; without a name, the most of any."""
    may = declared.recordings and (not name or name.lower().endswith(RECORDINGS))
    return settings.RECORDING_MB * 1024 * 1024 if may else LARGEST


def attach(actor: Actor, ref: Any, name: Any, chunks: Iterable[bytes]) -> Attachment:
    """Put a file on a record; raises Invalid when it is empty, too large, or not what its name says.

    The bytes go to the disk as they come and are never held together.
    """
    found = card(actor, ref)
    declared = type_of(found.kind)
    actor.need("update", declared.group)
    shown = clean_file_name(name)
    made = Attachment(workspace_id=actor.workspace_id, card_id=found.pk, name=shown, added_by_id=actor.member_id)
    aside, head = _keep(made, chunks, largest(declared, shown))

    def run(door: Door) -> Attachment:
        record = door.get(declared.model, found.pk)
        declared.receives(record, shown)
        here = Attachment.objects.filter(workspace_id=actor.workspace_id, card_id=record.pk, removed_at=None)
        if here.count() >= MOST_ON_A_RECORD:
            raise Invalid(("file", f"At most {MOST_ON_A_RECORD} files on one record."))
        rows.insert(made)
        door.log(record, {"+file": [None, {"id": str(made.pk), "name": shown}]})
        return made

    final = path_of(made)
    try:
        made.content_type = content_type_of(shown, head)
        if made.content_type.startswith("image/"):
            _untell(made, aside)
        os.replace(aside, final)  # before the row: a row without its bytes would be a broken promise
        return through_door(actor, "attach", run)
    except BaseException:
        for path in (aside, final):
            path.unlink(missing_ok=True)
        raise


def _keep(made: Attachment, chunks: Iterable[bytes], most: int) -> tuple[Path, bytes]:
    """Write the bytes aside, counted, hashed and on the disk for good; returns the path and the first bytes."""
    target = path_of(made).parent
    target.mkdir(parents=True, exist_ok=True)
    size, digest, head = 0, hashlib.sha256(), b""
    handle, aside = tempfile.mkstemp(dir=target, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise Invalid(("file", f"Too large: {most // 1024 // 1024} MB at most."))
                head = head or chunk[:64]
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if not size:
            raise Invalid(("file", "The file is empty."))
    except BaseException:
        os.unlink(aside)
        raise
    made.size, made.sha256 = size, digest.hexdigest()
    return Path(aside), head


def _untell(made: Attachment, aside: Path) -> None:
    """Keep a picture without the place, time and person that a camera wrote into it; refuse one that is a bomb."""
    content = aside.read_bytes()
    try:
        kept = pictures.cleaned(content)
    except Unreadable as refused:
        raise Invalid(("file", str(refused))) from None
    if kept != content:
        aside.write_bytes(kept)
        made.size, made.sha256 = len(kept), hashlib.sha256(kept).hexdigest()


def files_of(actor: Actor, found: Card) -> list[Attachment]:
    """The files of a record in reach, oldest first."""
    here = "r.workspace_id = %s AND r.card_id = %s AND r.removed_at IS NULL ORDER BY r.added_at"
    return rows.fetch_instances(Attachment, here, [actor.workspace_id, found.pk])


def file_of(actor: Actor, ref: Any) -> Attachment:
    """A file by id, when its record is in reach; NotFound for absent and forbidden alike."""
    try:
        ident = ref if isinstance(ref, UUID) else UUID(str(ref))
    except ValueError:
        raise NotFound from None
    here = Attachment.objects.filter(workspace_id=actor.workspace_id, pk=ident, removed_at=None)
    found = here.filter(card__in=reach(actor, Card)).first()
    if found is None:
        raise NotFound
    return found


def remove_file(actor: Actor, ref: Any) -> None:
    """Take a file off its record; undoing brings it back."""
    found = file_of(actor, ref)

    def run(door: Door) -> None:
        record = door.get(type_of(card(actor, found.card_id).kind).model, found.card_id)
        found.removed_at = rows.now()
        rows.update(found, ["removed_at"])
        door.log(record, {"+file": [{"id": str(found.pk), "name": found.name}, None]})

    through_door(actor, "remove_file", run)
