"""What may be done with predictions: made before the work, scored on their day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from threadline.inbound.decisions import queries, scoring
from threadline.inbound.decisions.following import add_part, follow
from threadline.inbound.decisions.models import Decision, Prediction
from threadline.inbound.decisions.rules import Reason
from threadline.kernel import verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.records import Record

Value = Annotated[float, Ask("What it was", "The number as it was measured.")]


def settle_prediction(prediction: Prediction) -> None:
    """Named by its metric; a hit or a miss by its number, whoever wrote that down and how often."""
    decision = follow(prediction)
    if decision is not None and prediction.owner_id is None:
        prediction.owner_id = decision.owner_id
    prediction.title = prediction.title or prediction.metric
    problems = _range_problems(prediction)
    if prediction.state in queries.SCORED and prediction.actual is None:
        problems.append(Problem("actual", "Say what the number was."))
    if problems:
        raise Invalid(*problems)
    if prediction.actual is not None and prediction.state != "dropped":
        came = scoring.hit(prediction.low, prediction.high, prediction.actual)
        prediction.state = "hit" if came else "miss"
        prediction.measured_on = prediction.measured_on or queries.today()
    elif prediction.state in queries.SCORED:
        prediction.state = "open"


def _range_problems(prediction: Prediction) -> list[Problem]:
    if prediction.low is None or prediction.high is None or prediction.low <= prediction.high:
        return []
    return [Problem("high", "The upper end lies below the lower one.")]


@action(Decision, verb="update", label="Predict", states=("draft", "proposed", "decided"))
def predict(
    door: Door,
    *,
    decision: Decision,
    metric: Annotated[str, Ask("Metric", "A number that somebody can read on the day, and how it is counted.")],
    low: Annotated[float, Ask("From", "The lower end of what you expect.")],
    high: Annotated[float, Ask("To", "The upper end.")],
    due_on: Annotated[date, Ask("Read it on", "The review opens on this day by itself.")],
    baseline: Annotated[float | None, Ask("Today", "Where the number stands now.")] = None,
    likely: Annotated[float | None, Ask("Most likely", "Blank means the middle of the range.")] = None,
    probability: Annotated[
        float | None, Ask("How sure", "Per cent, 50 to 99: how often such a range should hold.")
    ] = None,
    unit: Annotated[str, Ask("Unit")] = "",
    who: Annotated[str, Ask("Who answers for it", "Blank means you.")] = "",
) -> Record:
    """Say what it should do to a number by a day. On that day the one who answers for it is asked for the outcome."""
    if likely is not None and not low <= likely <= high:
        raise Invalid(("likely", "The most likely value lies outside the range."))
    door.log(decision, {})
    said = {"metric": metric, "low": low, "high": high, "due_on": due_on, "baseline": baseline, "likely": likely}
    rest = {"probability": probability, "unit": unit, "owner": who or "me"}
    made: Prediction = add_part(door, Prediction, decision, {**said, **rest})
    verbs.link(door, made, decision, "about")
    return made


@action(Prediction, verb="decide", label="Write down the outcome", states=("open",))
def score_prediction(
    door: Door,
    *,
    prediction: Prediction,
    actual: Value,
    measured_on: Annotated[date | None, Ask("Read on", "Blank means today.")] = None,
    learned: Annotated[str, Ask("What we learnt", "Why it came out so.", long=True)] = "",
) -> Prediction:
    """Say what the number was. Hit or miss follows from the range that was predicted."""
    values: dict[str, Any] = {"actual": actual, "measured_on": measured_on or queries.today()}
    return door.change(prediction, {**values, **({"learned": learned} if learned else {})})


@action(Prediction, verb="decide", label="Drop", states=("open",))
def drop_prediction(door: Door, *, prediction: Prediction, reason: Reason) -> Prediction:
    """Say that it will never be read, and why. It counts neither as a hit nor as a miss."""
    door.why = reason[:2_000]
    return door.change(prediction, {"state": "dropped"})


@action(Prediction, verb="decide", label="Take the outcome back", states=("hit", "miss"))
def unscore_prediction(door: Door, *, prediction: Prediction, reason: Reason) -> Prediction:
    """The number was wrong, or read too early: wait for it again."""
    door.why = reason[:2_000]
    return door.change(prediction, {"state": "open", "actual": None, "measured_on": None})


@action(Prediction, verb="decide", label="Wait for it after all", states=("dropped",))
def resume_prediction(door: Door, *, prediction: Prediction, reason: Reason) -> Prediction:
    """Somebody will read it on its day after all."""
    door.why = reason[:2_000]
    return door.change(prediction, {"state": "open"})
