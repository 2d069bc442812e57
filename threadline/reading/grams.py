"""Text to hashed features: words, pairs of words, and pieces of words.

Pieces of words (three to five letters, never across a space) stand in for stemming and
spelling in every language that writes with spaces, and for words in those that do not. All
features of one text are found with a few array operations, so that a text of a thousand
letters takes about a tenth of a millisecond.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias
from zlib import crc32

from threadline.later import np, npt

BITS = 20
SIZE = 1 << BITS  # buckets that features are hashed into; a collision in a thousand costs nothing measurable
LONGEST = 8_000  # letters of a text that are read; beyond it stand logs and quoted mail
PIECES = (3, 4, 5)

Indices: TypeAlias = "npt.NDArray[np.int32]"
Weights: TypeAlias = "npt.NDArray[np.float32]"

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_SPLIT_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MULTIPLIER = 0x9E3779B97F4A7C15  # the golden ratio in 64 bits


@dataclass(frozen=True, slots=True)
class Counts:
    """Sorted buckets of a text and how often each was met."""

    at: Indices
    times: Weights

    def __len__(self) -> int:
        return len(self.at)


def nothing() -> Counts:
    """The counts of a text without any."""
    return Counts(np.empty(0, np.int32), np.empty(0, np.float32))


def plain(text: str) -> str:
    """Small letters without accents, one form for each sign."""
    folded = unicodedata.normalize("NFKD", text[:LONGEST]).lower()
    if folded.isascii():
        return folded
    return unicodedata.normalize("NFC", "".join(c for c in folded if not unicodedata.combining(c)))


def words(text: str) -> list[str]:
    """The words of a text in order; letters of languages without spaces come in overlapping pairs."""
    found: list[str] = []
    for word in _WORD.findall(plain(text)):
        if _WIDE.search(word):
            found.extend(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        else:
            found.append(word.replace("’", "'"))
    return found


def bucket(feature: str) -> int:
    """Where a feature is counted; the same in every process and on every machine."""
    return crc32(feature.encode("utf-8", "surrogatepass")) & (SIZE - 1)


def word_counts(said: list[str]) -> Counts:
    """Words as hashed counts."""
    return _counted(np.array([bucket(w) for w in said], np.int64)) if said else nothing()


def pair_counts(said: list[str]) -> Counts:
    """Pairs of neighbouring words as hashed counts."""
    pairs = [bucket(f"{a} {b}") for a, b in itertools.pairwise(said)]
    return _counted(np.array(pairs, np.int64)) if pairs else nothing()


def piece_counts(said: list[str]) -> Counts:
    """Pieces of words with their edges marked, as hashed counts."""
    if not said:
        return nothing()
    text = " " + " ".join(said) + " "
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    space = letters == 32
    before = np.concatenate(([0], np.cumsum(space)))
    found = [_hashed_windows(letters, before, size) for size in PIECES if len(letters) >= size]
    return _counted(np.concatenate(found)) if found else nothing()


def _hashed_windows(letters: npt.NDArray[np.uint64], before: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    count = len(letters) - size + 1
    mixed = np.full(count, size, np.uint64)
    for offset in range(size):
        mixed = (mixed ^ letters[offset : offset + count]) * np.uint64(_MULTIPLIER)
        mixed ^= mixed >> np.uint64(29)
    # A space may stand at either edge of a piece, never inside it.
    inside = before[size - 1 : size - 1 + count] - before[1 : 1 + count]
    found: npt.NDArray[np.int64] = ((mixed >> np.uint64(64 - BITS))[inside == 0]).astype(np.int64)
    return found


def _counted(at: npt.NDArray[np.int64]) -> Counts:
    where, times = np.unique(at, return_counts=True)
    return Counts(where.astype(np.int32), times.astype(np.float32))
