"""The OpenAPI 3.1 document, made from the registry, the actions and the declared endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from threadline.exchange.exporting import FORMATS
from threadline.faces.api.endpoints import BYTES, ENDPOINTS, FILE, UPLOAD, Endpoint, Part
from threadline.faces.api.exchange import MEDIA
from threadline.faces.api.problems import KNOWN
from threadline.faces.api.schemas import ID, NAMED, TEXT, Schema, asked, described, listed, maybe, ref
from threadline.faces.api.typeschemas import name_of, schemas_of
from threadline.kernel.access import Actor
from threadline.kernel.actions import Action, actions_on
from threadline.kernel.registry import RecordType, kinds

VERSION = "1.0"
_ABOUT = """\
Every record type has the same paths. Lists take the query language of the pages (q=state:planned owner:me)
and go on by cursor. Writes may say why, may carry an Idempotency-Key (POST), and should carry the ETag they
read as If-Match. Errors are RFC 9457 problems; what is not yours looks exactly like what is not there.
Send a key as Authorization: Bearer, or be signed in; a key belongs to one workspace. The RateLimit fields say
what is left: a read costs 1 unit, a write 5, each item of a bulk write 1 more; every web process counts for itself."""
_SECTIONS = {
    "thread": ("The thread", "Citations, remarks, tags and history, which hang on records of every type."),
    "desk": ("Your desk", "Search, notifications, keys, batches, and the stream of changes."),
    "exchange": ("Files", "Records in and out of CSV, XLSX and JSON: send, match, look, start, undo."),
    "house": ("The house", "The workspace around the records."),
}
_ANSWERS = {
    200: "Done.", 201: "Made.", 204: "Done; nothing to say.", 207: "Some items failed.", 304: "As you know it.",
    422: "Every item failed.",
}  # fmt: skip
_SLOT = re.compile(r"<(?:\w+):(\w+)>")


def openapi_document(actor: Actor | None = None) -> dict[str, Any]:
    """The document; for an actor, with the fields that their workspace added and they may read."""
    return _built(actor) if actor is not None else _for_everybody()


@cache
def _for_everybody() -> dict[str, Any]:
    return _built(None)


def _built(actor: Actor | None) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for one in ENDPOINTS:
        for where, method, operation in _operations(one):
            paths.setdefault(where, {})[method] = operation
    paths["/events/stream"] = {"get": _live()}
    schemas = {**NAMED, **{name: schema for declared in kinds() for name, schema in schemas_of(actor, declared)}}
    types = [{"name": t.plural, "description": t.about} for t in kinds()]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Threadline API", "version": VERSION, "description": " ".join(_ABOUT.split())},
        "servers": [{"url": f"{settings.BASE_URL}/api/v1"}],
        "tags": [*types, *({"name": name, "description": text} for name, text in _SECTIONS.values())],
        "security": [{"key": []}, {"session": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas,
            "responses": {"Problem": _refused()},
            "headers": {
                "ETag": {"description": "The version, for If-Match and If-None-Match.", "schema": TEXT},
                "RateLimit": {"description": "Units left, and seconds until all are back.", "schema": TEXT},
                "Threadline-Batch": {"description": "What to undo this by.", "schema": TEXT},
            },
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "tl_ and so on, from POST /tokens."},
                "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME,
                            "description": "A signed-in browser; writes also need X-CSRFToken."},
            },
        },
    }  # fmt: skip


def _refused() -> dict[str, Any]:
    words = "; ".join(f"{status} {title.lower()}" for status, (_, title) in KNOWN.items() if status < 500)
    return {
        "description": f"Refused: {words}.",
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }


# ---- operations -------------------------------------------------------------------------


def _operations(one: Endpoint) -> Iterator[tuple[str, str, dict[str, Any]]]:
    method = one.method.lower()
    if "<records:" not in one.path:
        yield _path(one), method, _operation(one, _SECTIONS[one.section][0])
        return
    for declared in kinds():
        if "<verb:" not in one.path:
            yield _path(one, declared), method, _operation(one, declared.plural, declared)
            continue
        for act in actions_on(declared.kind):
            yield _path(one, declared, act), method, _operation(one, declared.plural, declared, act)


def _path(one: Endpoint, declared: RecordType | None = None, act: Action[Any] | None = None) -> str:
    path = one.path
    if declared is not None:
        path = path.replace("<records:declared>", declared.path)
    if act is not None:
        path = path.replace("<verb:action>", act.name)
    return "/" + _SLOT.sub(r"{\1}", path)


def _operation(
    one: Endpoint, tag: str, declared: RecordType | None = None, act: Action[Any] | None = None
) -> dict[str, Any]:
    words = {"action": act.label if act else ""}
    if declared is not None:
        words |= {"label": declared.label.lower(), "plural": declared.plural.lower(), "Type": name_of(declared)}
    words["Result"] = "AnyRecord"
    name = act.name if act else one.run.__name__
    found: dict[str, Any] = {
        "operationId": f"{declared.kind}_{name}" if declared else name,
        "tags": [tag],
        "summary": one.summary.format(**words),
        "description": act.help if act else one.help,
        "parameters": [*_parameters(one), *_slots(_path(one, declared, act))],
        "responses": _responses(one, words),
    }
    body = _body(one, words, act)
    if body is not None:
        found["requestBody"] = body
    if one.public:
        found["security"] = [{"key": []}, {"session": []}, {}]
    return found


def _slots(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", path):
        schema = ID if name == "ident" else {**TEXT, "pattern": "^[A-Za-z0-9-]{1,40}$"}
        text = "An id." if name == "ident" else "A key, such as F-112, or an id."
        yield {"name": name, "in": "path", "required": True, "schema": schema, "description": text}


def _parameters(one: Endpoint) -> Iterator[dict[str, Any]]:
    for part in one.parameters.values():
        yield {
            "name": part.name,
            "in": "query",
            "required": part.required,
            "description": part.help,
            "schema": _plain(part),
            **({"style": "form", "explode": False} if part.many else {}),
        }
    if one.matches:
        yield {"name": "If-Match", "in": "header", "description": "The ETag that was read.", "schema": TEXT}
    if one.method == "POST":
        text = "Sent again within a day, the same request acts once and gets the same answer."
        yield {"name": "Idempotency-Key", "in": "header", "description": text, "schema": {**TEXT, "maxLength": 200}}


def _plain(part: Part) -> Schema:
    """A parameter's schema: there is no null in a query string."""
    schema = asked(part.kind)
    if isinstance(schema.get("type"), list):
        schema = {**schema, "type": schema["type"][0]}
    if "enum" in schema:
        schema = {**schema, "enum": [v for v in schema["enum"] if v is not None]}
    if part.default is not None:
        schema = {**schema, "default": part.default}
    return listed(schema) if part.many else schema


def _body(one: Endpoint, words: dict[str, str], act: Action[Any] | None) -> dict[str, Any] | None:
    if one.body is None:
        return None
    if one.body == FILE:
        binary: Schema = {"type": "string", "format": "binary"}
        return {"required": True, "content": {kind: {"schema": binary} for kind in sorted(MEDIA)}}
    if one.body == UPLOAD:
        part = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
        whole = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        return {"required": True, "content": {"multipart/form-data": {"schema": part}, **whole}}
    if act is not None:
        members = {
            p.name: described(listed(asked(p.kind)) if p.many else asked(p.kind), p.help or p.label) for p in act.params
        }
        needed = [p.name for p in act.params if p.required]
    elif isinstance(one.body, str):
        return {"required": True, "content": {"application/json": {"schema": ref(one.body.format(**words))}}}
    else:
        members = {
            p.name: described(p.schema or (maybe(listed(asked(p.kind))) if p.many else asked(p.kind)), p.help)
            for p in one.body
        }
        needed = [p.name for p in one.body if p.required]
    schema: Schema = {"type": "object", "properties": members, "additionalProperties": False}
    if needed:
        schema["required"] = needed
    return {"required": bool(needed), "content": {"application/json": {"schema": schema}}}


def _responses(one: Endpoint, words: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, name in one.answers.items():
        answer: dict[str, Any] = {"description": _ANSWERS[status]}
        if name == FILE:
            answer["content"] = {kind: {"schema": {}} for kind in FORMATS.values()}
        elif name == BYTES:
            answer["content"] = {kind: {"schema": {}} for kind in ("application/octet-stream", "image/*")}
        elif name:
            answer["content"] = {
                "application/json": {"schema": ref(name.format(**words)) if name != "Document" else {"type": "object"}}
            }
        if name in ("{Type}", "{Result}"):
            answer["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
        if status == 422:
            answer["content"]["application/problem+json"] = {"schema": ref("Problem")}
        found[str(status)] = answer
    found["4XX"] = {"$ref": "#/components/responses/Problem"}
    return found


def _live() -> dict[str, Any]:
    base = urlsplit(settings.BASE_URL)
    place = settings.EVENTS_URL or f"{base.scheme}://{base.hostname}:{settings.EVENTS_PORT}"
    return {
        "operationId": "live_events",
        "tags": [_SECTIONS["desk"][0]],
        "summary": "Follow changes live",
        "description": "Server-sent events on a port of their own: each event 'change' holds a Headline. Reconnecting"
        " with Last-Event-ID sends what was missed; an event 'reset' says that too much was: read the lists anew.",
        "servers": [{"url": f"{place}/api/v1"}],
        "parameters": [
            {
                "name": "Last-Event-ID",
                "in": "header",
                "description": "The id of the last event received.",
                "schema": TEXT,
            },
            {"name": "workspace", "in": "query", "description": "The workspace's short name.", "schema": TEXT},
        ],
        "responses": {
            "200": {"description": "A stream that does not end.", "content": {"text/event-stream": {"schema": TEXT}}},
            "4XX": {"$ref": "#/components/responses/Problem"},
        },
    }
