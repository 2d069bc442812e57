"""What each audience reads. Fields are chosen here, before anything is drawn: what is not named does not leave.

Every face of a roadmap (page, data, shared link, export, calendar) is made from :func:`shown` alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from threadline.inbound.roadmaps.models import Roadmap
from threadline.kernel.access import Actor
from threadline.kernel.members import Role

if TYPE_CHECKING:
    from threadline.inbound.roadmaps.items import Item

Audience = Roadmap.Audience
NOBODY = UUID(int=0)  # no member has it
_OUTSIDE = ("title", "stage", "stage_label", "tone", "horizon", "horizon_label", "product")
_SALES = (*_OUTSIDE, "key", "release", "period", "from_on", "to_on")
_EXECUTIVE = (
    *_OUTSIDE, "key", "kind", "owner", "objective", "metric", "release", "teams", "starts_on", "likely_on", "sure_on",
    "first_on", "slip", "why", "critical", "evidence", "asked_last_on", "lacks_metric", "dated_by",
)  # fmt: skip
_TEAM = (*_EXECUTIVE, "id", "version", "score", "effort", "needs", "clashes", "sure_said")
FIELDS: dict[str, tuple[str, ...]] = {
    Audience.TEAM: _TEAM,
    Audience.EXECUTIVE: _EXECUTIVE,
    Audience.SALES: _SALES,
    Audience.CUSTOMER: (*_OUTSIDE, "period"),
    Audience.PUBLIC: _OUTSIDE,
}
# For these, what is kept for a team or for named people is never shown, whoever looks.
OUTWARD = (Audience.SALES, Audience.CUSTOMER, Audience.PUBLIC)
# For these, nothing appears because it matches a query: somebody has to pick it.
PICKED = (Audience.CUSTOMER, Audience.PUBLIC)
MODES: dict[str, tuple[str, ...]] = {
    Audience.TEAM: ("timeline", "horizons", "outcomes"),
    Audience.EXECUTIVE: ("timeline", "horizons", "outcomes"),
    Audience.SALES: ("timeline", "horizons"),
    Audience.CUSTOMER: ("horizons",),
    Audience.PUBLIC: ("horizons",),
}
_LANE_FIELDS = {"objective": "objective", "team": "teams", "product": "product", "release": "release"}
_STAGES = {"idea": "Considered", "candidate": "Considered", "planned": "Planned", "building": "In the making",
           "ready": "In the making", "shipped": "Shipped", "declined": "Not planned",
           "cancelled": "Not planned"}  # fmt: skip
_TONES = {"Considered": "", "Planned": "info", "In the making": "plum", "Shipped": "ok", "Not planned": ""}


def shown(item: Item, audience: str) -> dict[str, Any]:
    """An item as this audience reads it: the fields of its list, and nothing beside them."""
    allowed = FIELDS[audience]
    values = _values(item)
    return {name: values[name] for name in allowed if values.get(name) not in (None, "", [], False)}


def outsider(actor: Actor) -> Actor:
    """Somebody who may see what everybody in the workspace may see, and nothing else: no private field, nothing
    kept for a team or for named people. Through these eyes related titles and counts stay inside as well."""
    return replace(actor, member_id=NOBODY, role=Role.VIEWER.value, scopes=frozenset({"read"}), extra={})


def is_outside(actor: Actor) -> bool:
    """Whether this is such a somebody."""
    return actor.member_id == NOBODY


def eyes(actor: Actor, audience: str) -> Actor:
    """Through whose reach a version is read."""
    return outsider(actor) if audience in OUTWARD else actor


def may_appear(item: Item, audience: str) -> bool:
    """Whether an item is anything for this audience at all."""
    if audience in OUTWARD and item.confidentiality != 0:
        return False
    if item.kind == "release" and "release" not in FIELDS[audience]:
        return False
    return item.picked or audience not in PICKED


def lanes(audience: str, wanted: str) -> str:
    """What rows are grouped by; by nothing, where the audience does not read that."""
    return wanted if _LANE_FIELDS.get(wanted) in FIELDS[audience] else "none"


def mode(audience: str, wanted: str) -> str:
    """How it is drawn: as wanted, or the first way that this audience has."""
    return wanted if wanted in MODES[audience] else MODES[audience][0]


def stage_label(state: str) -> str:
    """Where it stands, as those outside are told."""
    return _STAGES.get(state, "")


def quarter(day: date) -> tuple[str, date, date]:
    """The quarter of a day: its name, its first and its last day."""
    number = (day.month - 1) // 3
    first = date(day.year, 3 * number + 1, 1)
    last = (date(day.year + 1, 1, 1) if number == 3 else date(day.year, 3 * number + 4, 1)) - timedelta(days=1)
    return f"Q{number + 1} {day.year}", first, last


def _values(item: Item) -> dict[str, Any]:
    stage = _STAGES.get(item.state, "Considered")
    values: dict[str, Any] = {name: getattr(item, name) for name in _TEAM if hasattr(item, name)}
    values |= {"stage": item.state, "stage_label": stage, "tone": _TONES[stage]}
    values["horizon_label"] = {"now": "Now", "next": "Next", "later": "Later", "done": "Done"}.get(item.horizon, "")
    # Outside, a time is the quarter in which it is sure, and only of what is for now or next.
    if item.sure_on is not None and item.horizon in ("now", "next") and item.state != "shipped":
        name, first, last = quarter(item.sure_on)
        values |= {"period": name, "from_on": first, "to_on": last}
    return values
