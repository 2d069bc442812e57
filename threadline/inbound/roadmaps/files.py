"""What a roadmap can be had as, and the file of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse

from threadline.inbound.roadmaps import audiences, exporting, painting, slides
from threadline.inbound.roadmaps.items import Shown
from threadline.inbound.roadmaps.models import Roadmap


@dataclass(frozen=True)
class Format:
    """A kind of file: its label, its type, and what makes it of what an audience reads."""

    label: str
    content_type: str
    make: Callable[[Shown, Roadmap], bytes]


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = {
    "pptx": Format("Slides (PPTX)", f"{_OFFICE}.presentationml.presentation", slides.pptx_of),
    "pdf": Format("Pages (PDF)", "application/pdf", painting.pdf),
    "png": Format("Picture (PNG)", "image/png", painting.png),
    "svg": Format("Drawing (SVG)", "image/svg+xml", exporting.svg),
    "xlsx": Format("Workbook (XLSX)", f"{_OFFICE}.spreadsheetml.sheet", exporting.xlsx),
    "md": Format("Markdown", "text/markdown; charset=utf-8", exporting.markdown),
    "ics": Format("Calendar (ICS)", "text/calendar; charset=utf-8", exporting.calendar),
}


def formats_of(audience: str) -> dict[str, Format]:
    """What an audience's version can be had as: no calendar where no days are read."""
    dated = {"from_on", "likely_on"} & set(audiences.FIELDS[audience])
    return {name: one for name, one in FORMATS.items() if dated or name != "ics"}


def answer(found: Shown, roadmap: Roadmap, name: str, *, on: date | None = None, outside: bool = False) -> HttpResponse:
    """The file, to be kept. Its name holds the key inside, and the day that was asked; nothing of the house outside."""
    one = FORMATS[name]
    made = HttpResponse(one.make(found, roadmap), content_type=one.content_type)
    called = "roadmap" if outside else f"roadmap-{roadmap.key}{f'-{on}' if on else ''}"
    made["Content-Disposition"] = f'attachment; filename="{called}.{name}"'
    made["X-Content-Type-Options"] = "nosniff"
    return made
