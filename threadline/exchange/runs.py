"""One import from upload to result, and how a source's columns were matched last time."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import QuerySet

from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.errors import NotFound
from threadline.kernel.members import Member
from threadline.kernel.registry import RecordType, type_of
from threadline.kernel.workspaces import Workspace


class ImportRun(models.Model):
    """One file on its way in. ``report`` is the dry run's, ``counts`` what was really done.

    ``rows_done`` is the number of the last row in the file that a committed chunk has dealt
    with: a run that was killed goes on behind it.
    """

    class State(models.TextChoices):
        """Where it stands."""

        UPLOADED = "uploaded", "Not checked yet"
        CHECKING = "checking", "Being checked"
        PREVIEWED = "previewed", "Waiting for you"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone"

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)  # as it was called; shown, never a path
    ending = models.CharField(max_length=8)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    mapping: models.JSONField[Any, Any] = models.JSONField(default=dict)
    skip_bad = models.BooleanField(default=False)
    report: models.JSONField[Any, Any] = models.JSONField(default=dict)
    counts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    rows_done = models.PositiveIntegerField(default=0)
    batch = models.UUIDField(default=rows.new_id)
    job = models.UUIDField(null=True)
    cancel_asked = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=rows.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "exchange"
        indexes = [models.Index(fields=["workspace", "kind", "created_at"], name="import_recent")]

    @property
    def declared(self) -> RecordType:
        """The type of the rows."""
        return type_of(self.kind)

    @property
    def path(self) -> Path:
        """Where the file lies: made of ids and one of four endings, whatever it was called."""
        return folder(self.workspace_id) / f"{self.pk.hex}{self.ending}"

    @property
    def open(self) -> bool:
        """Whether it can still be brought in."""
        return self.state in (self.State.UPLOADED, self.State.CHECKING, self.State.PREVIEWED)


class SourceMapping(models.Model):
    """How the columns of a source were matched when it was last brought in."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=60)
    signature = models.CharField(max_length=64)  # of the column names
    mapping: models.JSONField[Any, Any] = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "exchange"
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "source"], name="source_mapping_once")]
        indexes = [models.Index(fields=["workspace", "kind", "signature"], name="source_mapping_header")]


def folder(workspace_id: UUID) -> Path:
    """Where the files of a workspace's imports lie."""
    return Path(settings.DATA_DIR) / "imports" / workspace_id.hex


def runs_of(actor: Actor) -> QuerySet[ImportRun]:
    """The imports an actor may see: their own; heads see everybody's."""
    here = ImportRun.objects.filter(workspace_id=actor.workspace_id)
    return here if actor.may("undo_others") else here.filter(member_id=actor.member_id)


def run_of(actor: Actor, ref: Any) -> ImportRun:
    """One import; NotFound for absent and foreign alike."""
    try:
        ident = ref if isinstance(ref, UUID) else UUID(str(ref))
    except ValueError:
        raise NotFound from None
    found = runs_of(actor).filter(pk=ident).first()
    if found is None or not actor.may("bulk", found.declared.group):
        raise NotFound
    return found


def sources_of(actor: Actor, kind: str) -> list[str]:
    """Names of sources used before for a type, the latest first."""
    known = SourceMapping.objects.filter(workspace_id=actor.workspace_id, kind=kind)
    return list(known.order_by("-used_at").values_list("source", flat=True)[:50])
