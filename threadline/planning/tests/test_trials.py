"""Trials against published numbers, each with its source."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from threadline.planning.trials import means, shares, sizing
from threadline.planning.trials.means import Group

BEFORE = ([*range(1, 11)], [*range(2, 12)])
AFTER = ([2, 3, 3, 5, 6, 6, 8, 9, 9, 11], [4, 5, 5, 7, 8, 8, 10, 11, 11, 13])


def test_two_proportions() -> None:
    """5 of 83 and 12 of 99: z -1.4078, p 0.1592 (documentation of statsmodels' proportions_ztest)."""
    assert shares.z_of((5, 83), (12, 99)) == pytest.approx(-1.40783, abs=1e-5)
    found = shares.difference((5, 83), (12, 99))
    assert found.p == pytest.approx(0.15918, abs=1e-5)
    assert not found.clear
    assert shares.z_of((0, 8), (0, 9)) == 0


def test_the_interval_of_a_difference() -> None:
    """56 of 70 less 48 of 80: 0.2 from 0.0524 to 0.3339 (Newcombe 1998, table II, case a, method 10)."""
    found = shares.difference((48, 80), (56, 70))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_the_interval_of_a_share() -> None:
    """81 of 263: 0.2553 to 0.3662; 0 of 20: 0 to 0.1611 (Newcombe 1998, two-sided intervals, method 3)."""
    assert shares.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert shares.wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


@pytest.mark.parametrize(
    ("count", "of", "ends"),
    [(10, 100, (0.055229, 0.174366)), (3, 12, (0.088942, 0.532305)), (56, 70, (0.691834, 0.876953))],
)
def test_more_intervals_of_a_share(count: int, of: int, ends: tuple[float, float]) -> None:
    """Worked from E. B. Wilson's formula (Journal of the American Statistical Association 22, 1927), 95 in 100."""
    assert shares.wilson(count, of) == pytest.approx(ends, abs=1e-6)


@pytest.mark.parametrize(("first", "second", "p"), [(50_000, 49_000, 0.00148188), (821_588, 815_482, 1.8218e-06)])
def test_groups_that_were_not_drawn_as_planned(first: int, second: int, p: float) -> None:
    """821,588 and 815,482: 1.8e-6 (R. Kohavi and others, "Trustworthy Online Controlled Experiments", 2020).

    The other by scipy's chisquare.
    """
    assert shares.split(first, second) == pytest.approx(p, rel=1e-4)
    assert (shares.split(first, second) < shares.SUSPECT_SPLIT) == (first > 800_000)


def test_a_split_may_be_planned_unequal() -> None:
    assert shares.split(900, 100, 0.9) == pytest.approx(1)
    assert shares.split(900, 100) < shares.SUSPECT_SPLIT


def test_welch_and_the_relative_lift() -> None:
    """The tests of GrowthBook's gbstats: absolute 0.29, p 0.02016; relative 0.70732, p 0.06191."""
    a, b = Group(0.41, 3.9, 3407), Group(0.7, 6.2, 3461)
    plain, lift = means.welch(a, b), means.relative(a, b)
    assert lift is not None
    assert (plain.value, plain.p, plain.low, plain.high) == pytest.approx((0.29, 0.02016, 0.04538, 0.53462), abs=1e-5)
    assert (lift.value, lift.p, lift.low, lift.high) == pytest.approx((0.70732, 0.06191, -0.03526, 1.44989), abs=1e-5)
    assert (plain.clear, lift.clear) == (True, False)
    assert means.relative(Group(0, 1, 9), b) is None


def test_people_needed_in_each_group() -> None:
    """20 % against 25 %: 1,094 with the pooled variance (statsmodels; other formulas give 1,030 and 1,091)."""
    assert sizing.per_group(0.2, 0.25) == pytest.approx(1093.74, abs=0.005)
    assert sizing.needed(0.2, 0.25) == 1_094
    assert sizing.needed(0.2, 0.25, 0.9) > 1_094


@pytest.mark.parametrize(("n", "ratio"), [(1_000, 3.278722), (2_000, 28.403345)])
def test_the_ratio_of_likelihoods(n: int, ratio: float) -> None:
    """Worked from the formula of Johari and others for a difference of 0.1, a variance of 1 and effects of 0.01."""
    assert sizing.likelihood(n, 0.1, 1, 0.01) == pytest.approx(ratio, abs=1e-6)
    assert sizing.always_p(n, 0.1, 1, 0.01) == pytest.approx(1 / ratio)
    assert sizing.always_p(n, 0.0, 1, 0.01) == 1


def of_r(seed: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """What R's ``set.seed(seed); rnorm(count)`` gives: Mersenne Twister, begun by its own rule, and inversion."""
    told, words = seed, []
    for at in range(50 + 625):
        told = (69_069 * told + 1) % 2**32
        words += [told] if at >= 50 else []
    bits = np.random.MT19937()
    key = np.array(words[1:], dtype=np.uint32)
    bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": 624}}
    drawn = bits.random_raw(2 * count) * 2.3283064365386963e-10
    return np.array(special.ndtri((np.floor(2**27 * drawn[0::2]) + drawn[1::2]) / 2**27))


def test_the_first_look_that_is_enough() -> None:
    """R's mixtureSPRT, seed 12345, 10,000 of mean 0 and of mean 0.06, tau 0.08: above 20 first at 4,207.

    The ratios on the way: 1.04675 at 100, 0.538151 at 1,000, 0.670291 at 2,000, 20.606955 at 5,000, 675.261 at 10,000.
    """
    numbers = of_r(12345, 20_000)
    assert numbers[:3] == pytest.approx([0.5855288, 0.7094660, -0.1093033], abs=1e-7)  # as R prints them
    count = np.arange(1, 10_001)
    apart = (numbers[:10_000] - numbers[10_000:] - 0.06).cumsum() / count
    ratios = [sizing.likelihood(int(n), float(d), 1, 0.08**2) for n, d in zip(count, apart, strict=True)]
    shown = [ratios[n - 1] for n in (100, 1_000, 2_000, 5_000, 10_000)]
    assert shown == pytest.approx([1.04675, 0.538151, 0.670291, 20.606955, 675.261479], rel=1e-5)
    assert next(n for n, ratio in zip(count, ratios, strict=True) if ratio > 20) == 4_207


def test_looking_often_does_not_find_what_is_not_there() -> None:
    """Without an effect, a look after each person finds one in few of 300 trials; the plain test in a third or more."""
    source = np.random.default_rng(6)
    n = np.arange(100, 2_001)
    apart = (source.normal(size=(300, 2_000)) - source.normal(size=(300, 2_000))).cumsum(axis=1)[:, 99:] / n
    peeked = (np.abs(apart) / np.sqrt(2 / n) > 1.96).any(axis=1).mean()
    found = [any(sizing.always_p(float(n[at]), float(row[at]), 1, 0.01) < 0.05 for at in range(0, 1901, 10))
             for row in apart]  # fmt: skip
    assert np.mean(found) <= 0.05 < 0.3 < peeked


def test_what_was_known_before_is_taken_off_within_the_groups() -> None:
    """A worked example: the plain difference is 2, within the groups 1.0182 as by analysis of covariance.

    The slope over both groups together would give 0.9882: too little.
    """
    assert means.welch(means.group_of(AFTER[0]), means.group_of(AFTER[1])).value == pytest.approx(2)
    assert means.adjusted(BEFORE, AFTER) == pytest.approx(1.0181818)
    found = means.adjusting(BEFORE, AFTER)
    assert found is not None
    assert found.value == pytest.approx(1.0181818)
    # Ordinary least squares of after on before and group, for the error of the group's coefficient.
    design = np.array([[1, x, g] for g in (0, 1) for x in BEFORE[g]], dtype=float)
    y = np.concatenate(AFTER)
    coefficients, left, *_ = np.linalg.lstsq(design, y, rcond=None)
    error = np.sqrt(left[0] / 17 * np.linalg.inv(design.T @ design)[2, 2])
    assert coefficients[2] == pytest.approx(found.value)
    assert (found.high - found.low) / 2 == pytest.approx(2.109816 * error, rel=1e-5)
    # The variance within groups falls by one less the squared correlation: 0.0501 over both groups together.
    together = np.corrcoef(np.concatenate(BEFORE), y)[0, 1]
    assert 1 - together**2 == pytest.approx(0.0500899, abs=1e-6)
    assert means.adjusting(([1, 1], [1, 1]), ([1, 2], [2, 3])) is None
