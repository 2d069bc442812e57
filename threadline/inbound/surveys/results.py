"""What a survey found: a line for each item, with its range, in the order that matters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from threadline.inbound.surveys import asked, queries
from threadline.inbound.surveys.models import Survey
from threadline.inbound.surveys.queries import Respondent
from threadline.kernel.access import Actor
from threadline.planning.priority import estimating
from threadline.planning.priority.estimating import Range
from threadline.planning.priority.people import utilities as utilities_of

Method = Survey.Method
CATEGORIES = {
    "M": "Must-be", "O": "Performance", "A": "Attractive", "I": "Indifferent", "R": "Reverse", "Q": "Questionable",
}  # fmt: skip
NUMBERS = {
    Method.KANO: {"better": "Pleases when there", "worse": "Hurts when missing"},
    Method.MAXDIFF: {"share": "Share", "utility": "Utility"},
    Method.OPPORTUNITY: {"score": "Opportunity", "importance": "Importance", "satisfaction": "Satisfaction"},
}
BANDS = ((15, "extreme"), (12, "high"), (10, "worth a look"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One item: its verdict in a word, the numbers with their ranges, and the counts they are made of."""

    words: str
    key: str
    verdict: str
    sure: float | None
    numbers: dict[str, Range]
    counts: dict[str, int]
    place: tuple[float, float]


def figures(actor: Actor, survey: Survey) -> list[Figure]:
    """Each item by everybody whose answers count, the strongest first; none before anybody answered."""
    return of_people(survey, queries.counted(queries.respondents(survey)))


def of_people(survey: Survey, people: list[Respondent]) -> list[Figure]:
    """Each item by the answers of these people, the strongest first."""
    items = asked.items(survey.items)
    if not people or not items:
        return []
    said = [one.said for one in people]
    makers = {Method.KANO: _kano, Method.MAXDIFF: _maxdiff, Method.OPPORTUNITY: _opportunity}
    found = makers[Method(survey.method)](items, said)
    leading = next(iter(NUMBERS[Method(survey.method)]))
    if survey.method == Method.KANO:
        return sorted(found, key=_by_category)
    return sorted(found, key=lambda f: -f.numbers[leading].value)


def _by_category(one: Figure) -> tuple[int, float]:
    better = one.numbers.get("better")
    return list(CATEGORIES.values()).index(one.verdict), -(better.value if better else 0.0)


@dataclass(frozen=True, slots=True)
class Spread:
    """How much one item matters from person to person: the middle half of them, and for how many it is the first."""

    words: str
    low: float
    middle: float
    high: float
    first: int


def each_person(survey: Survey, people: list[Respondent]) -> list[list[float]]:
    """The utilities of each of these people, in the order of the items; best and worst alone has them."""
    items = asked.items(survey.items)
    if survey.method != Method.MAXDIFF or not people:
        return []
    found: list[list[float]] = utilities_of([one.said[:-1] for one in people], len(items)).tolist()
    return found


def spreads(survey: Survey, people: list[Respondent]) -> list[Spread]:
    """Each item by what it is to one person and another, the highest in the middle first."""
    rows = each_person(survey, people)
    items = asked.items(survey.items) if rows else []
    firsts = Counter(max(range(len(row)), key=row.__getitem__) for row in rows)
    found = []
    for at, item in enumerate(items):
        low, middle, high = _quarters([row[at] for row in rows])
        found.append(Spread(item.words, low, middle, high, firsts[at]))
    return sorted(found, key=lambda s: -s.middle)


def _quarters(numbers: list[float]) -> tuple[float, float, float]:
    if len(numbers) < 2:
        return (numbers[0],) * 3
    low, middle, high = quantiles(numbers, n=4, method="inclusive")
    return low, middle, high


def _kano(items: list[asked.Item], said: list[Any]) -> list[Figure]:
    found = []
    for item, one in zip(items, estimating.kano_of(said), strict=True):
        numbers = {n: r for n, r in (("better", one.better), ("worse", one.worse)) if r is not None}
        numbers |= {"without": one.without, "having": one.having}
        place = (one.without.value, one.having.value)
        found.append(Figure(item.words, item.key, CATEGORIES[one.letter], one.sure, numbers, one.counts, place))
    return found


def _maxdiff(items: list[asked.Item], said: list[Any]) -> list[Figure]:
    once = [tasks[:-1] for tasks in said]  # the last set is the first one again: it tells who was reading
    found = []
    for item, one in zip(items, estimating.choices_of(once, len(items)), strict=True):
        counts = {"best": one.best, "worst": one.worst, "shown": one.shown}
        numbers = {"share": one.share, "utility": one.utility}
        found.append(Figure(item.words, item.key, "", None, numbers, counts, (one.share.value, 0.0)))
    return found


def _opportunity(items: list[asked.Item], said: list[Any]) -> list[Figure]:
    found = []
    for at, (item, one) in enumerate(zip(items, estimating.opportunity_of(said), strict=True)):
        numbers = {"score": one.score, "importance": one.importance, "satisfaction": one.satisfaction}
        counts = {
            "important": sum(sheet[at][0] >= 4 for sheet in said), "content": sum(sheet[at][1] >= 4 for sheet in said),
        }  # fmt: skip
        place = (one.importance.value, one.satisfaction.value)
        verdict = next((word for least, word in BANDS if one.score.value >= least), "served")
        found.append(Figure(item.words, item.key, verdict, None, numbers, counts, place))
    return found
