"""The one exception to the log that is only ever appended to: words that must not stand anywhere.

A redaction that left the old words in the history would be none. Who scrubbed what, when and
why is itself a change in the log; the words are replaced in earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from threadline.kernel.changes import Change
from threadline.kernel.door import Door


def scrub(door: Door, cards: Iterable[UUID], replaced: Callable[[str], str]) -> int:
    """Replace words in the logged values of these records; returns how many changes were touched."""
    touched = 0
    ids = list(cards)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        for change in Change.objects.filter(workspace_id=door.actor.workspace_id, card_id__in=part):
            diff = _walked(change.diff, replaced)
            if diff != change.diff:
                Change.objects.filter(pk=change.pk).update(diff=diff)
                touched += 1
    return touched


def _walked(value: Any, replaced: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, list):
        return [_walked(one, replaced) for one in value]
    if isinstance(value, dict):
        return {name: _walked(one, replaced) for name, one in value.items()}
    return value
