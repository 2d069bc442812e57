"""What may be done with score models, their inputs and blind rounds, and what must hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from threadline.inbound.priorities import queries
from threadline.inbound.priorities.models import Ballot, ScoreInput, ScoreModel, ScoringRound
from threadline.kernel import rows
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.registry import type_of
from threadline.planning.priority import modelling

Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]
MOST_SCORED = 40  # features in one round
FEWEST = 2  # people, before a round can be revealed


def today() -> date:
    """The day by the server's clock, in UTC."""
    return rows.now().date()


# ---- models -----------------------------------------------------------------------------


def settle_model(model: ScoreModel, before: dict[str, Any] | None) -> None:
    """Refuse weights that say nothing, and a change of an applied model that nobody has seen the effect of."""
    was = before or {}
    if was and model.state == "active" and was.get("state", "active") == "active":
        moved = [n for n in ("method", "criteria") if n in was and (was[n] or "") != getattr(model, n)]
        if moved:
            says = "This model is applied. Draft another one, compare the two, and apply that."
            raise Invalid(*(Problem(name, says) for name in moved))
    if model.method == ScoreModel.Method.WEIGHTED:
        try:
            modelling.criteria(model.criteria)
        except ValueError as refused:
            raise Invalid(("criteria", str(refused))) from None


@action(ScoreModel, verb="decide", label="Apply", states=("draft", "retired"))
def apply_score_model(door: Door, *, score_model: ScoreModel, reason: Reason = "") -> ScoreModel:
    """Rank by this model from now on; the one before it retires. Compare the two first to see whose place changes."""
    door.why = reason[:2_000] or door.why
    others = ScoreModel.objects.filter(workspace_id=door.actor.workspace_id, state="active").exclude(pk=score_model.pk)
    for other in door.whoever_may_see(ScoreModel, others.values_list("pk", flat=True)):
        door.change(other, {"state": "retired"})
    return door.change(score_model, {"state": "active", "applied_on": today()})


# ---- inputs -----------------------------------------------------------------------------


def settle_input(one: ScoreInput, before: dict[str, Any] | None) -> None:
    """Name it, date it, and refuse what lies outside its scale or its own range."""
    problems = []
    if one.stated_on is None:
        one.stated_on = today()
    asked = next((i for m in modelling.METHODS.values() for i in m.inputs if i.name == one.name), None)
    if one.name in queries.RICE_INPUTS:
        problems.append(Problem("name", "The numbers of RICE stand on the feature itself."))
    if asked is not None and asked.high is not None and not asked.low <= one.value <= asked.high:
        problems.append(Problem("value", f"{asked.label} is from {asked.low:g} to {asked.high:g}."))
    elif asked is not None and one.value < asked.low:
        problems.append(Problem("value", f"{asked.label} is {asked.low:g} or more."))
    if (one.low is None) != (one.high is None):
        problems.append(Problem("low", "A range has both ends, or none."))
    if one.low is not None and one.high is not None and not one.low <= one.value <= one.high:
        problems.append(Problem("value", "The value lies within its range."))
    if problems:
        raise Invalid(*problems)
    was = _titled(str((before or {}).get("name", one.name)), (before or {}).get("value", one.value))
    if not one.title or one.title == was:
        one.title = _titled(one.name, one.value)


def _titled(name: str, value: Any) -> str:
    asked = next((i for m in modelling.METHODS.values() for i in m.inputs if i.name == name), None)
    label = asked.label if asked else name.removeprefix("c_").replace("_", " ").capitalize()
    return f"{label} {value:g}"[:300]


def write_number(
    door: Door, feature: Any, name: str, value: float, basis: str, on: date | None = None,
    ends: tuple[float, float] | None = None,
) -> ScoreInput | None:  # fmt: skip
    """One number of a feature: RICE's into its own columns, any other as a record of its own, given back."""
    day = on or today()
    if name in queries.RICE_INPUTS:
        values = {name: value, f"{name}_source": basis, f"{name}_on": day.isoformat()}
        door.change(feature, door.clean(type_of(feature), values))
        return None
    values = {"feature": feature.pk, "name": name, "value": value, "basis": basis, "stated_on": day.isoformat(),
              "confidentiality": feature.confidentiality, "product": feature.product_id}  # fmt: skip
    if ends is not None:
        values |= {"low": ends[0], "high": ends[1]}
    return door.create(ScoreInput, {n: v for n, v in values.items() if v not in (None, "")})


# ---- blind rounds -----------------------------------------------------------------------


@action(ScoringRound, verb="comment", label="Score", states=("open",))
def score_blind(
    door: Door,
    *,
    scoring_round: ScoringRound,
    feature: Annotated[str, Ask("Feature", to="feature")],
    name: Annotated[str, Ask("Input", "What is scored: wsjf_value, ice_ease.")],
    value: Annotated[float, Ask("Value")],
) -> ScoringRound:
    """Say your own number. Nobody sees it before the round is revealed, and you see nobody's."""
    here = {f.pk: f for f in queries.features_of(door.actor, scoring_round)}
    asked = queries.method_of(scoring_round.score_model).input(name)
    found = here.get(feature)
    if found is None or asked is None:
        field = "feature" if found is None else "name"
        raise Invalid((field, "This round does not ask for that."))
    if asked.steps and value not in asked.steps:
        raise Invalid(("value", f"{asked.label} is one of {', '.join(f'{s:g}' for s in asked.steps)}."))
    if value < asked.low or (asked.high is not None and value > asked.high):
        to = f" to {asked.high:g}" if asked.high is not None else " or more"
        raise Invalid(("value", f"{asked.label} is {asked.low:g}{to}."))
    mine = Ballot.objects.filter(
        scoring_round=scoring_round, member_id=door.actor.member_id, feature_id=found.pk, name=name
    ).first()
    if mine is None:
        rows.insert(Ballot(workspace_id=scoring_round.workspace_id, scoring_round=scoring_round,
                           member_id=door.actor.member_id, feature_id=found.pk, name=name, value=value))  # fmt: skip
        door.log(scoring_round, {"+scored": [None, {"feature": str(found.pk), "name": name}]})
    elif mine.value != value:
        mine.value = value
        rows.update(mine, ["value"])
        door.log(scoring_round, {"+scored": [None, {"feature": str(found.pk), "name": name}]})
    return scoring_round


@action(ScoringRound, verb="decide", label="Reveal", states=("open",), to="revealed")
def reveal_round(door: Door, *, scoring_round: ScoringRound) -> ScoringRound:
    """Show everybody's numbers, and write one for each input by the round's rule, with the spread as its range."""
    found = queries.ballots(scoring_round)
    people = len({b.member_id for b in found})
    if people < FEWEST:
        raise Invalid(("", f"At least {FEWEST} people score before a round is revealed; so far {people} did."))
    method = queries.method_of(scoring_round.score_model)
    spreads = queries.spreads(found, scoring_round.rule)
    for feature in queries.features_of(door.actor, scoring_round):
        for asked in method.inputs:
            spread = spreads.get((feature.pk, asked.name))
            if spread is None:
                continue
            value = min(asked.steps, key=lambda s: abs(s - spread.value)) if asked.steps else spread.value
            said = f"Blind scoring {scoring_round.key}: {scoring_round.get_rule_display().lower()} of {spread.count},"
            basis = f"{said} {spread.low:g} to {spread.high:g}"
            locked = door.get(type_of("feature").model, feature.pk)
            write_number(door, locked, asked.name, value, basis, ends=(min(spread.low, value), max(spread.high, value)))
    return door.change(scoring_round, {"state": "revealed"})


def as_number(asked: modelling.Input, said: str) -> float:
    """What somebody typed for an input, as a number; raises Invalid at it."""
    try:
        return float(said.replace(",", ".").rstrip("%"))
    except ValueError:
        raise Invalid((asked.name, f"{asked.label} is a number.")) from None


def as_day(said: str) -> date | None:
    """What somebody typed for a day; today when it is blank, Invalid when it is none."""
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise Invalid(("", "A day is written 2026-11-22.")) from None
