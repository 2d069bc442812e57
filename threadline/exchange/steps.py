"""A field's columns compiled into one step: from a row of the file to the value to keep.

What a step changes or leaves behind on the way is counted, so that it can be reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from threadline.exchange import cells
from threadline.exchange.mapping import Mapping, Pair
from threadline.exchange.naming import Names, plain_title
from threadline.formats.sheets import Cell, Row
from threadline.kernel import fields
from threadline.kernel.access import Actor
from threadline.kernel.registry import Field, RecordType

Step = Callable[[Row], Any]
_REMEMBERED = 2_000  # values kept of a column whose words repeat


class Steps:
    """Makes the steps of one mapping, for one actor."""

    def __init__(self, actor: Actor, declared: RecordType, mapping: Mapping) -> None:
        self.actor, self.declared, self.mapping = actor, declared, mapping
        self.changed: Counter[tuple[str, str]] = Counter()  # (what, column) to how many cells
        # Names of records that may stand further down in the same file, by column; see Load._join.
        self.awaited: dict[str, Counter[int]] = {}
        self.names: dict[str, Names] = {}

    def make(self, target: Field, pairs: list[Pair]) -> Step:
        """The step that fills a field from its columns."""
        kind, pair = target.kind, pairs[0]
        if kind.name in ("text", "markdown"):
            return self._text_step(target, pairs)
        if kind.compare == "id":
            return self._name_step(target, pair)
        if kind.name in ("date", "moment"):
            return self._date_step(target, pair)
        clean, actor = kind.clean, self.actor
        if isinstance(kind, fields.Number):
            return _remembering(_mapped(pair), lambda value: clean(cells.number(value, kind, pair.out_of), actor))
        return _remembering(_mapped(pair), lambda v: clean(cells.tidy(v) if isinstance(v, str) else v, actor))

    def _text_step(self, target: Field, pairs: list[Pair]) -> Step:
        kind, block = target.kind, target.kind.name == "markdown"
        headings = self.mapping.headings and block and len(pairs) > 1
        gap = "\n\n" if block else " "
        sources = [(p.column, _mapped(p)) for p in pairs]

        def step(row: Row) -> Any:
            parts = []
            for column, raw in sources:
                text = _text(raw(row))
                if text:
                    parts.append(f"**{_flat(column)}**\n\n{text}" if headings else text)
            return self._fitting(gap.join(parts), kind, pairs[0].column) if parts else None

        return step

    def _fitting(self, text: str, kind: fields.FieldKind, column: str) -> Any:
        if not text.isprintable():
            tidied = cells.tidy(text)
            if tidied != text:
                self.changed["control", column] += 1
                text = tidied
        if len(text) > kind.longest:
            text = text if kind.name == "markdown" else " ".join(text.split())
            if len(text) > kind.longest:
                self.changed["cut", column] += 1
                text = text[: kind.longest - 1].rstrip() + "…"
        return kind.clean(text, self.actor)

    def _name_step(self, target: Field, pair: Pair) -> Step:
        inside = self.points_inside(target)
        otherwise = "blank" if inside else self.mapping.missing.get(target.name, "")
        names = self.names[target.name] = Names(self.actor, target, otherwise)
        raw, column = _mapped(pair), pair.column
        if inside:
            self.awaited[column] = Counter()

        def step(row: Row) -> Any:
            value = raw(row)
            text = "" if value is None else cells.tidy(str(value)).strip()
            if not text:
                return None
            found = names.find(text)
            if found is None and inside:
                self.awaited[column][hash(plain_title(text))] += 1
            elif found is None:
                self.changed["unknown", column] += 1
            return found

        return step

    def points_inside(self, target: Field) -> bool:
        """Whether the field names records of the very type that is brought in."""
        return isinstance(target.kind, fields.Reference) and target.kind.kind == self.declared.kind

    def _date_step(self, target: Field, pair: Pair) -> Step:
        kind, order, column = target.kind, pair.order or "dmy", pair.column
        whole_day = kind.name == "date"
        read = _remembering(_mapped(pair), lambda value: cells.moment(value, order))

        def step(row: Row) -> Any:
            found = read(row)
            if isinstance(found, datetime) and whole_day:
                if found.hour or found.minute or found.second:
                    self.changed["time", column] += 1
                return found.date()
            return found if whole_day or found is None else kind.clean(found, self.actor)

        return step


def _remembering(raw: Step, make: Callable[[Any], Any]) -> Step:
    """A step whose few values come again and again: choices, days, marks out of five."""
    known: dict[Any, Any] = {}

    def step(row: Row) -> Any:
        value = raw(row)
        if value is None:
            return None
        found = known.get(value, known)
        if found is known:
            found = make(value)
            if len(known) >= _REMEMBERED:
                known.clear()
            known[value] = found
        return found

    return step


def _mapped(pair: Pair) -> Step:
    """The cell of a column, words that stand for others replaced."""
    column, values = pair.column, pair.values
    if not values:
        return lambda row: row.get(column)

    def look(row: Row) -> Any:
        value = row.get(column)
        if value is None:
            return None
        said = values.get(plain(value))
        return value if said is None else said or None

    return look


def _text(value: Cell) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _flat(text: str) -> str:
    return " ".join(text.replace("*", " ").split())


def plain(value: Cell) -> str:
    """A word for comparing: small letters, single spaces."""
    return " ".join(str(value).lower().split())
