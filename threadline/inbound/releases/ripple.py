"""What dropping an item touches, and what a release still lacks: asked of whoever has put in a word.

A later room adds its own with :func:`touched_by` and :func:`gate_of`, in the module that declares its records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from threadline.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that a dropped item leaves without ground, and how."""

    key: str
    title: str
    kind: str
    how: str


@dataclass(frozen=True, slots=True)
class Lack:
    """A condition of readiness: whether it is met, and the keys of what keeps it from being."""

    label: str
    met: bool
    lacking: tuple[str, ...] = ()


Toucher = Callable[[Actor, UUID], list[Touched]]
Condition = Callable[[Actor, UUID, list[UUID]], Lack | None]
_touchers: list[Toucher] = []
_conditions: list[Condition] = []


def touched_by(ask: Toucher) -> Toucher:
    """Let a room name its records that rest on a feature without citing it."""
    _touchers.append(ask)
    return ask


def gate_of(ask: Condition) -> Condition:
    """Let a room add a condition: of a release and the features in its scope. None says it has no part in them."""
    _conditions.append(ask)
    return ask


def touched(actor: Actor, feature: UUID) -> list[Touched]:
    """What every room says rests on a feature."""
    return [one for ask in _touchers for one in ask(actor, feature)]


def conditions(actor: Actor, release: UUID, scope: list[UUID]) -> list[Lack]:
    """What every room says of a release's readiness."""
    found = (ask(actor, release, scope) for ask in _conditions)
    return [one for one in found if one is not None]
