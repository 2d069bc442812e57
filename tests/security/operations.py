"""The API as its OpenAPI document lists it, and bodies that it accepts, found by asking."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from tests.security.attack import Outcome, send, taken_back
from tests.security.scene import Scene
from threadline.faces.api import urls
from threadline.faces.api.openapi import openapi_document
from threadline.kernel.members import Member, Role
from threadline.kernel.registry import kinds

assert urls.urlpatterns  # importing them declares the operations
ROOT = "/api/v1"
NONSENSE = "no such thing as this"
MOST_TRIES = 250


@dataclass(frozen=True)
class Operation:
    """One method of one path; ``body`` is the schema of what it takes, if it takes something."""

    method: str
    path: str
    words: dict[str, Any] = field(hash=False, compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def slots(self) -> list[str]:
        """The parts of the path that are filled in."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of its body."""
        asked = self.words.get("requestBody", {"content": {}})["content"].get("application/json")
        schema = whole(asked["schema"]) if asked else {}
        return schema if "properties" in schema else None

    @property
    def file(self) -> bool:
        """Whether its body is a file."""
        return self.body is None and "requestBody" in self.words

    @property
    def public(self) -> bool:
        """Whether somebody without credentials may call it."""
        return {} in self.words.get("security", ())

    def at(self, **values: str) -> str:
        """Its address."""
        place = ROOT + re.sub(r"\{(\w+)\}", lambda m: values[m[1]], self.path)
        needed = [p for p in self.words["parameters"] if p["in"] == "query" and p["required"]]
        asked = urlencode({p["name"]: p["schema"].get("enum", ["some"])[0] for p in needed})
        return f"{place}?{asked}" if asked else place


def whole(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference, if it is one, followed."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return openapi_document()["components"]["schemas"][name] if name else schema


def operations() -> list[Operation]:
    """Every operation of this server's own port."""
    return [
        Operation(method.upper(), path, words)
        for path, methods in openapi_document()["paths"].items()
        for method, words in methods.items()
        if "servers" not in words
    ]


@dataclass
class Caller:
    """Somebody who calls the API with a key, or signed in with a browser."""

    client: Client
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, address: str, body: Any = None) -> Outcome:
        """Call, look at what it did, and undo it."""
        data, kind = _coded(body)
        return send(self.client, method, address, data, headers=self.headers, **kind)


def _coded(body: Any) -> tuple[Any, dict[str, str]]:
    if body is None:
        return None, {}
    if isinstance(body, bytes):
        return body, {"content_type": "text/csv"}
    return json.dumps(body), {"content_type": "application/json"}


_KEYED = Client()  # a key needs no cookies; a client of its own would set up all middleware each time


def with_key(key: str, **headers: str) -> Caller:
    """Whoever holds a key."""
    return Caller(_KEYED, {"Authorization": f"Bearer {key}", **headers})


def status_of(caller: Caller, method: str, address: str, body: Any = None) -> int:
    """What a call is answered with; whatever it did is undone unseen."""
    data, kind = _coded(body)
    with taken_back():
        call = getattr(caller.client, method.lower())
        return int(
            call(address, **({} if data is None else {"data": data}), headers=caller.headers, **kind).status_code
        )


class Acquainted:
    """What North's owner has found out about each operation: where it answers, what it takes."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.owner = with_key(scene.keys["owner"])
        # Made now, not inside a test: some need a record of another type to stand.
        self._needed = {t.kind: scene.world.needed(t.kind) for t in kinds()}
        self._where: dict[Operation, dict[str, str] | None] = {}
        self._bodies: dict[Operation, dict[str, Any] | None] = {}
        self._took: dict[str, list[str]] = {}

    def where(self, one: Operation) -> dict[str, str] | None:
        """Values for its path with which it is not "not found"; None when there are none."""
        if one not in self._where:
            self._where[one] = next(self._places(one), None)
        return self._where[one]

    def _places(self, one: Operation) -> Iterator[dict[str, str]]:
        if not one.slots:
            yield {}
            return
        kind = next((t.kind for t in kinds() if one.path.startswith(f"/{t.path}/")), None)
        if kind is not None:
            yield dict.fromkeys(one.slots, self.scene.north.full[kind].key)
            return
        body = self.something(one)
        for value in self.scene.some_of_north():
            values = dict.fromkeys(one.slots, value)
            if status_of(self.owner, one.method, one.at(**values), body) not in (404, 405):
                yield values
                return

    # ---- bodies ---------------------------------------------------------------------------

    def something(self, one: Operation) -> Any:
        """A body to attack with: one that is accepted if it is known, else one of the right types, or a file."""
        if one.file:
            return b"title\nSome words\n"
        if one.method in ("GET", "DELETE"):
            return None
        return self._bodies.get(one) or self.simple(one)

    def simple(self, one: Operation) -> dict[str, Any]:
        """A body with a value of the right type for everything that is needed."""
        schema = one.body or {}
        return {n: self._values(schema["properties"][n])[0] for n in schema.get("required", ())}

    def body(self, one: Operation) -> dict[str, Any] | None:
        """The least body that is accepted, found by mending what the answer complains of."""
        if one not in self._bodies:
            self._bodies[one] = self._accepted(one) if one.body is not None else None
        return self._bodies[one]

    def _accepted(self, one: Operation) -> dict[str, Any] | None:
        where, schema = self.where(one), one.body or {}
        if where is None:
            return None
        for declared in kinds() if one.method == "POST" else ():
            if one.path == f"/{declared.path}":
                return dict(self._needed[declared.kind])
            if one.path == f"/{declared.path}/{{ref}}/links":
                pairs = [(cite.name, to) for cite in declared.cites for to in cite.to]
                return next(({"kind": n, "target": self.scene.north.bare[to].key} for n, to in pairs), None)
        made = self.simple(one)
        choices = {n: self._values(part) for n, part in schema.get("properties", {}).items()}
        at = dict.fromkeys(choices, 0)
        for _ in range(MOST_TRIES):
            told = self.owner.send(one.method, one.at(**where), made)
            if told.status < 400:
                return made
            wrong = [e.get("pointer", "").removeprefix("/").partition("/")[0] for e in _errors(told)]
            named = [n for n in wrong if n in choices] or list(made)
            name = next((n for n in named if at[n] + 1 < len(choices[n])), None)
            if name is None or told.status not in (404, 422):
                return None
            at[name] += 1
            made[name] = choices[name][at[name]]
        return None

    def _values(self, schema: dict[str, Any]) -> list[Any]:
        schema = whole(schema)
        if "anyOf" in schema:
            schema = whole(schema["anyOf"][0])
        kind = schema.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if "enum" in schema:
            return [v for v in schema["enum"] if v not in (None, "")]
        if kind == "array":
            return [[v] for v in self._values(schema["items"])]
        simple: dict[str, list[Any]] = {
            "integer": [max(schema.get("minimum", 1), 1)],
            "number": [1],
            "boolean": [True, False],
            "object": [{}],
        }
        if kind in simple:
            return simple[kind]
        by_format: dict[str, list[Any]] = {"date": ["2026-03-04"], "date-time": ["2026-03-04T05:06:07Z"]}
        return by_format.get(schema.get("format", ""), ["some words", *_NAMES, *self.references()])

    def references(self) -> list[str]:
        """What could stand for something of North's: a key of each type, an id of each table, names of people."""
        if not hasattr(self, "_references"):
            place = self.scene.north
            keys = [place.bare[t.kind].key for t in kinds()]
            ids = [str(ids[-1]) for ids in place.rows().values() if ids]
            person = Member.objects.select_related("user").get(pk=self.scene.world.viewer.member_id)
            self._references = [*keys, person.handle, *ids]
        return self._references

    def likely(self, name: str) -> list[str]:
        """All of these, and before the others what a property of this name took of late."""
        return list(dict.fromkeys([*self._took.get(name, ()), *self.references()]))

    def took(self, name: str, value: str | None) -> None:
        """Remember what a property took."""
        if value is not None:
            self._took[name] = list(dict.fromkeys([value, *self._took.get(name, ())]))

    def foreign(self, value: str) -> list[str]:
        """The same of South's."""
        person = self.scene.world.stranger.member
        if value == self.scene.world.viewer.member.handle:
            return [person.handle, person.user.email, person.name]
        return self.scene.twins(value)


_NAMES = [*(str(r) for r in Role.values), *(t.kind for t in kinds()), *(c for t in kinds() for c in t.cite_by_name),
          "text", "someone@else.example", "read", "update", "EUR", "state:none"]  # fmt: skip


def _errors(told: Outcome) -> list[dict[str, Any]]:
    try:
        return list(json.loads(told.body).get("errors", []))
    except (ValueError, AttributeError):
        return []
