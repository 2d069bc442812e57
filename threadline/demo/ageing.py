"""Moves the sample company's story back to when it is said to have happened.

Everybody else's history is append-only and dated by the server. This is the one exception, it
refuses any workspace that is not marked as a sample, and it changes instants, never words.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from threadline.kernel import rows
from threadline.kernel.changes import Change
from threadline.kernel.feed import first_id
from threadline.kernel.registry import kinds
from threadline.kernel.workspaces import Workspace

NOTICED = timedelta(days=12)  # notifications older than this were read long ago


@dataclass
class Ages:
    """When each batch happened, and each link and comment."""

    batches: dict[UUID, datetime] = field(default_factory=dict)
    links: dict[UUID, datetime] = field(default_factory=dict)
    comments: dict[UUID, datetime] = field(default_factory=dict)


def rewrite_instants_of_sample(workspace: Workspace, ages: Ages) -> None:
    """Date changes, records, cards, links, comments and notifications of a sample workspace anew."""
    if not workspace.is_sample:
        raise ValueError(f"{workspace.slug} is not a sample: its history is not to be rewritten")
    place = workspace.pk
    _stamp("kernel_change", "at", "batch", ages.batches, place)
    _stamp("kernel_notification", "created_at", "batch", ages.batches, place)
    _stamp("kernel_link", "created_at", "id", ages.links, place)
    _stamp("kernel_comment", "created_at", "id", ages.comments, place)
    for declared in kinds():
        of_record = f'FROM kernel_change c WHERE c.card_id = "{declared.table}".id'
        rows.execute(
            f'UPDATE "{declared.table}" SET created_at = (SELECT min(c.at) {of_record}),'
            f' updated_at = (SELECT min(c.at) {of_record} AND c.version = "{declared.table}".version)'
            " WHERE workspace_id = %s",
            [place],
        )
        rows.execute(
            f'UPDATE kernel_card SET updated_at = (SELECT r.updated_at FROM "{declared.table}" r'
            " WHERE r.id = kernel_card.id) WHERE workspace_id = %s AND kind = %s",
            [place, declared.kind],
        )
    _renumber(place)
    _follow(place)
    begun = min(ages.batches.values()) - timedelta(days=3)
    rows.execute("UPDATE kernel_workspace SET created_at = %s WHERE id = %s", [rows.stamp(begun), place])
    rows.execute("UPDATE kernel_member SET joined_at = %s WHERE workspace_id = %s", [rows.stamp(begun), place])


def _renumber(place: UUID) -> None:
    """Changes are told in the order of their ids, which begin with the instant: the ids follow what was dated anew."""
    found = Change.objects.filter(workspace_id=place).order_by("at", "pk").values_list("pk", "at")
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE kernel_change SET id = %s WHERE id = %s",
            [[rows.key_of(_numbered(at, n)), rows.key_of(ident)] for n, (ident, at) in enumerate(found)],
        )


def _numbered(at: datetime, n: int) -> UUID:
    lowest = first_id(at).int
    return UUID(int=lowest | (n & 0xFFF) << 64 | secrets.randbits(62))


def _stamp(table: str, column: str, by: str, instants: dict[UUID, datetime], place: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE "{table}" SET {column} = %s WHERE workspace_id = %s AND "{by}" = %s',
            [[rows.stamp(at), place, key] for key, at in instants.items()],
        )


def _follow(place: UUID) -> None:
    """What has no instant of its own: links made by a text, watches, and what was read."""
    rows.execute(
        "UPDATE kernel_link SET created_at = (SELECT min(c.at) FROM kernel_change c"
        " WHERE c.card_id = kernel_link.source_id) WHERE workspace_id = %s AND kind = 'mention'",
        [place],
    )
    rows.execute(
        "UPDATE kernel_watch SET created_at = coalesce((SELECT min(c.at) FROM kernel_change c WHERE"
        " c.card_id = kernel_watch.card_id AND c.actor_id = kernel_watch.member_id), created_at)"
        " WHERE workspace_id = %s",
        [place],
    )
    rows.execute(
        "UPDATE kernel_notification SET read_at = created_at WHERE workspace_id = %s AND created_at < %s",
        [place, rows.stamp(rows.now() - NOTICED)],
    )
