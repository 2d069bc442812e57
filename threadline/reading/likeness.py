"""How alike two texts are: eleven measures of one text against many at once.

Each text is read once and kept as packed counts (about four bytes a feature). Comparing one
text with two hundred takes a few milliseconds, because every measure is a lookup and a sum
over the arrays of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from threadline.later import np, npt
from threadline.reading import grams
from threadline.reading.grams import SIZE, Counts
from threadline.reading.stems import stems

Matrix: TypeAlias = "npt.NDArray[np.float32]"
MEASURES = (
    "words", "pairs", "words_of_this", "words_of_that", "pieces", "title_words", "title_pieces",
    "title_in_that", "that_in_title", "title_said_there", "title_said_here",
)  # fmt: skip
TITLE_WORDS, TITLE_PIECES = 2.0, 3.0  # how much more a title's word or piece counts; measured on three trackers
_K1, _B = 1.5, 0.75  # BM25 (Robertson and others, 1994)
# Pieces of others compared at once: their arrays stay about 128 KB, which memory at hand serves; larger ones would be
# asked of the system and given back each time, where `serve` has it so.
AT_ONCE = 24_000
_FORM = b"\x01"
MOST_TIMES = 255  # that a feature is counted in one text


@dataclass(frozen=True, slots=True)
class Read:
    """A text as counts: stems, pieces (each with how many of them stand in the title) and pairs of stems."""

    words: Counts
    words_in_title: npt.NDArray[np.float32]
    pieces: Counts
    pieces_in_title: npt.NDArray[np.float32]
    pairs: Counts

    def packed(self) -> bytes:
        """The bytes to keep; :func:`unpacked` reads them."""
        parts = [_FORM, np.array([len(self.words), len(self.pieces), len(self.pairs)], np.uint32).tobytes()]
        for counts, inside in ((self.words, self.words_in_title), (self.pieces, self.pieces_in_title)):
            parts += [counts.at.tobytes(), _small(counts.times), _small(inside)]
        return b"".join([*parts, self.pairs.at.tobytes(), _small(self.pairs.times)])


def _small(times: npt.NDArray[np.float32]) -> bytes:
    return np.minimum(times, MOST_TIMES).astype(np.uint8).tobytes()


def unpacked(kept: bytes | memoryview) -> Read:
    """The inverse of :meth:`Read.packed`; ValueError for bytes of another form."""
    if kept[:1] != _FORM:
        raise ValueError("kept by another version")
    # Written out: a suggestion does this for some hundreds of texts.
    words, pieces, pairs = np.frombuffer(kept, np.uint32, 3, 1).tolist()
    many: Any = np.frombuffer
    at = 13 + 6 * words
    end = at + 6 * pieces
    return Read(
        Counts(many(kept, np.int32, words, 13), many(kept, np.uint8, words, 13 + 4 * words)),
        many(kept, np.uint8, words, 13 + 5 * words),
        Counts(many(kept, np.int32, pieces, at), many(kept, np.uint8, pieces, at + 4 * pieces)),
        many(kept, np.uint8, pieces, at + 5 * pieces),
        Counts(many(kept, np.int32, pairs, end), many(kept, np.uint8, pairs, end + 4 * pairs)),
    )


def read(title: str, body: str) -> Read:
    """Read a text. A body that begins with its title, as a note named by its first words, is not counted twice."""
    shown = title.rstrip("….").strip()
    if shown and body.startswith(shown):
        body = body[len(shown) :]
    first, rest = grams.words(title), grams.words(body)
    said = stems(first + rest)
    words, title_words = grams.word_counts(said), grams.word_counts(said[: len(first)])
    pieces, title_pieces = grams.piece_counts(first + rest), grams.piece_counts(first)
    return Read(words, _inside(words, title_words), pieces, _inside(pieces, title_pieces), grams.pair_counts(said))


def _inside(whole: Counts, part: Counts) -> npt.NDArray[np.float32]:
    found = np.zeros(len(whole), np.float32)
    found[np.searchsorted(whole.at, part.at)] = part.times
    return found


@dataclass(slots=True)
class Tally:
    """In how many texts each feature stands, over a whole collection; what is rare says more."""

    texts: int
    length: float  # words of all texts together
    words: npt.NDArray[np.int32]
    pieces: npt.NDArray[np.int32]
    pairs: npt.NDArray[np.int32]

    @classmethod
    def empty(cls) -> Tally:
        """Of no texts yet."""
        return cls(0, 0.0, *(np.zeros(SIZE, np.int32) for _ in range(3)))

    @classmethod
    def of(cls, texts: Sequence[Read]) -> Tally:
        """Of these texts."""
        made = cls.empty()
        for text in texts:
            made.count(text, 1)
        return made

    def count(self, text: Read, by: int) -> None:
        """Take a text in (1) or out (-1)."""
        self.texts += by
        self.length += by * float(text.words.times.sum())
        self.words[text.words.at] += by
        self.pieces[text.pieces.at] += by
        self.pairs[text.pairs.at] += by

    def rarity(self, kind: str, at: npt.NDArray[Any]) -> Matrix:
        """The smoothed inverse document frequency of features, at least 1."""
        counted = np.maximum(getattr(self, kind).take(at), 0).astype(np.float32)
        found: Matrix = np.log((1.0 + max(self.texts, 1)) / (1.0 + counted)).clip(0) + 1
        return found


@cache
def _sublinear() -> Matrix:
    """1 + log of a count, nothing for none: looked up, for logarithms of all counts are most of the work."""
    counted = np.arange(MOST_TIMES * (1 + int(max(TITLE_WORDS, TITLE_PIECES))), dtype=np.float32)
    found: Matrix = np.where(counted > 0, 1 + np.log(np.maximum(counted, 1)), 0).astype(np.float32)
    return found


class _Runs:
    """Features of texts laid end to end: so many of each."""

    def __init__(self, sizes: npt.NDArray[np.int64]) -> None:
        self.sizes = sizes
        self.ends = np.cumsum(sizes)
        self._some = sizes > 0
        self._begins = (self.ends - sizes)[self._some]

    def sums(self, values: Matrix) -> Matrix:
        """The sum of values over each text."""
        found = np.zeros(len(self.sizes), np.float32)
        if len(values):
            found[self._some] = np.add.reduceat(values, self._begins)
        return found

    def only(self, which: npt.NDArray[np.int64]) -> _Runs:
        """Some of these features, in their order."""
        return _Runs(np.diff(np.searchsorted(which, self.ends), prepend=0))


class _Field(_Runs):
    """One kind of feature of all texts."""

    def __init__(self, counts: list[Counts], inside: list[npt.NDArray[Any]], tally: Tally, kind: str) -> None:
        super().__init__(np.array([len(c.at) for c in counts]))
        self.at = np.concatenate([c.at for c in counts]).astype(np.intp)
        self.times = _few(np.concatenate([c.times for c in counts]))
        self.inside = _few(np.concatenate(inside)) if inside else np.zeros(0, np.int32)
        self.rare = tally.rarity(kind, self.at)

    def weights(self, times: npt.NDArray[np.int32]) -> Matrix:
        """Sublinear counts times rarity; nothing for what is not there."""
        found: Matrix = _sublinear()[times] * self.rare
        return found

    def weights_of(self, times: npt.NDArray[np.int32], which: npt.NDArray[np.int64]) -> Matrix:
        """The same of some features alone."""
        found: Matrix = _sublinear()[times[which]] * self.rare[which]
        return found


def _few(times: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    found: npt.NDArray[np.int32] = np.minimum(times, MOST_TIMES).astype(np.int32)
    return found


def _places(mine: _Field) -> npt.NDArray[np.int16]:
    """Where each feature stands in this text, from 1; 0 for what is not in it."""
    found = np.zeros(SIZE, np.int16)
    found[mine.at] = np.arange(1, len(mine.at) + 1)
    return found


def _shared(places: npt.NDArray[np.int16], field: _Field) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Which features of the others this one has too, and where they stand in it: a part of all."""
    found = places.take(field.at)
    which = np.flatnonzero(found > 0)
    return which, found[which].astype(np.intp) - 1


def compare(this: Read, those: Sequence[Read], tally: Tally) -> Matrix:
    """One row for each of ``those``, a column for each of :data:`MEASURES`, 0 to about 1."""
    if not those:
        return np.zeros((0, len(MEASURES)), np.float32)
    columns = [*_by_words(this, those, tally), *_by_pieces(this, those, tally)]
    order = (0, 1, 2, 3, 7, 4, 8, 5, 6, 9, 10)
    return np.stack([columns[i] for i in order], 1).astype(np.float32)


def _cosine(product: Matrix, mine: Matrix, their_squares: Matrix) -> Matrix:
    found: Matrix = product / (max(float(np.linalg.norm(mine)), 1e-9) * np.sqrt(their_squares.clip(0)).clip(1e-9))
    return found


def _by_words(this: Read, those: Sequence[Read], tally: Tally) -> list[Matrix]:
    field = _Field([t.words for t in those], [t.words_in_title for t in those], tally, "words")
    mine = _Field([this.words], [this.words_in_title], tally, "words")
    extra = int(TITLE_WORDS) - 1
    mine_all, theirs_all = (f.weights(f.times + extra * f.inside) for f in (mine, field))
    mine_title, theirs_title = (f.weights(f.inside) for f in (mine, field))
    both, place = _shared(_places(mine), field)
    part = field.only(both)
    rare_title = field.rare * (field.inside > 0)
    my_title = float((mine.rare * (mine.inside > 0)).sum()) or 1e-9
    return [
        _cosine(part.sums(mine_all[place] * theirs_all[both]), mine_all, field.sums(theirs_all * theirs_all)),
        _by_pairs(this, those, tally),
        *_okapi(mine, field, (both, place), tally),
        _cosine(part.sums(mine_title[place] * theirs_title[both]), mine_title, field.sums(theirs_title * theirs_title)),
        part.sums((mine.inside[place] > 0) * field.rare[both]) / my_title,
        part.sums(rare_title[both]) / field.sums(rare_title).clip(1e-9),
    ]


def _by_pairs(this: Read, those: Sequence[Read], tally: Tally) -> Matrix:
    field = _Field([t.pairs for t in those], [], tally, "pairs")
    mine = _Field([this.pairs], [], tally, "pairs")
    both, place = _shared(_places(mine), field)
    my, their = mine.weights(mine.times), field.weights(field.times)
    return _cosine(field.only(both).sums(my[place] * their[both]), my, field.sums(their * their))


def _okapi(
    mine: _Field, field: _Field, shared: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], tally: Tally
) -> tuple[Matrix, Matrix]:
    """BM25 of this text over those and of those over this, each as a share of what the asking text scores itself."""
    mean = max(tally.length / max(tally.texts, 1), 1.0)

    def parts(one: _Field) -> tuple[Matrix, Matrix]:
        times = (one.times + (int(TITLE_WORDS) - 1) * one.inside).astype(np.float32)
        counted = np.maximum(tally.words.take(one.at), 0).astype(np.float32)
        rare = np.log(1 + (max(tally.texts, 1) - counted + 0.5).clip(0.5) / (counted + 0.5))
        long = np.repeat(one.sums(times) / np.float32(mean), one.sizes)
        return times, rare * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * long))

    (my_times, my_worth), (their_times, their_worth) = parts(mine), parts(field)
    both, place = shared
    part = field.only(both)
    asked = part.sums(my_times[place] * their_worth[both]) / max(float((my_times * my_worth).sum()), 1e-9)
    asking = part.sums(their_times[both] * my_worth[place]) / field.sums(their_times * their_worth).clip(1e-9)
    return asked, asking


def _by_pieces(this: Read, those: Sequence[Read], tally: Tally) -> list[Matrix]:
    mine = _Field([this.pieces], [this.pieces_in_title], tally, "pieces")
    mine_all = mine.weights(mine.times + (int(TITLE_PIECES) - 1) * mine.inside)
    asked = (mine_all, mine.weights(mine.inside), mine.weights(mine.times))
    places = _places(mine)
    parts = [_pieces_of(asked, places, part, tally) for part in _parts(those)]
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


def _parts(those: Sequence[Read]) -> Iterator[Sequence[Read]]:
    """So many texts at a time that the arrays of their pieces stay small."""
    begin, held = 0, 0
    for at, text in enumerate(those):
        if held and held + len(text.pieces.at) > AT_ONCE:
            yield those[begin:at]
            begin, held = at, 0
        held += len(text.pieces.at)
    yield those[begin:]


def _pieces_of(
    asked: tuple[Matrix, Matrix, Matrix], places: npt.NDArray[np.int16], those: Sequence[Read], tally: Tally
) -> list[Matrix]:
    mine_all, mine_title, mine_plain = asked
    field = _Field([t.pieces for t in those], [t.pieces_in_title for t in those], tally, "pieces")
    whole = field.weights(field.times + (int(TITLE_PIECES) - 1) * field.inside)
    squares = field.sums(whole * whole)
    # Outside titles a piece weighs the same in every measure, so only those of titles are worked out again.
    titled = np.flatnonzero(field.inside > 0)
    heads = field.only(titled)
    title, plain = field.weights_of(field.inside, titled), field.weights_of(field.times, titled)
    title_squares = heads.sums(title * title)
    plain_squares = squares + heads.sums(plain * plain - whole[titled] * whole[titled])
    both, place = _shared(places, field)
    part = field.only(both)
    title_there, plain_there = field.weights_of(field.inside, both), field.weights_of(field.times, both)
    return [
        _cosine(part.sums(mine_all[place] * whole[both]), mine_all, squares),
        _cosine(part.sums(mine_title[place] * title_there), mine_title, title_squares),
        _cosine(part.sums(mine_title[place] * plain_there), mine_title, plain_squares),
        _cosine(part.sums(mine_plain[place] * title_there), mine_plain, title_squares),
    ]
