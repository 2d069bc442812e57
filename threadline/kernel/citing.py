"""Where citations are written: made, amended and taken back, each logged and told to the cited type.

The verbs and undo both come here, so that whatever follows from a citation (a note that is
now linked) follows however the citation came about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType, type_of

if TYPE_CHECKING:
    from threadline.kernel.door import Door


def state_of(link: Link) -> dict[str, Any]:
    """A citation as the log keeps it."""
    return {
        "id": str(link.pk),
        "kind": link.kind,
        "target": str(link.target_id),
        "seen_revision": link.seen_revision,
        "quote": link.quote,
        "weight": link.weight,
        **({"confirmed_at": link.confirmed_at.isoformat()} if link.confirmed_at else {}),
    }


def make(door: Door, record: Record, link: Link, *, said: bool = True) -> None:
    """A new citation by ``record``. ``said`` is False for one that comes back with an old quote."""
    rows.insert(link)
    _write_down(door, record, link, None, said)


def amend(door: Door, record: Record, link: Link, before: dict[str, Any], *, said: bool = True) -> bool:
    """Write what differs from ``before`` (a :func:`state_of`); False when nothing does."""
    if state_of(link) == before:
        return False
    rows.update(link, ["seen_revision", "quote", "weight", "confirmed_at"])
    _write_down(door, record, link, before, said)
    return True


def drop(door: Door, record: Record, link: Link) -> None:
    """Take a citation back."""
    door.log(record, {"+link": [state_of(link), None]})
    Link.objects.filter(workspace_id=link.workspace_id, pk=link.pk).delete()
    door.announce(record, "unlinked")
    _tell(door, record, link.kind, [link.target_id])


def shelved(door: Door, record: Record) -> None:
    """``record`` went to the trash or came back: what it cites gains or loses a citation."""
    listening = [c.name for c in type_of(record).cites if _listening(c.to)]
    if not listening:
        return
    found = Link.objects.filter(workspace_id=record.workspace_id, source_id=record.pk, kind__in=listening)
    by_kind: dict[str, list[UUID]] = defaultdict(list)
    for kind, target in found.values_list("kind", "target_id"):
        by_kind[kind].append(target)
    for kind, targets in by_kind.items():
        _tell(door, record, kind, targets)


def _write_down(door: Door, record: Record, link: Link, before: dict[str, Any] | None, said: bool) -> None:
    door.log(record, {"+link": [before, state_of(link)]})
    door.announce(record, "linked")
    _tell(door, record, link.kind, [link.target_id], link if said else None)


def _listening(kinds: Iterable[str]) -> list[RecordType]:
    types = [type_of(kind) for kind in kinds]
    return [t for t in types if type(t).citations_changed is not RecordType.citations_changed]


def _tell(door: Door, record: Record, kind: str, targets: list[UUID], link: Link | None = None) -> None:
    cite = type_of(record).cite_by_name.get(kind)
    listening = _listening(cite.to) if cite else []
    if not listening or cite is None:
        return
    for declared in listening:
        mine = targets
        if len(cite.to) > 1:
            cards = Card.objects.filter(workspace_id=record.workspace_id, pk__in=targets, kind=declared.kind)
            mine = list(cards.values_list("pk", flat=True))
        if mine:
            declared.citations_changed(door, mine, kind, link)
