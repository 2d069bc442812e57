"""Fields that a workspace adds to a record type: declared as data, kept in one JSON column."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import models

from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.fields import kind_named
from threadline.kernel.registry import Field, RecordType
from threadline.kernel.workspaces import Workspace

# What the name of an own field may be; it stands in SQL, so nothing else is let in.
NAME = re.compile(r"^[a-z][a-z0-9_]{0,39}$")


class CustomField(models.Model):
    """A workspace's own field on one record type."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    label = models.CharField(max_length=120)
    type = models.CharField(
        max_length=10,
        choices=[(t, t.capitalize()) for t in ("text", "number", "money", "date", "choice", "person", "link")],
    )
    choices: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "name"], name="custom_field_once")]


@lru_cache(maxsize=512)
def _own(workspace_id: UUID, fields_version: int, kind: str) -> dict[str, Field]:
    declared = CustomField.objects.filter(workspace_id=workspace_id, kind=kind, archived_at=None)
    return {
        c.name: Field(
            c.name, label=c.label, kind=kind_named(c.type, c.choices), custom=True, attname="custom", column="custom"
        )
        for c in declared.order_by("position", "name")
        if NAME.match(c.name)
    }


def own_fields(actor: Actor, kind: str) -> dict[str, Field]:
    """The workspace's own fields of a record type, cached until one of them changes."""
    return _own(actor.workspace_id, actor.workspace.fields_version, kind)


@lru_cache(maxsize=512)
def fields_for(declared: RecordType, private: bool, workspace_id: UUID, fields_version: int) -> dict[str, Field]:
    """Every stored field of a type in a workspace, with or without the private ones."""
    stored = {n: f for n, f in declared.by_name.items() if private or not f.private}
    return {**stored, **_own(workspace_id, fields_version, declared.kind)}


def all_fields(actor: Actor, declared: RecordType) -> dict[str, Field]:
    """Every stored field the actor may read: declared ones, then the workspace's own. Shared; not to be changed."""
    private = actor.may("read_private", declared.group)
    return fields_for(declared, private, actor.workspace_id, actor.workspace.fields_version)
