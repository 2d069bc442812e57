"""What stands on a roadmap, with everything that any audience may read of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID


@dataclass(slots=True)
class Item:
    """One thing on a roadmap, with everything that any audience may read of it."""

    id: str
    kind: str
    key: str
    title: str
    state: str
    version: int
    confidentiality: int
    picked: bool
    owner: str = ""
    product: str = ""
    objective: str = ""
    metric: str = ""
    release: str = ""
    teams: list[str] = field(default_factory=list)
    score: float | None = None
    effort: float | None = None
    horizon: str = ""
    starts_on: date | None = None
    likely_on: date | None = None
    sure_on: date | None = None
    sure_said: bool = False  # somebody said by when it is sure
    dated_by: str = ""  # release, when the days are its release's; blank for its own
    first_on: date | None = None  # the first day it was likely by
    slip: int = 0  # days since then
    why: str = ""  # what was said when it last moved
    evidence: int = 0
    asked_last_on: date | None = None
    critical: bool = False
    needs: list[str] = field(default_factory=list)  # keys
    clashes: list[str] = field(default_factory=list)  # keys of what it needs and what ends too late
    lacks_metric: bool = False
    stretch: float | None = None  # sure over likely, as the estimates spread; nobody reads it
    stands_on: list[UUID] = field(default_factory=list)  # its release and what it serves; nobody reads it


@dataclass(slots=True)
class Shown:
    """A roadmap as one audience reads it: plain values only."""

    title: str
    audience: str
    on: date
    items: list[dict[str, Any]]
    releases: list[dict[str, Any]]
    full: bool  # more would be on it than it holds


def day_of(value: Any) -> date | None:
    """A day as databases and logs give it."""
    if value is None or value == "":
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def moment_of(value: Any) -> datetime:
    """An instant as databases and logs give it."""
    made = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return made if made.tzinfo else made.replace(tzinfo=UTC)
