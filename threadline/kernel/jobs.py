"""Work that outlives a request: rows in the same transaction as the data, run by the worker."""

from __future__ import annotations

from typing import Any

from django.db import models

from threadline.kernel import rows
from threadline.kernel.workspaces import Workspace


class Job(models.Model):
    """One piece of work. ``args`` is JSON; ``progress`` and ``result`` are for whoever waits."""

    class State(models.TextChoices):
        """Where it stands; ``dead`` ones failed for good and wait for a person."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        DEAD = "dead", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    args: models.JSONField[Any, Any] = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    priority = models.SmallIntegerField(default=0)
    run_at = models.DateTimeField(default=rows.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    most_attempts = models.PositiveSmallIntegerField(default=5)
    lease_until = models.DateTimeField(null=True)
    # While it waits, no second job of this name is taken in.
    unique_key = models.CharField(max_length=200, null=True)
    repeat_seconds = models.PositiveIntegerField(null=True)
    progress: models.JSONField[Any, Any] = models.JSONField(default=dict)
    result: models.JSONField[Any, Any] = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    cancel_asked = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=rows.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"],
                condition=models.Q(state__in=["waiting", "running"], unique_key__isnull=False),
                name="job_unique_while_open",
            )
        ]
        indexes = [models.Index(fields=["state", "run_at", "-priority"], name="job_due")]
