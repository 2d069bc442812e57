"""A document taken along, with its live parts as its reader may see them on that day."""

from __future__ import annotations

import re
from collections.abc import Iterator

from threadline.formats import docx, pdf
from threadline.inbound.documents import queries
from threadline.inbound.documents.models import Document
from threadline.inbound.documents.parts import Drawn, Line, Words, lines_of, parts_of
from threadline.kernel.access import Actor

_HEADING = re.compile(r"#{1,5} ")
_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>#|~"})


def as_markdown(actor: Actor, document: Document) -> str:
    """One text: live parts as lists."""
    return f"# {_plain(document.title)}\n\n{lowered(whole(actor, document))}"


def as_docx(actor: Actor, document: Document) -> bytes:
    """The same as a Word document."""
    return docx.write(document.title, f"{document.key}, {document.get_form_display()}", whole(actor, document))


def as_pdf(actor: Actor, document: Document) -> bytes:
    """The same on pages."""
    return pdf.write(document.title, f"{document.key}, {document.get_form_display()}", whole(actor, document))


def whole(actor: Actor, document: Document) -> str:
    """The text with its live parts written out."""
    parts = parts_of(document.body)
    here = document.product_id
    said = [p.text.strip("\n") if isinstance(p, Words) else _written(queries.drawn(actor, p, here)) for p in parts]
    return "\n\n".join(said) + "\n" if said else ""


def lowered(text: str) -> str:
    """A text whose headings stand one level lower, below a title. What stands in a block of code is left alone."""
    lines = (f"#{line}" if not is_code and _HEADING.match(line) else line for line, is_code in lines_of(text))
    return "\n".join(lines) + "\n"


def _written(drawn: Drawn) -> str:
    if not drawn.lines:
        return f"*{_plain(drawn.title)}: {_plain(drawn.missing)}*"
    return "\n".join([f"**{_plain(drawn.title)}**", "", *(text for one in drawn.lines for text in _lines(one))])


def _lines(line: Line) -> Iterator[str]:
    before = "  " * line.depth
    key, note = f"{line.key} " if line.key else "", f" ({_plain(line.note)})" if line.note else ""
    yield f"{before}- {key}{_plain(line.text)}{note}"
    if line.quote:
        yield f"{before}  “{_plain(' '.join(line.quote.split()))}”"


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_SPECIAL)
