"""JSON Schemas: of fields by their kind, and of everything that :mod:`shapes` makes."""

from __future__ import annotations

from typing import Any

from threadline.kernel import fields
from threadline.kernel.fields import FieldKind

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """A reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """The schema, or null."""
    if isinstance(schema.get("type"), str):
        found = {**schema, "type": [schema["type"], "null"]}
        return {**found, "enum": [*schema["enum"], None]} if "enum" in schema else found
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema) -> Schema:
    """A list of them."""
    return {"type": "array", "items": schema}


def thing(**members: Schema) -> Schema:
    """An object with exactly these members, all present."""
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def described(schema: Schema, text: str) -> Schema:
    """The schema with a sentence for people."""
    return {**schema, "description": text} if text else schema


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ID: Schema = {"type": "string", "format": "uuid"}
ANYTHING: Schema = {"type": "object"}


# ---- fields by kind ---------------------------------------------------------------------


def shown(kind: FieldKind | None, *, own: bool = False) -> Schema:
    """How a field of this kind looks in an answer; ``own`` ones are kept as plain values."""
    if kind is None:
        return maybe(NUMBER)
    if isinstance(kind, fields.Number):
        return maybe(WHOLE if kind.whole else NUMBER)
    if isinstance(kind, fields.Choice):
        return {"enum": [*(value for value, _ in kind.choices), "", None]}
    if kind.name in ("person", "product") and not own:
        return maybe(ref("Named"))
    if kind.name == "reference" and not own:
        return maybe(ref("RecordRef"))
    return maybe({"flag": FLAG, "date": DAY, "moment": MOMENT}.get(kind.name, TEXT))


def asked(kind: FieldKind) -> Schema:
    """What a field of this kind is sent as; null empties it."""
    if isinstance(kind, fields.Number):
        limits = {"minimum": kind.low, "maximum": kind.high}
        return maybe({**(WHOLE if kind.whole else NUMBER), **{k: v for k, v in limits.items() if v is not None}})
    if kind.name == "choice":
        values = [value for value, _ in kind.choices]  # type: ignore[attr-defined]
        return {"enum": [*values, None]}
    if kind.name in ("person", "product", "reference"):
        return maybe({**TEXT, "description": _SENT_AS[kind.name]})
    if kind.name in ("flag", "date", "moment"):
        return maybe({"flag": FLAG, "date": DAY, "moment": MOMENT}[kind.name])
    return maybe({**TEXT, "maxLength": kind.longest})


_SENT_AS = {
    "person": "An id, handle, mail address or full name, or me.",
    "product": "An id, short name or name.",
    "reference": "A key, such as F-112, or an id.",
}


# ---- everything beside the records ------------------------------------------------------

_PERSON = maybe(ref("Named"))
_CHANGES: Schema = {"type": "object", "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2}}
_END = thing(id=ID, kind=TEXT, key=TEXT, title=TEXT, state=TEXT, archived=FLAG)
_TARGET = thing(id=ID, kind=TEXT, key=TEXT, title=TEXT, state=TEXT, archived=FLAG, revision=WHOLE)
_CONFIDENTIAL: Schema = {"type": "string", "format": "email"}
_MEMBER: dict[str, Schema] = {"id": ID, "name": TEXT, "handle": TEXT, "role": TEXT, "job_title": TEXT}
_TOKEN = {
    "id": ID,
    "name": TEXT,
    "kind": TEXT,
    "prefix": TEXT,
    "scopes": listed(TEXT),
    "member": _PERSON,
    "created_at": MOMENT,
    "expires_at": maybe(MOMENT),
    "last_used_on": maybe(DAY),
    "works": FLAG,
}
_HEADLINE = {
    "id": ID,
    "at": MOMENT,
    "kind": TEXT,
    "record": maybe(thing(id=ID, key=TEXT)),
    "action": TEXT,
    "who": _PERSON,
    "face": TEXT,
    "fields": listed(TEXT),
    "version": WHOLE,
    "revision": WHOLE,
}


_IMPORT = thing(
    id=ID,
    kind=TEXT,
    source=TEXT,
    file_name=TEXT,
    size=WHOLE,
    state=TEXT,
    mapping=ANYTHING,
    report=ANYTHING,
    counts=ANYTHING,
    error=TEXT,
    batch=ID,
    created_at=MOMENT,
    finished_at=maybe(MOMENT),
)

NAMED: dict[str, Schema] = {
    "Import": _IMPORT,
    "Named": thing(id=ID, name=TEXT),
    "RecordRef": thing(id=ID, key=TEXT, title=TEXT),
    "CitedRef": thing(key=TEXT, title=TEXT),
    "Count": thing(value=WHOLE, exact=FLAG),
    "Comment": thing(id=ID, author=_PERSON, body=TEXT, created_at=MOMENT, edited_at=maybe(MOMENT)),
    "Link": thing(
        id=ID, kind=TEXT, source=_END, target=_TARGET, quote=TEXT, weight=WHOLE, seen_revision=WHOLE, suspect=FLAG,
        created_at=MOMENT, confirmed_at=maybe(MOMENT),
    ),
    "Node": thing(
        id=ID, kind=TEXT, key=TEXT, title=TEXT, state=TEXT, archived=FLAG,
        link=thing(id=ID, kind=TEXT, quote=TEXT, weight=WHOLE, suspect=FLAG), children=listed(ref("Node")),
    ),
    "Step": thing(
        id=ID, at=MOMENT, who=TEXT, face=TEXT, action=TEXT, why=TEXT, changes=_CHANGES, version=WHOLE, batch=ID
    ),
    "Event": thing(**_HEADLINE, why=TEXT, changes=_CHANGES, batch=ID),
    "Headline": thing(**_HEADLINE),
    "Suspect": thing(
        link=ID, link_kind=TEXT, source=thing(kind=TEXT, key=TEXT, title=TEXT),
        target=thing(id=ID, kind=TEXT, key=TEXT, title=TEXT), seen_revision=WHOLE, revision=WHOLE, quote=TEXT,
        good_until=maybe(DAY),
    ),
    "Hit": thing(id=ID, kind=TEXT, key=TEXT, title=TEXT, state=TEXT, updated_at=MOMENT, excerpt=TEXT),
    "File": thing(id=ID, name=TEXT, content_type=TEXT, size=WHOLE, sha256=TEXT, added_at=MOMENT),
    "TagNames": thing(tags=listed(TEXT)),
    "Watching": thing(watching=FLAG),
    "Me": thing(
        member=thing(**_MEMBER, email=_CONFIDENTIAL),
        workspace=thing(id=ID, slug=TEXT, name=TEXT, currency=TEXT),
        scopes=listed(TEXT),
        may={"type": "object", "additionalProperties": listed(TEXT)},
    ),
    "Member": {**thing(**_MEMBER, email=_CONFIDENTIAL), "required": list(_MEMBER)},
    "Invitation": thing(id=ID, email=_CONFIDENTIAL, role=TEXT, created_at=MOMENT, expires_at=MOMENT),
    "Product": thing(id=ID, name=TEXT, slug=TEXT, parent=maybe(ID), position=WHOLE, archived=FLAG),
    "Team": thing(id=ID, name=TEXT, members=listed(thing(id=ID, name=TEXT)), products=listed(ID)),
    "Workspace": thing(id=ID, slug=TEXT, name=TEXT, currency=TEXT),
    "Tag": thing(id=ID, name=TEXT),
    "View": thing(
        id=ID, kind=TEXT, name=TEXT, query=TEXT, columns=listed(TEXT), owner=ID, shared=FLAG, position=WHOLE
    ),
    "OwnField": thing(
        id=ID, kind=TEXT, name=TEXT, label=TEXT, type=TEXT, choices=listed(TEXT), position=WHOLE, archived=FLAG
    ),
    "Notification": thing(
        id=ID, reason=TEXT, who=TEXT, record=_END, created_at=MOMENT, read_at=maybe(MOMENT)
    ),
    "Read": thing(read=WHOLE),
    "Token": thing(**_TOKEN),
    "NewToken": thing(**_TOKEN, token=TEXT),
    "Batch": thing(id=ID, label=TEXT, member=maybe(ID), created_at=MOMENT, undone_at=maybe(MOMENT)),
    "Undone": thing(batch=ID, reversed=WHOLE, kept=listed(TEXT)),
    "AnyRecord": {
        **thing(id=ID, key=TEXT, kind=TEXT, version=WHOLE, revision=WHOLE),
        "additionalProperties": True,
    },
    "BulkItem": {
        "type": "object",
        "properties": {
            "ref": TEXT, "values": ANYTHING, "arguments": ANYTHING, "expect": WHOLE,
            "cites": listed(ANYTHING), "readers": listed(TEXT),
        },
        "additionalProperties": False,
    },
    "BulkResult": thing(
        batch=ID,
        succeeded=WHOLE,
        failed=WHOLE,
        results=listed({
            "type": "object",
            "properties": {
                "index": WHOLE, "status": WHOLE, "id": ID, "key": TEXT, "version": WHOLE, "problem": ref("Problem"),
            },
            "required": ["index", "status"],
            "additionalProperties": False,
        }),
    ),
    "Problem": {
        "type": "object",
        "description": "RFC 9457.",
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": WHOLE,
            "detail": TEXT,
            "current_version": {**WHOLE, "description": "What stands now, after a lost race."},
            "request_id": TEXT,
            "errors": listed({
                "type": "object",
                "properties": {
                    "pointer": {**TEXT, "description": "RFC 6901, into the body."},
                    "parameter": TEXT,
                    "header": TEXT,
                    "position": {**WHOLE, "description": "The character of the query."},
                    "detail": TEXT,
                    "instead": {**TEXT, "description": "The action that leads there and asks for what is missing."},
                },
                "required": ["detail"],
                "additionalProperties": False,
            }),
        },
        "required": ["type", "title", "status"],
        "additionalProperties": False,
    },
}  # fmt: skip
for _name in ("Link", "Suspect", "Comment", "Step", "Member", "Invitation", "Product", "Tag", "View", "OwnField", "Hit",
              "Notification", "Token", "Batch", "Event", "Import", "File", "Team"):  # fmt: skip
    NAMED[f"{_name}Page"] = thing(data=listed(ref(_name)), next_cursor=maybe(TEXT), has_more=FLAG)
