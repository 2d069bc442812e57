"""What a benefit is worth today: money to come counts less the later it comes."""

from __future__ import annotations

from collections.abc import Sequence


def present_value(flows: Sequence[float], rate: float) -> float:
    """The sum of ``flow / (1 + rate) ** period``, the first of them today (I. Fisher, "The Rate of Interest", 1907)."""
    if rate <= -1:
        raise ValueError("a rate is above -1")
    return float(sum(flow / (1 + rate) ** period for period, flow in enumerate(flows)))
