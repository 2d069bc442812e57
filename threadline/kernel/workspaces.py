"""Who a row belongs to: the workspace, its tree of products, and its counters."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from threadline.kernel import rows


class Workspace(models.Model):
    """One company's house. Nothing in it is reachable from another."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, default="EUR")
    # Rises with every change of the workspace's own fields, so that processes can cache them.
    fields_version = models.PositiveIntegerField(default=1)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "kernel"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A product, or a part of one: products form a tree."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60)
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "slug"], name="product_slug_once")]
        indexes = [models.Index(fields=["workspace", "parent", "position"], name="product_tree")]

    def __str__(self) -> str:
        return self.name


class Counter(models.Model):
    """The last number given to a kind of record in a workspace: F-112 and so on.

    A row, not a sequence and not MAX(): it shards with its workspace and is never scanned.
    """

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    value = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "kind"], name="counter_once")]


_TAKE = 'UPDATE "kernel_counter" SET value = value + %s WHERE workspace_id = %s AND kind = %s RETURNING value'


def take_numbers(workspace_id: UUID, kind: str, count: int = 1) -> int:
    """Reserve ``count`` numbers for a kind; returns the first of them. Call inside a transaction."""
    row = rows.fetch_one(_TAKE, [count, workspace_id, kind])
    if row is None:
        rows.execute(
            'INSERT INTO "kernel_counter" (id, workspace_id, kind, value) VALUES (%s, %s, %s, 0) '
            "ON CONFLICT (workspace_id, kind) DO NOTHING",
            [rows.new_id(), workspace_id, kind],
        )
        row = rows.fetch_one(_TAKE, [count, workspace_id, kind])
    assert row is not None
    return int(row[0]) - count + 1
