"""Files on records: sent as a form or as they are, given back as downloads, never shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from django.utils.http import content_disposition_header

from threadline.faces.api import answers, shapes
from threadline.faces.api.answers import CURSOR, LIMIT, NOTHING
from threadline.faces.api.calls import Call, Filed
from threadline.faces.api.endpoints import BYTES, UPLOAD, Part, endpoint
from threadline.faces.api.problems import Refusal
from threadline.faces.api.records import ONE
from threadline.faces.api.threads import card_of
from threadline.house import filing
from threadline.kernel import fields
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.files import Attachment
from threadline.kernel.idempotency import Answer
from threadline.kernel.registry import RecordType

SECTION = "thread"
FORM = "multipart/form-data"
_AROUND = 64 * 1024  # bytes of a form beside its file
_PART = 64 * 1024


@endpoint(
    "GET",
    f"{ONE}/files",
    "List the files of a {label}",
    section=SECTION,
    query=(LIMIT, CURSOR),
    answers={200: "FilePage"},
)
def list_files(call: Call, declared: RecordType, ref: str) -> Answer:
    """What hangs on it, newest first; the bytes are at /files/{id}/content."""
    card = card_of(call.actor, declared, ref)
    here = Attachment.objects.filter(workspace_id=call.actor.workspace_id, card_id=card.pk, removed_at=None)
    return answers.newest_first(call, here, shapes.attachment)


@endpoint(
    "POST",
    f"{ONE}/files",
    "Put a file on a {label}",
    section=SECTION,
    query=(Part("name", fields.FieldKind(longest=500), "What it is called, when the form does not say.", default=""),),
    body=UPLOAD,
    how=(),
    cost=20,
    answers={201: "File"},
)
def put_file(call: Call, declared: RecordType, ref: str) -> Answer:
    """A form with the file as its part "file", or the bytes as they are with ?name=. What it is, its first bytes
    say; one that claims to be a picture and is not is refused. At most 25 MB,
    but for recordings of interviews."""
    card = card_of(call.actor, declared, ref)
    kind = call.request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        raise Refusal(415, f"Send the file as {FORM}, or its bytes as application/octet-stream.")
    size = call.request.META.get("CONTENT_LENGTH") or "0"
    most = filing.largest(declared)
    if not size.isdigit() or int(size[:15]) > most + _AROUND:
        raise Refusal(413, f"At most {most:,} bytes.")
    name, chunks = _of_form(call, most) if kind == FORM else ("", iter(partial(call.request.read, _PART), b""))
    return answers.one(shapes.attachment(filing.attach(call.actor, card.pk, call.query["name"] or name, chunks)), 201)


def _of_form(call: Call, most: int) -> tuple[str, Iterator[bytes]]:
    try:
        sent: Any = call.request.FILES.get("file")
    except RequestDataTooBig:
        raise Refusal(413, f"At most {most:,} bytes.") from None
    except (MultiPartParserError, SuspiciousOperation):
        raise Refusal(400, "The form cannot be read.") from None
    if sent is None:
        raise Invalid(("file", "Needed: a part of the form called file, with a file name."))
    return sent.name or "", sent.chunks()


@endpoint("GET", "files/<id:ident>", "Read about a file", section=SECTION, answers={200: "File"})
def read_file(call: Call, ident: str) -> Answer:
    """Its name, its size, what it is, and the SHA-256 of its bytes."""
    return answers.one(shapes.attachment(filing.file_of(call.actor, ident)))


@endpoint("GET", "files/<id:ident>/content", "Fetch a file", section=SECTION, cost=5, answers={200: BYTES})
def fetch_file(call: Call, ident: str) -> Answer:
    """The bytes, always as a download: nothing in a file acts under this server's name."""
    found = filing.file_of(call.actor, ident)
    try:
        opened = filing.path_of(found).open("rb")
    except FileNotFoundError:
        raise NotFound from None
    picture = found.content_type.startswith("image/")
    return Filed(
        200,
        b"",
        {
            "Content-Type": found.content_type if picture else "application/octet-stream",
            "Content-Disposition": content_disposition_header(True, found.name) or "attachment",
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        },
        opened,
    )


@endpoint("DELETE", "files/<id:ident>", "Take a file off", section=SECTION, how=(), answers={204: ""})
def remove_file(call: Call, ident: str) -> Answer:
    """It is no longer on its record; the history says so."""
    filing.remove_file(call.actor, ident)
    return NOTHING
