"""How one room hears of another: a change is announced, listeners run as jobs after commit.

The change log is the outbox: every event is a row in it. A listener is a job enqueued in the
same transaction, so a crash between the write and the reaction loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """What a listener is given: the name, and ids to read through reach."""

    name: str  # "feedback.created", "feature.decline_feature", "feature.updated"
    workspace_id: str
    card_id: str
    member_id: str
    batch: str
    fields: tuple[str, ...] = ()


Listener = Callable[[Event], Any]
SEARCHED = "searched"  # stands for every field that search reads
_listeners: dict[str, dict[str, frozenset[str]]] = {}
_by_path: dict[str, Listener] = {}


def on(*names: str, fields: Collection[str] = ()) -> Callable[[Listener], Listener]:
    """Register a listener for event names (``kind.created``, ``kind.updated``, ``kind.<action>``).

    With ``fields``, of an update only one that changed one of these is told: others cost no job.
    """

    def add(listener: Listener) -> Listener:
        path = f"{listener.__module__}.{listener.__qualname__}"
        _by_path[path] = listener
        for name in names:
            _listeners.setdefault(name, {})[path] = frozenset(fields if name.endswith(".updated") else ())
        return listener

    return add


def listeners_of(name: str, changed: Collection[str] = ()) -> list[str]:
    """Paths of the listeners of an event name that care for one of the fields that changed."""
    return [path for path, fields in _listeners.get(name, {}).items() if not fields or not fields.isdisjoint(changed)]


def listener_at(path: str) -> Listener:
    """The registered listener of a path; KeyError for anything never registered."""
    return _by_path[path]


def all_listeners() -> Iterator[tuple[str, str]]:
    """(event name, listener path) pairs, for documentation and tests."""
    for name, paths in sorted(_listeners.items()):
        for path in paths:
            yield name, path
