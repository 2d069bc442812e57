"""Before and after a day, when the number has seasons and wanders: what changed that neither of them explains.

A local level with seasons, a step from the day on and whatever else is known of each period (A. C. Harvey and
J. Durbin, "The effects of seat belt legislation on British road casualties", Journal of the Royal Statistical
Society A 149, 1986). Without a group that the change did not touch it names a difference, not a cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from threadline.later import np, npt

NORMAL = 1.959964
_LOW, _HIGH, _STEPS = -12.0, 3.0, 60  # log of how much the level wanders against the noise of one period
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Step:
    """How much higher the number stands from the day on, with the range that holds 95 in 100; and the other weights."""

    value: float
    low: float
    high: float
    others: tuple[float, ...]
    wanders: float


def step(values: Sequence[float], at: int, *, season: int = 12, known: Sequence[Sequence[float]] = ()) -> Step | None:
    """The step at period ``at``; ``season`` periods make a year, ``known`` are other series of the same length.

    Of logarithms, it is a share: ``exp(step) - 1``. None with less than two years before the day or nothing after it.
    """
    if at < 2 * season or at >= len(values) or len(values) < 2 * season + len(known) + 4:
        return None
    y, x = np.asarray(values, float), _design(len(values), at, season, known)
    low, high = _LOW, _HIGH
    for _ in range(_STEPS):
        near, far = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        low, high = (low, far) if _unlikely(y, x, near) < _unlikely(y, x, far) else (near, high)
    weights, spread, _ = _fitted(y, x, (low + high) / 2)
    half = NORMAL * float(np.sqrt(spread[0, 0]))
    found = [float(one) for one in weights]
    return Step(found[0], found[0] - half, found[0] + half, tuple(found[1 : 1 + len(known)]), (low + high) / 2)


def _design(count: int, at: int, season: int, known: Sequence[Sequence[float]]) -> npt.NDArray[np.float64]:
    """Columns: the step, what else is known, the beginning, and each period of the year but the last."""
    when = np.arange(count)
    parts = [when >= at, *(np.asarray(one, float) for one in known), np.ones(count)]
    return np.column_stack([*parts, *(when % season == one for one in range(season - 1))]).astype(float)


def _fitted(y: npt.NDArray[np.float64], x: npt.NDArray[np.float64], wanders: float) -> tuple[
    npt.NDArray[np.float64], npt.NDArray[np.float64], float
]:  # fmt: skip
    """Weights by generalised least squares, their covariance, and minus twice the logarithm of the likelihood."""
    periods = np.arange(1.0, len(y) + 1)
    root = np.linalg.cholesky(np.eye(len(y)) + np.exp(wanders) * np.minimum.outer(periods, periods))
    white_y, white_x = np.linalg.solve(root, y), np.linalg.solve(root, x)
    inside = np.linalg.inv(white_x.T @ white_x)
    weights = inside @ white_x.T @ white_y
    left = float(((white_y - white_x @ weights) ** 2).sum())
    unlikely = len(y) * log(left / len(y)) + 2 * float(np.log(np.diag(root)).sum())
    return weights, inside * left / (len(y) - x.shape[1]), unlikely


def _unlikely(y: npt.NDArray[np.float64], x: npt.NDArray[np.float64], wanders: float) -> float:
    return _fitted(y, x, wanders)[2]
