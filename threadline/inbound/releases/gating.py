"""What may be done with gates and rollout stages, and what a release asks of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from threadline.inbound.releases.models import Gate, Release, RolloutStage
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem

Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]
SEEN = Ask("What was seen?", "A test run, a figure, a record's key: what somebody else could look at.", long=True)


def settle_gate(gate: Gate, before: dict[str, Any] | None) -> None:
    """A gate whose meaning changed is open again: what was seen was seen for other words."""
    if before is not None and "title" in before and gate.state in ("passed", "waived"):
        gate.state, gate.evidence, gate.waived_until = "open", "", None


def closed(actor: Actor, release: Release, *phases: str) -> list[Gate]:
    """The gates of these phases, within reach, that keep the release back today."""
    here = reach(actor, Gate).filter(release_id=release.pk, archived_at=None, phase__in=phases)
    return [gate for gate in here.exclude(state="passed").order_by("number") if not waived(gate)]


def waived(gate: Gate) -> bool:
    """Whether it is waived, and still is today."""
    return gate.state == "waived" and (gate.waived_until is None or gate.waived_until >= rows.now().date())


def need_open(actor: Actor, release: Release, *phases: str) -> list[Problem]:
    """A problem for each gate that keeps the release back, in words."""
    return [
        Problem(
            "", f"Gate {gate.key}, {gate.title}, is {'waived no longer' if gate.state == 'waived' else gate.state}."
        )
        for gate in closed(actor, release, *phases)
    ]


def _decide(door: Door, gate: Gate, state: str, why: str, **also: object) -> Gate:
    if gate.approver_id is not None and gate.approver_id != door.actor.member_id:
        raise Invalid(("", "This gate names who decides it. Ask them, or name somebody else first."))
    door.why = why[:2_000] or door.why
    return door.change(gate, {"state": state, **also})


@action(Gate, verb="decide", label="Pass", to="passed", states=("open", "failed", "waived"))
def pass_gate(door: Door, *, gate: Gate, evidence: Annotated[str, SEEN]) -> Gate:
    """Say that it holds, and what was seen. Where the gate names somebody, only they can."""
    return _decide(door, gate, "passed", "", evidence=evidence, waived_until=None)


@action(Gate, verb="decide", label="Fail", to="failed", states=("open", "passed", "waived"))
def fail_gate(door: Door, *, gate: Gate, evidence: Annotated[str, SEEN]) -> Gate:
    """Say that it does not hold, and what was seen. The release stays where it is until it passes."""
    return _decide(door, gate, "failed", "", evidence=evidence, waived_until=None)


@action(Gate, verb="decide", label="Waive", to="waived", states=("open", "failed"))
def waive_gate(
    door: Door,
    *,
    gate: Gate,
    reason: Reason,
    until: Annotated[date, Ask("Until", "After this day it keeps the release back again.")],
) -> Gate:
    """Go on without it for a while, with a reason and a last day."""
    if until < rows.now().date():
        raise Invalid(("until", "This day has been."))
    return _decide(door, gate, "waived", reason, waived_until=until)


@action(Gate, verb="decide", label="Look again", to="open", states=("passed", "failed", "waived"))
def reopen_gate(door: Door, *, gate: Gate, reason: Reason) -> Gate:
    """Take the answer back: it has to be looked at anew."""
    return _decide(door, gate, "open", reason, evidence="", waived_until=None)


@action(RolloutStage, verb="decide", label="Start", to="started", states=("planned", "held", "rolled_back"))
def start_stage(door: Door, *, rollout_stage: RolloutStage) -> RolloutStage:
    """Let these customers have it. The release has shipped, and every smaller stage is done."""
    stage = rollout_stage
    if not reach(door.actor, Release).filter(pk=stage.release_id, state="shipped").exists():
        raise Invalid(("", "The release has not shipped: decide that first."))
    before = reach(door.actor, RolloutStage).filter(release_id=stage.release_id, archived_at=None)
    waiting = before.filter(percent__lt=stage.percent).exclude(state="done").order_by("percent").first()
    if waiting is not None:
        raise Invalid(("", f"{waiting.key}, {waiting.title}, comes before it and is not done."))
    return door.change(stage, {"state": "started", "started_on": rows.now().date()})


@action(RolloutStage, verb="decide", label="Hold", to="held", states=("started",))
def hold_stage(door: Door, *, rollout_stage: RolloutStage, reason: Reason) -> RolloutStage:
    """Stop going further for now; those who have it keep it."""
    door.why = reason[:2_000]
    return door.change(rollout_stage, {"state": "held"})


@action(RolloutStage, verb="decide", label="Done", to="done", states=("started",))
def finish_stage(
    door: Door, *, rollout_stage: RolloutStage, seen: Annotated[str, Ask("What did the figures say?", long=True)]
) -> RolloutStage:
    """Say that it went well with these customers, so that the next stage may start."""
    door.why = seen[:2_000]
    return door.change(rollout_stage, {"state": "done"})


@action(RolloutStage, verb="decide", label="Take it back", to="rolled_back", states=("started", "held", "done"))
def roll_back_stage(door: Door, *, rollout_stage: RolloutStage, reason: Reason) -> RolloutStage:
    """Say that these customers have the version before again, and why."""
    door.why = reason[:2_000]
    return door.change(rollout_stage, {"state": "rolled_back"})
