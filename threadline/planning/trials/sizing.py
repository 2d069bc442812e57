"""How many people a trial needs, and what may be read before they are all there."""

from __future__ import annotations

from math import ceil, exp, sqrt

from threadline.planning.trials.shares import ALPHA, NORMAL

POWER = 0.8


def per_group(usual: float, hoped: float, power: float = POWER, alpha: float = ALPHA) -> float:
    """People in each of two groups to tell two shares apart, two-sided: pooled variance under no difference.

    J. L. Fleiss, "Statistical Methods for Rates and Proportions" (1981), without the correction for continuity.
    The shares differ and lie within 0 and 1.
    """
    mean = (usual + hoped) / 2
    spread = usual * (1 - usual) + hoped * (1 - hoped)
    za, zb = NORMAL.inv_cdf(1 - alpha / 2), NORMAL.inv_cdf(power)
    return float(((za * sqrt(2 * mean * (1 - mean)) + zb * sqrt(spread)) / (hoped - usual)) ** 2)


def needed(usual: float, hoped: float, power: float = POWER) -> int:
    """:func:`per_group` in whole people."""
    return ceil(per_group(usual, hoped, power) - 1e-9)


def likelihood(n: float, difference: float, variance: float, expected: float) -> float:
    """How much likelier a difference of two groups of ``n`` is when there is an effect than when there is none.

    The mixture sequential probability ratio test for normal data (R. Johari and others, "Peeking at A/B tests",
    2017): ``variance`` of one person above 0, effects spread around 0 with ``expected`` as their variance.
    """
    whole = 2 * variance + n * expected
    power = n**2 * expected * difference**2 / (4 * variance * whole)
    return sqrt(2 * variance / whole) * exp(min(power, 700.0))


def always_p(n: float, difference: float, variance: float, expected: float) -> float:
    """A p that holds however often one looked before: one over :func:`likelihood`, at most 1."""
    return min(1.0, 1 / likelihood(n, difference, variance, expected))
