"""What people taught lately: links, merges and labels within reach, the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from threadline.inbound.feedback import queries
from threadline.inbound.feedback.intelligence.labels import ALL
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

MOST = 25


@dataclass(frozen=True, slots=True)
class Taught:
    """One thing that somebody said of a note: what it belongs to, repeats or is."""

    note: str
    title: str
    to: str
    to_title: str = ""


def links(actor: Actor, most: int = MOST) -> list[Taught]:
    """The notes linked to features last."""
    near_note, params_note = reach_sql(actor, "n")
    near_to, params_to = reach_sql(actor, "f")
    return _taught(
        "SELECT n.key, n.title, f.key, f.title FROM kernel_link l JOIN kernel_card n ON n.id = l.target_id"
        " JOIN kernel_card f ON f.id = l.source_id WHERE l.workspace_id = %s AND l.kind = %s AND n.kind = %s"
        f" AND f.kind = %s AND n.archived_at IS NULL AND f.archived_at IS NULL AND {near_note} AND {near_to}"
        " ORDER BY l.id DESC LIMIT %s",
        [actor.workspace_id, queries.EVIDENCE, Feedback.kind, queries.FEATURE, *params_note, *params_to, most],
    )


def merges(actor: Actor, most: int = MOST) -> list[Taught]:
    """The notes merged into others last."""
    near_note, params_note = reach_sql(actor, "r")
    near_to, params_to = reach_sql(actor, "h")
    return _taught(
        "SELECT c.key, c.title, k.key, k.title FROM inbound_feedback r"
        " JOIN inbound_feedback h ON h.id = r.merged_into_id"
        " JOIN kernel_card c ON c.id = r.id JOIN kernel_card k ON k.id = h.id WHERE r.workspace_id = %s"
        " AND r.merged_into_id IS NOT NULL AND r.archived_at IS NULL AND h.archived_at IS NULL"
        f" AND {near_note} AND {near_to} ORDER BY r.updated_at DESC, r.id DESC LIMIT %s",
        [actor.workspace_id, *params_note, *params_to, most],
    )


def refused(actor: Actor, most: int = MOST) -> list[Taught]:
    """What was said no to last."""
    near_note, params_note = reach_sql(actor, "n")
    near_to, params_to = reach_sql(actor, "w")
    return _taught(
        "SELECT n.key, n.title, w.key, w.title FROM inbound_refused r JOIN kernel_card n ON n.id = r.note_id"
        " JOIN kernel_card w ON w.id = r.what_id WHERE r.workspace_id = %s AND n.archived_at IS NULL"
        f" AND w.archived_at IS NULL AND {near_note} AND {near_to} ORDER BY r.id DESC LIMIT %s",
        [actor.workspace_id, *params_note, *params_to, most],
    )


def labelled(actor: Actor, most: int = MOST) -> list[Taught]:
    """The labels given last."""
    near, params = reach_sql(actor, "c")
    return _taught(
        "SELECT c.key, c.title, t.name, '' FROM kernel_cardtag ct JOIN kernel_tag t ON t.id = ct.tag_id"
        " JOIN kernel_card c ON c.id = ct.card_id WHERE t.workspace_id = %s AND c.kind = %s AND c.archived_at IS NULL"
        f" AND t.name IN ({rows.marks(len(ALL))}) AND {near} ORDER BY ct.id DESC LIMIT %s",
        [actor.workspace_id, Feedback.kind, *ALL, *params, most],
    )


def _taught(sql: str, params: list[Any]) -> list[Taught]:
    return [Taught(*row) for row in rows.fetch(sql, params)]
