"""The base of every record: flat tables, one per type, the same columns first."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F

from threadline.kernel import rows
from threadline.kernel.access import CONFIDENTIALITY, WORKSPACE
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Product, Workspace


class HighestFirst(models.Index):
    """An index for lists sorted by its second last field, highest first, blanks last.

    SQLite sorts blanks last when descending and refuses the words in an index; PostgreSQL
    needs them, or the index is of no use to ``ORDER BY … DESC NULLS LAST``.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **extra: Any) -> Any:
        *lead, by, tie = (name for name, _ in self.fields_orders)
        blanks_last = True if schema_editor.connection.vendor == "postgresql" else None
        same = models.Index(*map(F, lead), F(by).desc(nulls_last=blanks_last), F(tie).desc(), name=self.name)
        return same.create_sql(model, schema_editor, using=using, **extra)


class Record(models.Model):
    """What every record has. ``version`` rises with each write, ``revision`` when meaning changes."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=40)
    owner = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    confidentiality = models.PositiveSmallIntegerField(default=WORKSPACE, choices=CONFIDENTIALITY)
    revision = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    custom: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    # Where an imported record came from; the pair is what makes a second import an update.
    source = models.CharField(max_length=60, blank=True)
    source_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=rows.now)
    updated_at = models.DateTimeField(default=rows.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    kind: ClassVar[str]
    prefix: ClassVar[str]

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="%(class)s_number_once"),
            models.UniqueConstraint(
                fields=["workspace", "source", "source_id"],
                condition=~models.Q(source_id=""),
                name="%(class)s_source_once",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "state", "-updated_at", "-id"], name="%(class)s_state"),
            models.Index(fields=["workspace", "-updated_at", "-id"], name="%(class)s_recent"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="%(class)s_newest"),
            models.Index(fields=["workspace", "owner", "-updated_at"], name="%(class)s_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def key(self) -> str:
        """The name people use: F-112."""
        return f"{self.prefix}-{self.number}"
