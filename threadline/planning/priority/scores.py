"""Scores of one item from a few numbers: ICE, WSJF, cost of delay, opportunity, PERT.

Ordinal inputs multiplied (ICE, WSJF) are not money and not a distance: they only put things in
order, and a caller should say so beside the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def ice_product(impact: float, confidence: float, ease: float) -> float:
    """ICE as Sean Ellis multiplies it; each from 1 to 10, so up to 1,000."""
    return impact * confidence * ease


def ice_mean(impact: float, confidence: float, ease: float) -> float:
    """ICE as the other school averages it; each from 1 to 10. Not comparable with the product."""
    return (impact + confidence + ease) / 3


def wsjf(value: float, urgency: float, risk: float, size: float) -> float:
    """Weighted shortest job first (SAFe): business value, time criticality, risk reduction; ``size`` above 0."""
    return (value + urgency + risk) / size


def cd3(cost_of_delay: float, duration: float) -> float:
    """Cost of delay divided by duration (Reinertsen, 2009; Arnold); ``duration`` above 0, units as given."""
    return cost_of_delay / duration


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work: what a week of waiting costs, and how many weeks it takes (above 0)."""

    name: str
    cost_of_delay: float
    duration: float


def by_cd3(jobs: Sequence[Job]) -> list[Job]:
    """The order that makes waiting cheapest for one team without dependencies (W. E. Smith, 1956).

    With dependencies, several teams or deadlines it is a heuristic only: use the release planner.
    """
    return sorted(jobs, key=lambda job: -cd3(job.cost_of_delay, job.duration))


def delay_cost(jobs: Sequence[Job]) -> float:
    """What it costs to wait for each of these, done one after another in this order."""
    cost = finished = 0.0
    for job in jobs:
        finished += job.duration
        cost += job.cost_of_delay * finished
    return cost


def delivered(jobs: Sequence[Job], weeks: float, already: float = 0.0) -> float:
    """What is had in so many weeks, done one after another: each job brings its weekly worth once it is finished."""
    brought, finished = already * weeks, 0.0
    for job in jobs:
        finished += job.duration
        brought += job.cost_of_delay * max(0.0, weeks - finished)
    return brought


def opportunity(importance: float, satisfaction: float) -> float:
    """Ulwick's opportunity score of one segment; both are shares of high ratings, from 0 to 10.

    Above 15 it is extreme, 12 to 15 high, 10 to 12 worth a look. Means instead of shares are the
    usual mistake, and all segments together the second.
    """
    lacks = importance - satisfaction
    return importance + (abs(lacks) + lacks) / 2  # what is above 0 of it, for numbers and for samples of them


def top_share(ratings: Sequence[int], top: int = 4) -> float:
    """The share of ratings (1 to 5) at or above ``top``, from 0 to 10, as :func:`opportunity` wants it."""
    return 10 * sum(rating >= top for rating in ratings) / len(ratings)


def pert(optimistic: float, likely: float, pessimistic: float) -> tuple[float, float]:
    """Mean and standard deviation of a three-point estimate (PERT, 1958)."""
    return (optimistic + 4 * likely + pessimistic) / 6, (pessimistic - optimistic) / 6
