"""Words to stems, in the language that the text seems to be in."""

from __future__ import annotations

import threading
from collections import Counter
from functools import cache
from typing import Any

import Stemmer

# Little words that are common in one language and rare in the others here.
_TELLING = {
    "english": "the and is are was this that with for you not have it my of to when",
    "german": "der die das und ist nicht ich wir sie mit ein eine für auf den dem wenn",
    "french": "le les des et est pas je nous vous une dans pour avec sur que qui quand",
    "spanish": "el los las y es no yo una con para por que como pero muy cuando del",
    "italian": "il gli che è non una per con sono della mi anche quando come nel più",
    "portuguese": "o os as e é não uma com para por que como mas muito quando meu dos",
    "dutch": "de het een en is niet ik wij met voor op dat als maar ook wanneer van",
}
_BY_WORD: dict[str, set[str]] = {}
for _language, _words in _TELLING.items():
    for _word in _words.split():
        _BY_WORD.setdefault(_word, set()).add(_language)
_local = threading.local()  # a stemmer keeps its last word, so each thread has its own


def language_of(said: list[str]) -> str | None:
    """The language that most little words of a text speak for; English when nothing does, None for wide scripts."""
    votes: Counter[str] = Counter()
    for word in said[:200]:
        for language in _BY_WORD.get(word, ()):
            votes[language] += 1
    if votes:
        return votes.most_common(1)[0][0]
    return "english" if all(word.isascii() for word in said[:20]) else None


@cache
def little(language: str) -> frozenset[str]:
    """The telling little words of a language."""
    return frozenset(_TELLING.get(language, "").split())


def stems(said: list[str]) -> list[str]:
    """The stem of each word; the words themselves where no language is known."""
    language = language_of(said)
    if language is None:
        return said
    by: dict[str, Any] = _local.__dict__
    if language not in by:
        by[language] = Stemmer.Stemmer(language)
    found: list[str] = by[language].stemWords(said)
    return found
