"""Words that a workspace puts on its records."""

from __future__ import annotations

from typing import Any

from django.db import models

from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid
from threadline.kernel.workspaces import Workspace


class Tag(models.Model):
    """A word; compared without regard to case."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="tag_once")]


class CardTag(models.Model):
    """A tag on a card."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "tag", "card"], name="card_tag_once")]
        indexes = [models.Index(fields=["workspace", "card"], name="card_tag_of_card")]


def clean_tag(name: Any) -> str:
    """A tag as it is kept: small letters, single spaces, no comma, no leading #."""
    cleaned = " ".join(str(name).split()).lower().lstrip("#").replace(",", " ")
    if not cleaned or len(cleaned) > 60 or not cleaned.isprintable():
        raise Invalid(("tags", "A tag is a word of 1 to 60 characters."))
    return cleaned
