"""The append-only log: audit, activity, undo, time travel, webhooks and live updates in one."""

from __future__ import annotations

from typing import Any

from django.db import models

from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Workspace


class Change(models.Model):
    """What one action did to one record (or to the workspace, when there is no card).

    ``diff`` maps field to ``[before, after]`` in the exchange form of the value, and the
    names beginning with ``+`` to things beside the fields: ``+link``, ``+comment``, ``+tag``.
    """

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey(Card, null=True, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=40)
    action = models.CharField(max_length=60)
    actor = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=120)
    face = models.CharField(max_length=20)
    why = models.TextField(blank=True)
    diff: models.JSONField[Any, Any] = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    batch = models.UUIDField()
    at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "kernel"
        indexes = [
            models.Index(fields=["workspace", "card", "id"], name="change_of_card"),
            models.Index(fields=["workspace", "id"], name="change_stream"),
            models.Index(fields=["workspace", "batch", "id"], name="change_batch"),
        ]


class Batch(models.Model):
    """A named run that can be undone as one: an import, a bulk edit. Small actions need none."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=200)
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=rows.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["workspace", "created_at"], name="batch_recent")]
