"""The records that name this one in a field of theirs: an account's notes, a release's deployments.

A type says so with ``back`` on the field; the page of what is named lists the newest, and leads to all.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from threadline.faces.web import wording
from threadline.faces.web.visit import Visit
from threadline.kernel import listing
from threadline.kernel.cards import Card
from threadline.kernel.fields import Reference
from threadline.kernel.registry import Field, RecordType, kinds

SHOWN = 5


def to(visit: Visit, card: Card) -> list[dict[str, Any]]:
    """What names a record, by type and field, as pages/detail.html shows it; nothing of what is in the trash."""
    if card.archived_at is not None:  # a query finds no such name
        return []
    near = [(d, f) for d, f in _naming(card.kind) if not f.private or visit.actor.may("read_private", d.group)]
    found = (_section(visit, card, declared, field) for declared, field in near)
    return [section for section in found if section is not None]


@cache
def _naming(kind: str) -> tuple[tuple[RecordType, Field], ...]:
    return tuple(_fields_to(kind))


def _fields_to(kind: str) -> Iterator[tuple[RecordType, Field]]:
    for declared in kinds():
        for field in declared.by_name.values():
            if field.back and isinstance(field.kind, Reference) and field.kind.kind == kind:
                yield declared, field


def _section(visit: Visit, card: Card, declared: RecordType, field: Field) -> dict[str, Any] | None:
    days = (*declared.with_role("start"), *declared.with_role("due"))
    day = next((f for f in days if not f.private), None)
    names = ["title", "state", *([day.name] if day else [])]
    query = f"{field.name}:{card.key}"
    sorted_by = f"{query} sort:-{day.name if day else 'created'}"
    page = listing.list_page(visit.actor, declared, sorted_by, names=names, limit=SHOWN)
    if not page.rows:
        return None
    made: dict[str, Any] = {
        "name": f"{declared.kind}-{field.name}",
        "label": field.back,
        "count": len(page.rows),
        "rows": [_row(visit, declared, day, row) for row in page.rows],
    }
    if page.next_cursor is not None:
        number, exact = listing.count_of(visit.actor, declared, query)
        made |= {"count": f"{number:,}{'' if exact else '+'}", "all": visit.listing(declared, q=query)}
    return made


def _row(visit: Visit, declared: RecordType, day: Field | None, row: dict[str, Any]) -> dict[str, Any]:
    state = declared.state_by_name[row["state"]]
    return {
        "key": row["key"],
        "title": row["title"],
        "href": visit.record(row["key"]),
        "state": {"label": state.label, "tone": state.tone},
        "on": wording.on_day(row[day.name]) if day and row.get(day.name) else "",
    }
