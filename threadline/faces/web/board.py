"""The first sight of a list as a board: columns by state or another field, the first cards of each.

Without a script it is what there is; with one, the board island goes on from it.
"""

from __future__ import annotations

from typing import Any

from threadline.faces.web import asking, places
from threadline.faces.web.table import Table
from threadline.faces.web.visit import Visit
from threadline.kernel import listing
from threadline.kernel.plan import names_for
from threadline.kernel.query import Query, parse
from threadline.kernel.registry import Field, RecordType
from threadline.kernel.totals import group_totals

CARDS = 60  # read for all columns together
IN_COLUMN = 12


def grouped(query: str, tree: Query | None) -> str:
    """The query in columns: grouped as it says, else by state."""
    return query if tree is not None and tree.group else asking.with_group(query, "state")


def columns(visit: Visit, declared: RecordType, query: str, names: list[str]) -> list[dict[str, Any]]:
    """The columns, each with its count and its first cards."""
    tree = parse(query)
    found = listing.list_page(visit.actor, declared, tree, names=names, limit=CARDS)
    counts = {_label(declared, tree.group, g.value): g.count for g in group_totals(visit.actor, declared, tree, [])}
    table = Table(visit, declared, [n for n in names if n != tree.group][:5])
    table.measure(found.rows)
    cards: dict[str, list[dict[str, Any]]] = {}
    for row in found.rows:
        mine = cards.setdefault(_of_row(declared, tree.group, row), [])
        if len(mine) < IN_COLUMN:
            mine.append(_card(visit, table, row))
    labels = _labels(visit, declared, tree.group) or sorted({*counts, *cards})
    return [
        {"label": label or "None", "count": counts.get(label, 0), "cards": cards.get(label, [])} for label in labels
    ]


def _labels(visit: Visit, declared: RecordType, name: str) -> list[str]:
    """Every column there is, when the field says so itself."""
    if name == "state":
        return [s.label for s in declared.states]
    target = names_for(visit.actor, declared).get(name)
    fixed = isinstance(target, Field) and target.kind.name == "choice"
    return [*(label for _, label in target.kind.choices), ""] if fixed else []  # type: ignore[union-attr]


def _label(declared: RecordType, name: str, value: Any) -> str:
    if name == "state":
        return declared.states[value].label if isinstance(value, int) else ""
    target = declared.by_name.get(name)
    if target is not None and target.kind.name == "choice":
        return str(dict(target.kind.choices).get(value, value) or "")
    return str(value or "")


def _of_row(declared: RecordType, name: str, row: dict[str, Any]) -> str:
    value = row.get(name)
    if name == "state":
        return declared.state_by_name[str(value)].label
    if isinstance(value, dict):
        return str(value.get("name") or value.get("title") or "")
    return _label(declared, name, value)


def _card(visit: Visit, table: Table, row: dict[str, Any]) -> dict[str, Any]:
    marks = []
    for name, make in table.makers[1:]:
        cell = make(row.get(name))
        if cell not in (None, "", []):
            marks.append({"kind": table.kind_of(name), "label": table.label_of(name), "cell": cell})
    return {"key": row["key"], "href": places.record(visit.slug, row["key"]), "title": row["title"], "marks": marks}
