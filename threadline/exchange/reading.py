"""A row of the file becomes a draft of a record: clean values, or what is wrong with it.

The mapping is compiled once into one step per field; a step takes the row and gives the value
to keep. What is changed or left behind on the way is counted, so that it can be reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from uuid import UUID

from threadline.exchange import cells
from threadline.exchange.cells import Unread
from threadline.exchange.mapping import OWN_ID, OWN_KEY, SOURCE_ID, TAGS, Mapping, targets
from threadline.exchange.naming import Missing
from threadline.exchange.steps import Step, Steps, plain
from threadline.formats.sheets import Cell, Row, RowProblem
from threadline.kernel import fields
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import RecordType
from threadline.kernel.tags import clean_tag

_SPLIT_TAGS, _SPLIT_KEYS = re.compile(r"[,;|\n]"), re.compile(r"[\s,;]+")
_CONTENT = frozenset({"text", "markdown", "number", "money", "email", "link", "reference"})
MOST_TAGS, LONGEST_ID = 50, 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell, or with the whole row when ``column`` is empty."""

    column: str
    value: str
    text: str


@dataclass(slots=True)
class Draft:
    """One row, read. ``own`` is the id or key of a record here that the row names.

    An ``empty`` row holds an id or a date perhaps, but nothing of what the chosen columns are about.
    """

    number: int
    source_id: str = ""
    own: UUID | str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, Missing] = field(default_factory=dict)  # by field: records to be made first
    tags: list[str] = field(default_factory=list)
    cites: dict[str, list[str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    empty: bool = False


class Reader:
    """Reads rows into drafts by one mapping, for one actor."""

    def __init__(self, actor: Actor, declared: RecordType, mapping: Mapping) -> None:
        self.actor, self.declared, self.mapping = actor, declared, mapping
        made = Steps(actor, declared, mapping)
        self.changed, self.awaited, self.names, self._points_inside = (
            made.changed,
            made.awaited,
            made.names,
            made.points_inside,
        )
        self._seen: set[int] = set()
        self._repeats: Counter[bytes] = Counter()
        known = targets(actor, declared)
        self._steps: list[tuple[str, str, Step]] = []
        for name, target in known.items():
            pairs = mapping.to(name)
            if target.field is not None and pairs:
                self._steps.append((name, pairs[0].column, made.make(target.field, pairs)))
        self._content = {n for n, t in known.items() if t.field and mapping.to(n) and t.field.kind.name in _CONTENT}
        self._tags = mapping.to(TAGS)
        self._cites = [(c.name, mapping.to(c.name)) for c in declared.cites if mapping.to(c.name)]
        self._source_id = next((p.column for p in mapping.to(SOURCE_ID)), "")
        self._own = next((p.column for n in (OWN_ID, OWN_KEY) for p in mapping.to(n)), "")
        self._own_by_key = not mapping.to(OWN_ID)
        self.constants = self._clean_constants(known)
        self._tag_constants = self._split_tags(str(mapping.constants.get(TAGS, "")))

    # ---- a chunk of rows -----------------------------------------------------------------

    def drafts(self, chunk: Iterable[tuple[int, Row] | RowProblem]) -> list[Draft]:
        """The drafts of a chunk, in order; unreadable rows are drafts with a fault."""
        held = list(chunk)
        for name, names in self.names.items():
            columns = [p.column for p in self.mapping.to(name)]
            texts = (str(v) for one in held if not isinstance(one, RowProblem) for c in columns if (v := one[1].get(c)))
            names.learn(dict.fromkeys(texts))
        return [self.draft(one) for one in held]

    def draft(self, one: tuple[int, Row] | RowProblem) -> Draft:
        """One row, read."""
        if isinstance(one, RowProblem):
            return Draft(one.row, faults=[Fault("", one.source[:200], one.message)])
        number, row = one
        made = Draft(number, values=dict(self.constants))
        self.identify(row, made)
        filled = self._fill(row, made)
        if self._content and not filled and made.own is None:
            made.empty, made.faults = True, []
            return made
        if self._tags or self._tag_constants:
            made.tags = self._row_tags(row)
        for name, pairs in self._cites:
            keys = [k.upper() for p in pairs for k in _SPLIT_KEYS.split(str(row.get(p.column) or "")) if k]
            made.cites[name] = list(dict.fromkeys(keys))
        return made

    def _fill(self, row: Row, made: Draft) -> bool:
        """Take every step; whether the row holds something of what the columns are about."""
        filled = False
        for name, column, step in self._steps:
            try:
                value = step(row)
            except (Unread, fields.Refused) as wrong:
                made.faults.append(Fault(column, _shown(row.get(column)), str(wrong)))
                filled = filled or name in self._content
                continue
            if value is None:
                made.values.setdefault(name, None)
                continue
            filled = filled or name in self._content
            if isinstance(value, Missing):
                made.missing[name] = value
                value = value.id
            made.values[name] = value
        return filled

    def identify(self, row: Row, made: Draft) -> None:
        """Say which row this is: by its own id, else by what it holds and which repeat it is."""
        given = row.get(self._source_id) if self._source_id else None
        own = row.get(self._own) if self._own else None
        if own is not None:
            made.own = self._own_ref(own, made)
            given = given or str(made.own)
        text = "" if given is None else cells.tidy(str(given)).strip()
        if len(text) > LONGEST_ID:
            made.faults.append(Fault(self._source_id, _shown(given), f"An id has at most {LONGEST_ID} characters."))
        if text:
            made.source_id = text
            mark = hash(text)
            if mark in self._seen:
                made.faults.append(Fault(self._source_id or self._own, text[:60], "Another row above has the same id."))
            self._seen.add(mark)
            return
        digest = blake2b(repr(list(row.items())).encode("utf-8", "replace"), digest_size=10)
        mark = hash(digest.digest())
        if mark in self._seen:
            self._repeats[digest.digest()] += 1
        self._seen.add(mark)
        repeat = self._repeats.get(digest.digest(), 0)
        made.source_id = f"row:{digest.hexdigest()}" + (f"-{repeat + 1}" if repeat else "")

    def _own_ref(self, own: Cell, made: Draft) -> UUID | str | None:
        text = str(own).strip()
        if self._own_by_key:
            return text.upper()[:20]
        try:
            return UUID(text)
        except ValueError:
            made.faults.append(Fault(self._own, text[:60], "Expected an id as an export has it."))
            return None

    def joining(self) -> Reader | None:
        """A reader of nothing but the fields that name other rows of the same file; None when there are none."""
        mine = {n for n, t in targets(self.actor, self.declared).items() if t.field and self._points_inside(t.field)}
        pairs = [p for p in self.mapping.pairs if p.to in mine]
        if not pairs:
            return None
        which = [p for p in self.mapping.pairs if p.to in (SOURCE_ID, OWN_ID, OWN_KEY)]
        return Reader(self.actor, self.declared, Mapping((*which, *pairs)))

    # ---- tags and constants ----------------------------------------------------------------

    def _row_tags(self, row: Row) -> list[str]:
        found = list(self._tag_constants)
        for pair in self._tags:
            value = row.get(pair.column)
            if value is None:
                continue
            said = pair.values.get(plain(value))
            for tag in self._split_tags(str(value) if said is None else said, pair.column):
                mapped = pair.values.get(tag, tag)
                found += self._split_tags(mapped) if mapped != tag else [tag]
        found = list(dict.fromkeys(found))
        if len(found) > MOST_TAGS:
            self.changed["tags", self._tags[0].column] += 1
        return found[:MOST_TAGS]

    def _split_tags(self, text: str, column: str = "") -> list[str]:
        found = []
        for part in _SPLIT_TAGS.split(text):
            if not part.strip():
                continue
            try:
                found.append(clean_tag(cells.tidy(part)))
            except Invalid:
                self.changed["tags", column] += 1
        return found

    def _clean_constants(self, known: dict[str, Any]) -> dict[str, Any]:
        given = {n: v for n, v in self.mapping.constants.items() if n != TAGS and known[n].field is not None}
        return Door(self.actor, "import").clean(self.declared, given)


def _shown(value: Cell) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 120 else f"{text[:119]}…"
