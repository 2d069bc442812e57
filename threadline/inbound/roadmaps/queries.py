"""Questions about roadmaps: what is on one, today and on any day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

from threadline.inbound.roadmaps import audiences, earlier, features, filling
from threadline.inbound.roadmaps.beside import today
from threadline.inbound.roadmaps.features import SHOWS
from threadline.inbound.roadmaps.items import Item, Shown
from threadline.inbound.roadmaps.models import Roadmap
from threadline.inbound.roadmaps.then import then
from threadline.kernel import rows
from threadline.kernel.access import Actor

__all__ = ["SHOWS", "asked_of_today", "items_of", "shown"]


def shown(actor: Actor, roadmap: Roadmap, *, audience: str = "", on: date | None = None) -> Shown:
    """What an audience reads of a roadmap, today or on a day. The actor's reach is the most it can be."""
    audience = audience or roadmap.audience
    items, full = items_of(audiences.eyes(actor, audience), roadmap, on=on)
    fit = [i for i in items if audiences.may_appear(i, audience)]
    found = [audiences.shown(i, audience) for i in fit if i.kind == "feature"]
    releases = [audiences.shown(i, audience) for i in fit if i.kind == "release"]
    return Shown(roadmap.title, audience, on or rows.now().date(), found, releases, full)


def items_of(actor: Actor, roadmap: Roadmap, *, on: date | None = None) -> tuple[list[Item], bool]:
    """Features and their releases with all fields, as they are or as they stood at the end of a day; and
    whether there were more than fit."""
    at = _end_of(on) if on is not None and on < rows.now().date() else None
    if at is None:
        found, full = features.on_roadmap(actor, roadmap)
        by_id = {UUID(i.id): i for i in found}
        beside = today(actor, list(by_id))
    else:
        found, full, log, names = earlier.on_roadmap(actor, roadmap, at)
        by_id = {UUID(i.id): i for i in found}
        beside = then(actor, list(by_id), at, log, names)
    filling.fill(by_id, beside)
    filling.slips(actor, by_id, at)
    filling.depend(by_id, beside.needs)
    return [*found, *beside.releases.values()], full


def asked_of_today(actor: Actor, roadmap: Roadmap, on: date) -> list[str]:
    """What its query of a day asks of that is not kept by day, and so is asked of today."""
    return earlier.asked_of_today(actor, roadmap, _end_of(on))


def _end_of(on: date) -> datetime:
    return datetime.combine(on, time.max, UTC)
