"""A first proposal for the mapping: by names, and by what the values look like.

A guess is only made when the sample bears it out: a column called rating that holds
"Recommended" is not taken for a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from threadline.exchange import cells, looks
from threadline.exchange.mapping import (
    OWN_ID,
    OWN_KEY,
    SOURCE_ID,
    TAGS,
    Mapping,
    Pair,
    Target,
    checked,
    from_json,
    plain_name,
    signature,
    targets,
)
from threadline.exchange.naming import Names
from threadline.exchange.presets import Preset, preset_for
from threadline.exchange.runs import SourceMapping
from threadline.exchange.table import Table
from threadline.formats.sheets import Cell, Row
from threadline.kernel import fields
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import Field, RecordType, type_of

SAMPLE = 200
# What columns are called all over the world, by the part that a field plays on a page.
_BY_ROLE = {
    "title": ("title", "name", "summary", "subject", "headline"),
    "body": ("body", "text", "description", "details", "content", "note", "notes"),
    "state": ("state", "status", "stage"),
    "owner": ("owner", "assignee", "assigned to", "responsible"),
    "start": (
        "date",
        "created",
        "created at",
        "created on",
        "submitted at",
        "timestamp",
        "time",
        "start",
        "start date",
    ),
    "due": ("due", "due date", "deadline", "target date", "end", "end date"),
}
_TAGS = ("tags", "tag", "labels", "label", "keywords", "category", "categories", "topic", "topics", "class", "type",
         "theme", "themes")  # fmt: skip
_IDS = ("id", "uuid", "key", "number", "external id", "source id", "issue id", "issue key", "ticket", "ticket id",
        "review id", "respondent id", "response id", "record id", "row id", "ref", "reference", "row", "no",
        "nr")  # fmt: skip
_MOST_WORDS = 40  # different values beyond which a column is not a set of tags
_ANSWERS = 4  # so many columns of free text, none of them called a body, are answers to questions


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping to start from. ``sure`` says by column where it came from; ``notes`` what was assumed."""

    mapping: Mapping
    sure: dict[str, str]  # "remembered", "name" or "values"
    notes: tuple[str, ...] = ()


def propose(actor: Actor, declared: RecordType, source: str, table: Table) -> Guess:
    """The mapping remembered for the source or for these column names, else a preset's and a guess for the rest."""
    known = preset_for(declared.kind, source, table.columns)
    return _remembered(actor, declared, source, table) or _Guesser(actor, declared, table).guess(known)


def _remembered(actor: Actor, declared: RecordType, source: str, table: Table) -> Guess | None:
    kept = SourceMapping.objects.filter(workspace_id=actor.workspace_id, kind=declared.kind)
    found = kept.filter(source=source).first() if source else None
    by_header = kept.filter(signature=signature(table.columns)).order_by("-used_at").first()
    for one in (found, by_header):
        if one is None:
            continue
        mapping = from_json(one.mapping)
        present = tuple(p for p in mapping.pairs if p.column in table.columns)
        if not present:
            continue
        held = Mapping(present, mapping.constants, mapping.missing, mapping.headings, mapping.exact)
        try:
            checked(actor, declared, held, table.columns)
        except Invalid:  # a field was removed since
            continue
        return Guess(held, dict.fromkeys((p.column for p in present), "remembered"))
    return None


class _Guesser:
    """One guess: exact names first, then other names, then looks."""

    def __init__(self, actor: Actor, declared: RecordType, table: Table) -> None:
        self.actor, self.declared, self.table = actor, declared, table
        self.rows: list[Row] = table.sample(SAMPLE)
        self.targets = targets(actor, declared)
        self.pairs: dict[str, Pair] = {}
        self.sure: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.notes: list[str] = []
        self.own_export = is_own_export(table.columns)
        # A column of our own exports that is worked out here is left alone, whatever it looks like.
        worked_out = {n for n, f in declared.by_name.items() if f.readonly} | set(declared.computed_by_name)
        self.left = worked_out | {OWN_KEY} if self.own_export else set()

    def guess(self, known: Preset | None = None) -> Guess:
        """The proposal; columns that fit nothing are left out."""
        constants: dict[str, Any] = {}
        if known is not None:
            self._by_preset(known)
            constants = {n: v for n, v in known.constants.items() if not self._to(n)}
        self._by_exact_name()
        self._by_other_names()
        self._by_looks()
        headings = self._many_answers()
        ordered = tuple(self.pairs[c] for c in self.table.columns if c in self.pairs)
        return Guess(Mapping(ordered, constants, self.missing, headings), self.sure, tuple(self.notes))

    # ---- by name -------------------------------------------------------------------------

    def _by_preset(self, known: Preset) -> None:
        """The columns that a product is known to write, the first of several that mean the same."""
        for name, to in known.plain.items():
            target = self.targets.get(to)
            if target is not None:
                self._first(target, [c for c in self._free() if plain_name(c) == name], "name", share=0.5)

    def _by_exact_name(self) -> None:
        for name, target in self.targets.items():
            if name in (SOURCE_ID, OWN_KEY) or (name == OWN_ID and not self.own_export):
                continue
            said = {plain_name(name), plain_name(target.label)}
            self._first(target, [c for c in self._free() if plain_name(c) in said], "name", share=0.5)

    def _by_other_names(self) -> None:
        for target in self.targets.values():
            field = target.field
            if field is not None:
                said = (*field.aliases, *_BY_ROLE.get(field.role, ()))
                for name in said:  # the nearest word first
                    self._first(target, [c for c in self._free() if plain_name(c) == name], "name")
        if not self._to(OWN_ID):
            unique = [c for c in self._free() if plain_name(c) in _IDS and self._unique(c)]
            unique.sort(key=lambda c: _IDS.index(plain_name(c)))
            self._first(self.targets[SOURCE_ID], unique, "name")
        for column in self._free():
            if plain_name(column).split()[-1:] and plain_name(column).split()[-1] in _TAGS and self._few_words(column):
                self._take(column, self.targets[TAGS], "name")

    # ---- by looks ------------------------------------------------------------------------

    def _by_looks(self) -> None:
        for target in self.targets.values():
            field = target.field
            if field is None or self._to(target.name) or field.name == "confidentiality":
                continue
            kind = field.kind
            if isinstance(kind, fields.Email):
                self._first(target, [c for c in self._free() if self._share(c, looks.is_address) > 0.8], "values")
            elif isinstance(kind, fields.Web):
                self._first(target, [c for c in self._free() if self._share(c, looks.is_link) > 0.8], "values")
            elif isinstance(kind, fields.Choice) and field.role != "state" and len(kind.choices) > 2:
                self._first(target, [c for c in self._free() if self._fits(c, field) and self._few_words(c)], "values")
            elif kind.name == "date" and field.role == "start":
                self._first(target, [c for c in self._free() if self._share(c, looks.is_written_date) > 0.8], "values")
        body = next((t for t in self.targets.values() if t.field is not None and t.field.role == "body"), None)
        if body is not None and not self._to(body.name):
            long = sorted((c for c in self._free() if self._length(c) > 25), key=self._length, reverse=True)
            survey = sum(map(self._is_free_text, self._free())) >= _ANSWERS
            if long and not survey and (len(long) == 1 or self._length(long[0]) > 2 * self._length(long[1])):
                self._first(body, long[:1], "values")

    def _many_answers(self) -> bool:
        """A survey: several columns of free text and no body; all of them together are the body."""
        body = next((t for t in self.targets.values() if t.field is not None and t.field.role == "body"), None)
        if body is None or self._to(body.name):
            return False
        answers = [c for c in self._free() if self._is_free_text(c)]
        for column in answers:
            self._take(column, body, "values")
        return len(answers) > 1

    # ---- taking --------------------------------------------------------------------------

    def _free(self) -> list[str]:
        return [c for c in self.table.columns if c not in self.pairs and c not in self.left]

    def _to(self, name: str) -> bool:
        return any(p.to == name for p in self.pairs.values())

    def _first(self, target: Target, candidates: Sequence[str], how: str, share: float = 0.8) -> None:
        for column in candidates:
            if self._to(target.name) and target.name != TAGS:
                return
            if target.field is None or self._fits(column, target.field, share):
                self._take(column, target, how)

    def _take(self, column: str, target: Target, how: str) -> None:
        order, field = "", target.field
        if field is not None and field.kind.name in ("date", "moment"):
            order = self._order(column)
        if field is not None and self._elsewhere(field) and self._strangers(column, field):
            self.missing[field.name] = "create" if self._makes(field) else "blank"
        if field is not None and isinstance(field.kind, fields.Number) and field.kind.high:
            self._note_scale(column, field)
        self.pairs[column] = Pair(column, target.name, order=order)
        self.sure[column] = how

    def _elsewhere(self, field: Field) -> bool:
        """Whether the field names records of another type."""
        return isinstance(field.kind, fields.Reference) and field.kind.kind != self.declared.kind

    @staticmethod
    def _makes(field: Field) -> bool:
        """Whether what the field names can be made along the way: a name alone has to be enough."""
        return {f.name for f in type_of(field.kind.kind).required} <= {"title"}

    def _note_scale(self, column: str, field: Field) -> None:
        numbers = [n for v in self._values(column) if (n := looks.number(v, field)) is not None]
        top = max(numbers, default=0)
        if len(numbers) > 1 and 2 <= top <= field.kind.high / 2 and min(numbers) >= 0:
            text = f"{column} goes up to {top:g} here, {field.label} up to {field.kind.high:g}"
            self.notes.append(f"{text}. Say “out of {top:g}” to bring it onto that scale.")

    def _order(self, column: str) -> str:
        order, shown, _ = cells.order_of(r.get(column) for r in self.rows)
        if order and not shown:  # undecided in the sample: look further down
            order, shown, _ = cells.order_of(self.table.column(column))
        if order:
            words = {"dmy": "day, month, year", "mdy": "month, day, year"}[order]
            why = (
                f"because of {shown[:40]}"
                if shown
                else "because none of them decides it; choose the other if it is wrong"
            )
            self.notes.append(f"The dates in {column} were read as {words}, {why}.")
        return order

    # ---- looking -------------------------------------------------------------------------

    def _values(self, column: str) -> list[Cell]:
        return [v for r in self.rows if (v := r.get(column)) is not None]

    def _share(self, column: str, test: Any) -> float:
        values = self._values(column)
        return sum(map(test, values)) / len(values) if values else 0.0

    def _length(self, column: str) -> float:
        values = self._values(column)
        return sum(len(v) for v in values if isinstance(v, str)) / len(values) if values else 0.0

    def _unique(self, column: str) -> bool:
        values = self._values(column)
        return len(values) == len(self.rows) > 0 and len(set(map(str, values))) == len(values)

    def _few_words(self, column: str) -> bool:
        values = {str(v).strip().lower() for v in self._values(column)}
        words = {part.strip() for v in values for part in re.split(r"[,;|]", v)}
        return 0 < len(words) <= _MOST_WORDS and all(len(w) <= 60 for w in words)

    def _is_free_text(self, column: str) -> bool:
        values = [v for v in self._values(column) if isinstance(v, str)]
        several = len(set(values)) > min(_MOST_WORDS, len(values) * 0.5)
        dates = self._share(column, looks.is_written_date)
        return bool(values) and several and self._length(column) > 12 and dates < 0.5

    def _fits(self, column: str, field: Field, share: float = 0.8) -> bool:
        """Whether so many values of the sample would be accepted; an empty column fits."""
        values = self._values(column)[:60]
        if not values:
            return True
        if isinstance(field.kind, fields.Reference):
            return all(isinstance(v, str) and len(v) <= 200 for v in values)
        if field.kind.compare == "id":
            names = Names(self.actor, field)
            names.learn(str(v) for v in values)
            return sum(looks.found(names, v) for v in values) >= share * len(values)
        return sum(looks.accepted(v, field, self.actor) for v in values) >= share * len(values)

    def _strangers(self, column: str, field: Field) -> bool:
        names = Names(self.actor, field)
        values = self._values(column)
        names.learn(str(v) for v in values)
        return not all(looks.found(names, v) for v in values)


def is_own_export(columns: Sequence[str]) -> bool:
    """Whether the columns are those of a file that Threadline wrote."""
    return {OWN_ID, OWN_KEY} <= set(columns)
