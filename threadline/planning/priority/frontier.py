"""Value for effort: the orders of magnitude that no other choice beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to do: its value and its effort, both at least 0."""

    name: str
    value: float
    effort: float


def frontier(offers: Sequence[Offer]) -> list[Offer]:
    """Those of which none other gives more for no more effort, least effort first."""
    found: list[Offer] = []
    for offer in sorted(offers, key=lambda o: (o.effort, -o.value)):
        if not found or offer.value > found[-1].value:
            found.append(offer)
    return found


def hull(offers: Sequence[Offer]) -> list[Offer]:
    """Those of the frontier that are best at some price of effort: its concave hull, seen from nothing done.

    Taking by value for effort is the best choice only along this line (Dantzig, 1957).
    """
    chain: list[Offer] = []
    for offer in frontier(offers):
        while chain and _below(chain[-2] if len(chain) > 1 else None, chain[-1], offer):
            chain.pop()
        chain.append(offer)
    return chain


def _below(first: Offer | None, middle: Offer, last: Offer) -> bool:
    """Whether the middle one lies on or under the line from the first (or from nothing) to the last."""
    value, effort = (first.value, first.effort) if first else (0.0, 0.0)
    return (middle.value - value) * (last.effort - effort) <= (last.value - value) * (middle.effort - effort)
