"""The document is valid, names every address, and tells the truth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as limits
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode, checks

from threadline.faces.api import urls
from threadline.faces.api.calls import Resource
from threadline.faces.api.endpoints import ENDPOINTS
from threadline.faces.api.openapi import openapi_document
from threadline.faces.api.tests.asking import Answer, Api
from threadline.kernel import verbs
from threadline.kernel.actions import actions_on
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.testing import World

MakeApi = Callable[..., Api]


@pytest.mark.weighty
@pytest.mark.django_db
def test_the_document_is_valid_for_everybody(world: World, api: MakeApi) -> None:
    nobodys, mine = Api().get("openapi.json").json, api().get("openapi.json").json
    assert as_read(openapi_document()) == nobodys
    assert as_read(openapi_document(world.pm)) == mine
    for document in (nobodys, mine):
        assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def as_read(document: dict[str, Any]) -> Any:
    return json.loads(json.dumps(document))


def test_every_address_and_method_is_in_it() -> None:
    paths = openapi_document()["paths"]
    assert len(ENDPOINTS) == sum(len(p.callback.by_method) for p in urls.urlpatterns)
    for pattern in urls.urlpatterns:
        resource = pattern.callback
        assert isinstance(resource, Resource)
        for where in expanded(str(pattern.pattern)):
            assert {m.lower() for m in resource.by_method} <= paths[where].keys(), where


def expanded(route: str) -> Iterator[str]:
    for declared in kinds():
        named = route.replace("<records:declared>", declared.path)
        verbs_here = [a.name for a in actions_on(declared.kind)] if "<verb" in route else [""]
        for name in verbs_here:
            yield "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", named.replace("<verb:action>", name))


def test_names_of_operations_are_used_once_and_all_are_explained() -> None:
    operations = [o for methods in openapi_document()["paths"].values() for o in methods.values()]
    names = [o["operationId"] for o in operations]
    assert len(set(names)) == len(names)
    assert all(o["summary"] and o["description"] for o in operations)


def test_a_record_type_takes_no_address_of_the_house() -> None:
    fixed = {str(p.pattern).partition("/")[0] for p in urls.urlpatterns} - {"<records:declared>"}
    assert fixed.isdisjoint({t.path for t in kinds()})


# ---- the answers are what it says -------------------------------------------------------


class Truth:
    """Checks answers against the document of whoever asks."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def check(self, answer: Answer, method: str, path: str) -> None:
        said = self.document["paths"][path][method]["responses"]
        found = said.get(str(answer.status)) or self.document["components"]["responses"]["Problem"]
        kind = answer.headers.get("Content-Type")
        if kind is None:
            assert "content" not in found
            return
        schema = {**found["content"][kind]["schema"], "components": self.document["components"]}
        problems = [e.message + " at " + e.json_path for e in Draft202012Validator(schema).iter_errors(answer.json)]
        assert problems == [], (method, path)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [t.kind for t in kinds()])
def test_records_look_as_described(world: World, api: MakeApi, kind: str) -> None:
    declared, mine = type_of(kind), api()
    truth, path = Truth(openapi_document(world.pm)), f"/{declared.path}"
    made = mine.post(declared.path, world.sample(kind))
    truth.check(made, "post", path)
    one = f"{declared.path}/{made['key']}"
    verbs.comment(world.pm, made["id"], "Hello")
    parts = "links,comments,tags,why,came,history,files,suspects,actions"
    everything = ",".join([*declared.by_name, *declared.computed_by_name, *declared.cite_by_name, "tags"])
    for asked in ("", f"?include={parts}", "?as_of=2035-01-01", f"?fields={everything}", "?archived=1"):
        truth.check(mine.get(one + asked), "get", path + "/{ref}")
    for asked in ("", "?count=exact", f"?fields={everything}", "?q=nope:1"):
        truth.check(mine.get(declared.path + asked), "get", path)
    truth.check(mine.patch(one, {"title": "x", "nonsense": 1}), "patch", path + "/{ref}")
    truth.check(mine.patch(one, {"title": "x"}, If_Match='"9"'), "patch", path + "/{ref}")
    for end in ("links", "comments", "history", "watch"):
        truth.check(mine.get(f"{one}/{end}"), "get", f"{path}/{{ref}}/{end}")
    truth.check(
        mine.post(f"{declared.path}/bulk", {"action": "update", "items": [{"ref": made["key"], "values": {}}, {}]}),
        "post",
        path + "/bulk",
    )
    truth.check(mine.delete(one), "delete", path + "/{ref}")


@pytest.mark.django_db
def test_the_rest_looks_as_described(world: World, api: MakeApi) -> None:
    owner = api("owner", scope="admin")
    note, feature = world.make("feedback", body="Please"), world.make("feature")
    verbs.link(world.pm, feature, note, "evidence", quote="Please")
    verbs.update(world.pm, "feedback", note, {"body": "Please do"})
    verbs.comment(world.pm, feature, "@owner.north look")
    verbs.tag(world.pm, feature, ["later"])
    world.product()
    truth = Truth(openapi_document(world.owner))
    for path, body in [
        ("views", {"kind": "feature", "name": "x"}),
        ("fields", {"kind": "feature", "label": "x", "type": "text"}),
        ("tokens", {"name": "x", "scopes": ["read"]}),
        ("batches", {"label": "x"}),
        ("products", {"name": "x"}),
        ("invitations", {"email": "new@customer.example", "role": "viewer"}),
        ("notifications/read", {}),
    ]:
        made = owner.post(path, body)
        assert made.status in (200, 201), made
        truth.check(made, "post", f"/{path}")
    for path in (
        "me",
        "members",
        "products",
        "tags",
        "views",
        "fields",
        "notifications",
        "tokens",
        "batches",
        "events",
        "suspects",
        "invitations",
        "openapi.json",
    ):
        found = owner.get(path)
        assert found.status == 200, found
        assert found.json.get("data", [1]) != [], path
        truth.check(found, "get", f"/{path}")
    truth.check(owner.get("search?q=please"), "get", "/search")
    parts = "links,comments,tags,why,came,history,files,suspects,actions"
    whole = owner.get(f"features/{feature.key}?include={parts}")
    assert [part for part, found in whole["included"].items() if not found] == ["came", "files"]
    truth = Truth(owner.get("openapi.json").json)  # with the field that was added above
    truth.check(whole, "get", "/features/{ref}")
    for end in ("links", "comments", "history"):
        truth.check(owner.get(f"features/{feature.key}/{end}"), "get", f"/features/{{ref}}/{end}")


# ---- and odd requests break nothing -----------------------------------------------------

PROMISES = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
)


limited = limits(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def connection_kept() -> Iterator[None]:
    """Let a real WSGI handler run inside the test's transaction, as Django's own test client does.

    Between requests a server drops a connection whose autocommit is off. That is the state of
    every connection in a test's transaction; dropped, its data is gone and the next request fails.
    """
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(4))
@pytest.mark.usefixtures("connection_kept")
def test_odd_requests_get_the_answers_it_promises(world: World, api: MakeApi, part: int, settings: Any) -> None:
    """Requests made from the document itself, likely and unlikely ones, a few for each operation.

    What every type has is tried on an eighth of the types, each such operation on other types; a type's own on it.
    """
    settings.API_UNITS_PER_MINUTE = 10**9
    mine = api("owner", scope="admin")
    schema = schemathesis.openapi.from_dict(aimed(openapi_document(world.owner), world))
    schema.app = get_wsgi_application()
    operations = an_eighth_of_what_all_have([o.ok() for o in schema.get_all_operations()])
    assert len(operations) > 100
    share = operations[part::4]
    assert sum(tried(operation, mine.given) for operation in share) > 1.5 * len(share)


def an_eighth_of_what_all_have(operations: list[Any]) -> list[Any]:
    alike: dict[tuple[str, str], list[Any]] = {}
    for one in operations:
        alike.setdefault((one.method, one.path.removeprefix("/api/v1/").partition("/")[2]), []).append(one)
    common = len(list(kinds())) // 2
    found = enumerate(alike.values())
    return [one for at, group in found for one in (group[at % 8 :: 8] if len(group) > common else group)]


def aimed(document: dict[str, Any], world: World) -> dict[str, Any]:
    """The document with parameters that hit: records that are there, the caller's own workspace."""
    paths: dict[str, Any] = {}
    for declared in kinds():
        refs = [world.make(declared.kind).key for _ in range(2)]
        for path, methods in document["paths"].items():
            if path.startswith(f"/{declared.path}/") or path == f"/{declared.path}":
                paths[f"/api/v1{path}"] = {m: with_refs(o, refs) for m, o in methods.items()}
    for path, methods in document["paths"].items():
        if f"/api/v1{path}" not in paths and path != "/events/stream":
            paths[f"/api/v1{path}"] = {m: with_refs(o, []) for m, o in methods.items()}
    return {**{k: v for k, v in document.items() if k != "servers"}, "paths": paths}


def with_refs(operation: dict[str, Any], refs: list[str]) -> dict[str, Any]:
    kept = [p for p in operation.get("parameters", []) if p["name"] not in ("workspace", "batch")]
    return {**operation, "parameters": [{**p, "schema": {"enum": refs}} if p["name"] == "ref" else p for p in kept]}


def tried(operation: Any, headers: dict[str, str]) -> int:
    """A few cases that the document allows, and a few that it does not, where anything can be wrong with one."""
    done = 0
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @limited
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=list(PROMISES))

        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            one()
            done += 1
    return done
