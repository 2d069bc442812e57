"""Form controls from declared fields, and raw values back from a posted form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from threadline.faces.web import wording
from threadline.faces.web.visit import Visit
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.actions import Param, actions_on
from threadline.kernel.cards import Card
from threadline.kernel.customs import own_fields
from threadline.kernel.errors import Invalid
from threadline.kernel.fields import FieldKind
from threadline.kernel.members import Member
from threadline.kernel.registry import Field, RecordType
from threadline.kernel.workspaces import Product

SUGGESTED = 40  # records offered for a reference; any other is named by its key
LEFT_OUT = frozenset({"source", "source_id"})  # said by imports
_KINDS = {"text": "text", "markdown": "long", "number": "number", "money": "money", "flag": "boolean", "date": "date",
          "moment": "text", "choice": "choice", "email": "email", "link": "url", "person": "person",
          "product": "choice", "reference": "record"}  # fmt: skip


class Choices:
    """People, products and records to choose from, each read once for a form."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._kept: dict[str, list[dict[str, Any]]] = {}

    def people(self) -> list[dict[str, Any]]:
        """Members who are here."""
        here = Member.objects.filter(workspace_id=self.actor.workspace_id, left_at=None).order_by("name")
        return self._once("people", lambda: here.values_list("pk", "name"))

    def products(self) -> list[dict[str, Any]]:
        """Products, parts under their whole."""
        return self._once("products", self._tree)

    def records(self, kind: str) -> list[dict[str, Any]]:
        """The records of a type that changed last, by key."""
        cards = reach(self.actor, Card).filter(kind=kind, archived_at=None).order_by("-updated_at")
        return self._once(kind, lambda: cards.values_list("key", "title")[:SUGGESTED])

    def _tree(self) -> list[tuple[Any, str]]:
        here = Product.objects.filter(workspace_id=self.actor.workspace_id, archived_at=None)
        below: dict[Any, list[Any]] = {}
        for product in here.order_by("position", "name"):
            below.setdefault(product.parent_id, []).append(product)
        found: list[tuple[Any, str]] = []

        def walk(parent: Any, depth: int) -> None:
            for product in below.get(parent, []):
                found.append((product.pk, f"{'— ' * depth}{product.name}"))
                if depth < 8:
                    walk(product.pk, depth + 1)

        walk(None, 0)
        return found

    def _once(self, name: str, read: Any) -> list[dict[str, Any]]:
        if name not in self._kept:
            self._kept[name] = [{"value": str(value), "label": label} for value, label in read()]
        return self._kept[name]


def editable(visit: Visit, declared: RecordType, *, new: bool) -> list[Field]:
    """The fields that a form asks for, in page order. A state that verbs change is left to the verbs."""
    verbs_decide = any(a.states for a in actions_on(declared.kind))
    readable = declared.readable(visit.actor).values()
    chosen: list[Field] = [
        f for f in readable
        if not f.readonly and f.name not in LEFT_OUT and not (f.name == "state" and (verbs_decide or new))
    ]  # fmt: skip
    return [*chosen, *own_fields(visit.actor, declared.kind).values()]


def parts_of(
    visit: Visit, fields: Iterable[Field], values: Mapping[str, str], problems: Mapping[str, list[str]],
    extra: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The sections of a form: what it is, numbers and dates side by side, who and where, the workspace's own."""
    choices = Choices(visit.actor)
    words, details, sourced, around, own = [], [], [], [], []
    listed = list(fields)
    numbers = _with_source({f.name for f in listed})
    for field in listed:
        made = control(visit, choices, field, values.get(field.name, ""), problems.get(field.name, []))
        if field.custom:
            own.append(made)
        elif field.name in ("owner", "product", "confidentiality", "state"):
            around.append(made)
        elif field.role == "title" or field.kind.name == "markdown":
            words.append(made)
        elif field.name in numbers:
            sourced.append(made)
        else:
            details.append(made)
    parts: list[dict[str, Any]] = [
        {"fields": words},
        {"title": "Details", "fields": details, "columns": True},
        {"title": "Numbers, and where they come from", "fields": sourced, "columns": True},
        {"title": "Who and where", "fields": [*around, *(extra or [])], "columns": True},
        {"title": "Your own fields", "fields": own, "columns": True},
    ]
    return [p for p in parts if p["fields"]]


def _with_source(names: set[str]) -> set[str]:
    """Fields that come in threes: a number, its source and its date (reach, reach_source, reach_on)."""
    firsts = {n for n in names if {f"{n}_source", f"{n}_on"} <= names}
    return {part for n in firsts for part in (n, f"{n}_source", f"{n}_on")}


def control(visit: Visit, choices: Choices, field: Field, value: str, errors: list[str]) -> dict[str, Any]:
    """One field as kit/field.html asks for it."""
    made = _control(visit, choices, field.kind, value)
    made |= {"name": field.name, "label": field.label, "help": field.help or None, "errors": errors}
    made["required"] = field.required
    if field.unit:
        made["unit"] = field.unit
    if field.role == "body":
        made["rows"] = 12
    return made


def param_control(visit: Visit, choices: Choices, param: Param, value: str, errors: list[str]) -> dict[str, Any]:
    """One argument of an action as a control."""
    made = _control(visit, choices, param.kind, value)
    made |= {"name": param.name, "label": param.label, "help": param.help or None, "errors": errors}
    made["required"] = param.required
    if param.many:
        made |= {"kind": "text", "help": param.help or "Several, with commas between them."}
    return made


def _control(visit: Visit, choices: Choices, kind: FieldKind, value: str) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": _KINDS[kind.name], "value": value}
    if kind.name == "choice":
        made["options"] = [{"value": shown(v, {}, kind), "label": label} for v, label in kind.choices]  # type: ignore[attr-defined]
    elif kind.name == "person":
        made["options"] = _with_current(choices.people(), value)
    elif kind.name == "product":
        made["options"] = _with_current(choices.products(), value)
    elif kind.name == "reference":
        made["suggestions"] = choices.records(kind.kind)  # type: ignore[attr-defined]
        made["placeholder"] = "Key or title"
    elif kind.name in ("number", "money"):
        made |= {"step": "1" if kind.whole else "any", "min": _limit(kind.low), "max": _limit(kind.high)}  # type: ignore[attr-defined]
        if kind.name == "money":
            made["before"] = visit.actor.workspace.currency
    elif kind.name == "flag":
        made["value"] = value == "true"
    elif kind.name == "moment":
        made["placeholder"] = "2026-11-22T09:30:00Z"
    return made


def _limit(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


def _with_current(options: list[dict[str, Any]], value: str) -> list[dict[str, Any]]:
    """The options, and the present value when it is no longer offered: somebody who left, an archived product."""
    if not value or any(o["value"] == value for o in options):
        return options
    return [*options, {"value": value, "label": "As it is (no longer here)"}]


# ---- values as controls hold them -------------------------------------------------------


def shown(value: Any, keys: Mapping[str, str], kind: FieldKind) -> str:
    """A value in its exchange form as the text of its control. ``keys`` maps ids of records to keys."""
    if value is None:
        return ""
    if kind.name == "reference":
        return keys.get(str(value), "")
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return value.isoformat() if isinstance(value, date) else str(value)


def reference_keys(actor: Actor, fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, str]:
    """Keys of the records that values refer to, as far as the reader may see them."""
    ids = [str(v) for f in fields if f.kind.name == "reference" and (v := values.get(f.name))]
    if not ids:
        return {}
    return {str(pk): key for pk, key in reach(actor, Card).filter(pk__in=ids).values_list("pk", "key")}


def posted(visit: Visit, fields: Iterable[Field | Param]) -> dict[str, str]:
    """The raw values that a form sent for these fields; what it did not ask for is absent."""
    found = {}
    for field in fields:
        if field.kind.name == "flag" and f"asked.{field.name}" in visit.sent:
            found[field.name] = visit.sent.get(field.name, "")
        elif field.name in visit.sent:
            found[field.name] = ",".join(visit.sent.getlist(field.name))
    return found


def problems_of(error: Invalid, labels: Mapping[str, str]) -> tuple[dict[str, list[str]], list[dict[str, str]]]:
    """Problems by field name, and as the summary at the head of the form."""
    by_name: dict[str, list[str]] = {}
    for problem in error.problems:
        by_name.setdefault(problem.field, []).append(problem.message)
    summary = [
        {"field_id": f"id_{p.field}" if p.field in labels else "", "label": labels.get(p.field, ""), "text": p.message}
        for p in error.problems
    ]
    return by_name, summary


# ---- readers of what is kept for named people -------------------------------------------


def readers_control(value: str, errors: list[str]) -> dict[str, Any]:
    """Who may read a record that is kept for named people."""
    return {
        "name": "readers",
        "label": "Named people",
        "kind": "text",
        "value": value,
        "errors": errors,
        "placeholder": "ana.silva, jo",
        "help": "Handles with commas between them. Counts only when it is kept for named people.",
    }


def readers_of(actor: Actor, card_id: Any) -> str:
    """Handles of the named readers of a record in reach."""
    near, params = reach_sql(actor, "c")
    found = rows.fetch(
        "SELECT m.handle FROM kernel_reader r JOIN kernel_card c ON c.id = r.card_id"
        f" JOIN kernel_member m ON m.id = r.member_id WHERE r.workspace_id = %s AND r.card_id = %s AND {near}"
        " ORDER BY m.handle",
        [actor.workspace_id, card_id, *params],
    )
    return ", ".join(handle for (handle,) in found)


def today() -> str:
    """Today, as a date control writes it."""
    return datetime.now(UTC).date().isoformat()


def label_of(declared: RecordType, new: bool) -> str:
    """What the page of a form is called."""
    return f"New {wording.lower_first(declared.label)}" if new else f"Edit {wording.lower_first(declared.label)}"
