"""Two days of a roadmap beside each other: what was added, dropped and moved, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from threadline.inbound.roadmaps import audiences
from threadline.inbound.roadmaps.items import Item, moment_of
from threadline.inbound.roadmaps.models import Roadmap
from threadline.inbound.roadmaps.queries import items_of
from threadline.inbound.roadmaps.replaying import MOVING, changes_of
from threadline.kernel import rows
from threadline.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one item between two days; ``reasons`` hold who said why, and when."""

    what: str  # added, dropped, moved
    key: str
    title: str
    was: dict[str, Any]
    now: dict[str, Any]
    reasons: list[dict[str, Any]]


_COMPARED = ("stage", "horizon", "starts_on", "likely_on", "sure_on", "period")


def compared(actor: Actor, roadmap: Roadmap, first: date, second: date, *, audience: str = "") -> list[Move]:
    """What was added, dropped and moved between two days, in the fields that the audience reads.

    Reasons are for those who read reasons: where ``why`` is not a field of the audience, none is given.
    """
    audience = audience or roadmap.audience
    was, now = (_by_title(actor, roadmap, audience, day) for day in (first, second))
    ids = {UUID(i.id) for i, _ in (*was.values(), *now.values())}
    told = _reasons(actor, ids, first, second) if "why" in audiences.FIELDS[audience] else {}
    keyed = "key" in audiences.FIELDS[audience]
    moves = []
    for ident in dict.fromkeys([*was, *now]):
        before, after = was.get(ident), now.get(ident)
        item = next(pair[0] for pair in (after, before) if pair is not None)
        old, new = ({n: pair[1].get(n) for n in _COMPARED if n in pair[1]} if pair else {} for pair in (before, after))
        if old != new:
            what = "added" if before is None else "dropped" if after is None else "moved"
            key = item.key if keyed else ""
            moves.append(Move(what, key, item.title, old, new, told.get(UUID(ident), [])))
    return sorted(moves, key=lambda m: (("dropped", "moved", "added").index(m.what), m.title))


def _by_title(actor: Actor, roadmap: Roadmap, audience: str, day: date) -> dict[str, tuple[Item, dict[str, Any]]]:
    items, _ = items_of(audiences.eyes(actor, audience), roadmap, on=day)
    return {i.id: (i, audiences.shown(i, audience)) for i in items if audiences.may_appear(i, audience)}


def _reasons(actor: Actor, ids: set[UUID], first: date, second: date) -> dict[UUID, list[dict[str, Any]]]:
    """What was said when these changed between the end of two days, the newest first."""
    since, until = (datetime.combine(d, time.max, UTC) for d in (first, second))
    told: dict[UUID, list[dict[str, Any]]] = {}
    for card, diff, why, who, at in changes_of(actor, list(ids), after=since):
        if at <= until and (diff.keys() & {*MOVING, "archived_at"}):
            told.setdefault(card, []).append({"who": who, "at": at, "why": why})
    return told


def days_of_change(actor: Actor, roadmap: Roadmap) -> date:
    """The day to compare with at first: a month ago, or when the roadmap was made if that is later."""
    month = rows.now().date() - timedelta(days=30)
    return max(month, moment_of(roadmap.created_at).date())


def moves(actor: Actor, roadmap: Roadmap) -> list[Move]:
    """What was added, dropped and moved in the last month, or since the roadmap was made."""
    return compared(actor, roadmap, days_of_change(actor, roadmap), rows.now().date())
