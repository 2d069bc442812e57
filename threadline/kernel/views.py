"""Saved views: a name for a query and its columns, mine or everybody's; and one's own changes of it."""

from __future__ import annotations

from typing import Any

from django.db import models

from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Workspace


class SavedView(models.Model):
    """A query over one record type with a name. ``shared`` ones are tabs for everybody."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    columns: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    layout = models.CharField(max_length=10, default="table", choices=[("table", "Table"), ("board", "Board")])
    owner = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "owner", "name"], name="view_once")]
        indexes = [models.Index(fields=["workspace", "kind", "shared"], name="view_shared")]


class ViewDraft(models.Model):
    """How one member looks at a saved view now, kept apart from what is saved."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    query = models.CharField(max_length=1000, blank=True)
    columns: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    layout = models.CharField(max_length=10, default="table")
    changed_at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "view", "member"], name="draft_once")]
