"""What a survey found: a line for each item, with its range, in the order that matters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from threadline.inbound.surveys import asked, queries, whole
from threadline.inbound.surveys.models import Survey
from threadline.inbound.surveys.queries import Respondent
from threadline.kernel.access import Actor
from threadline.planning.priority import estimating, voting
from threadline.planning.priority.estimating import Range
from threadline.planning.priority.people import utilities as utilities_of

Method = Survey.Method
CATEGORIES = {
    "M": "Must-be", "O": "Performance", "A": "Attractive", "I": "Indifferent", "R": "Reverse", "Q": "Questionable",
}  # fmt: skip
NUMBERS = {
    Method.KANO: {"better": "Pleases when there", "worse": "Hurts when missing"},
    Method.MAXDIFF: {"share": "Share", "utility": "Utility"},
    Method.BUYING: {"paid": "Paid by each", "share": "Share of all money"},
    Method.RANKING: {"place": "Mean place", "points": "Borda, from 0 to 1"},
    Method.OPPORTUNITY: {"score": "Opportunity", "importance": "Importance", "satisfaction": "Satisfaction"},
}
CLOSEST, FURTHEST = 6, 3  # pairs and people that are named
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
    items = asked.items(survey.items, survey.method)
    if not people or not items:
        return []
    said = [one.said for one in people]
    if survey.method == Method.BUYING:
        return sorted(_buying(items, said, survey.players), key=lambda f: (-(f.sure or 0), -f.numbers["paid"].value))
    if survey.method == Method.RANKING:
        order = {words: at for at, words in enumerate(ordered(items, said))}
        return sorted(_ranking(items, said), key=lambda f: order[f.words])
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
    items = asked.items(survey.items, survey.method)
    if survey.method != Method.MAXDIFF or not people:
        return []
    found: list[list[float]] = utilities_of([one.said[:-1] for one in people], len(items)).tolist()
    return found


def spreads(survey: Survey, people: list[Respondent]) -> list[Spread]:
    """Each item by what it is to one person and another, the highest in the middle first."""
    rows = each_person(survey, people)
    items = asked.items(survey.items, survey.method) if rows else []
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


def _buying(items: list[asked.Item], said: list[Any], players: int | None) -> list[Figure]:
    group = players or whole.USUAL_PLAYERS
    found = []
    for item, one in zip(items, estimating.bought_of(said, [i.price for i in items], group), strict=True):
        counts = {"price": item.price, "buyers": one.buyers}
        numbers = {"paid": one.paid, "share": one.share}
        found.append(Figure(item.words, item.key, "", one.funded, numbers, counts, (one.paid.value, 0.0)))
    return found


def _ranking(items: list[asked.Item], said: list[Any]) -> list[Figure]:
    found = []
    for item, one in zip(items, estimating.ranked_of(said), strict=True):
        counts = {"first": one.first, "last": one.last}
        numbers = {"place": one.place, "points": one.points, "half": Range(one.place.value, *one.half)}
        found.append(Figure(item.words, item.key, "", None, numbers, counts, (one.place.value, 0.0)))
    return found


def _ballots(items: list[asked.Item], said: list[Any]) -> dict[tuple[str, ...], int]:
    """How many gave each order, by the words of the items from first to last."""
    orders = (tuple(items[at].words for at in sorted(range(len(items)), key=one.__getitem__)) for one in said)
    return Counter(orders)


def ordered(items: list[asked.Item], said: list[Any]) -> tuple[str, ...]:
    """The order that most people agree with, pair by pair."""
    return voting.kemeny(_ballots(items, said))[0]


@dataclass(frozen=True, slots=True)
class Contest:
    """Where people who ranked disagree: close pairs, what no order can satisfy, and who is furthest off."""

    close: list[voting.Pair]
    against: list[voting.Pair]
    apart: list[tuple[Respondent, float]]
    borda: tuple[str, ...]
    agreed: float


def contest(survey: Survey, people: list[Respondent]) -> Contest | None:
    """What the one order hides; None where nobody ranked."""
    items = asked.items(survey.items, survey.method) if survey.method == Method.RANKING and people else []
    if len(items) < 2:
        return None
    ballots = _ballots(items, [one.said for one in people])
    order, _ = voting.kemeny(ballots)
    points, every = voting.borda(ballots), voting.pairs(order, ballots)
    off = [(one, voting.apart(order, next(iter(_ballots(items, [one.said])))) / len(every)) for one in people]
    return Contest(
        [p for p in every if p.otherwise][:CLOSEST],
        [p for p in every if p.otherwise > p.so],
        sorted((one for one in off if one[1]), key=lambda one: -one[1])[:FURTHEST],
        tuple(sorted(order, key=lambda words: -points[words])),
        sum(p.so for p in every) / (len(every) * len(people)),
    )


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
