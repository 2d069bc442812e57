"""Values for fields that no test here knows by name."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from threadline.kernel import fields, verbs
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.records import Record
from threadline.kernel.registry import Field, RecordType, type_of
from threadline.kernel.testing import World, fresh

# Set by verbs and rules of their own; what holds for them is tested with those.
SPECIAL = frozenset({"state", "confidentiality", "source", "source_id"})


def plain_fields(declared: RecordType) -> list[Field]:
    """The fields that anybody who may update can set to anything of their kind."""
    return [f for f in declared.by_name.values() if not f.readonly and f.name not in SPECIAL]


def raw_values(world: World, field: Field, actor: Actor | None = None) -> list[Any]:
    """Raw values of the field's kind, likely ones first; a rule may refuse some of them."""
    kind, who = field.kind, actor or world.pm
    if isinstance(kind, fields.Reference):
        return [str(world.make(kind.kind, who).pk)]
    if isinstance(kind, fields.Number):
        edges = [n for n in (kind.high, kind.low) if n is not None]
        inside = [n for n in (7, 50, 3, 2, 1, 0.5) if (kind.low or n) <= n <= (kind.high or n)]
        return [n for n in (*inside, *edges) if not (getattr(kind, "whole", False) and n != int(n))]
    if isinstance(kind, fields.Choice):
        return [value for value, _ in reversed(kind.choices)]
    simple: dict[type[fields.FieldKind], list[Any]] = {
        fields.Day: ["2026-05-06", "2025-05-06"],
        fields.Moment: ["2026-05-06T07:08:09Z"],
        fields.Flag: [True, False],
        fields.Email: ["other@customer.example"],
        fields.Web: ["https://customer.example/other"],
        fields.Person: [str(world.owner.member_id if who.workspace_id == world.north.pk else who.member_id)],
        fields.ProductRef: [str(world.product("Other", who.workspace.slug).pk)],
    }
    return simple.get(type(kind), [f"Another {field.label.lower()}"])


def change(world: World, record: Record, field: Field, actor: Actor | None = None) -> Any:
    """Give one field of a record another value through the door; returns the record as it then stands."""
    before = getattr(fresh(record), field.attname)
    refusals = []
    for raw in raw_values(world, field, actor):
        try:
            with transaction.atomic():
                made = verbs.update(actor or world.pm, record.kind, record.pk, {field.name: raw})
        except Invalid as refused:
            refusals.append(f"{raw!r}: {refused}")
            continue
        if getattr(made, field.attname) != before:
            return made
    raise AssertionError(f"no value was taken for {record.kind}.{field.name}: {refusals}")


def full(world: World, declared: RecordType, actor: Actor | None = None) -> Any:
    """A record with every plain field filled."""
    return world.make(declared.kind, actor, **world.sample(declared.kind, actor))


def citation(world: World, declared: RecordType) -> tuple[str, str] | None:
    """A citation the type may make, as (kind of link, kind of the record cited); None when it makes none."""
    return next(((cite.name, to) for cite in declared.cites for to in cite.to), None)


def citing_pairs(declared: RecordType) -> list[tuple[str, RecordType]]:
    """Every (kind of link, cited type) that the type declares."""
    return [(cite.name, type_of(to)) for cite in declared.cites for to in cite.to]
