"""Rows of the list path as the cells that kit/table.html shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from threadline.faces.web import asking, places, wording
from threadline.faces.web.looks import Looks
from threadline.faces.web.visit import Visit
from threadline.kernel import text
from threadline.kernel.customs import all_fields
from threadline.kernel.members import Member
from threadline.kernel.query import Query
from threadline.kernel.registry import Computed, Field, RecordType

Cell = Callable[[Any], Any]
_KINDS = {"number": "number", "money": "money", "date": "date", "moment": "date", "person": "person"}
_SORTABLE_NOT = frozenset({"markdown"})


class Table:
    """The columns of one list for one reader, and how each value becomes a cell."""

    def __init__(self, visit: Visit, declared: RecordType, names: list[str], looks: Looks | None = None) -> None:
        self.visit, self.declared, self.looks = visit, declared, looks
        self.known: dict[str, Field | Computed] = {**all_fields(visit.actor, declared), **declared.computed_by_name}
        self.names = ["title", *(n for n in names if n != "title")]
        self.today = datetime.now(UTC).date()
        self._days: dict[Any, str | None] = {}
        self._most: dict[str, float] = {}  # the longest bar of a column, of the rows that are shown
        self.makers = [(name, self._maker(name)) for name in self.names]

    def columns(self, query: str, tree: Query | None) -> list[dict[str, Any]]:
        """The heads, each with the address that sorts by it."""
        sorted_by = (tree.sort if tree and tree.sort else _default(self.declared))[:1]
        return [self._head(name, query, dict(sorted_by)) for name in self.names]

    def measure(self, listed: list[dict[str, Any]]) -> None:
        """Learn how long the longest bar of these rows is."""
        for name in self.names:
            if self.kind_of(name) == "bar":
                self._most[name] = max((v for r in listed if isinstance(v := r.get(name), int | float)), default=0)

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        """One row ready for the template."""
        return {
            "id": row["id"],
            "href": places.record(self.visit.slug, row["key"]),
            "key": row["key"],
            "cells": [make(row.get(name)) for name, make in self.makers],
        }

    def label_of(self, name: str) -> str:
        """What a column is called."""
        if name in self.declared.cite_by_name:
            return self.declared.cite_by_name[name].label
        return "Tags" if name == "tags" else self.known[name].label

    def _head(self, name: str, query: str, sorted_by: dict[str, bool]) -> dict[str, Any]:
        target = self.known.get(name)
        head: dict[str, Any] = {"name": name, "label": self.label_of(name), "kind": self.kind_of(name)}
        if name != "tags" and not (isinstance(target, Field) and target.kind.name in _SORTABLE_NOT):
            down = sorted_by.get(name)
            numeric = head["kind"] in ("number", "money", "date", "bar")
            asked = asking.with_sort(query, name, descending=numeric if down is None else not down)
            head["sort"] = {
                "href": self.looks.at(query=asked) if self.looks else self.visit.listing(self.declared, q=asked),
                "dir": None if down is None else "descending" if down else "ascending",
            }
        return head

    def kind_of(self, name: str) -> str:
        """The template's kind of a column."""
        if name in ("title", "state", "tags"):
            return name
        target = self.known.get(name)
        if isinstance(target, Computed):
            return target.kind.name if target.kind is not None else "number"
        if target is None:
            return "text"
        kind = _KINDS.get(target.kind.name, "text")
        return "bar" if target.role == "number" and kind == "number" else kind

    def _maker(self, name: str) -> Cell:
        if name == "state":
            states = {s.name: {"label": s.label, "tone": s.tone} for s in self.declared.states}
            return lambda v: states.get(v) or {"label": v, "tone": ""}
        target = self.known.get(name)
        if target is None:  # a citation, or tags
            return (lambda v: v) if name == "tags" else self._record
        kind = target.kind.name if target.kind is not None else "number"
        if kind == "choice":
            labels = dict(target.kind.choices)
            return lambda v: labels.get(v, v) or None
        if kind == "person":
            return self._own_person() if isinstance(target, Field) and target.custom else _person
        if self.kind_of(name) == "bar":
            return lambda v: self._bar(name, v)
        by_kind: dict[str, Cell] = {
            "number": wording.number,
            "money": lambda v: wording.money(v, self.visit.actor.workspace.currency),
            "date": self._day,
            "moment": self._day,
            "product": lambda v: v["name"] if v else None,
            "reference": self._record,
            "flag": lambda v: None if v is None else "Yes" if v else "No",
            "markdown": lambda v: text.excerpt(v, 120) if v else None,
        }
        return by_kind.get(kind, _words)

    def _day(self, value: Any) -> str | None:
        if value not in self._days:
            self._days[value] = wording.on_day(value, self.today)
        return self._days[value]

    def _bar(self, name: str, value: Any) -> dict[str, Any] | None:
        most = self._most.get(name) or 1
        return {"text": wording.score(value), "share": max(0.0, min(1.0, value / most))} if value is not None else None

    def _record(self, value: Any) -> dict[str, Any] | None:
        return {"text": value["title"], "href": places.record(self.visit.slug, value["key"])} if value else None

    def _own_person(self) -> Cell:
        here = Member.objects.filter(workspace_id=self.visit.actor.workspace_id).values_list("pk", "name")
        names = {str(pk): name for pk, name in here}
        return lambda v: _person({"name": names[v]}) if v in names else None


def _default(declared: RecordType) -> tuple[tuple[str, bool], ...]:
    return tuple((p.lstrip("-"), p.startswith("-")) for p in declared.sort.split(","))


def _person(value: Any) -> dict[str, str] | None:
    return {"name": value["name"], "initials": wording.initials(value["name"])} if value else None


def _words(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None
