"""Documents, as rows."""

from __future__ import annotations

from django.db import models

from threadline.kernel.records import Record


class Document(Record):
    """A text for people to read from end to end; its live parts are drawn from the records when it is read."""

    kind = "document"
    prefix = "DOC"

    class Form(models.TextChoices):
        """What it is meant to be."""

        PRD = "prd", "Product requirements"
        PRFAQ = "prfaq", "Press release and questions"
        NOTE = "note", "Note"

    form = models.CharField(max_length=8, choices=Form.choices, default=Form.NOTE)
    feature = models.ForeignKey(
        "inbound.Feature", null=True, blank=True, on_delete=models.SET_NULL, related_name="documents"
    )
    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "feature"], name="document_of_feature")]
