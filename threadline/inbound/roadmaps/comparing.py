"""Two days of a roadmap beside each other: what was added, dropped and moved, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from threadline.inbound.roadmaps import audiences
from threadline.inbound.roadmaps.features import SHOWS
from threadline.inbound.roadmaps.items import Item, moment_of
from threadline.inbound.roadmaps.models import Roadmap
from threadline.inbound.roadmaps.queries import items_of
from threadline.inbound.roadmaps.replaying import LINK, Step, steps
from threadline.kernel import rows
from threadline.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one item between two days; ``reasons`` hold who said why, when, and of which fields."""

    what: str  # added, dropped, moved
    key: str
    title: str
    was: dict[str, Any]
    now: dict[str, Any]
    reasons: list[dict[str, Any]]

    @property
    def differs(self) -> list[str]:
        """The fields that are not what they were."""
        return [n for n in COMPARED if self.was.get(n) != self.now.get(n)]


COMPARED = ("title", "stage", "horizon", "starts_on", "likely_on", "sure_on", "period", "owner", "product", "objective",
            "metric", "release", "teams")  # fmt: skip
_DAYS = ("starts_on", "likely_on", "sure_on")
# Which fields a change tells of: of the item itself, of its release, of the objective or key result it serves;
# the blank one is whether it is on the roadmap at all.
_OWN = {"title": ("title", ""), "state": ("stage", "horizon", ""), "horizon": ("horizon", ""),
        "starts_on": ("starts_on", ""), "due_on": ("likely_on", "horizon", "period", ""),
        "late_on": ("sure_on", "period", ""), "owner": ("owner", ""), "product": ("product", ""),
        "archived_at": ("",)}  # fmt: skip
_OF_RELEASE = {"title": ("release",), "state": ("release", *_DAYS), "starts_on": _DAYS, "due_on": _DAYS,
               "archived_at": ("release", *_DAYS)}  # fmt: skip
_OF_AIM = {"title": ("objective",), "objective": ("objective",), "archived_at": ("objective", "metric"),
           **dict.fromkeys(("metric", "baseline", "target", "unit"), ("metric",))}  # fmt: skip
Reason = tuple[Step, frozenset[str]]  # of which fields


def compared(actor: Actor, roadmap: Roadmap, first: date, second: date, *, audience: str = "") -> list[Move]:
    """What was added, dropped and moved between two days, in the fields that the audience reads.

    Reasons are for those who read reasons: where ``why`` is not a field of the audience, none is given.
    """
    audience = audience or roadmap.audience
    was, now = (_by_id(actor, roadmap, audience, day) for day in (first, second))
    told: dict[str, list[Reason]] = {}
    if "why" in audiences.FIELDS[audience]:
        told = _reasons(actor, roadmap, [i for i, _ in (*was.values(), *now.values())], first, second)
    keyed = "key" in audiences.FIELDS[audience]
    moves = []
    for ident in dict.fromkeys([*was, *now]):
        before, after = was.get(ident), now.get(ident)
        item = next(pair[0] for pair in (after, before) if pair is not None)
        old, new = ({n: pair[1].get(n) for n in COMPARED if n in pair[1]} if pair else {} for pair in (before, after))
        if old != new:
            what = "added" if before is None else "dropped" if after is None else "moved"
            move = Move(what, item.key if keyed else "", item.title, old, new, [])
            moves.append(move)
            move.reasons.extend(_said(move, told.get(ident, [])))
    return sorted(moves, key=lambda m: (("dropped", "moved", "added").index(m.what), m.title))


def _by_id(actor: Actor, roadmap: Roadmap, audience: str, day: date) -> dict[str, tuple[Item, dict[str, Any]]]:
    items, _ = items_of(audiences.eyes(actor, audience), roadmap, on=day)
    return {i.id: (i, audiences.shown(i, audience)) for i in items if audiences.may_appear(i, audience)}


def _said(move: Move, told: list[Reason]) -> list[dict[str, Any]]:
    """What was said of the fields that differ; of what came or went, why it is on the roadmap or off it."""
    asked = {*move.differs} if move.what == "moved" else {""}
    return [
        {"who": step.who, "at": step.at, "why": step.why, "about": [n for n in COMPARED if n in of & asked]}
        for step, of in told
        if of & asked
    ]


def _reasons(actor: Actor, roadmap: Roadmap, items: list[Item], first: date, second: date) -> dict[str, list[Reason]]:
    """What was said when these, their releases, what they serve and the roadmap changed between the ends of two
    days, the newest first. A citation of what is out of reach is not told of."""
    since, until = (datetime.combine(d, time.max, UTC) for d in (first, second))
    own = {UUID(i.id): i for i in items}
    on: dict[UUID, set[UUID]] = {}  # by what is stood on: what stands on it
    for item in items:
        for ident in item.stands_on:
            on.setdefault(ident, set()).add(UUID(item.id))
    told: dict[str, list[Reason]] = {i.id: [] for i in items}
    for step in steps(actor, list({*own, *on, roadmap.pk}), after=since, until=until):
        for ident, of in _about(step, roadmap, own, on).items():
            if of:
                told[str(ident)].append((step, frozenset(of)))
    return told


def _about(step: Step, roadmap: Roadmap, own: dict[UUID, Item], on: dict[UUID, set[UUID]]) -> dict[UUID, set[str]]:
    """Which fields of which items a change tells of."""
    made: dict[UUID, set[str]] = {}

    def of(idents: Iterable[UUID], names: Iterable[str]) -> None:
        for ident in idents:
            if ident in own:
                made.setdefault(ident, set()).update(names)

    for link in filter(None, step.diff.get(LINK) or ()):
        target = UUID(link["target"])
        if link["kind"] == "objective" and target in on:
            of([step.card], ("objective", "metric"))
        elif link["kind"] == "scope":
            of([target], ("release", *_DAYS))
        elif link["kind"] == SHOWS:
            of([target], ("",))
    if step.card == roadmap.pk:
        of(own if "query" in step.fields else (), ("",))
    else:
        of([step.card], _named(_OWN, step))
        released = step.card in own and own[step.card].kind == "release"
        of(on.get(step.card, ()), _named(_OF_RELEASE if released else _OF_AIM, step))
    return made


def _named(told: dict[str, tuple[str, ...]], step: Step) -> set[str]:
    return {of for name in step.fields for of in told.get(name, ())}


def days_of_change(actor: Actor, roadmap: Roadmap) -> date:
    """The day to compare with at first: a month ago, or when the roadmap was made if that is later."""
    month = rows.now().date() - timedelta(days=30)
    return max(month, moment_of(roadmap.created_at).date())


def moves(actor: Actor, roadmap: Roadmap) -> list[Move]:
    """What was added, dropped and moved in the last month, or since the roadmap was made."""
    return compared(actor, roadmap, days_of_change(actor, roadmap), rows.now().date())
