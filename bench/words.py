"""Believable words in a believable spread: a few common ones, and a long tail of rare ones."""

from __future__ import annotations

import random
from itertools import accumulate

# Each stands in one title, or in one body, of a hundred, and nowhere else.
TITLE_WORD = "ferrovia"
BODY_WORD = "sandglass"
ONE_IN = 100

_COMMON = """
the to a and is in it of for on we with when that not can this have are but our be as or so if after app page
list report export import search filter button screen login account invoice team project customer users data
file sync slow error crash loading missing wrong broken again every time week month mobile desktop browser
version update release feature request need want would like please help save open close delete move copy share
invite role permission email message notification alert dashboard chart table column row field date number price
plan trial payment card currency tax order level battle guild reward player match season event store gem quest
server lag reconnect queue rank sdk token webhook endpoint retry timeout callback schema payload batch stream
log trace deploy build colour theme dark contrast keyboard shortcut language translation spelling font zoom
print offline because before between during without instead already always never often maybe really quite almost
first last next new old small large fast easy hard clear useful annoying confusing great better worse support
answer ticket call meeting survey interview review comment thread reply quote link tag note weekly daily monthly
manager engineer designer analyst finance legal sales marketing office warehouse
"""
_STARTS = "bal cor dan fen gra hol jor kel lum mar nor pel quo ral sol tam ull ver wyn zan bri cla dro fle gri"
_MIDS = "a e i o u an en ir or us al el im on ar"
_ENDS = "den ton ric mas vel gan lo ra tis phor dex nim ster wick bury mont lane crest field gate ham ford by"


def _vocabulary() -> list[str]:
    rare = [f"{start}{mid}{end}" for start in _STARTS.split() for mid in _MIDS.split() for end in _ENDS.split()]
    random.Random(7).shuffle(rare)
    known = list(dict.fromkeys([*_COMMON.split(), *rare]))
    return [word for word in known if word not in (TITLE_WORD, BODY_WORD)]


VOCABULARY = _vocabulary()
_WEIGHTS = list(accumulate(1 / (rank + 8) for rank in range(len(VOCABULARY))))


class Writer:
    """Writes titles and bodies; the same seed writes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def words(self, least: int, most: int) -> list[str]:
        """Between ``least`` and ``most`` words."""
        return self.random.choices(VOCABULARY, cum_weights=_WEIGHTS, k=self.random.randint(least, most))

    def title(self, number: int) -> str:
        """Five to ten words; one in a hundred carries the title word."""
        found = self.words(5, 10)
        if number % ONE_IN == 17:
            found[len(found) // 2] = TITLE_WORD
        return " ".join(found).capitalize()

    def body(self, number: int) -> str:
        """Forty to a hundred and ten words in sentences; one in a hundred carries the body word."""
        found = self.words(40, 110)
        if number % ONE_IN == 53:
            found[len(found) // 3] = BODY_WORD
        step = 11
        return " ".join(" ".join(found[at : at + step]).capitalize() + "." for at in range(0, len(found), step))
