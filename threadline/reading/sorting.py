"""What sort of thing a text is: a linear model over hashed features that knows how sure it may be.

Two linear models speak with one voice: multinomial logistic regression with a pull towards zero, and
for each label logistic regression over features weighed by how much oftener that label's texts have
them (Wang and Manning 2012), all trained by L-BFGS. Their sum is linear again. How sure it says
it is comes from texts it was not trained on: five times it learns from four fifths, and its
answers for the last fifth set the temperature (Guo and others, 2017) and the confidence from
which on enough of them were right. Below that it says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from threadline.later import later, np, npt
from threadline.reading.grams import SIZE
from threadline.reading.likeness import Read

if TYPE_CHECKING:
    from scipy import optimize, sparse
else:
    optimize, sparse = later("scipy.optimize"), later("scipy.sparse")

Vector: TypeAlias = "npt.NDArray[np.float64]"
FOLDS = 5
RIGHT_OFTEN_ENOUGH = 0.8  # of the answers that are given
_KINDS = ("words", "pairs", "pieces")
_TEMPERATURES = tuple(0.125 * 2 ** (step / 8) for step in range(41))  # 0.125 to 4
_SMOOTH, _LOOSE_BY_RATIO, _SHARE = 0.3, 0.3, 0.5  # of the second model; measured on app reviews


@dataclass(frozen=True, slots=True)
class Told:
    """How good a model proved on texts it was not trained on. ``spoken`` is the share it answered at all."""

    texts: int
    macro_f1: float
    right: float
    spoken: float


@dataclass(slots=True)
class Sorter:
    """A trained model. ``weights`` has a row for each label over the features ``at`` (sorted)."""

    labels: tuple[str, ...]
    at: npt.NDArray[np.int64]
    rare: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    temperature: float
    threshold: float
    told: Told

    def chances(self, text: Read) -> Vector:
        """How likely each label is, summing to 1."""
        columns, values = _row(text, self.at, self.rare)
        scores: Vector = (self.weights[:, columns] @ values + self.bias).astype(np.float64)
        found: Vector = _softmax(scores[None, :] / self.temperature)[0]
        return found

    def answer(self, text: Read) -> tuple[str, float] | None:
        """The likeliest label and its chance; None when it is not sure enough to speak."""
        chances = self.chances(text)
        best = int(chances.argmax())
        sure = float(chances[best])
        return (self.labels[best], sure) if sure >= self.threshold else None

    def save(self, file: Path) -> None:
        """Keep it in a file, replaced as a whole."""
        aside = file.with_suffix(".new.npz")
        told = np.array([self.told.texts, self.told.macro_f1, self.told.right, self.told.spoken])
        np.savez_compressed(
            aside, labels=np.array(self.labels), at=self.at, rare=self.rare, weights=self.weights, bias=self.bias,
            sure=np.array([self.temperature, self.threshold]), told=told,
        )  # fmt: skip
        aside.replace(file)


def load(file: Path) -> Sorter:
    """The model kept in a file; OSError or ValueError when there is none that can be read."""
    with np.load(file, allow_pickle=False) as kept:
        texts, macro, right, spoken = kept["told"].tolist()
        temperature, threshold = kept["sure"].tolist()
        return Sorter(
            tuple(kept["labels"].tolist()), kept["at"], kept["rare"], kept["weights"], kept["bias"],
            temperature, threshold, Told(int(texts), macro, right, spoken),
        )  # fmt: skip


def _features(text: Read) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """All features of a text in one space, a block for each kind, a title counting twice; scaled kind by kind later."""
    at = [getattr(text, kind).at.astype(np.int64) + n * SIZE for n, kind in enumerate(_KINDS)]
    times = [text.words.times + text.words_in_title, text.pairs.times, text.pieces.times + text.pieces_in_title]
    return np.concatenate(at), (1 + np.log(np.concatenate(times).astype(np.float32))).astype(np.float32)


def _row(
    text: Read, known: npt.NDArray[np.int64], rare: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    at, values = _features(text)
    place = np.searchsorted(known, at)
    there = place < len(known)
    there[there] = known[place[there]] == at[there]
    place, at, values = place[there], at[there], values[there] * rare[place[there]]
    block = at // SIZE
    sizes = np.sqrt(np.bincount(block, weights=values * values, minlength=len(_KINDS))).clip(1e-9)
    return place, (values / sizes[block]).astype(np.float32)


def trained(texts: Sequence[Read], labels: Sequence[str], *, looseness: float = 3.0) -> Sorter:
    """A model of labelled texts; at least two labels, each with at least :data:`FOLDS` texts."""
    names = tuple(sorted(set(labels)))
    wanted = np.array([names.index(label) for label in labels])
    out = np.zeros((len(texts), len(names)))
    folds = _folds(wanted)
    for fold in range(FOLDS):
        inside, left = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        model = _fitted([texts[i] for i in inside.tolist()], wanted[inside], names, looseness)
        out[left] = _scores(model, [texts[i] for i in left.tolist()])
    temperature = min(_TEMPERATURES, key=lambda t: _surprise(out / t, wanted))
    chances = _softmax(out / temperature)
    threshold, right, spoken = _threshold(chances, wanted)
    made = _fitted(texts, wanted, names, looseness)
    made.temperature, made.threshold = float(temperature), threshold
    made.told = Told(len(texts), macro_f1(wanted, chances.argmax(1), len(names)), right, spoken)
    return made


def _folds(wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A fold for each text, every label spread over all of them; the same for the same texts."""
    folds = np.zeros(len(wanted), np.int64)
    for label in np.unique(wanted):
        mine = np.random.default_rng(5).permutation(np.flatnonzero(wanted == label))
        folds[mine] = np.arange(len(mine)) % FOLDS
    return folds


def _fitted(texts: Sequence[Read], wanted: npt.NDArray[np.int64], names: tuple[str, ...], looseness: float) -> Sorter:
    features = [_features(t)[0] for t in texts]
    at, met = np.unique(np.concatenate(features), return_counts=True)
    known = at[met >= 2] if (met >= 2).any() else at
    counts = met[met >= 2] if (met >= 2).any() else met
    rare = (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)
    rows = [_row(t, known, rare) for t in texts]
    ends = np.concatenate(([0], np.cumsum([len(place) for place, _ in rows])))
    shape = (len(texts), len(known))
    matrix = sparse.csr_matrix(
        (np.concatenate([v for _, v in rows]), np.concatenate([p for p, _ in rows]), ends),
        shape=shape,
        dtype=np.float64,
    )
    weights, bias = _solve(matrix, wanted, len(names), looseness)
    weighed, beside = _by_ratio(matrix, wanted, len(names))
    first, second = (float((matrix @ w.T + b).std()) or 1.0 for w, b in ((weights, bias), (weighed, beside)))
    weights = (weights / first + _SHARE * weighed / second).astype(np.float32)
    bias = (bias / first + _SHARE * beside / second).astype(np.float32)
    return Sorter(names, known, rare, weights, bias, 1.0, 0.0, Told(len(texts), 0.0, 0.0, 0.0))


def _by_ratio(matrix: Any, wanted: npt.NDArray[np.int64], labels: int) -> tuple[Any, Any]:
    """Weights and bias of one model a label, over features scaled by the logarithm of how much oftener it has them."""
    weights, bias = np.zeros((labels, matrix.shape[1])), np.zeros(labels)
    for label in range(labels):
        mine = wanted == label
        here, there = (np.asarray(matrix[part].sum(axis=0)).ravel() + _SMOOTH for part in (mine, ~mine))
        ratio = np.log((here / here.sum()) / (there / there.sum()))
        found, level = _solve((matrix @ sparse.diags(ratio)).tocsr(), mine.astype(np.int64), 2, _LOOSE_BY_RATIO)
        weights[label], bias[label] = (found[1] - found[0]) * ratio, level[1] - level[0]
    return weights, bias


def _solve(matrix: Any, wanted: npt.NDArray[np.int64], labels: int, looseness: float) -> tuple[Any, Any]:
    """Weights and bias; a rare label's texts count as much in sum as a common one's."""
    counts = np.bincount(wanted, minlength=labels)
    share = (len(wanted) / (labels * counts))[wanted]
    ones = np.zeros((len(wanted), labels))
    ones[np.arange(len(wanted)), wanted] = 1
    width = matrix.shape[1]

    def loss(flat: Vector) -> tuple[float, Vector]:
        weights, bias = flat[: labels * width].reshape(labels, width), flat[labels * width :]
        scores = matrix @ weights.T + bias
        likely = _softmax(scores)
        missed = -np.log(likely[np.arange(len(wanted)), wanted].clip(1e-300)) @ share
        pull = (likely - ones) * share[:, None]
        slope = (matrix.T @ pull).T + weights / looseness
        return float(missed + (weights * weights).sum() / (2 * looseness)), np.concatenate([slope.ravel(), pull.sum(0)])

    start = np.zeros(labels * width + labels)
    best = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120}).x.astype(np.float32)
    return best[: labels * width].reshape(labels, width), best[labels * width :]


def _scores(model: Sorter, texts: Sequence[Read]) -> Vector:
    made = []
    for text in texts:
        place, values = _row(text, model.at, model.rare)
        made.append(model.weights[:, place] @ values + model.bias)
    return np.array(made, np.float64)


def _softmax(scores: Vector) -> Vector:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Vector = raised / raised.sum(axis=1, keepdims=True)
    return found


def _surprise(scores: Vector, wanted: npt.NDArray[np.int64]) -> float:
    return float(-np.log(_softmax(scores)[np.arange(len(wanted)), wanted].clip(1e-300)).mean())


def _threshold(chances: Vector, wanted: npt.NDArray[np.int64]) -> tuple[float, float, float]:
    """The lowest confidence from which on enough answers were right; how many then were, and the share answered."""
    sure, right = chances.max(1), chances.argmax(1) == wanted
    order = np.argsort(-sure)
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((so_far >= RIGHT_OFTEN_ENOUGH) & (np.arange(len(order)) >= 9))
    if not len(enough):
        return 1.01, 0.0, 0.0  # it never was sure and right: it stays silent
    last = int(enough[-1])
    threshold = float(max(sure[order][last], 1.2 / chances.shape[1]))
    spoken = sure >= threshold
    return threshold, float(right[spoken].mean()) if spoken.any() else 0.0, float(spoken.mean())


def macro_f1(wanted: npt.NDArray[np.int64], given: npt.NDArray[np.int64], labels: int) -> float:
    """The mean over labels of the harmonic mean of precision and recall."""
    found = []
    for label in range(labels):
        hit = int(((wanted == label) & (given == label)).sum())
        found.append(2 * hit / max(int((wanted == label).sum() + (given == label).sum()), 1))
    return float(np.mean(found))
