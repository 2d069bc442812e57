"""What a signed source brings that is no note, for the room it belongs to: taken once, as the source, like any note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from threadline.inbound.intake import queries, sealing, taking
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake
from threadline.kernel.cards import Card
from threadline.kernel.door import Door

Given = dict[str, Any]
Make = Callable[[Door, str], UUID]  # writes, given the mark that the delivery is known by; gives the record's id


@dataclass(frozen=True, slots=True)
class Bringer:
    """Who brings: what its records have from it, and what it brought before."""

    source: FeedbackSource

    def values(self, mark: str) -> Given:
        """What a record has from where it comes."""
        source = self.source
        return {
            "product": source.product_id, "confidentiality": source.confidentiality, "source": source.key,
            "source_id": mark,
        }  # fmt: skip

    def brought(self, delivery: str) -> Card | None:
        """What came under this id before."""
        found = queries.delivered(self.source, [sealing.mark_of(delivery)])
        return found[0].note if found else None


Read = Callable[[Bringer, Given], Make]


@dataclass(frozen=True, slots=True)
class _Taker:
    read: Read
    group: str
    most: str


_takers: dict[str, _Taker] = {}


def takes(way: str, *, group: str, most: str) -> Callable[[Read], Read]:
    """Register who reads what comes this way; its owner must be allowed to create in ``group``, and it acts with
    the role ``most`` at most. Raises Invalid for what cannot be taken."""

    def add(read: Read) -> Read:
        _takers[way] = _Taker(read, group, most)
        return read

    return add


def is_other(way: str) -> bool:
    """Whether what comes this way is no note."""
    return way in _takers


def take(intake: Intake, given: Given, delivery: str, body: bytes) -> Delivery:
    """Write down what came, unless this delivery is known."""
    taker = _takers[intake.source.way]
    make = taker.read(Bringer(intake.source), given)

    def keep(door: Door, mark: str, body_hash: str) -> Delivery:
        return taking.write_down(intake, mark, body_hash, Delivery.Outcome.TAKEN, make(door, mark))

    actor = partial(taking.as_source, intake.source, taker.group, taker.most)
    return taking.once(intake, delivery, body, actor, keep)
