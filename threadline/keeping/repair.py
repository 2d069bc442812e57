"""Mending what is derived: cards, search rows and counters are made again from the records.

Nothing here invents: what cannot be derived from a record stays a finding for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from threadline.keeping.checks import CARD_COLUMNS, Finding
from threadline.kernel import rows, search
from threadline.kernel.cards import Card
from threadline.kernel.door import card_of, document
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType, type_of
from threadline.kernel.workspaces import Counter

CHUNK = 500


def mend(finding: Finding) -> bool:
    """Put one finding right; whether that was possible."""
    if finding.repair == "cards":
        _each(finding, _mend_cards)
    elif finding.repair == "search" and finding.kind:
        _each(finding, _mend_search)
    elif finding.repair == "search":
        with transaction.atomic():
            search.drop(finding.ids)
    elif finding.repair == "counters":
        _mend_counters(finding.ids)
    return bool(finding.repair)


def _each(finding: Finding, mend_some: Any) -> None:
    declared = type_of(finding.kind)
    for part in _parts(finding.ids):
        with transaction.atomic():
            locked = declared.model._default_manager.select_for_update().filter(pk__in=part)
            mend_some(declared, list(locked))


def _parts(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _mend_cards(declared: RecordType, records: list[Record]) -> None:
    present = Card.objects.in_bulk([r.pk for r in records])
    for record in records:
        old = present.get(record.pk)
        made = card_of(record, old.doc if old else None)
        if old is None:
            rows.insert(made)
        else:
            rows.update(made, [*CARD_COLUMNS, "good_until", "kind", "key"])


def _mend_search(declared: RecordType, records: list[Record]) -> None:
    cards = Card.objects.in_bulk([r.pk for r in records])
    known = [r for r in records if r.pk in cards]
    search.drop([r.pk for r in known] if rows.is_postgres() else [cards[r.pk].doc for r in known])
    docs = search.add([document(declared, r) for r in known])
    for record, doc in zip(known, docs, strict=True):
        rows.execute("UPDATE kernel_card SET doc = %s WHERE id = %s", [doc, record.pk])


def _mend_counters(behind: list[tuple[Any, str, int]]) -> None:
    with transaction.atomic():
        for workspace_id, kind, number in behind:
            counter, _ = Counter.objects.get_or_create(workspace_id=workspace_id, kind=kind)
            if counter.value < number:
                counter.value = number
                counter.save(update_fields=["value"])
