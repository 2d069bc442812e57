"""How much of a change in a metric came from each of the metrics that make it. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, prod

Pair = tuple[float, float]  # before, after
FITS = 0.02  # how far the parts may be from what was measured


def made_of(formula: str, values: Sequence[float]) -> float | None:
    """What the parts make by the formula; None when the formula says nothing, or they cannot be divided."""
    if not values or formula not in ("sum", "product", "ratio"):
        return None
    if formula == "ratio":
        return values[0] / values[1] if len(values) == 2 and values[1] else None
    return sum(values) if formula == "sum" else prod(values)


def fits(measured: float, made: float) -> bool:
    """Whether the parts make about what was measured."""
    return abs(measured - made) <= FITS * max(abs(measured), abs(made))


def shares(formula: str, whole: Pair, parts: Sequence[Pair]) -> list[float] | None:
    """What each part gave to the change of the whole; they add up to it when the parts make the whole exactly.

    For a sum, how far each part moved. For a product, by logarithms: ``dM * ln(x1 / x0) / ln(M1 / M0)``
    (additive and without a remainder: B. W. Ang, "The LMDI approach to decomposition analysis", Energy
    Policy 33, 2005); a ratio is a product with its second part below the line. None when it cannot be said:
    logarithms need numbers above 0, and a whole that moved.
    """
    before, after = whole
    if formula == "sum":
        return [b - a for a, b in parts]
    if formula not in ("product", "ratio") or min(before, after, *(x for p in parts for x in p)) <= 0:
        return None
    if before == after or (formula == "ratio" and len(parts) != 2):
        return None
    weight = (after - before) / log(after / before)
    signs = [1, -1] if formula == "ratio" else [1] * len(parts)
    return [sign * weight * log(b / a) for sign, (a, b) in zip(signs, parts, strict=True)]
