"""Time travel: a record as it stood at any instant, and what changed between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from threadline.kernel import feed, rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.changes import Change
from threadline.kernel.customs import all_fields, own_fields
from threadline.kernel.door import exchange_values
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a record's history, with only what this reader may see."""

    id: Any
    at: datetime
    who: str
    face: str
    action: str
    why: str
    diff: dict[str, list[Any]]
    batch: Any
    version: int


def history(actor: Actor, record: Record, *, limit: int = 100, before: Any = None) -> list[Step]:
    """The record's changes, newest first. ``record`` must have come through reach."""
    older, params = ("", []) if before is None else (" AND r.id < %s", [rows.ident(before)])
    changes = rows.fetch_instances(
        Change,
        f"r.workspace_id = %s AND r.card_id = %s{older} ORDER BY r.id DESC LIMIT {int(limit)}",
        [actor.workspace_id, record.pk, *params],
    )
    diffs = feed.seen(actor, [(c.kind, c.diff) for c in changes])
    return [
        Step(c.pk, c.at, c.actor_name, c.face, c.action, c.why, diff, c.batch, c.version)
        for c, diff in zip(changes, diffs, strict=True)
    ]


def as_of(actor: Actor, record: Record, at: datetime) -> dict[str, Any] | None:
    """The record's readable values at an instant, by replaying later changes backwards.

    None when it did not exist yet. The ``archived_at`` entry tells whether it was in the trash.
    """
    if record.created_at > at:
        return None
    declared = type_of(record)
    values = exchange_values(declared, record, own_fields(actor, declared.kind))
    values["archived_at"] = record.archived_at.isoformat() if record.archived_at else None
    later = Change.objects.filter(workspace_id=actor.workspace_id, card_id=record.pk, at__gt=at)
    # The creation itself (the only change of fields at version 1) is not taken back.
    for diff in later.filter(version__gt=1).order_by("-pk").values_list("diff", flat=True):
        for name, (old, _) in diff.items():
            if not name.startswith("+"):
                values[name] = old
    readable = all_fields(actor, declared)
    return {n: v for n, v in values.items() if n in readable or n == "archived_at"}


def links_as_of(actor: Actor, record: Record, at: datetime) -> list[dict[str, Any]]:
    """The record's citations at an instant (kind, target id, quote, revision read)."""
    sql = (
        "SELECT id, kind, target_id, seen_revision, quote, weight FROM kernel_link"
        " WHERE workspace_id = %s AND source_id = %s"
    )
    now = {
        rows.hexed(i): {
            "id": rows.hexed(i),
            "kind": k,
            "target": rows.hexed(t),
            "seen_revision": s,
            "quote": q,
            "weight": w,
        }
        for i, k, t, s, q, w in rows.fetch(sql, [actor.workspace_id, record.pk])
        if k != "mention"
    }
    later = Change.objects.filter(workspace_id=actor.workspace_id, card_id=record.pk, at__gt=at)
    for diff in later.order_by("-pk").values_list("diff", flat=True):
        if "+link" in diff:
            old, new = diff["+link"]
            if new is not None:
                now.pop(new["id"], None)
            if old is not None:
                now[old["id"]] = old
    near = reach(actor, Card).filter(pk__in={link["target"] for link in now.values()})
    seen = {str(pk) for pk in near.values_list("pk", flat=True)}
    return [link for link in now.values() if link["target"] in seen]


def difference(actor: Actor, record: Record, first: datetime, second: datetime) -> dict[str, list[Any]]:
    """Fields that differ between two instants: name to [then, later]."""
    a, b = as_of(actor, record, first) or {}, as_of(actor, record, second) or {}
    return {n: [a.get(n), b.get(n)] for n in [*b, *(k for k in a if k not in b)] if a.get(n) != b.get(n)}


def since(actor: Actor, kind: str, card_id: Any, revision: int) -> dict[str, list[Any]]:
    """What changed in the meaning of a record after a revision was read: name to [then, now]."""
    found = Change.objects.filter(workspace_id=actor.workspace_id, card_id=card_id, revision__gt=revision)
    meaning = type_of(kind).meaning
    merged: dict[str, list[Any]] = {}
    diffs = [
        {n: pair for n, pair in diff.items() if n in meaning}
        for diff in found.order_by("pk").values_list("diff", flat=True)
    ]
    for diff in feed.seen(actor, [(kind, diff) for diff in diffs]):
        for name, (old, new) in diff.items():
            merged[name] = [merged[name][0] if name in merged else old, new]
    return {n: pair for n, pair in merged.items() if pair[0] != pair[1]}


def before(actor: Actor, record: Record, version: int) -> dict[str, Any]:
    """Values that a record had at a version, of the readable fields that changed since; what did not is absent."""
    later = Change.objects.filter(workspace_id=actor.workspace_id, card_id=record.pk, version__gt=version)
    values: dict[str, Any] = {}
    for diff in later.order_by("-pk").values_list("diff", flat=True):
        values |= {n: pair[0] for n, pair in diff.items() if not n.startswith("+")}
    readable = all_fields(actor, type_of(record))
    return {n: v for n, v in values.items() if n in readable}


@dataclass(frozen=True, slots=True)
class Moved:
    """What the meaning of a record became since it was read, who changed it last, when and why."""

    diff: dict[str, list[Any]]
    who: str
    at: datetime | None
    why: str


def moved(actor: Actor, read: Sequence[tuple[str, Any, int]]) -> list[Moved]:
    """:func:`since` for many records at once, in one statement. ``read`` holds (kind, card id, revision)."""
    least = {str(card_id): revision for _, card_id, revision in sorted(read, key=lambda r: -r[2])}
    found = Change.objects.filter(
        workspace_id=actor.workspace_id, card_id__in=list(least), revision__gt=min(least.values(), default=0)
    )
    changes = list(found.order_by("pk")) if least else []
    diffs = [{n: d for n, d in c.diff.items() if n in type_of(c.kind).meaning} for c in changes]
    by_card: dict[str, list[tuple[Change, dict[str, Any]]]] = {}
    for change, diff in zip(
        changes, feed.seen(actor, [(c.kind, d) for c, d in zip(changes, diffs, strict=True)]), strict=True
    ):
        by_card.setdefault(str(change.card_id), []).append((change, diff))
    return [_moved(by_card.get(str(card_id), []), revision) for _, card_id, revision in read]


def _moved(changes: list[tuple[Change, dict[str, Any]]], revision: int) -> Moved:
    merged: dict[str, list[Any]] = {}
    last: Change | None = None
    for change, diff in changes:
        if change.revision > revision and diff:
            last = change
            for name, (old, new) in diff.items():
                merged[name] = [merged[name][0] if name in merged else old, new]
    kept = {n: pair for n, pair in merged.items() if pair[0] != pair[1]}
    return Moved(kept, last.actor_name if last else "", last.at if last else None, last.why if last else "")
