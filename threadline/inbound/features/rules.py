"""What may be done with a feature, and what must hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from threadline.inbound import standing
from threadline.inbound.features import queries, readiness
from threadline.inbound.features.models import Feature
from threadline.inbound.features.rice import INPUTS
from threadline.kernel import rows
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid, Problem

SOLVES = "opportunity"  # the link from a feature to what it addresses
Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]

NotWaited = Annotated[str, Ask("Why not wait?", "Shown on it, with your name and what was missing.", long=True)]


def settle_feature(feature: Feature, before: dict[str, Any] | None) -> None:
    """Derive the dates of sources; refuse what cannot be."""
    if before is not None and before.get("state") == "declined" and feature.state != "declined":
        feature.declined_reason = ""  # it holds no longer; the history keeps it
    _date_sources(feature, before)
    problems = [
        *_state_problems(feature),
        *_parent_problems(feature, before),
        *_plan_problems(feature),
        *_input_problems(feature),
    ]
    if problems:
        raise Invalid(*problems)


def _state_problems(feature: Feature) -> list[Problem]:
    if feature.state == "declined" and not feature.declined_reason.strip():
        return [Problem("declined_reason", "Say why it is declined: those who asked will read it.")]
    return []


def _parent_problems(feature: Feature, before: dict[str, Any] | None) -> list[Problem]:
    if feature.parent_id is None or (before is not None and "parent" not in before):
        return []
    if feature.parent_id == feature.pk or (before is not None and queries.is_part_of(feature.parent_id, feature)):
        return [Problem("parent", "A feature cannot be part of itself, nor of one of its own parts.")]
    return []


def _plan_problems(feature: Feature) -> list[Problem]:
    """Dates stand in order, and what is for later has none: nobody can know them."""
    starts, likely, sure = feature.starts_on, feature.due_on, feature.late_on
    problems = []
    if feature.horizon == Feature.Horizon.LATER and (likely or sure):
        name = "due_on" if likely else "late_on"
        problems.append(Problem(name, "What is for later has no date. Take the dates off, or move it to Next."))
    if starts and likely and likely < starts:
        problems.append(Problem("due_on", "This is before the work on it starts."))
    if sure and likely is None:
        problems.append(Problem("due_on", "Say by when it is likely, before you say by when it is sure."))
    if sure and likely and sure < likely:
        problems.append(Problem("late_on", "Sure comes no earlier than likely."))
    return problems


def _input_problems(feature: Feature) -> list[Problem]:
    problems = []
    if feature.confidence is not None and 0 < feature.confidence <= 1:
        problems.append(Problem("confidence", "Confidence is a percentage: write 80 for 80 %."))
    tomorrow = rows.now().date() + timedelta(days=1)  # somebody's today, wherever they are
    for name, _ in INPUTS:
        on = getattr(feature, f"{name}_on")
        if on is not None and on > tomorrow:
            problems.append(Problem(f"{name}_on", "A source cannot be of a day to come."))
    return problems


def _date_sources(feature: Feature, before: dict[str, Any] | None) -> None:
    """A source without a day, and a number renewed without one, is of today."""
    for name, _ in INPUTS:
        if not getattr(feature, f"{name}_source"):
            continue
        on = f"{name}_on"
        renewed = before is not None and on not in before and (name in before or f"{name}_source" in before)
        if getattr(feature, on) is None or renewed:
            setattr(feature, on, rows.now().date())


def _move(door: Door, feature: Feature, state: str, reason: str = "") -> Feature:
    door.why = reason[:2_000] or door.why
    return door.change(feature, {"state": state})


# ---- forward ----------------------------------------------------------------------------


@action(Feature, verb="decide", label="Make candidate", to="candidate", states=("idea",), bulk=True)
def consider_feature(door: Door, *, feature: Feature) -> Feature:
    """Take the idea up for scoring against the others."""
    return _move(door, feature, "candidate")


@action(Feature, verb="decide", label="Plan", to="planned", states=("idea", "candidate"), bulk=True)
def plan_feature(door: Door, *, feature: Feature) -> Feature:
    """Commit to building it; it now counts in planned effort and coverage."""
    return _move(door, feature, "planned")


@action(Feature, verb="decide", label="Start building", to="building", states=("planned",), bulk=True)
def start_feature(door: Door, *, feature: Feature) -> Feature:
    """Say that work has begun. What should be there first is; if not, it can be begun with a reason."""
    return _move(door, feature, "building")


@action(Feature, verb="decide", label="Start before it is ready", to="building", states=("planned",), bulk=True)
def start_unready_feature(door: Door, *, feature: Feature, reason: NotWaited) -> Feature:
    """Say that work has begun although it lacks something that should be there first."""
    return _move_unready(door, feature, "building", reason)


@action(Feature, verb="decide", label="Ship", to="shipped", states=("planned", "building"), bulk=True)
def ship_feature(door: Door, *, feature: Feature) -> Feature:
    """Say that customers have it. Those who asked can now be told."""
    return _move(door, feature, "shipped")


@action(Feature, verb="decide", label="Ship before it is ready", to="shipped", states=("planned",), bulk=True)
def ship_unready_feature(door: Door, *, feature: Feature, reason: NotWaited) -> Feature:
    """Say that customers have it although nobody began it, and it lacks something that should be there first."""
    return _move_unready(door, feature, "shipped", reason)


def _move_unready(door: Door, feature: Feature, state: str, reason: str) -> Feature:
    """The way of :func:`readiness.hold` for what lacks something; what that is stands in the log beside the reason."""
    lacks = readiness.missing(door.actor, feature)
    if not lacks:
        raise Conflict("Nothing is missing: this needs no reason.", feature.version)
    _move(door, feature, state, reason)
    door.log(feature, {readiness.MISSING: [None, lacks]})
    return feature


# ---- back, with a reason ------------------------------------------------------------------


@action(Feature, verb="decide", label="Back to ideas", to="idea", states=("candidate", "planned"), bulk=True)
def set_feature_aside(door: Door, *, feature: Feature, reason: Reason) -> Feature:
    """Stop considering it for now, without a no to those who asked."""
    return _move(door, feature, "idea", reason)


@action(Feature, verb="decide", label="Take out of the plan", to="candidate", states=("planned",), bulk=True)
def unplan_feature(door: Door, *, feature: Feature, reason: Reason) -> Feature:
    """Withdraw the commitment; it competes with the other candidates again."""
    return _move(door, feature, "candidate", reason)


@action(Feature, verb="decide", label="Stop building", to="planned", states=("building",), bulk=True)
def pause_feature(door: Door, *, feature: Feature, reason: Reason) -> Feature:
    """Stop the work for now; it stays in the plan."""
    return _move(door, feature, "planned", reason)


@action(Feature, verb="decide", label="Withdraw", to="building", states=("shipped",))
def withdraw_feature(door: Door, *, feature: Feature, reason: Reason) -> Feature:
    """Customers do not have it after all, or no longer: back to building."""
    return _move(door, feature, "building", reason)


@action(
    Feature,
    verb="decide",
    label="Decline",
    to="declined",
    states=("idea", "candidate", "planned", "building"),
    bulk=True,
)
def decline_feature(
    door: Door, *, feature: Feature, reason: Annotated[str, Ask("Why not?", "Those who asked will read it.", long=True)]
) -> Feature:
    """Decide against it, and say why; it can be taken up again later."""
    door.why = reason[:2_000]
    return door.change(feature, {"state": "declined", "declined_reason": reason})


@action(Feature, verb="decide", label="Take up again", to="candidate", states=("declined",), bulk=True)
def reconsider_feature(
    door: Door, *, feature: Feature, reason: Annotated[str, Ask("What has changed?", long=True)]
) -> Feature:
    """Open the decision again: it becomes a candidate, and the history keeps the earlier no."""
    return _move(door, feature, "candidate", reason)


@action(Feature, verb="update", label="Solves an opportunity")
def solve_opportunity(
    door: Door, *, feature: Feature, opportunity: Annotated[str, Ask("Opportunity", to="opportunity")]
) -> Feature:
    """Say which opportunity this feature addresses; it leaves the one it stood under."""
    standing.stand_under(door, feature, standing.named(door, "opportunity", opportunity), SOLVES, (SOLVES,))
    return feature


# ---- when ---------------------------------------------------------------------------------


@action(Feature, verb="update", label="Change the dates")
def reschedule_feature(
    door: Door,
    *,
    feature: Feature,
    starts_on: Annotated[date | None, Ask("Starts")] = None,
    due_on: Annotated[date | None, Ask("Likely by", "As likely before this day as after it.")] = None,
    late_on: Annotated[date | None, Ask("Sure by", "Before it 85 times in 100; blank: as the estimates say.")] = None,
    reason: Annotated[str, Ask("Why?", "Kept with the change; whoever compares two days reads it.")] = "",
) -> Feature:
    """Say when it comes, as a range. A day left blank is taken off."""
    door.why = reason[:2_000] or door.why
    if (starts_on, due_on, late_on) == (feature.starts_on, feature.due_on, feature.late_on):
        raise Conflict("These are its dates already.", feature.version)
    return door.change(feature, {"starts_on": starts_on, "due_on": due_on, "late_on": late_on})


@action(Feature, verb="update", label="Move to now, next or later")
def place_feature(
    door: Door,
    *,
    feature: Feature,
    horizon: Annotated[Literal["now", "next", "later"], Ask("When")],
    reason: Annotated[str, Ask("Why?", "Kept with the change; whoever compares two days reads it.")] = "",
) -> Feature:
    """Say how near it is. What moves to later loses its dates, for nobody can know them."""
    door.why = reason[:2_000] or door.why
    undated = {"due_on": None, "late_on": None, "starts_on": None} if horizon == "later" else {}
    return door.change(feature, {"horizon": horizon, **undated})
