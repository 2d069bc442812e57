"""When nothing new is said any more: codes that come up for the first time, session by session.

Greg Guest, Emily Namey, Mario Chen (2020), A simple method to assess and report thematic
saturation in qualitative research, PLoS ONE 15(5) e0232076: new codes in a run of sessions,
divided by all codes of the base. Sessions are taken in the order in which they were held.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

BASE, RUN, THRESHOLD = 4, 2, 0.05


@dataclass(frozen=True, slots=True)
class Session:
    """One session on the curve. ``ratio`` is of the run that ends here; None before there is one."""

    new: int
    total: int
    ratio: float | None

    def saturated(self, threshold: float = THRESHOLD) -> bool:
        """Whether the run that ends here brought no more than the threshold."""
        return self.ratio is not None and self.ratio <= threshold


def curve(sessions: Sequence[set[Hashable]], base: int = BASE, run: int = RUN) -> list[Session]:
    """The curve of sessions, each given as the set of codes in it. Windows slide by one."""
    seen: set[Hashable] = set()
    news: list[int] = []
    found = []
    at_base = 0
    for number, codes in enumerate(sessions, 1):
        fresh = codes - seen
        seen |= codes
        news.append(len(fresh))
        if number == base:
            at_base = len(seen)
        ratio = sum(news[-run:]) / at_base if number >= base + run and at_base else None
        found.append(Session(len(fresh), len(seen), ratio))
    return found


def reached(found: Sequence[Session], threshold: float = THRESHOLD) -> int | None:
    """After how many sessions saturation was reached first; None when it was not."""
    return next((n for n, one in enumerate(found, 1) if one.saturated(threshold)), None)
