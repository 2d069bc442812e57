"""The network drawn many times, against sums and maxima that can be worked out, and against what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threadline.planning import network
from threadline.planning.network import Circle, Network, Order

RUNS = 40_000


def of(
    points: list[tuple[float, float, float]],
    *,
    teams: list[int] | None = None,
    items: list[int] | None = None,
    needs: tuple[tuple[int, int], ...] = (),
    pace: list[float] | None = None,
) -> Network:
    """One piece of work an item and a team of its own for each, at a person-day a day, unless said otherwise."""
    count = len(points)
    low, likely, high = np.array(points, dtype=float).reshape(-1, 3).T
    item = np.array(list(range(count)) if items is None else items, dtype=np.int64)
    team = np.array(list(range(count)) if teams is None else teams, dtype=np.int64)
    width = int(team.max(initial=-1)) + 1
    return Network(int(item.max(initial=-1)) + 1, item, team, low, likely, high,
                   np.array(pace or [1.0] * width), needs)  # fmt: skip


def test_one_piece_has_the_mean_and_variance_of_pert() -> None:
    # (2, 4, 12): mean 5 by the published formula; the beta distribution of that mean between these ends has
    # the variance (mean - low)(high - mean) / 7 = 3 x 7 / 7 = 3.
    values = network.spread_of(2, 4, 12)
    assert values.mean() == pytest.approx(5.0, abs=1e-5)
    assert values.var() == pytest.approx(3.0, rel=2e-3)
    assert (values[0] >= 2, values[-1] <= 12) == (True, True)


def test_a_piece_is_evenly_spread_where_the_beta_distribution_is_known() -> None:
    # Likely in the middle is beta(3, 3): F(x) = 10x^3 - 15x^4 + 6x^5, so F(0.25) = 0.1035 and the median is 0.5.
    values = network.spread_of(0, 0.5, 1)
    assert (values <= 0.25).mean() == pytest.approx(0.103516, abs=3e-4)
    assert np.median(values) == pytest.approx(0.5, abs=1e-4)
    # Likely at the low end is beta(1, 5): F(x) = 1 - (1 - x)^5.
    assert (network.spread_of(0, 0, 1) <= 0.2).mean() == pytest.approx(1 - 0.8**5, abs=3e-4)


def test_a_chain_has_the_sum_of_means_and_of_variances() -> None:
    made = of([(2, 4, 12)] * 6, needs=tuple((n + 1, n) for n in range(5)))
    whole = network.simulate(made, runs=RUNS).whole
    assert abs(whole.mean() - 30) < 4 * np.sqrt(18 / RUNS)
    assert whole.var() == pytest.approx(18, rel=0.03)


def test_a_team_takes_one_thing_after_the_other() -> None:
    one, many = of([(2, 4, 12)] * 6, teams=[0] * 6), of([(2, 4, 12)] * 6)
    assert network.simulate(one, runs=RUNS).whole.mean() == pytest.approx(30, abs=0.1)
    assert network.simulate(many, runs=RUNS).whole.mean() < 12


def test_two_that_meet_end_as_the_later_of_both() -> None:
    # Ends that meet: the chance that both are done is the product, here F(x) squared. Two of beta(1, 5) on 0 to 1:
    # the mean of the later is the integral of 1 - (1 - (1 - x)^5)^2 = 2/6 - 1/11 = 0.24242; each alone has 1/6.
    whole = network.simulate(of([(0, 0, 1)] * 2), runs=RUNS).whole
    assert whole.mean() == pytest.approx(2 / 6 - 1 / 11, abs=0.004)
    assert (whole <= 0.2).mean() == pytest.approx((1 - 0.8**5) ** 2, abs=0.01)


def test_where_paths_meet_the_means_promise_too_much() -> None:
    # Ten like parts before one: each is done in 5 days on average, all ten in far more (the merge bias of PERT,
    # MacCrimmon and Ryavec 1964).
    made = of([(2, 4, 12)] * 10 + [(1, 1, 1)], needs=tuple((10, n) for n in range(10)))
    found = network.simulate(made, runs=RUNS)
    assert found.whole.mean() > 8
    assert found.critical[10] == pytest.approx(1.0)
    assert found.critical[:10] == pytest.approx(np.full(10, 0.1), abs=0.01)


def test_the_share_on_the_critical_path_is_who_is_later() -> None:
    # A uniform race has no closed form here, but two alike halve it, and a long one beside a short one takes all.
    assert network.simulate(of([(2, 4, 12)] * 2), runs=RUNS).critical == pytest.approx([0.5, 0.5], abs=0.01)
    assert list(network.simulate(of([(9, 10, 12), (1, 2, 3)]), runs=1_000).critical) == [1.0, 0.0]
    # The whole chain that decides is critical, and what waits beside it is not.
    made = of([(5, 6, 7), (5, 6, 7), (1, 2, 3)], needs=((1, 0),))
    assert list(network.simulate(made, runs=1_000).critical) == [1.0, 1.0, 0.0]


def test_an_item_of_two_teams_is_done_when_both_are() -> None:
    made = of([(2, 2, 2), (5, 5, 5), (1, 1, 1)], items=[0, 0, 1], needs=((1, 0),))
    found = network.simulate(made, runs=10)
    assert (set(found.each[0]), set(found.whole)) == ({5.0}, {6.0})


def test_days_of_a_team_are_days_of_the_calendar() -> None:
    made = of([(6, 6, 6)], pace=[2.4])
    assert network.simulate(made, runs=10).whole[0] == pytest.approx(2.5)


def test_an_item_without_work_takes_no_time_and_hands_on_what_it_waits_for() -> None:
    base = of([(3, 3, 3), (4, 4, 4)])
    made = Network(3, np.array([0, 2]), base.team, base.low, base.likely, base.high, base.pace, ((1, 0), (2, 1)))
    found = network.simulate(made, runs=10)
    assert [set(one) for one in found.each] == [{3.0}, {3.0}, {7.0}]
    assert list(found.critical) == [1.0, 1.0, 1.0]


def test_two_items_without_work_that_wait_for_each_other_stand_once() -> None:
    base = of([(3, 3, 3), (4, 4, 4)])
    made = Network(4, np.array([0, 3]), base.team, base.low, base.likely, base.high, base.pace,
                   ((1, 0), (2, 0), (2, 1), (3, 2)))  # fmt: skip
    assert sorted(network.ordered(made).item) == [0, 1, 2, 3]
    assert set(network.simulate(made, runs=10).whole) == {7.0}


def test_nobody_is_idle_who_could_begin_something() -> None:
    # The first item of team 0 waits five days for team 1; meanwhile its second is done.
    made = of([(1, 1, 1), (5, 5, 5), (4, 4, 4)], teams=[0, 1, 0], needs=((0, 1),))
    assert set(network.simulate(made, runs=10).whole) == {6.0}


def test_a_circle_is_named() -> None:
    with pytest.raises(Circle) as found:
        network.simulate(of([(1, 2, 3)] * 4, needs=((0, 1), (1, 2), (2, 1), (3, 0))))
    assert sorted(found.value.items) == [1, 2]
    with pytest.raises(Circle):
        network.simulate(of([(1, 2, 3)], needs=((0, 0),)))


def test_a_team_without_days_is_refused() -> None:
    with pytest.raises(ValueError, match="no days"):
        network.simulate(of([(1, 2, 3)], pace=[0.0]))


def test_the_same_seed_draws_the_same_and_the_short_way_too() -> None:
    made = of([(2, 4, 12)] * 5, teams=[0, 1, 0, 1, 0], needs=((3, 0), (4, 1)))
    one, other = (network.simulate(made, runs=9_000, seed=4) for _ in range(2))
    assert (one.whole == other.whole).all()
    assert (one.whole == network.ends(made, runs=9_000, seed=4)).all()
    assert (one.whole != network.ends(made, runs=9_000, seed=5)).any()


def test_a_pace_that_wanders_spreads_the_end_both_ways() -> None:
    made = of([(2, 4, 12)] * 4, teams=[0] * 4)
    steady, drifting = network.simulate(made), network.simulate(made, drift=0.3)
    assert drifting.day(0.95) > steady.day(0.95)
    assert drifting.day(0.05) < steady.day(0.05)
    assert list(drifting.critical) == list(steady.critical)


def test_nothing_to_do_is_done_at_once() -> None:
    found = network.simulate(of([]), runs=10)
    assert set(found.whole) == {0.0}


POINTS = st.tuples(*(st.floats(0.1, 20) for _ in range(3))).map(sorted).map(tuple)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    count = draw(st.integers(1, 9))
    needs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=12))
    teams = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    return of(
        draw(st.lists(POINTS, min_size=count, max_size=count)), teams=teams,
        needs=tuple((f, g) for f, g in needs if g < f), pace=[1.0, 2.5, 0.4],
    )  # fmt: skip


def walked(made: Network, order: Order, pace: float = 1.0) -> np.ndarray:
    """The ends in a given order, everything at ``pace``, from one seed."""
    tables = [None if t is None else t / np.float32(pace) for t in network._tables(made, order)]
    _, done = network._walked(order, tables, np.random.Generator(np.random.SFC64(1)), 200)
    return done


@settings(max_examples=60, deadline=None)
@given(made=networks(), data=st.data())
def test_one_more_thing_to_wait_for_makes_nothing_end_earlier(made: Network, data: st.DataObject) -> None:
    order = network.ordered(made)
    at = data.draw(st.integers(0, len(order.piece) - 1))
    more = Order(order.piece, order.item, [list(one) for one in order.waits])
    if at:
        more.waits[at].append(data.draw(st.integers(0, at - 1)))
    assert (walked(made, more) >= walked(made, order)).all()


@settings(max_examples=60, deadline=None)
@given(made=networks(), more=st.floats(1.0, 4.0))
def test_more_days_a_week_make_nothing_end_later(made: Network, more: float) -> None:
    order = network.ordered(made)
    assert (walked(made, order, more) <= walked(made, order) * (1 + 1e-6)).all()


@settings(max_examples=60, deadline=None)
@given(made=networks())
def test_everything_waits_for_what_it_needs_and_no_team_does_two_things_at_once(made: Network) -> None:
    order, found = network.ordered(made), network.simulate(made, runs=200)
    assert sorted(order.piece) == list(range(made.items))
    assert all(place < at for at, waits in enumerate(order.waits) for place in waits)
    for f, g in made.needs:
        assert (found.each[f] > found.each[g]).all()
    for team in range(3):
        mine = np.flatnonzero(made.team == team)
        work = sum(made.low[mine]) / made.pace[team]
        if len(mine):
            assert (found.each[mine].max(axis=0) >= work * (1 - 1e-5)).all()
    assert (found.critical <= 1).all()
    assert found.critical.max() == 1.0 or found.critical.sum() >= 1.0
