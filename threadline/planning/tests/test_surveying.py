"""What a survey shows and what its answers say: balance, published numbers, and ranges that hold what is true."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from threadline.planning.priority import bestworst, estimating, surveying
from threadline.planning.priority.bestworst import Task


@pytest.mark.parametrize("items", [4, 5, 8, 12, 13, 20])
def test_every_item_is_shown_as_often_as_the_others(items: int) -> None:
    """In each person's sets, by at most one; over people each pair as often as any other, within a fifth."""
    together: Counter[tuple[int, int]] = Counter()
    for seed in range(200):
        shown = surveying.sets(items, seed)[:-1]
        seen = Counter(item for one in shown for item in one)
        assert len(seen) == items
        assert max(seen.values()) - min(seen.values()) <= 1
        assert all(len(set(one)) == surveying.size_of(items) for one in shown)
        together.update(pair for one in shown for pair in combinations(sorted(one), 2))
    usual = sum(together.values()) / (items * (items - 1) / 2)
    assert all(abs(together[pair] / usual - 1) < 0.25 for pair in combinations(range(items), 2))


def test_the_same_seed_shows_the_same_and_the_first_set_comes_again() -> None:
    assert surveying.sets(9, 4) == surveying.sets(9, 4) != surveying.sets(9, 5)
    assert surveying.order(9, 4) == surveying.order(9, 4)
    first, *_, last = surveying.sets(9, 4)
    assert sorted(first) == sorted(last)
    assert first != last


def test_contradictions_are_seen() -> None:
    assert surveying.kano_doubt([("like", "like"), ("like", "dislike")])
    assert surveying.kano_doubt([("neutral", "neutral")] * 4)
    assert not surveying.kano_doubt([("like", "dislike"), ("neutral", "dislike"), ("like", "neutral")])
    assert surveying.rating_doubt([(3, 3)] * 4)
    assert not surveying.rating_doubt([(3, 3)] * 3)
    once, turned, close = Task((1, 2, 3), 1, 2), Task((2, 3, 1), 2, 1), Task((2, 3, 1), 3, 1)
    assert surveying.choice_doubt([once, turned])
    assert not surveying.choice_doubt([once, close])
    assert surveying.choice_doubt([Task((n, n + 1, n + 2), n, n + 2) for n in range(5)])
    assert not surveying.choice_doubt([once, Task((1, 2, 3), 2, 1), close, once, once])


def test_people_who_read_are_seldom_set_apart() -> None:
    """By chance alone few of those who choose by what they want turn both round; of those who do not read, more do."""
    honest = chosen(np.array([1.1, 0.7, 0.5, 0.2, -0.1, -0.2, -0.9]), 400, np.random.default_rng(2), again=True)
    careless = chosen(np.zeros(7), 400, np.random.default_rng(2), again=True)
    apart = [sum(bool(surveying.choice_doubt(said)) for said in people) for people in (honest, careless)]
    assert apart[0] < 0.05 * 400 < apart[1]


def kano_people(**counts: int) -> list[list[tuple[str, str]]]:
    pairs = {"A": ("like", "neutral"), "O": ("like", "dislike"), "M": ("neutral", "dislike"),
             "I": ("neutral", "neutral"), "R": ("dislike", "like"), "Q": ("like", "like")}  # fmt: skip
    return [[pairs[letter]] for letter, count in counts.items() for _ in range(count)]


def test_kano_figures_of_the_published_counts() -> None:
    """A40 O25 M15 I18 R1 Q1: better .6633, worse -.4082 (Berger et al. 1993: 65 of 98 and 40 of 98)."""
    one = estimating.kano_of(kano_people(A=40, O=25, M=15, I=18, R=1, Q=1))[0]
    assert one.letter == "A"
    assert one.counts == {"A": 40, "O": 25, "M": 15, "I": 18, "R": 1, "Q": 1}
    assert one.better is not None
    assert one.worse is not None
    assert (one.better.value, one.worse.value) == (pytest.approx(0.6633, abs=5e-5), pytest.approx(-0.4082, abs=5e-5))
    assert one.better.low < 0.6633 < one.better.high
    # The normal approximation of a share of 98: .6633 +- 1.96 * sqrt(.6633 * .3367 / 98) = .094.
    assert (one.better.high - one.better.low) / 2 == pytest.approx(0.094, abs=0.012)
    assert 0.9 < one.sure <= 1


def test_a_tie_goes_to_what_costs_more_to_leave_out() -> None:
    one = estimating.kano_of(kano_people(A=5, M=5, I=2))[0]
    assert one.letter == "M"
    assert one.sure < 0.75


def test_opportunity_figures_of_the_published_pair() -> None:
    """(9, 3) is 15, from the shares of 4 and 5: Ulwick's formula over shares, not over means."""
    people = [[(5 if n < 9 else 1, 4 if n < 3 else 2)] for n in range(10)]
    one = estimating.opportunity_of(people)[0]
    assert (one.importance.value, one.satisfaction.value, one.score.value) == (9.0, 3.0, 15.0)
    assert one.score.low < 15 < one.score.high
    even = estimating.opportunity_of([[(5, 5)] if n < 9 else [(1, 1)] for n in range(10)])[0]
    assert even.score.value == 9.0
    middling = estimating.opportunity_of([[(3, 3)]] * 10)[0]
    assert middling.score == middling.importance == estimating.Range(0.0, 0.0, 0.0)  # a 3 is neither


def chosen(true: np.ndarray, people: int, source: np.random.Generator, *, again: bool = False) -> list[list[Task]]:
    """People who choose by these utilities from their own sets."""
    found = []
    for seed in range(people):
        said = []
        for shown in surveying.sets(len(true), seed)[: None if again else -1]:
            among = np.array(shown)
            best = among[np.argmax(true[among] + source.gumbel(size=len(among)))]
            rest = among[among != best]
            worst = rest[np.argmax(-true[rest] + source.gumbel(size=len(rest)))]
            said.append(Task(tuple(shown), int(best), int(worst)))
        found.append(said)
    return found


def test_many_tasks_at_once_find_the_same_utilities() -> None:
    people = chosen(np.array([1.2, 0.6, 0.0, -0.6, -1.2]), 60, np.random.default_rng(3))
    slow = bestworst.utilities([task for said in people for task in said], 5)
    assert estimating.fitted(people, 5)[0] == pytest.approx(slow, abs=1e-6)


def test_ranges_of_best_and_worst_hold_the_truth_about_95_times_in_100() -> None:
    """120 surveys of 50 people: 600 ranges, of which 570 are expected to hold the truth."""
    true, held = np.array([1.2, 0.6, 0.0, -0.6, -1.2]), 0
    source = np.random.default_rng(11)
    for _ in range(120):
        found = estimating.choices_of(chosen(true, 50, source), 5)
        held += sum(one.utility.low <= u <= one.utility.high for one, u in zip(found, true, strict=True))
    assert 545 <= held <= 590


def test_shares_of_best_and_worst_sum_to_a_hundred() -> None:
    found = estimating.choices_of(chosen(np.array([2.0, 0.0, 0.0, -2.0]), 30, np.random.default_rng(5)), 4)
    assert sum(one.share.value for one in found) == pytest.approx(100)
    assert all(0 <= one.share.low <= one.share.value <= one.share.high <= 100 for one in found)
    assert [one.shown for one in found] == [90, 90, 90, 90]
    alone = estimating.choices_of(chosen(np.array([2.0, 0.0, 0.0, -2.0]), 1, np.random.default_rng(5)), 4)
    assert sum(one.share.value for one in alone) == pytest.approx(100)
