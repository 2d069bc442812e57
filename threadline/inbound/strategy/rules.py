"""What may be done with objectives and key results, and what must hold."""

from __future__ import annotations

from typing import Annotated, Literal

from threadline.inbound.strategy.models import KeyResult, Objective, Strategy
from threadline.inbound.strategy.queries import CHECK_IN
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid


def settle_objective(objective: Objective) -> None:
    """An objective ends after it begins."""
    if objective.starts_on and objective.due_on and objective.due_on < objective.starts_on:
        raise Invalid(("due_on", "This is before the objective begins."))


def settle_key_result(key_result: KeyResult) -> None:
    """A target that is the baseline says nothing, and could not be graded."""
    if key_result.target is not None and key_result.target == key_result.baseline:
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
    value: Annotated[float, Ask("Value now")],
    state: Annotated[Literal["on_track", "at_risk", "off_track", "done"] | None, Ask("How does it go?")] = None,
    confidence: Annotated[
        float | None, Ask("How sure are you, in %?", "That the target is reached by its day.")
    ] = None,
    note: Annotated[str, Ask("What happened?", "Kept with the number, for the next review.", long=True)] = "",
) -> KeyResult:
    """Say where the number stands today, how sure you are of the target, and why."""
    if confidence is not None and not 0 <= confidence <= 100:
        raise Invalid(("confidence", "From 0, it will not be, to 100, it surely will."))
    door.why = note[:2_000] or door.why
    sure = {"confidence": confidence} if confidence is not None else {}
    door.change(key_result, {"current": value, "state": state or key_result.state, **sure})
    # Said apart from the fields: a number that did not move is news as well.
    door.log(key_result, {CHECK_IN: [None, {"value": value, "state": key_result.state, **sure}]})
    return key_result
