"""How alike two texts are: eleven measures of one text against many at once.

Each text is read once and kept as packed counts (about four bytes a feature). Comparing one
text with two hundred takes a few milliseconds, because every measure is a lookup and a sum
over the arrays of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
_FORM = b"\x01"


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
    return np.minimum(times, 255).astype(np.uint8).tobytes()


def unpacked(kept: bytes | memoryview) -> Read:
    """The inverse of :meth:`Read.packed`; ValueError for bytes of another form."""
    held = memoryview(kept)
    if held[:1] != _FORM:
        raise ValueError("kept by another version")
    sizes = np.frombuffer(held, np.uint32, 3, 1)
    at = 13

    def take(count: int, kind: Any) -> npt.NDArray[Any]:
        nonlocal at
        found: npt.NDArray[Any] = np.frombuffer(held, kind, count, at)
        at += found.nbytes
        return found

    def counts(size: int) -> Counts:
        return Counts(take(size, np.int32), take(size, np.uint8))

    words = counts(int(sizes[0]))
    in_title = take(int(sizes[0]), np.uint8)
    pieces = counts(int(sizes[1]))
    pieces_title = take(int(sizes[1]), np.uint8)
    return Read(words, in_title, pieces, pieces_title, counts(int(sizes[2])))


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

    def rarity(self, kind: str, at: npt.NDArray[np.int32]) -> Matrix:
        """The smoothed inverse document frequency of features, at least 1."""
        counted = np.maximum(getattr(self, kind)[at], 0)
        found: Matrix = (np.log((1.0 + max(self.texts, 1)) / (1.0 + counted)).clip(0) + 1).astype(np.float32)
        return found


class _Field:
    """One kind of feature of all texts laid end to end."""

    def __init__(self, counts: list[Counts], inside: list[npt.NDArray[np.float32]], tally: Tally, kind: str) -> None:
        sizes = [len(c) for c in counts]
        self.texts = len(counts)
        self.of = np.repeat(np.arange(self.texts), sizes)
        self.at = np.concatenate([c.at for c in counts])
        self.times = np.concatenate([c.times for c in counts]).astype(np.float32)
        self.inside = np.concatenate(inside).astype(np.float32) if inside else np.zeros(len(self.at), np.float32)
        self.rare = tally.rarity(kind, self.at)

    def sums(self, values: Matrix) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = np.bincount(self.of, weights=values, minlength=self.texts).astype(np.float64)
        return found

    def weights(self, times: Matrix) -> Matrix:
        """Sublinear counts times rarity; nothing for what is not there."""
        found: Matrix = np.where(times > 0, 1 + np.log(np.maximum(times, 1)), 0).astype(np.float32) * self.rare
        return found

    def sizes(self, values: Matrix) -> npt.NDArray[np.float64]:
        return np.sqrt(self.sums(values * values)).clip(1e-9)


def _spread(at: npt.NDArray[np.int32], values: Matrix) -> Matrix:
    found = np.zeros(SIZE, np.float32)
    found[at] = values
    return found


def compare(this: Read, those: Sequence[Read], tally: Tally) -> Matrix:
    """One row for each of ``those``, a column for each of :data:`MEASURES`, 0 to about 1."""
    if not those:
        return np.zeros((0, len(MEASURES)), np.float32)
    columns = [*_by_words(this, those, tally), *_by_pieces(this, those, tally)]
    order = (0, 1, 2, 3, 7, 4, 8, 5, 6, 9, 10)
    return np.stack([columns[i] for i in order], 1).astype(np.float32)


def _cosine(mine: Matrix, my_size: float, field: _Field, theirs: Matrix, own: npt.NDArray[np.int32]) -> Matrix:
    dense = _spread(own, mine)
    product = field.sums(dense[field.at] * theirs) / (max(my_size, 1e-9) * field.sizes(theirs))
    found: Matrix = product.astype(np.float32)
    return found


def _by_words(this: Read, those: Sequence[Read], tally: Tally) -> list[Matrix]:
    field = _Field([t.words for t in those], [t.words_in_title for t in those], tally, "words")
    mine = _Field([this.words], [this.words_in_title], tally, "words")
    extra = TITLE_WORDS - 1
    mine_all, theirs_all = (f.weights(f.times + extra * f.inside) for f in (mine, field))
    mine_title, theirs_title = (f.weights(f.inside) for f in (mine, field))
    pair_field = _Field([t.pairs for t in those], [], tally, "pairs")
    pair_mine = _Field([this.pairs], [], tally, "pairs")
    my_pairs, their_pairs = pair_mine.weights(pair_mine.times), pair_field.weights(pair_field.times)
    here = _spread(mine.at, np.ones(len(mine.at), np.float32))[field.at]
    title_here = _spread(mine.at, (mine.inside > 0).astype(np.float32))[field.at]
    rare_title = field.rare * (field.inside > 0)
    my_title = float((mine.rare * (mine.inside > 0)).sum()) or 1e-9
    return [
        _cosine(mine_all, float(np.linalg.norm(mine_all)), field, theirs_all, mine.at),
        _cosine(my_pairs, float(np.linalg.norm(my_pairs)), pair_field, their_pairs, pair_mine.at),
        *_okapi(mine, field, tally),
        _cosine(mine_title, float(np.linalg.norm(mine_title)), field, theirs_title, mine.at),
        field.sums(title_here * field.rare).astype(np.float32) / my_title,
        (field.sums(here * rare_title) / field.sums(rare_title).clip(1e-9)).astype(np.float32),
    ]


def _okapi(mine: _Field, field: _Field, tally: Tally) -> list[Matrix]:
    """BM25 of this text over those and of those over this, each as a share of what the asking text scores itself."""
    mean = max(tally.length / max(tally.texts, 1), 1.0)

    def parts(one: _Field) -> tuple[Matrix, Matrix]:
        times = one.times + (TITLE_WORDS - 1) * one.inside
        counted = np.maximum(tally.words[one.at], 0)
        rare = np.log(1 + (max(tally.texts, 1) - counted + 0.5).clip(0.5) / (counted + 0.5))
        long = one.sums(times)[one.of] / mean
        return times, (rare * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * long))).astype(np.float32)

    my_times, my_worth = parts(mine)
    their_times, their_worth = parts(field)
    asked = field.sums(_spread(mine.at, my_times)[field.at] * their_worth) / max(
        float((my_times * my_worth).sum()), 1e-9
    )
    asking = field.sums(their_times * _spread(mine.at, my_worth)[field.at]) / field.sums(
        their_times * their_worth
    ).clip(1e-9)
    return [asked.astype(np.float32), asking.astype(np.float32)]


def _by_pieces(this: Read, those: Sequence[Read], tally: Tally) -> list[Matrix]:
    field = _Field([t.pieces for t in those], [t.pieces_in_title for t in those], tally, "pieces")
    mine = _Field([this.pieces], [this.pieces_in_title], tally, "pieces")
    extra = TITLE_PIECES - 1
    mine_all, all_ = (f.weights(f.times + extra * f.inside) for f in (mine, field))
    mine_title, title = (f.weights(f.inside) for f in (mine, field))
    mine_plain, plain = (f.weights(f.times) for f in (mine, field))
    return [
        _cosine(a, float(np.linalg.norm(a)), field, b, mine.at)
        for a, b in ((mine_all, all_), (mine_title, title), (mine_title, plain), (mine_plain, title))
    ]
