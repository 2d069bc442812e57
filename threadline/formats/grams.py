"""Writing without spaces, cut so that any part of it is found: Chinese, Japanese, Korean.

Both engines take a run of such characters for one word, so only whole runs would be found. The
index therefore holds every two neighbouring characters of a run as a word ("東京都" as 東京 京都 都),
and a search for a part of a run asks for its pairs one after the other. The single character at
the end of a run keeps two runs apart, and is found by one character alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

# Kana, bopomofo, ideographs with their marks, hangul; after NFKC, so half-width kana are among them.
_CHARACTERS = "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"  # fmt: skip  # noqa: E501
_RUN = re.compile(f"[{_CHARACTERS}]+")
_HALF = "\u1100-\u11ff\uff66-\uffdc"  # what NFKC makes one of the above
ANY = re.compile(f"[{_CHARACTERS}{_HALF}]")
_PIECE = re.compile(f"[{_CHARACTERS}]+|[^{_CHARACTERS}]+")
WORD = re.compile(r"[^\W_]+")  # both engines part words at an underscore


def has_any(text: str) -> bool:
    """Whether a text holds writing without spaces."""
    return not text.isascii() and ANY.search(text) is not None


def cut(text: str) -> str:
    """All words of a text, runs as their pairs, for the index; nothing for a text that has no runs."""
    return " ".join(_cut(WORD.findall(_plain(text)), ended=True)) if has_any(text) else ""


def asked(words: Sequence[str]) -> tuple[list[str], bool]:
    """Words of a phrase as the index has them, and whether the last is only the beginning of one there."""
    if not any(map(has_any, words)):
        return list(words), False
    found = list(_cut([part for word in words for part in WORD.findall(_plain(word))], ended=False))
    return found, len(found[-1]) == 1 and _RUN.fullmatch(found[-1]) is not None


def telling(text: str, word: re.Pattern[str]) -> list[str]:
    """The words of a text that may tell it from others, in small letters; of runs, their pairs."""
    if not has_any(text):
        return [w.lower() for w in word.findall(text)]
    return [w for w in cut(text).split() if word.fullmatch(w)]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _cut(words: Sequence[str], *, ended: bool) -> Iterator[str]:
    for at, word in enumerate(words, 1):
        pieces = _PIECE.findall(word)
        for place, piece in enumerate(pieces, 1):
            if not _RUN.match(piece):
                yield piece
                continue
            yield from (piece[i : i + 2] for i in range(len(piece) - 1))
            # A run that the search does not end may go on in the text.
            if ended or len(piece) == 1 or place < len(pieces) or at < len(words):
                yield piece[-1]
