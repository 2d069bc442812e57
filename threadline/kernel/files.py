"""Files attached to records: rows here, bytes in the data directory under generated names."""

from __future__ import annotations

from django.db import models

from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Workspace

# Only these are ever shown in the page; everything else is offered for download.
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})


class Attachment(models.Model):
    """One file on a record. ``sha256`` is of the bytes as stored."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=rows.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["workspace", "card", "added_at"], name="file_of_card")]
