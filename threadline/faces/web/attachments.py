"""Files of records: put on, given out so that nothing in them can act, taken off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from threadline.faces.web import wording
from threadline.faces.web.entrance import deed, form, page
from threadline.faces.web.visit import Visit
from threadline.house import filing
from threadline.kernel import verbs
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.registry import type_of

# Even a picture is given a policy of its own: opened by itself it may load and run nothing.
SANDBOX = "default-src 'none'; sandbox"
_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@page
def give(visit: Visit, ident: str) -> HttpResponseBase:
    """The bytes of a file: pictures in the page, everything else as a download."""
    found = filing.file_of(visit.actor, ident)
    try:
        opened = filing.path_of(found).open("rb")
    except FileNotFoundError:
        raise NotFound from None
    kind = found.content_type
    answer = FileResponse(opened, content_type=kind if kind in _INLINE else "application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(kind not in _INLINE, found.name) or "attachment"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@form
def on_record(visit: Visit, key: str) -> HttpResponse:
    """The files of a record, and a form to add one."""
    card = verbs.card(visit.actor, key)
    declared = type_of(card.kind)
    visit.back = visit.record(card.key)
    visit.actor.need("update", declared.group)
    problems: list[str] = []
    if visit.posting:
        sent = visit.request.FILES.get("file")
        try:
            if sent is None:
                raise Invalid(("file", "Choose a file first."))
            made = filing.attach(visit.actor, card.pk, sent.name, _chunks(sent))
            return visit.done(f"{made.name} is added.", visit.back)
        except Invalid as refused:
            problems = [p.message for p in refused.problems]
    rows = [_row(visit, f) for f in filing.files_of(visit.actor, card)]
    limit = f"{filing.LARGEST // 1024 // 1024} MB at most."
    if declared.recordings:
        limit += f" Recordings ({', '.join(filing.RECORDINGS)}): {filing.largest(declared) // 1024 // 1024:,} MB."
    field = {"name": "file", "label": "File", "kind": "file", "required": True, "errors": problems, "help": limit}
    context: dict[str, Any] = {
        "form": {
            "action": visit.record(card.key, "files"),
            "parts": [{"fields": [field]}],
            "submit": "Add it",
            "cancel_href": visit.back,
            "multipart": True,
        },
        "rows": rows,
        "crumbs": [
            {"label": declared.plural, "href": visit.listing(declared)},
            {"label": card.key, "href": visit.back},
        ],
    }
    return visit.draw("pages/files.html", "Files", 422 if problems else 200, **context)


def _chunks(sent: Any) -> Iterator[bytes]:
    source: IO[bytes] = sent
    while chunk := source.read(256 * 1024):
        yield chunk


def _row(visit: Visit, found: Any) -> dict[str, Any]:
    at = wording.when(found.added_at) or {"text": ""}
    return {
        "text": found.name,
        "sub": f"{wording.size_text(found.size)}, {at['text']}",
        "actions": [
            {"label": "Open", "href": visit.at("files", str(found.pk)), "look": "quiet"},
            {"label": "Remove", "action": visit.at("files", str(found.pk), "remove"), "look": "quiet"},
        ],
    }


@deed
def remove(visit: Visit, ident: str) -> HttpResponse:
    """Take a file off its record."""
    found = filing.file_of(visit.actor, ident)
    visit.back = visit.record(verbs.card(visit.actor, found.card_id).key)
    filing.remove_file(visit.actor, found.pk)
    return visit.done(f"{found.name} is removed.", visit.back)
