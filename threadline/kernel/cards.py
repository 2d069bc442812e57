"""One index card per record of any kind: what links, comments, search and feeds point at.

Only the door writes cards. ``threadline check`` proves that none has drifted.
"""

from __future__ import annotations

from django.db import models

from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Product, Workspace

# The columns a card shares with its record; kept equal by the door, compared by the check.
SHARED = ("title", "state", "owner_id", "product_id", "revision", "confidentiality", "archived_at")


class Card(models.Model):
    """The card of a record; it has the record's own id."""

    id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=40)
    owner = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    confidentiality = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    # The last day on which the record may be relied on unseen; null for what does not grow old.
    good_until = models.DateField(null=True)
    # Row number in the full-text table of an engine that needs one (SQLite); null elsewhere.
    doc = models.BigIntegerField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="card_key_once")]
        indexes = [
            models.Index(fields=["workspace", "kind", "updated_at"], name="card_recent"),
            models.Index(fields=["workspace", "owner", "kind"], name="card_owner"),
            models.Index(fields=["doc"], name="card_doc"),
            models.Index(fields=["workspace"], condition=models.Q(revision__gt=1), name="card_meaning_changed"),
            models.Index(
                fields=["workspace", "good_until"],
                condition=models.Q(good_until__isnull=False),
                name="card_good_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"


class Reader(models.Model):
    """A person named as a reader of a record kept for named people."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="readers")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "member", "card"], name="reader_once")]
