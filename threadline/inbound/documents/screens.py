"""Reading a document with its live parts, taking it along, and the way to it from its feature."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from markupsafe import Markup

from threadline.faces.web.prose import Prose
from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.documents import exporting, queries
from threadline.inbound.documents.models import Document
from threadline.inbound.documents.parts import Words, parts_of
from threadline.kernel import fields
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@adds_to("document", "detail")
def read_through(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The text in order, each live part drawn within the reader's reach."""
    parts, product = parts_of(row.get("body") or ""), fields.as_id((row.get("product") or {}).get("id"))
    prose = Prose(visit.actor, [p.text for p in parts if isinstance(p, Words)])
    shown: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, Words):
            shown.append({"html": prose.html(part.text)})
            continue
        drawn = queries.drawn(visit.actor, part, product)
        lines = [{"text": n.text, "key": n.key, "note": n.note, "quote": n.quote, "depth": min(n.depth, 3),
                  "href": visit.record(n.key) if n.key else ""} for n in drawn.lines]  # fmt: skip
        shown.append({"title": drawn.title, "lines": lines, "missing": drawn.missing, "html": Markup("")})
    context["parts"] = shown
    context["page_actions"] = [
        *context.get("page_actions", []),
        {"label": "PDF", "href": visit.record(row["key"], "taken?as=pdf")},
        {"label": "Word", "href": visit.record(row["key"], "taken?as=docx")},
        {"label": "Markdown", "href": visit.record(row["key"], "taken?as=md")},
    ]


@adds_to("feature", "detail")
def written_up(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """What was written about it."""
    found = queries.documents_about(visit.actor, UUID(str(row["id"])))
    if visit.actor.may("create", "inbound") and context.get("tools") is not None:
        context["tools"] = [
            {"label": "Write its PRD", "href": visit.at("documents", f"new?form=prd&feature={row['key']}")},
            {"label": "Write its press release", "href": visit.at("documents", f"new?form=prfaq&feature={row['key']}")},
            *context["tools"],
        ]
    context["documents"] = [
        {"key": d.key, "title": d.title, "href": visit.record(d.key), "form": d.form} for d in found
    ]


@record_screen("document", "taken")
def take_along(visit: Visit, card: Card) -> HttpResponse:
    """The document as a file: Markdown, Word or PDF."""
    document = reach(visit.actor, Document).filter(pk=card.pk, archived_at=None).first()
    if document is None:
        raise NotFound
    if visit.asked.get("as") == "docx":
        answer = HttpResponse(exporting.as_docx(visit.actor, document), content_type=_WORD)
        name = f"{document.key}.docx"
    elif visit.asked.get("as") == "pdf":
        answer = HttpResponse(exporting.as_pdf(visit.actor, document), content_type="application/pdf")
        name = f"{document.key}.pdf"
    else:
        text = exporting.as_markdown(visit.actor, document)
        answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        name = f"{document.key}.md"
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
