"""Questions about surveys: who opens one, what came in, whose answers count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from threadline.inbound.intake import sealing
from threadline.inbound.surveys import asked, whole
from threadline.inbound.surveys.models import Survey, SurveyAnswer, SurveyKey
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.planning.priority import kano, surveying
from threadline.planning.priority.bestworst import Task

QUICKEST = 2  # seconds a question, below which nobody has read it
MOST_BEGUN = 20_000  # sheets of one survey, those given up included
Method = Survey.Method


def key_of(survey: Survey) -> str:
    """The key in a survey's address; begun when it is first written."""
    found = SurveyKey.objects.filter(survey=survey).first()
    if found is None:
        made = SurveyKey(workspace_id=survey.workspace_id, survey=survey, key=sealing.new_key())
        SurveyKey.objects.bulk_create([made], ignore_conflicts=True)  # another request may be first
        found = SurveyKey.objects.get(survey=survey)
    return found.key


def address_of(survey: Survey) -> str:
    """The path at which a survey is answered; blank for one that has none yet."""
    found = SurveyKey.objects.filter(survey=survey).values_list("key", flat=True).first()
    return f"/survey/{found}" if found else ""


def at(key: str) -> Survey | None:
    """The survey of an address, unless it is a draft or in the trash. Past reach: the address is the key."""
    here = SurveyKey.objects.select_related("survey__workspace").filter(key=key, survey__archived_at=None)
    found = here.exclude(survey__state="draft").first()
    return found.survey if found else None


def takes(survey: Survey, today: date) -> bool:
    """Whether somebody new may begin: it is open, its day has not passed, and it has not had enough."""
    if survey.state != "open" or survey.closes_on is None or survey.closes_on < today:
        return False
    here = SurveyAnswer.objects.filter(survey=survey)
    return here.exclude(finished_at=None).count() < most_of(survey) and here.count() < MOST_BEGUN


def most_of(survey: Survey) -> int:
    """After how many answers nobody new may begin."""
    return survey.most_answers or 1_000


def sheet(survey: Survey, token: str) -> SurveyAnswer | None:
    """What somebody answered so far, by the token in their address."""
    return SurveyAnswer.objects.filter(survey=survey, token_hash=sealing.mark_of(token)).first()


def plan_of(survey: Survey, seed: int) -> list[Any]:
    """What one person is shown: items in their order, or sets of them."""
    count = len(asked.items(survey.items, survey.method))
    if survey.method in whole.METHODS:
        return [surveying.order(count, seed)]
    return surveying.sets(count, seed) if survey.method == Method.MAXDIFF else surveying.order(count, seed)


def answers_of(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many people answered to the end, as a column."""
    return (
        f"SELECT COUNT(*) FROM {SurveyAnswer._meta.db_table} a WHERE a.survey_id = {alias}.id"
        " AND a.finished_at IS NOT NULL"
    ), []


# ---- whose answers count ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Respondent:
    """One person who answered to the end: ``said`` by item in the survey's order, or the tasks of best and worst."""

    number: int
    segment: str
    email: str
    finished_on: date
    said: list[Any]
    doubt: str


def respondents(survey: Survey) -> list[Respondent]:
    """Everybody who answered to the end, in the order in which they did."""
    count = len(asked.items(survey.items, survey.method))
    found = SurveyAnswer.objects.filter(survey=survey).exclude(finished_at=None).order_by("finished_at", "pk")
    known = []
    for number, one in enumerate(found[:MOST_BEGUN], 1):
        said = _said(survey.method, one, count)
        if said is not None and one.finished_at is not None:
            doubt = one.doubt or _doubt(survey.method, one, said)
            known.append(Respondent(number, one.segment, one.email, one.finished_at.date(), said, doubt))
    return known


def begun(survey: Survey) -> int:
    """How many began and did not come to the end."""
    return SurveyAnswer.objects.filter(survey=survey, finished_at=None).count()


def _said(method: str, one: SurveyAnswer, count: int) -> list[Any] | None:
    """What somebody said in the order of the items; None where the sheet does not hold all of it."""
    try:
        if method in whole.METHODS:
            said = [int(n) for n in one.said["0"]]
            return said if said and len(said) == count else None
        given = [tuple(one.said[str(step)]) for step in range(len(one.plan))]
        if method == Method.MAXDIFF:
            return [Task(tuple(shown), *both) for shown, both in zip(one.plan, given, strict=True)] or None
        by_item = dict(zip(one.plan, given, strict=True))
        return [by_item[item] for item in range(count)] or None
    except (KeyError, TypeError, ValueError):
        return None


def _doubt(method: str, one: SurveyAnswer, said: list[Any]) -> str:
    """Why somebody's answers are set apart; blank when they count."""
    questions = len(said) if method in whole.METHODS else len(one.plan)
    if one.finished_at is not None and (one.finished_at - one.began_at).total_seconds() < QUICKEST * questions:
        return f"Took less than {QUICKEST} seconds a question."
    if method in whole.METHODS:
        return whole.doubt(method, said, one.plan[0])
    if method == Method.KANO:
        return surveying.kano_doubt(said)
    if method == Method.OPPORTUNITY:
        return surveying.rating_doubt(said)
    return surveying.choice_doubt(said)


def counted(people: Iterable[Respondent], segment: str = "", *, doubted: bool = False) -> list[Respondent]:
    """Those whose answers count: of one segment or of all, and the doubted ones only when they are asked for."""
    return [one for one in people if (doubted or not one.doubt) and (not segment or one.segment == segment)]


def is_answer(method: str, plan: Any, first: str, second: str) -> list[Any] | None:
    """What was sent for one question, fit to be kept; None when it is none of the answers."""
    if method == Method.KANO:
        return [first, second] if first in kano.ANSWERS and second in kano.ANSWERS else None
    if not (first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        return None
    if max(len(first), len(second)) > 3:
        return None
    both = [int(first), int(second)]
    if method == Method.OPPORTUNITY:
        return both if all(1 <= n <= 5 for n in both) else None
    return both if all(n in plan for n in both) and both[0] != both[1] else None


def purse_of(survey: Survey) -> int:
    """What each person has to spend."""
    return whole.purse_of(asked.items(survey.items, survey.method), survey.players, survey.purse)


def day_of(survey: Survey) -> date:
    """The day that a survey's numbers are of."""
    return survey.closed_on or rows.now().date()
