"""Which words of a record a remark is about: those that it quotes at its beginning.

A remark on a passage is an ordinary comment that begins with a quotation. So it is the same from
the page, the API and the command line, it keeps the words it was about, and what it says of them
can be looked at again: they still stand there, or they have been changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from urllib.parse import quote as percent

from threadline.kernel import text

MOST = 600  # letters of a quotation that are looked for
_ENDS = 5  # words at either end that an address names of a long passage


def quoted(body: str) -> str:
    """The words that a remark quotes before it says anything; empty for most."""
    begun = body.lstrip()
    if not begun.startswith(">"):
        return ""
    lines = takewhile(lambda line: line.startswith(">"), begun[: 4 * MOST].splitlines())
    return folded(text.plain("\n".join(line[1:].removeprefix(" ") for line in lines)))[:MOST]


def folded(words: str) -> str:
    """Words with one space between them, and one kind of quotation marks."""
    return " ".join(words.split()).translate(_SAME)


_SAME = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})


def standing(quote: str, texts: Iterable[str]) -> str:
    """Where the words are now: ``here``, ``several`` places, or ``changed`` since."""
    found = sum(words.count(quote) for words in texts)
    return "here" if found == 1 else "several" if found else "changed"


def address(quote: str) -> str:
    """A fragment by which a browser finds and marks the words on the page, without a script."""
    words = quote.split()
    ends = [words] if len(words) <= 2 * _ENDS else [words[:_ENDS], words[-_ENDS:]]
    return "#:~:text=" + ",".join(percent(" ".join(part), safe="").replace("-", "%2D") for part in ends)
