"""What many texts are about: texts to a space of meaning, groups in it, and names in the writers' own words.

Words (stems, weighed by rarity) are laid into about a hundred directions (latent semantic
analysis, Deerwester and others 1990; by randomised decomposition, Halko and others 2011), and
grouped there by spherical k-means (Dhillon and Modha 2001). Names are the phrases that a
group says far more often than all others do (class-based TF-IDF, Grootendorst 2022). The same
texts give the same groups: nothing is left to chance but a fixed seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from threadline.later import later, np, npt
from threadline.reading import grams
from threadline.reading.stems import language_of, stems

if TYPE_CHECKING:
    from scipy import sparse
else:
    sparse = later("scipy.sparse")

Matrix: TypeAlias = "npt.NDArray[np.float32]"
Ints: TypeAlias = "npt.NDArray[np.int64]"
DIRECTIONS = 100
MOST_WORDS = 20_000  # stems that the space knows, the commonest
COMMON = 0.3  # a stem in more of the texts than this tells nothing apart
COMMON_IN_LANGUAGE = 0.12  # the same among the texts of a language whose little words we do not know
LONGEST = 300  # words of a text that are read: its beginning says what it is about
_ROUNDS = 25
_STARTS = 4
_SEED = 7
# Words of English that say nothing of what a text is about. Those of other languages drop out as too common.
_LITTLE = (
    "a able about after again all almost already also always am an and another any anything are aren't around as at "
    "away back be because been before being best better between both but by call came can can't cannot come could "
    "couldn't did didn't do does doesn't doing don't done down each either else ever every everything few first for "
    "from get gets getting give go goes going gone good got great had has hasn't have haven't having he her here him "
    "his how i i'd i'll i'm i've if im in instead into is isn't it it's its itself just keep keeps know last least "
    "less let like little long look lot lots made make makes making many may maybe me might more most much must my "
    "need needs never new next no nor not nothing now of off often ok okay old on once one only or other others our "
    "out over own people per please put really right said same say says see seem seems several she should shouldn't "
    "since so some someone something still such sure take takes than thank thanks that that's the their them then "
    "there there's these they they're thing things think this those though through time times to today together too "
    "took two under until up upon us use used uses using very want wanted wants was wasn't way we we'd we'll we're "
    "we've well went were weren't what what's when where whether which while who whole why will with within without "
    "won't work works would wouldn't yes yet you you'd you'll you're you've your "
    # The same as phones write them, and as programs cut them in two.
    "arent cant couldnt didnt doesnt dont hasnt havent isnt ive shouldnt wasnt wont wouldnt youre n't ca wo "
)
_DULL = frozenset(_LITTLE.split())


@dataclass(slots=True)
class Gathered:
    """Texts as numbers: ``said`` are words in order (-1 for what tells nothing), text after text, cut at ``ends``."""

    said: Ints
    ends: Ints
    words: list[str]
    stem_of: Ints
    stems: list[str]

    def __len__(self) -> int:
        return len(self.ends)

    def counts(self) -> Any:
        """Texts by stems, how often each was said."""
        text_of = np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=0))
        there = self.said >= 0
        at = (text_of[there], self.stem_of[self.said[there]])
        found = sparse.coo_matrix((np.ones(len(at[0]), np.float32), at), (len(self.ends), len(self.stems)))
        return found.tocsr()


def gather(texts: Iterable[tuple[str, str]]) -> Gathered:
    """Read (title, body) pairs. A body that begins with its title is not counted twice."""
    word_at: dict[str, int] = {}
    stem_at: dict[str, int] = {}
    stem_of: list[int] = []
    parts: list[npt.NDArray[np.int32]] = []
    languages: list[str] = []
    for title, body in texts:
        shown = title.rstrip("….").strip()
        heads = [] if shown and body.startswith(shown) else grams.words(title)
        said = [*heads, *grams.words(body)][:LONGEST]
        line = np.full(len(said) + 1, -1, np.int32)
        for place, (word, stem) in enumerate(zip(said, stems(said), strict=True)):
            if word in _DULL or word.isdecimal() or len(word) < 2:
                continue
            at = word_at.get(word)
            if at is None:
                at = word_at[word] = len(stem_of)
                stem_of.append(stem_at.setdefault(stem, len(stem_at)))
            line[place] = at
        parts.append(line)
        languages.append(language_of(said) or "")
    ends = np.cumsum([len(p) for p in parts], dtype=np.int64)
    whole = np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
    found = Gathered(whole, ends, list(word_at), np.array(stem_of, np.int64), list(stem_at))
    for language in sorted(set(languages) - {"english", ""}):
        _drop_common(found, np.array([one == language for one in languages]))
    return found


def _drop_common(texts: Gathered, mine: Any) -> None:
    """Take out what is said everywhere in one language: its little words, of which we keep no list."""
    if mine.sum() < 5:
        return
    counts = texts.counts()[mine]
    often = np.bincount(counts.indices, minlength=len(texts.stems)) > max(COMMON_IN_LANGUAGE * mine.sum(), 2)
    inside = np.repeat(mine, np.diff(texts.ends, prepend=0)) & (texts.said >= 0)
    at = np.flatnonzero(inside)
    texts.said[at[often[texts.stem_of[texts.said[at]]]]] = -1


@dataclass(slots=True)
class Space:
    """The directions of one collection: ``basis`` has a row for each stem it knows."""

    stems: list[str]
    rare: Matrix
    basis: Matrix

    def place(self, texts: Gathered) -> Matrix:
        """Where texts lie, a row of length 1 each; all zeros for one that shares no word with the collection."""
        known = {stem: n for n, stem in enumerate(self.stems)}
        columns = np.array([known.get(s, -1) for s in texts.stems], np.int64)
        counts = texts.counts().tocoo()
        there = columns[counts.col] >= 0 if len(columns) else np.zeros(0, bool)
        at = (counts.row[there], columns[counts.col[there]])
        shape = (len(texts), len(self.stems))
        return _unit(_weighed(sparse.csr_matrix((counts.data[there], at), shape), self.rare) @ self.basis)


def _weighed(counts: Any, rare: Matrix) -> Any:
    found = counts.tocsr().astype(np.float32)
    found.data = (1 + np.log(found.data)).astype(np.float32) * rare[found.indices]
    sizes = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel()).clip(1e-9)
    found.data /= np.repeat(sizes, np.diff(found.indptr)).astype(np.float32)
    return found


def _unit(rows: Any) -> Matrix:
    found = np.asarray(rows, np.float32)
    sizes = np.linalg.norm(found, axis=1, keepdims=True)
    return np.where(sizes > 1e-6, found / np.maximum(sizes, 1e-6), 0).astype(np.float32)


def space_of(texts: Gathered, directions: int = DIRECTIONS) -> Space:
    """The space of a collection."""
    counts = texts.counts()
    said_in = np.bincount(counts.indices, minlength=len(texts.stems))
    fewest = 2 if len(texts) < 2_000 else 3
    chosen = np.flatnonzero((said_in >= fewest) & (said_in <= max(COMMON * len(texts), fewest + 1)))
    if len(chosen) > MOST_WORDS:
        chosen = np.sort(chosen[np.argsort(-said_in[chosen], kind="stable")[:MOST_WORDS]])
    rare = (np.log((1 + len(texts)) / (1 + said_in[chosen])) + 1).astype(np.float32)
    weighed = _weighed(counts[:, chosen], rare)
    size = max(1, min(directions, max(12, len(texts) // 10), len(texts) - 1, len(chosen)))
    return Space([texts.stems[i] for i in chosen.tolist()], rare, _directions(weighed, size))


def _directions(weighed: Any, size: int) -> Matrix:
    """The right singular vectors of the largest singular values."""
    if not weighed.shape[1]:
        return np.zeros((0, size), np.float32)
    width = min(size + 12, *weighed.shape)
    chance = np.random.default_rng(_SEED)
    seen = weighed @ chance.standard_normal((weighed.shape[1], width)).astype(np.float32)
    for _ in range(3):
        seen, _r = np.linalg.qr(seen)
        back, _r = np.linalg.qr(weighed.T @ seen)
        seen = weighed @ back
    frame, _r = np.linalg.qr(seen)
    _u, _s, found = np.linalg.svd((weighed.T @ frame).T, full_matrices=False)
    return np.ascontiguousarray(found[:size].T.astype(np.float32))


# ---- groups -----------------------------------------------------------------------------


def grouped(places: Matrix, count: int) -> tuple[Matrix, Ints]:
    """Middles of ``count`` groups and the group of each text (the nearest)."""
    best: tuple[float, Matrix, Ints] | None = None
    for start in range(_STARTS):
        middles = _begin(places, count, np.random.default_rng(_SEED + start))
        middles, nearest, fit = _settle(places, middles)
        if best is None or fit > best[0]:
            best = (fit, middles, nearest)
    assert best is not None
    return best[1], best[2]


def _begin(places: Matrix, count: int, chance: np.random.Generator) -> Matrix:
    """Middles spread out: each further one a text drawn by how far it lies from those chosen (k-means++)."""
    chosen: list[Any] = []
    far = np.ones(len(places), np.float32)
    while len(chosen) < count:
        weights = np.clip(far, 0, None).astype(np.float64) ** 2
        weights[~places.any(1)] = 0
        if not weights.sum():
            break
        chosen.append(places[chance.choice(len(places), p=weights / weights.sum())])
        far = np.minimum(far, 1 - places @ chosen[-1])
    return np.array(chosen, np.float32).reshape(-1, places.shape[1])


def _settle(places: Matrix, middles: Matrix) -> tuple[Matrix, Ints, float]:
    nearest = np.full(len(places), -1, np.int64)
    for _ in range(_ROUNDS):
        now, near = nearest_of(places, middles)
        if (now == nearest).all():
            break
        nearest = now
        sums = sparse.csr_matrix(
            (np.ones(len(places), np.float32), (nearest, np.arange(len(places)))), (len(middles), len(places))
        )
        moved = _unit(sums @ places)
        moves: Any = moved.any(1)  # an empty one stays where it was
        middles = np.where(moves[:, None], moved, middles)
    nearest, near = nearest_of(places, middles)
    return middles, nearest, float(near.mean())


def nearest_of(places: Matrix, middles: Matrix) -> tuple[Ints, Matrix]:
    """The nearest middle of each text and how near it is (cosine), a part at a time."""
    at, near = np.zeros(len(places), np.int64), np.zeros(len(places), np.float32)
    for start in range(0, len(places), 20_000):
        likeness = places[start : start + 20_000] @ middles.T
        at[start : start + 20_000] = likeness.argmax(1)
        near[start : start + 20_000] = likeness.max(1)
    return at, near


def middle_of(places: Matrix) -> Matrix:
    """The middle of some texts."""
    found: Matrix = _unit(places.sum(axis=0, keepdims=True))[0]
    return found


def good_count(texts: int) -> int:
    """How many groups to look for: few enough to read through, more for more texts."""
    return int(min(60, max(3, round(0.55 * texts**0.5))))


# ---- names ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """What a group says far more often than others: phrases as they were written, the most telling first."""

    phrases: tuple[str, ...]


def names(texts: Gathered, group: Ints, count: int, most: int = 8) -> list[Named]:
    """The telling phrases of each group; -1 in ``group`` is a text of none."""
    text_of = np.repeat(np.arange(len(texts)), np.diff(texts.ends, prepend=0))
    one = texts.said[:-1] if len(texts.said) else texts.said
    two = texts.said[1:] if len(texts.said) else texts.said
    there = texts.said >= 0
    single = _scores(texts.stem_of[texts.said[there]], text_of[there], group, count)
    both = (one >= 0) & (two >= 0) & (text_of[:-1] == text_of[1:]) if len(one) else np.zeros(0, bool)
    width = max(len(texts.stems), 1)
    pair_at = texts.stem_of[one[both]] * width + texts.stem_of[two[both]]
    kinds, compact = np.unique(pair_at, return_inverse=True)
    double = _scores(compact, text_of[:-1][both] if len(one) else text_of, group, count)
    forms = _forms(texts, there)
    pair_forms = _pair_forms(texts, one[both], two[both], compact, double)
    found = []
    for number in range(count):
        words = [(score, forms[at], frozenset((at,))) for at, score in single[number]]
        pairs = [
            (1.25 * score, pair_forms[at], frozenset((int(kinds[at]) // width, int(kinds[at]) % width)))
            for at, score in double[number]
        ]
        found.append(Named(_told_apart(sorted([*words, *pairs], key=lambda w: (-w[0], w[1])), most)))
    return found


def _told_apart(ranked: Sequence[tuple[float, str, frozenset[int]]], most: int) -> tuple[str, ...]:
    """The best phrases, none of which only repeats words of those before it."""
    said: set[int] = set()
    kept: list[str] = []
    for _, phrase, parts in ranked:
        if len(kept) < most and not parts <= said and (len(parts) == 1 or not parts & said):
            kept.append(phrase)
            said |= parts
    return tuple(kept)


def _scores(at: Ints, text_of: Ints, group: Ints, count: int) -> list[list[tuple[int, float]]]:
    """For each group its forty most telling features: the share of its texts that say it, against all others'."""
    if not len(at):
        return [[] for _ in range(count)]
    once = np.unique(text_of * (int(at.max()) + 1) + at)  # a text says a thing once, however often
    text, what = once // (int(at.max()) + 1), once % (int(at.max()) + 1)
    mine = group[text]
    inside = mine >= 0
    size = int(at.max()) + 1
    whole = np.bincount(what, minlength=size)
    table = sparse.coo_matrix((np.ones(inside.sum()), (mine[inside], what[inside])), (count, size)).tocsr()
    sizes = np.bincount(group[group >= 0], minlength=count)
    found = []
    for number in range(count):
        row = table[number]
        enough = row.data >= max(min(3, sizes[number]), 0.04 * sizes[number])
        here, times = row.indices[enough], row.data[enough]
        share = times / max(sizes[number], 1)
        others = (whole[here] - times + 0.5) / max(len(group) - sizes[number], 1)
        score = share * np.log(np.maximum(share / others, 1e-9))
        best = np.argsort(-score, kind="stable")[:40]
        found.append([(int(here[i]), float(score[i])) for i in best if score[i] > 0])
    return found


def _forms(texts: Gathered, there: Any) -> list[str]:
    """Each stem as it was written most often."""
    times = np.bincount(texts.said[there], minlength=len(texts.words))
    best: dict[int, int] = {}
    for word, stem in enumerate(texts.stem_of.tolist()):
        if stem not in best or times[word] > times[best[stem]]:
            best[stem] = word
    return [texts.words[best[stem]] for stem in range(len(texts.stems))]


def _pair_forms(
    texts: Gathered, one: Ints, two: Ints, compact: Ints, wanted: list[list[tuple[int, float]]]
) -> dict[int, str]:
    """The pairs that are shown, as they were written most often."""
    sought = np.array(sorted({at for row in wanted for at, _ in row}), np.int64)
    mine = np.isin(compact, sought)
    met: dict[int, Counter[tuple[int, int]]] = {}
    for at, a, b in zip(compact[mine].tolist(), one[mine].tolist(), two[mine].tolist(), strict=True):
        met.setdefault(at, Counter())[a, b] += 1
    return {at: " ".join(texts.words[w] for w in c.most_common(1)[0][0]) for at, c in met.items()}


# ---- kept -------------------------------------------------------------------------------


@dataclass(slots=True)
class Kept:
    """A space with the middles of groups in it by id, and how near a text must lie to belong."""

    space: Space
    ids: list[str]
    middles: Matrix
    near: Matrix

    def save(self, file: Path) -> None:
        """Keep it in a file, replaced as a whole."""
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_suffix(".new.npz")
        np.savez(
            aside, stems=np.array(self.space.stems or [""]), rare=self.space.rare, basis=self.space.basis,
            ids=np.array(self.ids or [""]), middles=self.middles, near=self.near,
        )  # fmt: skip
        aside.replace(file)


def load(file: Path) -> Kept:
    """What was kept in a file; OSError or ValueError when there is none that can be read."""
    with np.load(file, allow_pickle=False) as kept:
        space = Space([s for s in kept["stems"].tolist() if s], kept["rare"], kept["basis"])
        return Kept(space, [i for i in kept["ids"].tolist() if i], kept["middles"], kept["near"])
