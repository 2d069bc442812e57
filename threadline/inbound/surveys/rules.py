"""What may be done with a survey, and what must hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from threadline.inbound.surveys import asked, whole
from threadline.inbound.surveys.models import Survey, SurveyAnswer
from threadline.kernel import rows
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.registry import type_of
from threadline.planning.priority import surveying

LONGEST_OPEN, USUALLY_OPEN = 366, 30  # days
MOST_ANSWERS, USUAL_ANSWERS = 10_000, 1_000
FIXED = ("method", "items", "segments", "players", "purse")  # once somebody could have answered


def today() -> date:
    """The day by the server's clock, in UTC."""
    return rows.now().date()


def settle_survey(survey: Survey, before: dict[str, Any] | None) -> None:
    """Its lines can be read; what was asked stays as it was asked; it ends, and not at once."""
    problems = []
    try:
        asked.items(survey.items, survey.method)
    except ValueError as refused:
        problems.append(Problem("items", str(refused)))
    try:
        asked.segments(survey.segments)
    except ValueError as refused:
        problems.append(Problem("segments", str(refused)))
    if survey.players is not None and not 2 <= survey.players <= whole.MOST_PLAYERS:
        problems.append(Problem("players", f"From 2 to {whole.MOST_PLAYERS} people."))
    if survey.purse is not None and not 1 <= survey.purse <= whole.LARGEST_PURSE:
        problems.append(Problem("purse", f"From 1 to {whole.LARGEST_PURSE:,}."))
    was = before or {}
    if before is not None and was.get("state", survey.state) != "draft":
        says = "People may have answered already. Copy the survey and change the copy."
        problems += [Problem(n, says) for n in FIXED if n in was and (was[n] or "") != getattr(survey, n)]
    if survey.most_answers is not None and not 1 <= survey.most_answers <= MOST_ANSWERS:
        problems.append(Problem("most_answers", f"From 1 to {MOST_ANSWERS:,}."))
    if survey.closes_on is not None and survey.closes_on > today() + timedelta(days=LONGEST_OPEN):
        problems.append(Problem("closes_on", "At most a year from today."))
    if not problems and survey.state == "open":
        problems += _ready(survey)
    if problems:
        raise Invalid(*problems)


def _ready(survey: Survey) -> list[Problem]:
    if survey.closes_on is None:
        survey.closes_on = today() + timedelta(days=USUALLY_OPEN)
    items = asked.items(survey.items, survey.method)
    least = surveying.FEWEST if survey.method == Survey.Method.MAXDIFF else whole.FEWEST.get(survey.method, 1)
    most = whole.MOST.get(survey.method, asked.MOST_ITEMS)
    if len(items) < least:
        few = f"This way of asking needs at least {least} things to choose from."
        return [Problem("items", few if least > 1 else "Say what it asks about.")]
    if len(items) > most:
        return [Problem("items", f"At most {most} things: nobody can weigh more of them at once.")]
    if survey.method == Survey.Method.BUYING:
        return _affordable(survey, sum(one.price for one in items))
    return []


def _affordable(survey: Survey, prices: int) -> list[Problem]:
    """A group that can buy everything need not choose."""
    together = (survey.players or whole.USUAL_PLAYERS) * (survey.purse or 0)
    if together >= prices:
        says = f"Together they have {together:,} and everything costs {prices:,}: they need not choose."
        return [Problem("purse", says)]
    return []


@action(Survey, verb="update", label="Ask about a feature", states=("draft",))
def ask_about(
    door: Door,
    *,
    survey: Survey,
    feature: Annotated[str, Ask("Feature", to="feature")],
    words: Annotated[str, Ask("In words that customers understand", "They read this and nothing else of the feature.")],
    price: Annotated[int | None, Ask("Price", "Where things are bought: what it costs, in play money.")] = None,
) -> Survey:
    """Add a feature to what is asked about, in words of its own."""
    found = door.find(type_of("feature").model, feature)
    line = f"{found.key}: {' '.join(words.split())}"
    if survey.method == Survey.Method.BUYING:
        line += f" = {price or 0}"
    return door.change(survey, {"items": f"{survey.items.rstrip()}\n{line}".lstrip()})


@action(Survey, verb="decide", label="Open", to="open", states=("draft",))
def open_survey(door: Door, *, survey: Survey) -> Survey:
    """Let whoever has the address answer, until its day or its number of answers. What it asks is then fixed."""
    if survey.closes_on is not None and survey.closes_on < today():
        raise Invalid(("closes_on", "That day has been. Name one to come."))
    return door.change(survey, {"state": "open"})


@action(Survey, verb="decide", label="Close", to="closed", states=("open",))
def close_survey(door: Door, *, survey: Survey) -> Survey:
    """Take no more answers. What was answered can then be used for scores."""
    last = min(today(), survey.closes_on or today())  # whoever closes it late: nobody could answer after its day
    return door.change(survey, {"state": "closed", "closed_on": last})


@action(Survey, verb="decide", label="Open again", to="open", states=("closed",))
def reopen_survey(
    door: Door, *, survey: Survey, closes_on: Annotated[date, Ask("Open until", "At most a year from today.")]
) -> Survey:
    """Take answers again at the same address."""
    if closes_on < today():
        raise Invalid(("closes_on", "That day has been. Name one to come."))
    return door.change(survey, {"state": "open", "closes_on": closes_on, "closed_on": None})


@action(Survey, verb="decide", label="Forget addresses", states=("open", "closed"))
def forget_addresses(
    door: Door, *, survey: Survey, reason: Annotated[str, Ask("Why?", "Kept in the history. This cannot be undone.")]
) -> Survey:
    """Delete every e-mail address that people left, for good. Their answers stay."""
    door.why = reason[:2_000]
    here = SurveyAnswer.objects.filter(workspace_id=survey.workspace_id, survey_id=survey.pk).exclude(email="")
    count = here.update(email="")
    if count:
        door.log(survey, {"+addresses_forgotten": [None, count]})
    return survey
