"""What a test came out with, read from the words it was written down in, and weighed.

A share is "14 of 30". Two groups are a line each, the one it is compared with first: "Old page: 20 of 100", or
"Old page: mean 5.2, sd 3.1, n 100", or a table with a row for each person: group and value, or group, before, after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from threadline.planning.trials import means, shares, sizing
from threadline.planning.trials.means import Group
from threadline.planning.trials.shares import Difference

_NAME = r"^[ \t]*(?:[-*][ \t]+)?(?P<name>[^:|\n]{1,60}):[ \t]*"
_COUNT = r"\d{1,3}(?:,\d{3})+|\d{1,9}"
_NUMBER = r"-?\d{1,12}(?:\.\d{1,9})?"
_SHARE = re.compile(rf"{_NAME}(?P<hits>{_COUNT})[ \t]+of[ \t]+(?P<of>{_COUNT})\b", re.M)
_MEAN = re.compile(
    rf"{_NAME}mean[ \t]+(?P<mean>{_NUMBER}),?[ \t]+sd[ \t]+(?P<sd>{_NUMBER}),?[ \t]+n[ \t]+(?P<n>{_COUNT})\b",
    re.M | re.I,
)
_ANYWHERE = re.compile(rf"(?<![\d.,])(?P<hits>{_COUNT})[ \t]+of[ \t]+(?P<of>{_COUNT})\b")
_SPLIT = re.compile(r"^[ \t]*planned split:[ \t]*(\d{1,4})[ \t]+to[ \t]+(\d{1,4})\b", re.M | re.I)
_BEFORE, _AFTER = re.compile(r"\bbefore\b", re.I), re.compile(r"\bafter\b", re.I)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a group did it, with the interval."""

    name: str
    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """Between 0 and 1."""
        return self.hits / self.of


@dataclass(slots=True)
class Outcome:
    """What came out: shares, or two groups told apart. ``refused`` says why two groups are not read.

    ``early`` holds instead of the plain p when fewer took part than were planned; ``adjusted`` when it is known how
    people stood before; ``doubts`` is what a reader must know beside the numbers.
    """

    shares: list[Share] = field(default_factory=list)
    groups: list[tuple[str, Group]] = field(default_factory=list)
    refused: str = ""
    plain: Difference | None = None
    relative: Difference | None = None
    adjusted: Difference | None = None
    early: float | None = None
    doubts: list[str] = field(default_factory=list)


def read(text: str, *, sample: int | None = None, expected: float | None = None) -> Outcome | None:
    """Read and weigh it; None when it holds no number of this kind. ``expected`` is the smallest effect looked for."""
    found = Outcome()
    told = [_share(m["name"].strip(), m["hits"], m["of"]) for m in _SHARE.finditer(text)]
    found.shares = [one for one in told if one is not None]
    pairs: tuple[list[list[float]], list[list[float]]] | None = None
    if len(found.shares) == 2:
        found.groups = [(s.name, means.share_of(s.hits, s.of)) for s in found.shares]
    elif not found.shares:
        found.groups, pairs = _measured(text)
    if len(found.groups) == 2:
        _compare(found, text, sample, expected, pairs)
    elif not found.shares:
        alone = _ANYWHERE.search(text)
        one = _share("", alone["hits"], alone["of"]) if alone else None
        found.shares = [one] if one else []
    return found if found.shares or len(found.groups) == 2 else None


def _share(name: str, hits: str, of: str) -> Share | None:
    x, n = _count(hits), _count(of)
    return Share(name, x, n, *shares.wilson(x, n)) if n > 0 and x <= n else None


def _count(text: str) -> int:
    return int(text.replace(",", ""))


def _measured(text: str) -> tuple[list[tuple[str, Group]], tuple[list[list[float]], list[list[float]]] | None]:
    """Two groups from lines of means, or from a table of people; with the table, before and after when it has both."""
    lines = [(m["name"].strip(), Group(float(m["mean"]), float(m["sd"]), _count(m["n"]))) for m in _MEAN.finditer(text)]
    if lines:
        return ([one for one in lines if one[1].n >= 2 and one[1].sd >= 0], None)
    people = _table(text)
    if len(people) != 2 or any(len(rows) < 2 for rows in people.values()):
        return [], None
    after = [[row[-1] for row in rows] for rows in people.values()]
    groups = [(name, means.group_of(values)) for name, values in zip(people, after, strict=True)]
    before = [[row[0] for row in rows] for rows in people.values()]
    return groups, (before, after) if all(len(row) == 2 for rows in people.values() for row in rows) else None


def _table(text: str) -> dict[str, list[list[float]]]:
    """The rows of a table by what stands in its first column; empty when a row is not of numbers."""
    found: dict[str, list[list[float]]] = {}
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.strip().startswith("|")]
    for cells in rows[2:]:
        name, *numbers = (cell.strip() for cell in cells)
        if len(numbers) not in (1, 2) or not all(re.fullmatch(_NUMBER, n) for n in numbers):
            return {}
        found.setdefault(name, []).append([float(n) for n in numbers])
    return found


def _compare(
    found: Outcome,
    text: str,
    sample: int | None,
    expected: float | None,
    pairs: tuple[list[list[float]], list[list[float]]] | None,
) -> None:
    """The split first; only then who did better."""
    (first_name, first), (second_name, second) = found.groups
    if _BEFORE.search(first_name) and _AFTER.search(second_name):
        found.doubts.append(
            "Before and after are not two groups at one time: trend and season are in the difference, and it shows no "
            "cause. Compare with the same months a year ago, or with people who did not get it."
        )
    elif _unfair(text, first.n, second.n):
        found.refused = (
            f"The groups are {first.n:,} and {second.n:,}: by luck that would come less than once in a thousand times. "
            "People were lost or sent wrongly, so the two are not compared. Find out where. If it was planned so, "
            "write: Planned split: 9 to 1."
        )
        return
    if len(found.shares) == 2:
        a, b = found.shares
        found.plain = shares.difference((a.hits, a.of), (b.hits, b.of))
    else:
        found.plain = means.welch(first, second)
    found.relative = means.relative(first, second)
    if pairs is not None:
        found.adjusted = means.adjusting((pairs[0][0], pairs[0][1]), (pairs[1][0], pairs[1][1]))
    if sample and first.n + second.n < sample:
        _early(found, first, second, sample, expected)
    elif found.relative is not None and found.relative.clear != found.plain.clear:
        clear, not_clear = ("plain", "relative") if found.plain.clear else ("relative", "plain")
        found.doubts.append(
            f"The {clear} difference is clear, the {not_clear} one is not: what it is compared with is uncertain too. "
            "Say which of the two is meant."
        )


def _unfair(text: str, first: int, second: int) -> bool:
    planned = _SPLIT.search(text)
    parts = (int(planned[1]), int(planned[2])) if planned else (1, 1)
    part = parts[0] / sum(parts) if all(parts) else 0.5
    return shares.split(first, second, part) < shares.SUSPECT_SPLIT


def _early(found: Outcome, first: Group, second: Group, sample: int, expected: float | None) -> None:
    """Fewer than planned: a plain p would be wrong as often as one looks, so one that holds at any time is given."""
    n = 2 / (1 / first.n + 1 / second.n)
    variance = n * (first.variance + second.variance) / 2
    effect = expected if expected and len(found.shares) == 2 else variance**0.5 / 10
    if found.plain is not None and variance > 0:
        found.early = sizing.always_p(n, found.plain.value, variance, effect**2)
        found.doubts.append(
            f"{first.n + second.n:,} of {sample:,} planned took part: p allows for having looked before the end, the "
            "intervals do not."
        )
