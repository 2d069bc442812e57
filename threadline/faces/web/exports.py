"""Lists as files: CSV, Excel or JSON of what a list shows, or of everything there is to a record."""

from __future__ import annotations

from typing import IO, Any

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from threadline.exchange import exporting
from threadline.faces.web import places
from threadline.faces.web.entrance import page
from threadline.faces.web.visit import Visit


@page
def give(visit: Visit, path: str, file_format: str) -> HttpResponseBase:
    """The records that match, through the reader's own reach."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared)
    names = [n for n in visit.asked.get("columns", "").split(",") if n] or None
    columns, found = exporting.exported_rows(visit.actor, declared, visit.asked.get("q", ""), names)
    return sent_as_file(exporting.written_aside(columns, found, file_format), f"{declared.path}.{file_format}")


def sent_as_file(aside: IO[Any], name: str) -> HttpResponseBase:
    """A finished file as a download that is streamed, and in which nothing can act."""
    answer = FileResponse(aside, content_type=exporting.FORMATS[name.rpartition(".")[2]])
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
