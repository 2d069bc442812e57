"""What may be done with objectives and key results, and what must hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from threadline.inbound.metrics import rules as metrics
from threadline.inbound.metrics.growing import MEASURES
from threadline.inbound.strategy import grading
from threadline.inbound.strategy.models import KeyResult, Objective, Strategy
from threadline.inbound.strategy.queries import CHECK_IN
from threadline.kernel import rows
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.links import Link


def settle_objective(objective: Objective) -> None:
    """An objective ends after it begins."""
    if objective.starts_on and objective.due_on and objective.due_on < objective.starts_on:
        raise Invalid(("due_on", "This is before the objective begins."))


def settle_key_result(key_result: KeyResult) -> None:
    """Refuse what could not be graded: a target that is the baseline, a range or steps without a distance."""
    low, high, shape = key_result.baseline, key_result.target, key_result.shape
    if shape == KeyResult.Shape.DONE:
        return
    if shape == KeyResult.Shape.STEPS and low is None:
        low = key_result.baseline = 0.0
    if low is None or high is None:
        return
    if shape == KeyResult.Shape.KEEP and low >= high:
        raise Invalid(("target", "The upper end of the range is not above its lower end."))
    if shape == KeyResult.Shape.STEPS and low >= high:
        raise Invalid(("target", "Say how many steps there are."))
    if low == high:
        raise Invalid(("target", "The target is the baseline: say how far it should move."))


def settle_strategy(strategy: Strategy) -> None:
    """It is looked at again after it begins."""
    if strategy.starts_on and strategy.review_on and strategy.review_on < strategy.starts_on:
        raise Invalid(("review_on", "This is before the strategy begins."))


@action(KeyResult, verb="update", label="Check in")
def check_in(
    door: Door,
    *,
    key_result: KeyResult,
    value: Annotated[float, Ask("Value now", "Of steps: how many are done. Of what is done or not: 1 or 0.")],
    state: Annotated[Literal["on_track", "at_risk", "off_track", "done"] | None, Ask("How does it go?")] = None,
    confidence: Annotated[
        float | None, Ask("How sure are you, in %?", "That the target is reached by its day.")
    ] = None,
    note: Annotated[str, Ask("What happened?", "Kept with the number, for the next review.", long=True)] = "",
    on: Annotated[date | None, Ask("Read on", "Blank: today. Its metric keeps the number under that day.")] = None,
) -> KeyResult:
    """Say where the number stands today, how sure you are of the target, and why. Its metric hears of it."""
    if confidence is not None and not 0 <= confidence <= 100:
        raise Invalid(("confidence", "From 0, it will not be, to 100, it surely will."))
    door.why = note[:2_000] or door.why
    if key_result.shape == KeyResult.Shape.DONE and value not in (0, 1):
        raise Invalid(("value", "1 when it is done, 0 when it is not: there is nothing between."))
    sure = {"confidence": confidence} if confidence is not None else {}
    counted = {}
    if key_result.shape == KeyResult.Shape.KEEP:
        held = key_result.held + grading.within(value, key_result.baseline, key_result.target)
        counted = {"checked": key_result.checked + 1, "held": held}
    door.change(key_result, {"current": value, "state": state or key_result.state, **sure, **counted})
    # Said apart from the fields: a number that did not move is news as well.
    door.log(key_result, {CHECK_IN: [None, {"value": value, "state": key_result.state, **sure}]})
    if key_result.shape in (KeyResult.Shape.REACH, KeyResult.Shape.KEEP):
        _tell_metric(door, key_result, value, on or rows.now().date())
    return key_result


def _tell_metric(door: Door, key_result: KeyResult, value: float, day: date) -> None:
    """The one metric that a key result is measured by stands at that number as well; of two nobody knows which."""
    mine = Link.objects.filter(workspace_id=key_result.workspace_id, source_id=key_result.pk, kind=MEASURES)
    ids = list(mine.values_list("target_id", flat=True)[:2])
    if len(ids) == 1:
        door.why = door.why or f"Check-in of {key_result.key}."
        metrics.keep_check_in(door, ids, key_result.unit, value, day)
