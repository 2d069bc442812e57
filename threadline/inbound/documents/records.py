"""Documents, declared."""

from __future__ import annotations

from typing import Any

from threadline.inbound.documents import rules
from threadline.inbound.documents.models import Document
from threadline.kernel.access import Actor
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Field, RecordType, State, register


@register
class DocumentType(RecordType):
    """Document."""

    model = Document
    label, plural, icon = "Document", "Documents", "file"
    group, room = "inbound", "inbound/documents"
    about = (
        "A document is read from end to end: a PRD, or the press release of a launch. Its live parts are drawn from"
        " the records when it is read, so it does not grow old beside them."
    )
    fields = (
        Field("title", required=False, meaning=True, help="Blank: the name of what it is about."),
        Field("form", role="matters", help="What it is meant to be."),
        Field("feature", label="About", role="matters", help="A new document about it begins with headings that ask."),
        Field(
            "body",
            label="Text",
            role="body",
            meaning=True,
            search="B",
            help="A line such as {{requirements F-12}} is drawn from the records; so are evidence, numbers, decisions"
            " and release.",
        ),
    )
    states = (
        State("draft", "Draft"),
        State("review", "In review", "info"),
        State("agreed", "Agreed", "ok"),
        State("retired", "Retired", final=True),
    )
    cites = (
        Cite(rules.ABOUT, "Is about", ("feature", "release", "objective", "opportunity"), back="Written up in"),
        Cite("evidence", "Rests on", ("feedback", "insight", "highlight", "fact", "decision"), back="Quoted in"),
    )
    columns = ("title", "state", "form", "feature", "owner", "updated_at")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Document)
        rules.settle_document(record, before)
