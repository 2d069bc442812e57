"""A closed survey as a source of numbers for scores: each number cites the survey and its day."""

from __future__ import annotations

from typing import Annotated, Any

from threadline.inbound.priorities import rules as priorities
from threadline.inbound.surveys import asked, queries, results
from threadline.inbound.surveys.models import Survey
from threadline.kernel import verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of
from threadline.planning.priority.estimating import Range

FEWEST = 5  # people, before their answers are a number for a score
READ_FROM = "read_from"  # the citation of a number
# What a score model asks for, of what a survey found; c_ are criteria of a weighted model, from 0 to 10.
_INPUTS = {
    Survey.Method.OPPORTUNITY: {"importance": ("importance", 1.0), "satisfaction": ("satisfaction", 1.0)},
    Survey.Method.MAXDIFF: {"maxdiff_share": ("share", 1.0)},
    Survey.Method.BUYING: {"c_paid": ("share", 0.1)},
    Survey.Method.RANKING: {"c_ranked": ("points", 10.0)},
    Survey.Method.KANO: {"c_satisfies": ("better", 10.0), "c_missed": ("worse", -10.0)},
}


@action(Survey, verb="update", label="Use for scores", states=("closed",))
def use_survey(
    door: Door,
    *,
    survey: Survey,
    segment: Annotated[str, Ask("Of which kind of people?", "As the survey names it. Blank: everybody.")] = "",
) -> Survey:
    """Write what it found as numbers of the features it asked about, with this survey as their source.

    Opportunity and MaxDiff models read them; a weighted model reads the others by criteria called Satisfies and
    Missed (Kano), Paid (buy a feature) and Ranked.
    """
    if segment and segment not in asked.segments(survey.segments):
        raise Invalid(("segment", "The survey names no such people."))
    people = queries.counted(queries.respondents(survey), segment)
    if len(people) < FEWEST:
        raise Invalid(("", f"At least {FEWEST} people whose answers count; there are {len(people)}."))
    day = queries.day_of(survey)
    whose = f" of {segment}" if segment else ""
    basis = f"Survey {survey.key}, {len(people)} people{whose}: {survey.title}"[:300]
    written = 0
    for one in results.of_people(survey, people):
        feature = _feature(door, one.key)
        for name, (number, by) in _INPUTS[Survey.Method(survey.method)].items():
            if feature is not None and number in one.numbers:
                made = _write(door, survey, feature, name, _scaled(one.numbers[number], by), basis, day)
                verbs.link(door, made, survey.pk, READ_FROM)
                written += 1
    if not written:
        raise Invalid(("", "None of its lines names a feature that you may see, as F-12: does."))
    return survey


def _feature(door: Door, key: str) -> Any:
    """The feature of a line, where the actor may see it."""
    try:
        return door.find(type_of("feature").model, key) if key else None
    except NotFound:
        return None


def _write(door: Door, survey: Survey, feature: Any, name: str, said: Range, basis: str, day: Any) -> Record:
    made = priorities.write_number(door, feature, name, said.value, basis, day, (said.low, said.high))
    assert made is not None  # the numbers of RICE alone stand on the feature
    return made


def _scaled(said: Range, by: float) -> Range:
    value, *ends = (round(by * n + 0.0, 2) for n in (said.value, said.low, said.high))
    return Range(value, min(*ends, value), max(*ends, value))
