"""Rows that say what another row says, or what stands here already: told before they are brought in."""

from __future__ import annotations

from typing import Any

from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.registry import RecordType

PART = 2_000  # texts that are in memory at once
FEWEST_WORDS = 4  # "Great app" is said by many, and each counts


class Alike:
    """Counts new records by their words, whatever their capitals, points and spaces.

    What is here is read once, through reach and in parts: one text column of one table, kept as a hash each.
    """

    def __init__(self, actor: Actor, declared: RecordType) -> None:
        body = next(iter(declared.with_role("body")), None)
        self.field = body.name if body is not None and not body.private else ""
        self.in_file = self.here = 0
        self._actor, self._declared = actor, declared
        self._seen: set[int] = set()
        self._held: set[int] | None = None

    def see(self, record: Any) -> None:
        """Count a record that is about to be made."""
        said = _said(getattr(record, self.field, "")) if self.field else None
        if said is None:
            return
        if self._held is None:
            self._held = self._read()
        if said in self._held:
            self.here += 1
        elif said in self._seen:
            self.in_file += 1
        self._seen.add(said)

    def sentences(self) -> list[str]:
        """What there is to tell; nothing when no two are alike."""
        found = []
        if self.in_file:
            found.append(f"{_rows(self.in_file)} the same words as an earlier row of the file.")
        if self.here:
            found.append(f"{_rows(self.here)} the same words as a record that is here already.")
        if found:
            found[-1] += " They come in as they are; repeats can be merged afterwards, and no voice is lost."
        return found

    def _read(self) -> set[int]:
        near, params = reach_sql(self._actor, "r")
        table, held = self._declared.model._meta.db_table, set()
        sql = f'SELECT r.id, r."{self.field}" FROM "{table}" r WHERE r.archived_at IS NULL AND {near}'
        found = rows.fetch(f"{sql} ORDER BY r.id LIMIT {PART}", params)
        while found:
            held |= {said for _, text in found if (said := _said(text)) is not None}
            found = rows.fetch(f"{sql} AND r.id > %s ORDER BY r.id LIMIT {PART}", [*params, found[-1][0]])
        return held


def _said(text: Any) -> int | None:
    words = "".join(c if c.isalnum() else " " for c in str(text or "").casefold()).split()
    return hash(tuple(words)) if len(words) >= FEWEST_WORDS else None


def _rows(count: int) -> str:
    return "1 row holds" if count == 1 else f"{count:,} rows hold"
