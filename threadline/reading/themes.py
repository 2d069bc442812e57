"""What many texts are about: texts to a space of meaning, groups in it, and names in the writers' own words.

Words (stems, weighed by rarity) are laid into about a hundred directions (latent semantic
analysis, Deerwester and others 1990; by randomised decomposition, Halko and others 2011), and
grouped there by spherical k-means (Dhillon and Modha 2001). The same
texts give the same groups: nothing is left to chance but a fixed seed. How groups get their names
stands in ``naming.py``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
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
Places: TypeAlias = "npt.NDArray[np.int32]"
DIRECTIONS = 100
MOST_WORDS = 20_000  # stems that the space knows, the commonest
COMMON = 0.3  # a stem in more of the texts than this tells nothing apart
COMMON_IN_LANGUAGE = 0.12  # the same among the texts of a language whose little words we do not know
FORM_LINES = 5  # texts that have the same line among others, from which on it is a form's
LONGEST = 300  # words of a text that are read: its beginning says what it is about
AT_ONCE = 20_000  # texts that are worked on at once: memory stays small
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
_IS_CODE = -1
_MARKS = re.compile(r"[`<]|://")
_CODE = re.compile(r"```.*?(?:```|\Z)|<!--.*?(?:-->|\Z)|<[^<>\n]{1,200}>|\w+://[^\s<>)\]]+", re.DOTALL)


@dataclass(slots=True)
class Gathered:
    """Texts as numbers: ``said`` are words in order, text after text, cut at ``ends``.

    -1 is the end of a text and what tells nothing; below it stand the little words, -2 being the first of ``little``.
    """

    said: Places
    ends: Ints
    words: list[str]
    stem_of: Places
    stems: list[str]
    little: list[str]
    by_form: npt.NDArray[np.bool_]  # which of ``said`` stand in code, or in a line that many texts have to the letter

    def __len__(self) -> int:
        return len(self.ends)

    def counts(self, only: npt.NDArray[np.bool_] | None = None) -> Any:
        """Texts by stems, how often each was said; of ``only`` some of the words."""
        there = self.said >= 0 if only is None else (self.said >= 0) & only
        ends = np.concatenate(([0], np.cumsum(there)[self.ends - 1])) if len(self.ends) else np.zeros(1, np.int64)
        at = self.stem_of[self.said[there]]
        found = sparse.csr_matrix((np.ones(len(at), np.float32), at, ends), (len(self.ends), len(self.stems)))
        found.sum_duplicates()
        return found

    def text_of(self) -> Places:
        """The text in which each of ``said`` stands."""
        found: Places = np.repeat(np.arange(len(self.ends), dtype=np.int32), np.diff(self.ends, prepend=0))
        return found


def gather(texts: Iterable[tuple[str, str]]) -> Gathered:
    """Read (title, body) pairs. A body that begins with its title is not counted twice."""
    word_at: dict[str, int] = {}
    stem_at: dict[str, int] = {}
    little_at: dict[str, int] = {}
    stem_of: list[int] = []
    parts: list[npt.NDArray[np.int32]] = []
    lines, begun = list[tuple[int, int, int]](), 0
    languages: list[str] = []
    for title, body in texts:
        shown = title.rstrip("….").strip()
        heads = [] if shown and body.startswith(shown) else grams.words(title)
        said = _by_line(heads, body, lines, begun)[:LONGEST]
        line = np.full(len(said) + 1, -1, np.int32)
        for place, (word, stem) in enumerate(zip(said, stems(said), strict=True)):
            if word in _DULL:
                line[place] = -2 - little_at.setdefault(word, len(little_at))
                continue
            if word.isdecimal() or len(word) < 2:
                continue
            at = word_at.get(word)
            if at is None:
                at = word_at[word] = len(stem_of)
                stem_of.append(stem_at.setdefault(stem, len(stem_at)))
            line[place] = at
        parts.append(line)
        begun += len(line)
        languages.append(language_of(said) or "")
    ends = np.cumsum([len(p) for p in parts], dtype=np.int64)
    whole = np.concatenate(parts) if parts else np.zeros(0, np.int32)
    stem_at_word, by_form = np.array(stem_of, np.int32), _by_form(lines, whole, len(ends))
    found = Gathered(whole, ends, list(word_at), stem_at_word, list(stem_at), list(little_at), by_form)
    for language in sorted(set(languages) - {"english", ""}):
        _drop_common(found, np.array([one == language for one in languages]))
    return found


def _by_line(heads: list[str], body: str, lines: list[tuple[int, int, int]], begun: int) -> list[str]:
    """The words of a text; where its lines and its code stand is added to ``lines``, with what a line is known by."""
    rows = body.splitlines() if "\n" in body else []
    if len(rows) < 3 and not _MARKS.search(body):
        return [*heads, *grams.words(body)]
    said, last = list(heads), 0
    for code in [*_CODE.finditer(body), None]:
        for row in body[last : code.start() if code else len(body)].splitlines():
            start = begun + len(said)
            said += grams.words(row)
            if len(rows) >= 3 and begun + len(said) > start:
                lines.append((hash(row.strip()), start, begun + len(said)))
        if code:
            start, last = begun + len(said), code.end()
            said += grams.words(code.group())
            lines.append((_IS_CODE, start, begun + len(said)))
        if len(said) >= LONGEST:
            break
    return said


def _by_form(lines: list[tuple[int, int, int]], whole: Places, texts: int) -> npt.NDArray[np.bool_]:
    """Mark code, and what stands in a line that many have: a form's questions, a signature, a checklist."""
    found = np.zeros(len(whole), bool)
    times = Counter(known for known, _, _ in lines)
    for known, start, end in lines:
        if known == _IS_CODE or times[known] >= max(FORM_LINES, texts // 200):
            found[start:end] = True
    return found


def _drop_common(texts: Gathered, mine: Any) -> None:
    """Take out what is said everywhere in one language: its little words, of which we keep no list."""
    if mine.sum() < 5:
        return
    counts = texts.counts()[mine]
    often = np.bincount(counts.indices, minlength=len(texts.stems)) > max(COMMON_IN_LANGUAGE * mine.sum(), 2)
    inside = mine[texts.text_of()] & (texts.said >= 0)
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
        there = np.flatnonzero(columns >= 0)
        order = there[np.argsort(columns[there])]  # a space's stems in its own order
        counts, found = texts.counts(), np.zeros((len(texts), self.basis.shape[1]), np.float32)
        rare, basis = self.rare[columns[order]], self.basis[columns[order]]
        for start in range(0, len(texts), AT_ONCE):
            found[start : start + AT_ONCE] = _weighed(counts[start : start + AT_ONCE][:, order], rare) @ basis
        return _unit(found)


def _weighed(counts: Any, rare: Matrix) -> Any:
    """Counts that are ours to write in, as weights: sublinear, rare words more, each text of length 1."""
    found = counts.tocsr()
    found.data = (1 + np.log(found.data)).astype(np.float32) * rare[found.indices]
    text_of = np.repeat(np.arange(found.shape[0], dtype=np.int32), np.diff(found.indptr))
    sizes = np.sqrt(np.bincount(text_of, weights=found.data**2, minlength=found.shape[0])).clip(1e-9)
    found.data /= sizes.astype(np.float32)[text_of]
    return found


def _unit(rows: Any) -> Matrix:
    """Rows that are ours to write in, each of length 1; what is next to nothing is nothing."""
    found: Matrix = np.asarray(rows, np.float32)
    sizes = np.sqrt(np.einsum("ij,ij->i", found, found))
    found[sizes <= 1e-6] = 0
    found /= np.maximum(sizes, 1e-6)[:, None]
    return found


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
    frame: Any = np.random.default_rng(_SEED).standard_normal((weighed.shape[1], width)).astype(np.float32)
    for _ in range(5):  # on the side of the words, of which there are few: texts come and go a part at a time
        frame, _r = np.linalg.qr(frame)
        seen, inner = _both_ways(weighed, frame)
        last, frame = frame, seen
    _values, turn = np.linalg.eigh(inner)
    return np.ascontiguousarray((last @ turn[:, ::-1][:, :size]).astype(np.float32))


def _both_ways(weighed: Any, frame: Matrix) -> tuple[Matrix, Any]:
    """What texts make of a frame, brought back to the words; and how far its directions speak of the same."""
    back = np.zeros_like(frame)
    inner = np.zeros((frame.shape[1], frame.shape[1]))
    for start in range(0, weighed.shape[0], AT_ONCE):
        part = weighed[start : start + AT_ONCE]
        seen = part @ frame
        back += part.T @ seen
        inner += seen.T @ seen
    return back, inner


# ---- groups -----------------------------------------------------------------------------


def grouped(places: Matrix, count: int, *, seed: int = _SEED) -> tuple[Matrix, Ints]:
    """Middles of ``count`` groups and the group of each text (the nearest)."""
    chance = np.random.default_rng(seed)
    some = places[np.sort(chance.choice(len(places), AT_ONCE, replace=False))] if len(places) > 2 * AT_ONCE else places
    best: tuple[float, Matrix, Ints] | None = None
    for start in range(_STARTS):  # of many texts, a part says which beginning is good
        middles, nearest, fit = _settle(some, _begin(some, count, np.random.default_rng(seed + start)))
        if best is None or fit > best[0]:
            best = (fit, middles, nearest)
    assert best is not None
    if some is not places:
        return _settle(places, best[1])[:2]
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
    for start in range(0, len(places), AT_ONCE):
        likeness = places[start : start + AT_ONCE] @ middles.T
        at[start : start + AT_ONCE] = likeness.argmax(1)
        near[start : start + AT_ONCE] = likeness.max(1)
    return at, near


def middle_of(places: Matrix) -> Matrix:
    """The middle of some texts."""
    found: Matrix = _unit(places.sum(axis=0, keepdims=True))[0]
    return found


def good_count(texts: int) -> int:
    """How many groups to look for: few enough to read through, more for more texts."""
    return int(min(60, max(3, round(0.55 * texts**0.5))))


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
