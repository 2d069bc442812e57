"""Values as the log keeps them (ids of people, products, records) turned into words, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from threadline.faces.web import wording
from threadline.faces.web.visit import Visit
from threadline.kernel import rows
from threadline.kernel.access import reach_sql
from threadline.kernel.customs import all_fields
from threadline.kernel.fields import as_id
from threadline.kernel.registry import Field, RecordType

Diff = Mapping[str, list[Any]]


class Names:
    """What the ids in some diffs or values of one record type are called, as far as the reader may know."""

    def __init__(self, visit: Visit, declared: RecordType, diffs: Iterable[Diff]) -> None:
        self.visit, self.declared = visit, declared
        self.fields = all_fields(visit.actor, declared)
        wanted: dict[str, set[str]] = {"person": set(), "product": set(), "reference": set()}
        for diff in diffs:
            for name, pair in diff.items():
                field = self.fields.get(name)
                if field is not None and field.kind.name in wanted:
                    wanted[field.kind.name] |= {str(v) for v in pair if v}
                elif name == "+link":
                    wanted["reference"] |= {str(side["target"]) for side in pair if side}
        ws = visit.actor.workspace_id
        self.people = _named("kernel_member", ws, wanted["person"])
        self.products = _named("kernel_product", ws, wanted["product"])
        self.cards: dict[str, tuple[str, str]] = {}
        if ids := _ids(wanted["reference"]):
            near, params = reach_sql(visit.actor, "c")
            sql = f"SELECT c.id, c.key, c.title FROM kernel_card c WHERE c.id IN ({rows.marks(len(ids))}) AND {near}"
            self.cards = {rows.hexed(i) or "": (key, title) for i, key, title in rows.fetch(sql, [*ids, *params])}

    def label(self, name: str) -> str:
        """What a field is called; fields no longer declared keep their own name."""
        field = self.fields.get(name)
        return field.label if field else name.replace("_", " ").capitalize()

    def said(self, name: str, value: Any) -> str | None:
        """A logged value in words; None for blank."""
        field = self.fields.get(name)
        if value is None or value == "":
            return None
        if field is None:
            return str(value)
        if field.kind.name in ("person", "product"):
            return {"person": self.people, "product": self.products}[field.kind.name].get(str(value), "somebody else")
        if field.kind.name == "reference":
            found = self.cards.get(str(value))
            return f"{found[0]} {found[1]}" if found else "a record you may not see"
        return words_of(self.visit, field, value)


def words_of(visit: Visit, field: Field, value: Any) -> str | None:
    """A plain value of a field in words."""
    kind = field.kind.name
    if kind == "choice":
        return str(dict(field.kind.choices).get(value, value))
    if kind == "money":
        return wording.money(value, visit.actor.workspace.currency)
    if kind == "number":
        shown = wording.number(value)
        return f"{shown}%" if field.unit == "%" and shown else shown
    if kind == "flag":
        return "Yes" if value else "No"
    if kind == "date":
        return wording.on_day(value)
    if kind == "moment":
        at = wording.when(value)
        return at["text"] if at else None
    return str(value)


def _named(table: str, workspace_id: UUID, texts: set[str]) -> dict[str, str]:
    ids = _ids(texts)
    if not ids:
        return {}
    sql = f"SELECT id, name FROM {table} WHERE workspace_id = %s AND id IN ({rows.marks(len(ids))})"
    return {rows.hexed(i) or "": name for i, name in rows.fetch(sql, [workspace_id, *ids])}


def _ids(texts: set[str]) -> list[UUID]:
    """The ids among logged values; what is none is left out."""
    return [found for text in sorted(texts) if (found := as_id(text)) is not None]
