"""The sample company's files, read: everything by its ``ref``, nothing loaded yet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent / "company"
Given = dict[str, Any]


def _read(name: str) -> Any:
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


@dataclass
class Company:
    """What the files say. Lists keep the order of the files."""

    workspace: Given = field(default_factory=lambda: _read("workspace"))
    accounts: list[Given] = field(default_factory=lambda: _read("accounts"))
    contacts: list[Given] = field(default_factory=lambda: _read("contacts"))
    objectives: list[Given] = field(default_factory=lambda: _read("objectives"))
    features: list[Given] = field(default_factory=lambda: _read("features"))
    decisions: list[Given] = field(default_factory=lambda: _read("decisions"))
    comments: list[Given] = field(default_factory=lambda: _read("comments"))
    research: Given = field(default_factory=lambda: _read("research"))
    later_changes: list[Given] = field(default_factory=lambda: _read("later_changes"))
    market: dict[str, list[Given]] = field(default_factory=lambda: _read("market"))
    sources: list[Given] = field(default_factory=lambda: _read("sources"))
    themes: list[Given] = field(default_factory=lambda: _read("themes"))
    releases: dict[str, list[Given]] = field(default_factory=lambda: _read("releases"))
    plans: dict[str, list[Given]] = field(default_factory=lambda: _read("plans"))
    strategy: dict[str, list[Given]] = field(default_factory=lambda: _read("strategy"))
    surveys: list[Given] = field(default_factory=lambda: _read("surveys"))
    metrics: list[Given] = field(default_factory=lambda: _read("metrics"))
    requirements: dict[str, list[Given]] = field(default_factory=lambda: _read("requirements"))
    documents: dict[str, list[Given]] = field(default_factory=lambda: _read("documents"))
    roadmaps: dict[str, list[Given]] = field(default_factory=lambda: _read("roadmaps"))
    feedback: list[Given] = field(
        default_factory=lambda: [one for path in sorted(FOLDER.glob("feedback_*.json")) for one in _read(path.stem)]
    )

    @property
    def people(self) -> list[Given]:
        """The people, highest role first as in the file."""
        found: list[Given] = self.workspace["people"]
        return found


class Calendar:
    """Ages in days as instants that stay the same from one load to the next, but for the day."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def at(self, days_ago: float, ref: str) -> datetime:
        """An instant of that day in working hours, its minute decided by ``ref``; never in the future."""
        day = (self.now - timedelta(days=days_ago)).date()
        minute = int.from_bytes(hashlib.sha256(ref.encode()).digest()[:4]) % 540
        found = datetime.combine(day, time(8), UTC) + timedelta(minutes=minute)
        latest = self.now - timedelta(minutes=10 + minute % 50)
        return min(found, latest)

    def day(self, days_ago: float) -> str:
        """The date that many days ago; a negative number is in the future."""
        return (self.now - timedelta(days=days_ago)).date().isoformat()

    def after(self, *instants: datetime, hours: float = 0.5) -> datetime:
        """Some time after all of these, but not in the future."""
        return min(max(instants) + timedelta(hours=hours), self.now - timedelta(minutes=1))
