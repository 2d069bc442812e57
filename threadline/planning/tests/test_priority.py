"""Every method of setting priorities against numbers that were published for it."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from threadline.planning.priority import (
    bestworst,
    buying,
    chance,
    comparing,
    frontier,
    kano,
    scores,
    voting,
    weighing,
)

# ---- scores -----------------------------------------------------------------------------


def test_ice_multiplied_and_averaged_disagree_about_a_tie() -> None:
    assert (scores.ice_product(8, 7, 6), scores.ice_mean(8, 7, 6)) == (336, 7.0)
    assert (scores.ice_product(10, 1, 10), scores.ice_mean(10, 1, 10)) == (100, 7.0)


def test_wsjf_of_two_jobs() -> None:
    assert scores.wsjf(7, 9, 5, 2) == 10.5
    assert scores.wsjf(8, 3, 4, 8) == 1.875


def test_the_better_cd3_first_makes_waiting_cheaper() -> None:
    """Two products of an ice-cream maker: A costs 10 a week for 2 weeks of work, B 30 for 4."""
    a, b = scores.Job("A", 10, 2), scores.Job("B", 30, 4)
    assert (scores.cd3(10, 2), scores.cd3(30, 4)) == (5, 7.5)
    assert [j.name for j in scores.by_cd3([a, b])] == ["B", "A"]
    assert (scores.delay_cost([a, b]), scores.delay_cost([b, a])) == (200, 180)


def test_what_two_orders_have_brought_after_six_weeks() -> None:
    """The same two at a stand that sells 10 a week: 100 when A goes first, 120 when B does (J. Arnold, on CD3).

    A fifth more, and not half as the two CD3 might suggest: they order, they do not measure.
    """
    a, b = scores.Job("A", 10, 2), scores.Job("B", 30, 4)
    assert (scores.delivered([a, b], 6, already=10), scores.delivered([b, a], 6, already=10)) == (100, 120)
    more = scores.delivered([b, a], 26) - scores.delivered([a, b], 26)  # as much as waiting costs less
    assert more == scores.delay_cost([a, b]) - scores.delay_cost([b, a]) == 20
    assert scores.delivered([a, b], 1) == 0


@pytest.mark.parametrize("seed", range(10))
def test_no_order_of_one_team_is_cheaper_than_by_cd3(seed: int) -> None:
    source = np.random.default_rng(seed)
    jobs = [scores.Job(str(n), float(source.integers(1, 50)), float(source.integers(1, 9))) for n in range(6)]
    cheapest = min(scores.delay_cost(order) for order in permutations(jobs))
    assert scores.delay_cost(scores.by_cd3(jobs)) == pytest.approx(cheapest)


@pytest.mark.parametrize(("importance", "satisfaction", "score"), [(9, 3, 15), (9, 9, 9), (4, 8, 4)])
def test_opportunity_score(importance: float, satisfaction: float, score: float) -> None:
    """A. W. Ulwick, "What customers want", 2005: what satisfies more than it matters loses nothing."""
    assert scores.opportunity(importance, satisfaction) == score


def test_opportunity_takes_shares_and_not_means() -> None:
    assert scores.top_share([5, 4, 3, 1]) == 5.0


def test_pert() -> None:
    assert scores.pert(2, 4, 12) == (5.0, pytest.approx(1.667, abs=5e-4))


# ---- weights ----------------------------------------------------------------------------


def test_a_weighted_score_flips_at_four_sevenths() -> None:
    one, other = (8, 3), (5, 7)
    assert weighing.weighted((0.6, 0.4), one) == pytest.approx(6.0)
    assert weighing.weighted((0.6, 0.4), other) == pytest.approx(5.8)
    flip = weighing.flip_point((0.6, 0.4), one, other, 0)
    assert flip == pytest.approx(4 / 7)
    assert flip is not None
    assert weighing.weighted((flip, 1 - flip), one) == pytest.approx(weighing.weighted((flip, 1 - flip), other))


def test_what_is_better_in_everything_never_flips() -> None:
    assert weighing.flip_point((1, 1), (8, 8), (5, 5), 0) is None
    assert weighing.flip_point((1, 1), (5, 5), (5, 5), 0) is None


SAATY_3 = [[1, 1 / 3, 5], [3, 1, 7], [1 / 5, 1 / 7, 1]]
SAATY_4 = [[1, 4, 3, 7], [1 / 4, 1, 1 / 3, 3], [1 / 3, 3, 1, 5], [1 / 7, 1 / 3, 1 / 5, 1]]


def test_ahp_of_three() -> None:
    found = comparing.weights_of(SAATY_3)
    assert found.eigenvalue == pytest.approx(3.0649, abs=5e-5)
    assert found.index == pytest.approx(0.0324, abs=5e-5)
    assert found.ratio == pytest.approx(0.0559, abs=5e-5)
    assert found.weights == pytest.approx((0.2790, 0.6491, 0.0719), abs=5e-5)
    assert comparing.geometric_weights(SAATY_3) == pytest.approx(found.weights)
    assert found.consistent


def test_ahp_of_four() -> None:
    found = comparing.weights_of(SAATY_4)
    assert (found.eigenvalue, found.ratio) == (pytest.approx(4.1184, abs=5e-5), pytest.approx(0.0439, abs=5e-5))
    assert found.weights == pytest.approx((0.5476, 0.1266, 0.2699, 0.0559), abs=5e-5)
    assert comparing.geometric_weights(SAATY_4) == pytest.approx((0.5462, 0.1276, 0.2698, 0.0564), abs=5e-5)


def test_ahp_that_goes_round_in_a_circle_is_rejected() -> None:
    found = comparing.weights_of([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]])
    assert (found.eigenvalue, found.ratio) == (pytest.approx(10.111, abs=5e-4), pytest.approx(6.13, abs=5e-3))
    assert not found.consistent


@pytest.mark.parametrize("wrong", [[[1, 2], [2, 1]], [[1, 2]], [[1, -1], [-1, 1]]])
def test_ahp_refuses_what_is_not_reciprocal(wrong: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="reciprocal"):
        comparing.weights_of(wrong)


# ---- Kano -------------------------------------------------------------------------------


def test_kano_table() -> None:
    """Every pair of answers once: A3 O1 M3 I9 R7 Q2."""
    every = [(f, d) for f in kano.ANSWERS for d in kano.ANSWERS]
    assert kano.counts(every) == Counter(A=3, O=1, M=3, I=9, R=7, Q=2)
    assert (kano.category("like", "dislike"), kano.category("dislike", "like")) == ("O", "R")


def test_kano_better_and_worse() -> None:
    found = kano.better_worse(Counter(A=40, O=25, M=15, I=18, R=1, Q=1))
    assert found == (pytest.approx(0.6633, abs=5e-5), pytest.approx(-0.4082, abs=5e-5))
    assert kano.better_worse(Counter(R=3)) is None


@pytest.mark.parametrize(
    ("answers", "at", "means"),
    [
        (("like", "dislike"), (4, 4), "performance"),
        (("neutral", "dislike"), (4, 0), "must-be"),
        (("like", "neutral"), (0, 4), "attractive"),
        (("neutral", "neutral"), (0, 0), "indifferent"),
    ],
)
def test_kano_continuous(answers: tuple[str, str], at: tuple[float, float], means: str) -> None:
    assert kano.place([answers]) == at
    assert kano.quadrant(*at) == means


# ---- MaxDiff ----------------------------------------------------------------------------


def test_maxdiff_counts() -> None:
    """Eight tasks of three of A to D: A 4/0/6, B 2/0/6, C 2/2/6, D 0/6/6."""
    sets = [(0, 1, 3), (0, 1, 3), (0, 2, 3), (0, 2, 3), (1, 2, 3), (1, 2, 3), (0, 1, 2), (0, 1, 2)]
    best, worst = [0, 0, 0, 0, 1, 1, 2, 2], [3, 3, 3, 3, 3, 3, 1, 1]
    tasks = [bestworst.Task(*t) for t in zip(sets, best, worst, strict=True)]
    assert bestworst.counted(tasks, 5)[3:] == [-1.0, None]
    assert bestworst.counted(tasks, 5)[0] == pytest.approx(4 / 6)


def test_maxdiff_logit_finds_the_utilities_that_made_the_choices() -> None:
    """400 people, 10 tasks of 4 of 5, choosing by these utilities: they are found again, within sampling error."""
    true = np.array([1.2, 0.6, 0.0, -0.6, -1.2])
    tasks = simulated(true, 4_000, 4)
    found = bestworst.utilities(tasks, 5)
    assert found == pytest.approx(true, abs=0.08)
    assert bestworst.shares(found).sum() == pytest.approx(1)


def test_maxdiff_logit_as_it_was_simulated_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """400 people, 10 tasks of 3 of 5: another's simulation found 1.166, 0.642, 0.010, -0.590, -1.227 in six steps.

    Choices are drawn anew here, so both are off by their own luck, with a standard error of about 0.025 each: 0.08 is
    enough for both. Counts turned into log odds were 1.32, 0.69, 0.01, -0.64, -1.41 there: they overstate the ends.
    """
    tasks = simulated(np.array([1.2, 0.6, 0.0, -0.6, -1.2]), 4_000, 3)
    monkeypatch.setattr(bestworst, "STEPS", 6)
    found = bestworst.utilities(tasks, 5)
    assert found == pytest.approx(np.array([1.166, 0.642, 0.010, -0.590, -1.227]), abs=0.08)
    monkeypatch.setattr(bestworst, "STEPS", 7)
    assert bestworst.utilities(tasks, 5) == pytest.approx(found, abs=1e-9)
    counts = np.array([share or 0.0 for share in bestworst.counted(tasks, 5)])
    odds = np.log((1 + counts) / (1 - counts))
    assert odds == pytest.approx(np.array([1.32, 0.69, 0.01, -0.64, -1.41]), abs=0.08)
    assert odds[0] - found[0] > 0.1
    assert found[-1] - odds[-1] > 0.1


def simulated(true: np.ndarray, count: int, shown: int) -> list[bestworst.Task]:
    source, tasks = np.random.default_rng(7), []
    for _ in range(count):
        among = source.choice(len(true), shown, replace=False)
        best = among[np.argmax(true[among] + source.gumbel(size=shown))]
        rest = among[among != best]
        worst = rest[np.argmax(-true[rest] + source.gumbel(size=shown - 1))]
        tasks.append(bestworst.Task(tuple(map(int, among)), int(best), int(worst)))
    return tasks


# ---- groups -----------------------------------------------------------------------------

# The capital of Tennessee, an example of voting theory: Memphis, Nashville, Chattanooga, Knoxville.
TENNESSEE = {tuple("MNCK"): 42, tuple("NCKM"): 26, tuple("CKNM"): 15, tuple("KCNM"): 17}
CYCLE = {tuple("ABC"): 25, tuple("BCA"): 40, tuple("CAB"): 35}


def test_borda_and_kemeny_of_tennessee() -> None:
    assert voting.borda(TENNESSEE) == {"M": 126, "N": 194, "C": 173, "K": 107}
    assert voting.kemeny(TENNESSEE) == (tuple("NCKM"), 393)
    over = voting.preferences(TENNESSEE)
    disagree = 600 - 393  # of 6 pairs and 100 voters
    assert disagree == 207
    others = sorted(600 - voting.kemeny_score(order, over) for order in permutations("NCKM"))
    assert others[:2] == [207, 223]


def test_kemeny_breaks_a_cycle() -> None:
    over = voting.preferences(CYCLE)
    disagreements = {"".join(o): 300 - voting.kemeny_score(o, over) for o in permutations("ABC")}
    assert disagreements == {"ABC": 150, "ACB": 180, "BAC": 170, "BCA": 120, "CAB": 130, "CBA": 150}
    assert voting.kemeny(CYCLE)[0] == tuple("BCA")


def test_kemeny_of_many_agrees_with_the_ballot_when_all_do() -> None:
    one = tuple("QWERTYUIOP")
    assert voting.kemeny({one: 3})[0] == one


def test_buy_a_feature() -> None:
    """Prices 100, 60, 40, 20; five players with 22 each: 100 alone, or 60 with 40 or with 20, or 40 with 20."""
    prices = {"a": 100.0, "b": 60.0, "c": 40.0, "d": 20.0}
    assert buying.budget_each(prices, 5, 0.5) == 22
    ends = {"".join(sorted(s)) for s in buying.affordable(prices, 110)}
    assert ends == {"a", "bc", "bd", "cd"}
    bids = [{"b": 22.0}, {"b": 22.0}, {"b": 16.0, "c": 6.0}, {"c": 22.0}, {"c": 12.0, "d": 10.0}]
    assert buying.funded(prices, bids) == ["b", "c"]
    assert buying.overspent([*bids, {"a": 23.0}, {"a": -1.0}], 22) == [5, 6]


# ---- value and effort, and how sure a ranking is ----------------------------------------


def test_the_frontier_holds_what_nothing_beats_and_the_hull_what_a_ratio_finds() -> None:
    offers = [
        frontier.Offer("small", 4, 1), frontier.Offer("dented", 5, 2), frontier.Offer("large", 10, 3),
        frontier.Offer("worse", 3, 2), frontier.Offer("huge", 11, 8),
    ]  # fmt: skip
    assert [o.name for o in frontier.frontier(offers)] == ["small", "dented", "large", "huge"]
    assert [o.name for o in frontier.hull(offers)] == ["small", "large", "huge"]


def test_chance_that_one_ranks_above_another() -> None:
    """Triangular inputs apart: certain. The same: a coin. (0..2) above (1..3): 1 in 24, as four uniforms above 3."""
    sure = chance.standing(chance.drawn([chance.Ranged(5, 6, 7), chance.Ranged(1, 2, 3)]))
    assert sure.above[0][1] == 1
    assert sure.places == ((1, 1), (2, 2))
    even = chance.standing(chance.drawn([chance.Ranged(0, 1, 2), chance.Ranged(0, 1, 2)]))
    assert even.above[0][1] == pytest.approx(0.5, abs=0.02)
    apart = chance.standing(chance.drawn([chance.Ranged(0, 1, 2), chance.Ranged(1, 2, 3)], draws=200_000))
    assert apart.above[0][1] == pytest.approx(1 / 24, abs=0.003)
    assert apart.above[0][1] + apart.above[1][0] == pytest.approx(1)


def test_places_of_a_ranking_say_how_far_they_may_be_off() -> None:
    """The first is certain; the other two are a coin, and each may be second or third."""
    spread = [chance.Ranged(0, 1, 2)]
    rows = [chance.drawn([one])[0] for one in (chance.Ranged(9, 9, 9),)] + [
        chance.drawn(spread, seed=seed)[0] for seed in (5, 6)
    ]
    first, second, third = chance.places_of(np.array(rows))
    assert (first.low, first.high, first.over_next) == (1, 1, 1.0)
    assert (second.low, second.high) == (third.low, third.high) == (2, 3)
    assert second.over_next == pytest.approx(0.5, abs=0.02)
    assert third.over_next is None


def test_a_number_that_is_known_is_no_range() -> None:
    exact = [chance.Ranged(2, 2, 2), chance.Ranged(3, 3, 3)]
    found = chance.standing_of([exact, exact], lambda a, b: a * b)
    assert found.above[0][1] == 0.5


def test_the_best_order_of_twelve_is_found_as_by_trying_all() -> None:
    source = np.random.default_rng(7)
    for count in (2, 3, 5, 6):
        for _ in range(8):
            items = [chr(97 + n) for n in range(count)]
            ballots: dict[tuple[str, ...], int] = {}
            for _ in range(9):
                order = tuple(str(one) for one in source.permutation(items))
                ballots[order] = ballots.get(order, 0) + 1
            over = voting.preferences(ballots)
            scored = sorted(permutations(items), key=lambda order: (-voting.kemeny_score(order, over), order))
            assert voting.kemeny(ballots)[0] == scored[0]


def test_pairs_and_distances_of_orders() -> None:
    closest = voting.pairs("NCKM", TENNESSEE)[0]
    assert (closest.above, closest.below, closest.so, closest.otherwise) == ("N", "M", 58, 42)
    assert voting.apart("ABCD", "ABCD") == 0
    assert voting.apart("ABCD", "DCBA") == 6
