"""Weights from pairwise comparisons: the analytic hierarchy process (T. L. Saaty, 1980)."""

from __future__ import annotations

from dataclasses import dataclass

from threadline.later import np, npt

# What random matrices come to, by size (Saaty).
RANDOM_INDEX = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41}
CONSISTENT = 0.10


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights that sum to 1, the principal eigenvalue, and how consistent the comparisons were.

    ``ratio`` is None where it has no meaning (fewer than 3 items) or no random index (more than 8).
    """

    weights: tuple[float, ...]
    eigenvalue: float
    index: float
    ratio: float | None

    @property
    def consistent(self) -> bool:
        """Whether the comparisons contradict each other no more than Saaty's tenth."""
        return self.ratio is None or self.ratio <= CONSISTENT


def weights_of(comparisons: npt.ArrayLike) -> Weights:
    """Weights of a reciprocal matrix: cell (i, j) says how many times i matters more than j.

    Raises ValueError for a matrix that is not square, positive and reciprocal.
    """
    matrix = np.asarray(comparisons, dtype=float)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    if not square or not (matrix > 0).all() or not np.allclose(matrix * matrix.T, 1.0):
        raise ValueError("each comparison must be above 0, and the one the other way round its reciprocal")
    size = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    at = int(np.argmax(values.real))
    vector = np.abs(vectors[:, at].real)
    eigenvalue = float(values[at].real)
    index = max((eigenvalue - size) / (size - 1), 0.0) if size > 1 else 0.0
    random = RANDOM_INDEX.get(size)
    shares = vector / vector.sum()
    return Weights(tuple(map(float, shares)), eigenvalue, index, index / random if random else None)


def geometric_weights(comparisons: npt.ArrayLike) -> tuple[float, ...]:
    """Weights by the geometric means of the rows; equal to the eigenvector for 3 items."""
    means = np.exp(np.log(np.asarray(comparisons, dtype=float)).mean(axis=1))
    return tuple(map(float, means / means.sum()))
