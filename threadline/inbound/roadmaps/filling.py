"""What a roadmap says of its items beside their own fields: teams, days, slip, dependencies, aims and evidence."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from threadline.inbound.roadmaps.beside import Beside
from threadline.inbound.roadmaps.items import Item, day_of
from threadline.inbound.roadmaps.replaying import steps
from threadline.kernel.access import Actor
from threadline.planning import ranges

Points = tuple[float, float, float]


def fill(by_id: dict[UUID, Item], beside: Beside) -> None:
    """Everything that others say of the items, of whichever day it is."""
    released = {item: beside.releases[r] for item, r in beside.scope if r in beside.releases}  # the latest stands
    _estimate(by_id, beside)
    for ident, item in by_id.items():
        release = released.get(ident)
        if release is not None:
            item.release = release.title
            item.stands_on.append(UUID(release.id))
        _settle_days(item, release)
        item.horizon = _horizon(item)
        item.evidence, item.asked_last_on = beside.evidence.get(ident, (0, None))
    _aims(by_id, beside)


def _estimate(by_id: dict[UUID, Item], beside: Beside) -> None:
    """Teams, effort, and how far the estimates spread."""
    of: dict[UUID, list[tuple[UUID, Points]]] = {}
    for (feature, team), points in beside.estimates.items():
        of.setdefault(feature, []).append((team, points))
    for ident, mine in of.items():
        item = by_id[ident]
        item.teams = sorted(beside.teams[t] for t, _ in mine if t in beside.teams)
        item.effort = round(sum((low + 4 * likely + high) / 6 for _, (low, likely, high) in mine), 1)
        item.stretch = ranges.stretch(points for _, points in mine)


def _settle_days(item: Item, release: Item | None) -> None:
    """Its own days, else its release's; where nobody said by when it is sure, its estimates do."""
    if item.horizon == "later":
        return
    if item.likely_on is None and release is not None and release.likely_on is not None:
        item.starts_on, item.likely_on = item.starts_on or release.starts_on, release.likely_on
        item.dated_by = "release"
    if item.likely_on is not None and item.starts_on is not None and item.starts_on > item.likely_on:
        item.starts_on = None  # its own start lies behind its release's day
    if item.sure_on is None and item.starts_on and item.likely_on and item.stretch:
        item.sure_on = ranges.sure_by(item.starts_on, item.likely_on, item.stretch)


def _horizon(item: Item) -> str:
    """As somebody said, else as its state and its days say."""
    if item.state == "shipped":
        return "done"
    if item.horizon:
        return item.horizon
    if item.state == "building":
        return "now"
    return "next" if item.state == "planned" or item.likely_on else "later"


def _aims(by_id: dict[UUID, Item], beside: Beside) -> None:
    """The number each should move; its aim is the one of its first key result, else what it cites first."""
    first: dict[UUID, str] = {}
    for aim in beside.aims:
        item = by_id[aim.item]
        item.stands_on += aim.of
        first.setdefault(aim.item, aim.title)
        item.metric = item.metric or aim.metric
        item.objective = item.objective or aim.objective
    for ident, item in by_id.items():
        item.objective = item.objective or first.get(ident, "")
        item.lacks_metric = not item.metric and item.state != "shipped"


def slips(actor: Actor, by_id: dict[UUID, Item], at: datetime | None) -> None:
    """The first day each was likely by, and what was said when it last moved; as far as was known at an instant."""
    dated = [i for i, item in by_id.items() if item.likely_on and not item.dated_by]
    for step in steps(actor, dated, until=at, oldest_first=True):
        item = by_id[step.card]
        if step.diff.get("due_on", (None, None))[1]:
            item.first_on = item.first_on or day_of(step.diff["due_on"][1])
        if step.diff.keys() & {"due_on", "late_on", "horizon"} and step.why:
            item.why = step.why
    for item in by_id.values():
        if item.first_on and item.likely_on:
            item.slip = (item.likely_on - item.first_on).days


def depend(by_id: dict[UUID, Item], links: list[tuple[UUID, UUID]]) -> None:
    """What each needs, what of that ends too late for it, and the chain that decides the end."""
    for ident, needed in links:
        item, before = by_id[ident], by_id[needed]
        item.needs.append(before.key)
        if item.starts_on and before.likely_on and before.state != "shipped" and before.likely_on >= item.starts_on:
            item.clashes.append(before.key)
    days = {
        i: (item.likely_on - item.starts_on).days + 1
        for i, item in by_id.items()
        if item.starts_on and item.likely_on and item.state != "shipped"
    }
    for ident in ranges.critical(days, links):
        by_id[ident].critical = True
