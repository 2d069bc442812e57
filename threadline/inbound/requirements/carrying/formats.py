"""The formats: how each is called, written and read. A new one is one more line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from threadline.formats import reqif
from threadline.formats.refusal import Unreadable
from threadline.formats.reqif import ReqDocument
from threadline.inbound.requirements.carrying import outline, sheet

LARGEST = reqif.LARGEST
Write = Callable[[ReqDocument, str], tuple[bytes, list[str]]]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to carry a document. ``by_key``: a record is known by its key; else by an id of the tool it came from."""

    name: str
    label: str
    source: str
    content_type: str
    endings: tuple[str, ...]
    by_key: bool
    about: str
    write: Write
    read: Callable[[bytes], ReqDocument]


def _reqif(document: ReqDocument, made_at: str) -> tuple[bytes, list[str]]:
    return reqif.write(document, made_at=made_at), []


FORMATS = {
    f.name: f
    for f in (
        Format(
            "xlsx", "Excel", "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            (".xlsx", ".csv"), True,
            "A line for each requirement and criterion: key, level, text, measure, steps. Edit it, bring it back.",
            sheet.write, sheet.read,
        ),
        Format(
            "md", "Markdown", "Markdown", "text/markdown; charset=utf-8", (".md", ".markdown", ".txt"), True,
            "A heading for each requirement, its criteria below it. Edit it beside the code, bring it back.",
            outline.write, outline.read,
        ),
        Format(
            "reqif", "ReqIF", "ReqIF", "application/xml", (".reqif", ".reqifz", ".xml", ".zip"), False,
            "ReqIF 1.2, for DOORS, Polarion, Jama, StrictDoc and others.",
            _reqif, reqif.read,
        ),
    )
}  # fmt: skip


def format_for(file_name: str) -> Format:
    """The format by a file's ending. Raises Unreadable."""
    name = file_name.lower()
    found = next((f for f in FORMATS.values() if name.endswith(f.endings)), None)
    if found is None:
        endings = ", ".join(f.endings[0] for f in FORMATS.values())
        raise Unreadable(f"Only {endings} can be read. Save it as one of these.")
    return found


def read(file_name: str, data: bytes) -> tuple[Format, ReqDocument]:
    """The document in a file of any of the formats. Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(f"Too large: {LARGEST // 1024 // 1024} MB at most.")
    form = format_for(file_name)
    return form, form.read(data)
