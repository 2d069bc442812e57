"""What a survey asks, read from its lines: plain values, no rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_ITEMS, LONGEST_ITEM, MOST_SEGMENTS, LONGEST_SEGMENT = 30, 160, 12, 120
LARGEST_PRICE = 100_000
_PRICE = re.compile(r"^(?P<words>.*\S)\s*=\s*(?P<price>\d{1,6})$", re.ASCII)
_LINE = re.compile(r"^(?:(?P<key>[A-Z]{1,3}-\d{1,9})\s*:\s*)?(?P<words>.+)$")
CONSENT = "I take part because I want to. My answers may be read by those who ask, and counted with those of others."
WELCOME = "A few short questions about what matters to you. You may stop at any time and go on later."
THANKS = "Thank you. Your answers were kept."


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked about: the words that customers read, the record it stands for, if any, its price."""

    words: str
    key: str = ""
    price: int = 0


def items(text: str, method: str = "") -> list[Item]:
    """The lines of a survey; raises ValueError with what is wrong. Where things are bought, a line ends in ``= 40``."""
    found = []
    for line in filter(None, (" ".join(one.split()) for one in text.splitlines())):
        said = _LINE.match(line)
        if said is None or len(said["words"]) > LONGEST_ITEM:
            raise ValueError(f"At most {LONGEST_ITEM} characters a line: {line[:60]}")
        words, price = said["words"], 0
        if method == "buying":
            words, price = _priced(words)
        found.append(Item(words, said["key"] or "", price))
    if len(found) > MOST_ITEMS:
        raise ValueError(f"At most {MOST_ITEMS} things; nobody answers for more.")
    for what in ([i.words.casefold() for i in found], [i.key for i in found if i.key]):
        if len(set(what)) < len(what):
            raise ValueError("The same stands there twice.")
    return found


def _priced(line: str) -> tuple[str, int]:
    said = _PRICE.match(line)
    if said is None or not 1 <= int(said["price"]) <= LARGEST_PRICE:
        raise ValueError(f"Say what it costs at the end, such as = 40: {line[:60]}")
    return said["words"], int(said["price"])


def segments(text: str) -> list[str]:
    """The kinds of people to choose from; raises ValueError with what is wrong."""
    found = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines()))))
    if len(found) > MOST_SEGMENTS or any(len(one) > LONGEST_SEGMENT for one in found):
        raise ValueError(f"At most {MOST_SEGMENTS}, each of at most {LONGEST_SEGMENT} characters.")
    return found
