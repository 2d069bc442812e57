"""What a check shows: the first rows as they will stand, and what the file holds that stays behind."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from threadline.exchange.mapping import OWN_ID, OWN_KEY, TAGS, Mapping, targets
from threadline.exchange.reading import Draft
from threadline.formats.sheets import RowProblem
from threadline.kernel import fields
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.customs import all_fields
from threadline.kernel.members import Member
from threadline.kernel.registry import RecordType
from threadline.kernel.text import excerpt
from threadline.kernel.workspaces import Product

_CUT = 160
_OURS = frozenset({"id", "key", "version", "revision", "kind", "source", "source_id"})
# (one, many) of each thing that happens to values on the way in.
_CHANGED = {
    "control": ("invisible control characters were taken out of {n} value", "… of {n} values"),
    "cut": ("{n} text was cut to what the field holds", "{n} texts were cut to what the field holds"),
    "time": ("the time of day was left out of {n} date", "the time of day was left out of {n} dates"),
    "unknown": ("{n} name is not known here and was left blank", "{n} names are not known here and were left blank"),
    "tags": ("{n} value was no tag, or one too many", "{n} values were no tags, or too many"),
    "cites": ("{n} cited record is not here", "{n} cited records are not here"),
}


class Losses:
    """Counts what is in the file and goes nowhere."""

    def __init__(self, actor: Actor, declared: RecordType, mapping: Mapping, columns: list[str]) -> None:
        mapped = {p.column for p in mapping.pairs}
        self._left = [c for c in columns if c not in mapped]
        self._filled: Counter[str] = Counter()
        worked_out = {n for n, f in declared.by_name.items() if f.readonly} | set(declared.computed_by_name)
        mine = {OWN_ID, OWN_KEY} <= set(columns)  # a file that Threadline wrote
        self._own = {c for c in self._left if mine and (c in worked_out or c in _OURS)}

    def see(self, part: list[Any]) -> None:
        """Count the cells of a chunk that go nowhere."""
        if not self._left:
            return
        for one in part:
            if not isinstance(one, RowProblem):
                row = one[1]
                for column in self._left:
                    if row.get(column) is not None:
                        self._filled[column] += 1

    def sentences(self, changed: Counter[tuple[str, str]]) -> list[str]:
        """The loss report."""
        found = []
        for column in self._left:
            count = self._filled[column]
            if column in self._own:
                found.append(f"{column}: Threadline sets this itself")
            elif count:
                found.append(f"{column}: {count:,} {'value' if count == 1 else 'values'} left out, no field was chosen")
        for (what, column), count in sorted(changed.items()):
            one, many = _CHANGED[what]
            text = (one if count == 1 else many.replace("…", one.partition(" of ")[0])).format(n=f"{count:,}")
            found.append(f"{column}: {text}" if column else text)
        return found


class Sample:
    """The first good rows, as records."""

    def __init__(self, actor: Actor, declared: RecordType, mapping: Mapping, most: int) -> None:
        self.actor, self.declared, self.most = actor, declared, most
        known, chosen = targets(actor, declared), [p.to for p in mapping.pairs] + list(mapping.constants)
        shown = [n for n in known if (n in chosen or n == "title") and known[n].field is not None]
        self.fields = {n: all_fields(actor, declared)[n] for n in shown}
        self.tags = TAGS in chosen
        self._rows: list[tuple[dict[str, Any], list[str]]] = []
        self._made: dict[Any, str] = {}

    def see(self, draft: Draft, record: Any) -> None:
        """Keep a row, if there are not enough yet."""
        if len(self._rows) >= self.most:
            return
        self._made |= {m.id: m.title for m in draft.missing.values()}
        values = {n: record.custom.get(n) if f.custom else getattr(record, f.attname) for n, f in self.fields.items()}
        self._rows.append((values, draft.tags))

    def table(self) -> dict[str, Any]:
        """``{columns: [{name, label, kind}], rows: [{cells}]}`` with texts for the eye."""
        names = self._names()
        columns = [{"name": n, "label": f.label, "kind": f.kind.name} for n, f in self.fields.items()]
        rows = [[self._text(f, values[n], names) for n, f in self.fields.items()] for values, _ in self._rows]
        if self.tags:
            columns.append({"name": TAGS, "label": "Tags", "kind": TAGS})
            rows = [[*cells, ", ".join(tags)] for cells, (_, tags) in zip(rows, self._rows, strict=True)]
        return {"columns": columns, "rows": rows}

    def _names(self) -> dict[Any, str]:
        linked = [n for n, f in self.fields.items() if f.kind.compare == "id"]
        ids = {values[n] for values, _ in self._rows for n in linked if values[n]}
        if not ids:
            return {}
        here = {"workspace_id": self.actor.workspace_id, "pk__in": ids}
        found: dict[Any, str] = dict(reach(self.actor, Card).filter(pk__in=ids).values_list("pk", "title"))
        found |= dict(Member.objects.filter(**here).values_list("pk", "name"))
        found |= dict(Product.objects.filter(**here).values_list("pk", "name"))
        return {**found, **self._made}

    def _text(self, field: Any, value: Any, names: dict[Any, str]) -> str:
        if value is None or value == "":
            return ""
        if field.kind.compare == "id":
            return names.get(value, "")
        if isinstance(field.kind, fields.Choice):
            return next((label for v, label in field.kind.choices if v == value), str(value))
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return value.isoformat()[:10]
        return excerpt(str(value), _CUT) if isinstance(value, str) else f"{value:g}"
