"""Records that stand in one place: they cite one thing in one way, and leave what they stood under before."""

from __future__ import annotations

from threadline.kernel import citing, verbs
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.links import Link
from threadline.kernel.records import Record


def named(door: Door, argument: str, ref: str) -> Card:
    """The record that an argument names by its key; what is absent or out of reach is said at that argument."""
    try:
        return verbs.card(door.actor, ref)
    except NotFound:
        raise Invalid((argument, "There is no such record here. Write its key, such as N-12.")) from None


def stand_under(door: Door, record: Record, target: Card, kind: str, instead: tuple[str, ...]) -> None:
    """The record cites the target as ``kind``, and nothing else by any of the kinds ``instead``."""
    others = Link.objects.filter(workspace_id=record.workspace_id, source_id=record.pk, kind__in=instead)
    kept = False
    for link in others.order_by("pk"):
        if link.target_id == target.pk and link.kind == kind:
            kept = True
        else:
            citing.drop(door, record, link)
    if not kept:
        verbs.link(door, record, target.pk, kind)
