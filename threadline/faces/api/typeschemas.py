"""JSON Schemas of the record types: as they are read, listed, made and changed."""

from __future__ import annotations

from collections.abc import Iterator

from threadline.faces.api import including
from threadline.faces.api.schemas import (
    FLAG,
    ID,
    MOMENT,
    NAMED,
    TEXT,
    WHOLE,
    Schema,
    asked,
    described,
    listed,
    maybe,
    ref,
    shown,
    thing,
)
from threadline.kernel.access import Actor
from threadline.kernel.customs import all_fields
from threadline.kernel.registry import Field, RecordType


def name_of(declared: RecordType) -> str:
    """The type's name among the schemas: KeyResult."""
    return "".join(part.capitalize() for part in declared.kind.split("_"))


def schemas_of(actor: Actor | None, declared: RecordType) -> Iterator[tuple[str, Schema]]:
    """The named schemas of one type; for an actor, with the fields that they may read."""
    name = name_of(declared)
    known = all_fields(actor, declared) if actor is not None else declared.by_name
    members = {f.name: described(shown(f.kind, own=f.custom), _about(f)) for f in known.values()}
    computed = [
        c for c in declared.computed if actor is None or not c.private or actor.may("read_private", declared.group)
    ]
    members |= {c.name: described(shown(c.kind), c.help or c.label) for c in computed}
    members |= {c.name: described(maybe(ref("CitedRef")), f"{c.label}: the first one cited.") for c in declared.cites}
    about = {"id": ID, "key": TEXT, "kind": {"const": declared.kind}, "version": WHOLE, "revision": WHOLE}
    extra: dict[str, Schema] = {
        "tags": listed(TEXT),
        "archived_at": maybe(MOMENT),
        "as_of": MOMENT,
        "values": {"type": "object"},
        "links": listed({"type": "object"}),
        "included": ref("Included"),
    }
    yield (
        name,
        {
            "type": "object",
            "description": declared.about,
            "properties": {**about, **members, **extra},
            "required": list(about),
            # A workspace's own fields are known only to its members.
            "additionalProperties": actor is None,
        },
    )
    yield (
        f"{name}Page",
        {
            **thing(data=listed(ref(name)), next_cursor=maybe(TEXT), has_more=FLAG, count=ref("Count")),
            "required": ["data", "next_cursor", "has_more"],
        },
    )
    yield from _written(declared, name, list(known.values()), strict=actor is not None)


def _written(declared: RecordType, name: str, known: list[Field], *, strict: bool) -> Iterator[tuple[str, Schema]]:
    members = {f.name: described(asked(f.kind), _about(f)) for f in known if not f.readonly}
    needed = [f.name for f in known if f.required and not f.readonly and f.name != "title"]
    update: Schema = {"type": "object", "properties": members, "additionalProperties": not strict}
    cite = {"kind": {"enum": [c.name for c in declared.cites]}, "target": TEXT, "quote": TEXT, "weight": WHOLE}
    cites = {"type": "object", "properties": cite, "required": ["kind", "target"], "additionalProperties": False}
    create = {**update, "properties": {**members, "readers": listed(TEXT)}, "required": needed}
    if declared.cites:
        create["properties"]["cites"] = listed(cites)
    yield f"{name}Update", update
    yield f"{name}Create", create


def _about(field: Field) -> str:
    unit = f" ({field.unit})" if field.unit else ""
    text = f"{field.label}{unit}. {field.help}".strip()
    return f"{text} Only for those who may read it." if field.private else text


NAMED["Included"] = {
    "type": "object",
    "properties": {
        "links": listed(ref("Link")),
        "comments": listed(ref("Comment")),
        "tags": listed(TEXT),
        "why": listed(ref("Node")),
        "came": listed(ref("Node")),
        "history": listed(ref("Step")),
        "files": listed(ref("File")),
        "suspects": listed(ref("Suspect")),
        "actions": listed(TEXT),
        "answers": {
            "type": "object",
            "description": "What the type can say beyond its fields, such as a score with its range, by name.",
        },
    },
    "additionalProperties": False,
}
assert NAMED["Included"]["properties"].keys() == including.PARTS.keys()
