"""What a survey's answers say of each item, with how far chance may have moved it.

Ranges hold 95 in 100. Kano and opportunity: people are drawn again with replacement a thousand times (B. Efron's
bootstrap, 1979), from one fixed seed, so that the same answers always give the same range. Best and worst: errors that
allow for one person's choices being alike (P. Huber, 1967; H. White, 1980), by the delta method for shares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from threadline.later import np, npt
from threadline.planning.priority import bestworst, kano, scores
from threadline.planning.priority.bestworst import Task

Array: TypeAlias = "npt.NDArray[np.float64]"
TIMES, FEWEST_TIMES, LARGEST, SEED = 1_000, 200, 2_000_000, 1979
LETTERS = "MOAIRQ"  # of two that are as frequent, the one that costs more to leave out (M before O before A before I)
NORMAL = 1.959964


@dataclass(frozen=True, slots=True)
class Range:
    """A number and the ends between which it lies 95 times in 100."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Kano:
    """One item by Kano's questions. ``sure``: how often its letter stays first when people are drawn again."""

    letter: str
    sure: float
    counts: dict[str, int]
    better: Range | None
    worse: Range | None
    without: Range
    having: Range
    quadrant: str


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One item by importance and satisfaction, each the share of 4 and 5, from 0 to 10."""

    importance: Range
    satisfaction: Range
    score: Range


@dataclass(frozen=True, slots=True)
class Choice:
    """One item of best and worst. ``share`` is how often it would be chosen from all, in hundredths."""

    utility: Range
    share: Range
    best: int
    worst: int
    shown: int


@dataclass(frozen=True, slots=True)
class Bought:
    """One item that people put money on: of each, of all money in hundredths, and in how many groups it is had."""

    paid: Range
    share: Range
    funded: float
    buyers: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """One item that people put in order: its mean place, Borda's points as a share, where the middle half put it."""

    place: Range
    points: Range
    half: tuple[float, float]
    first: int
    last: int


def kano_of(people: Sequence[Sequence[tuple[str, str]]]) -> list[Kano]:
    """Each item by the answers of people, who answered for all items in the same order; at least one person."""
    letters = np.array([[LETTERS.index(kano.category(*pair)) for pair in said] for said in people])
    marks = (letters[:, :, None] == np.arange(len(LETTERS))).astype(float)
    places = np.array([[(kano.DYSFUNCTIONAL[d], kano.FUNCTIONAL[f]) for f, d in said] for said in people], float)
    drawn = _drawn(len(people))
    again, moved = np.tensordot(drawn, marks, 1), np.tensordot(drawn, places, 1) / len(people)
    found = []
    for item in range(letters.shape[1]):
        counts = Counter({letter: int(marks[:, item, at].sum()) for at, letter in enumerate(LETTERS)})
        top = max(LETTERS, key=counts.__getitem__)
        both = kano.better_worse(counts)
        m, o, a, i = (again[:, item, at] for at in range(4))
        whole = np.where((w := m + o + a + i) > 0, w, np.nan)
        without, having = kano.place([said[item] for said in people])
        found.append(Kano(
            top, float((again[:, item].argmax(axis=1) == LETTERS.index(top)).mean()), dict(counts),
            _range(both[0], (a + o) / whole) if both else None, _range(both[1], -(o + m) / whole) if both else None,
            _range(without, moved[:, item, 0]), _range(having, moved[:, item, 1]), kano.quadrant(without, having),
        ))  # fmt: skip
    return found


def opportunity_of(people: Sequence[Sequence[tuple[int, int]]]) -> list[Opportunity]:
    """Each item by the ratings of people, 1 to 5 for importance and for satisfaction; at least one person."""
    ratings = np.array(people)
    high = (ratings >= 4).astype(float)
    again = 10 * np.tensordot(_drawn(len(people)), high, 1) / len(people)
    found = []
    for item in range(ratings.shape[1]):
        wanted, content = (scores.top_share([int(r) for r in ratings[:, item, at]]) for at in (0, 1))
        many, few = again[:, item, 0], again[:, item, 1]
        found.append(Opportunity(
            _range(wanted, many), _range(content, few),
            _range(scores.opportunity(wanted, content), many + np.maximum(many - few, 0.0)),
        ))  # fmt: skip
    return found


def choices_of(people: Sequence[Sequence[Task]], items: int) -> list[Choice]:
    """Each item by the choices of people; at least one person."""
    tasks = [task for said in people for task in said]
    u, spread = fitted(people, items)
    shares = bestworst.shares(u)
    turn = np.diag(shares) - np.outer(shares, shares)
    errors, off = _errors(spread), _errors(turn @ spread @ turn)
    found = []
    for item in range(items):
        utility = Range(float(u[item]), float(u[item] - errors[item]), float(u[item] + errors[item]))
        low, high = (float(np.clip(100 * (shares[item] + way * off[item]), 0, 100)) for way in (-1, 1))
        found.append(Choice(
            utility, Range(float(100 * shares[item]), low, high),
            sum(t.best == item for t in tasks), sum(t.worst == item for t in tasks),
            sum(item in t.shown for t in tasks),
        ))  # fmt: skip
    return found


def bought_of(people: Sequence[Sequence[int]], prices: Sequence[int], players: int) -> list[Bought]:
    """Each item by the money that people put on it, drawn into groups of ``players``; at least one person."""
    bids = np.array(people, float)
    again = _drawn(len(people)) @ bids
    whole, sums = bids.sum(), again.sum(axis=1)
    drawn = np.random.default_rng(SEED).integers(len(people), size=(TIMES, players))
    funded = (bids[drawn].sum(axis=1) >= np.array(prices)).mean(axis=0)
    return [
        Bought(
            _range(float(bids[:, item].mean()), again[:, item] / len(people)),
            _range(100 * float(bids[:, item].sum() / whole), 100 * again[:, item] / np.where(sums > 0, sums, np.nan)),
            float(funded[item]), int((bids[:, item] > 0).sum()),
        )
        for item in range(bids.shape[1])
    ]  # fmt: skip


def ranked_of(people: Sequence[Sequence[int]]) -> list[Ranked]:
    """Each item by the places, 1 for the first, that people gave to all of them; at least one person."""
    places = np.array(people, float)
    count = places.shape[1]
    again = _drawn(len(people)) @ places / len(people)
    found = []
    for item in range(count):
        place = _range(float(places[:, item].mean()), again[:, item])
        ends = [(count - one) / max(count - 1, 1) for one in (place.value, place.high, place.low)]
        quarters = np.percentile(places[:, item], [25, 75])
        found.append(Ranked(
            place, Range(*ends), (float(quarters[0]), float(quarters[1])),
            int((places[:, item] == 1).sum()), int((places[:, item] == count).sum()),
        ))  # fmt: skip
    return found


def fitted(people: Sequence[Sequence[Task]], items: int) -> tuple[Array, Array]:
    """The utilities that :func:`bestworst.utilities` finds, for many tasks at once; and their covariance by person."""
    tasks = [(task, person) for person, said in enumerate(people) for task in said]
    shown = np.zeros((len(tasks), items), bool)
    best, worst = np.zeros((len(tasks), items)), np.zeros((len(tasks), items))
    for at, (task, _) in enumerate(tasks):
        shown[at, list(task.shown)] = True
        best[at, task.best] = worst[at, task.worst] = 1.0
    rest = shown & (best == 0)
    u = np.zeros(items)
    for _ in range(bestworst.STEPS):
        first, last = _chances(u, shown), _chances(-u, rest)
        each = best - first - worst + last
        curvature = bestworst.RIDGE * np.eye(items) + 1.0 / items
        for chances in (first, last):
            curvature += np.diag(chances.sum(axis=0)) - chances.T @ chances
        step = np.linalg.solve(curvature, each.sum(axis=0) - bestworst.RIDGE * u)
        u = u + step
        if np.abs(step).max() < 1e-10:
            break
    by_person = np.zeros((len(people), items))
    np.add.at(by_person, [person for _, person in tasks], each)
    inside = by_person.T @ by_person * (len(people) / max(len(people) - 1, 1))
    around = np.linalg.inv(curvature)
    return u - u.mean(), around @ inside @ around


def _chances(u: Array, among: npt.NDArray[np.bool_]) -> Array:
    raised = np.where(among, np.exp(u - u.max()), 0.0)
    found: Array = raised / raised.sum(axis=1, keepdims=True)
    return found


def _errors(spread: Array) -> Array:
    found: Array = NORMAL * np.sqrt(np.maximum(np.diag(spread), 0.0))
    return found


def _drawn(people: int) -> Array:
    """How often each person is drawn, a thousand times over; of thousands of people fewer times, to stay small."""
    times = min(TIMES, max(FEWEST_TIMES, LARGEST // people))
    return np.random.default_rng(SEED).multinomial(people, np.full(people, 1 / people), size=times).astype(float)


def _range(value: float, again: Array) -> Range:
    known = again[~np.isnan(again)]
    low, high = np.percentile(known, [2.5, 97.5]) if known.size else (value, value)
    return Range(float(value), float(low), float(high))
