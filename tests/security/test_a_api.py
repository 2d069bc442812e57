"""A: isolation on every operation of the API, from its own OpenAPI document.

An operation that is added later is met here by itself: its path is filled with ids of North's
until it answers, its body found by mending what it complains of.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.security.attack import Outcome
from tests.security.operations import NONSENSE, Acquainted, Caller, Operation, operations, status_of, whole, with_key
from tests.security.scene import FOREIGN, HIDDEN, OWN, ROLES, Scene
from threadline.kernel import rows
from threadline.kernel.registry import kinds, type_of

OPERATIONS = operations()
READING = [o for o in OPERATIONS if o.method == "GET"]
WITH_SLOTS = [o for o in OPERATIONS if o.slots]
WITH_BODY = [o for o in OPERATIONS if o.body is not None]
ACTIONS = [o for o in WITH_BODY if o.path.rpartition("/")[2] not in ("links", "comments", "tags", "bulk") and o.slots]
# Bodies that no guess can find, each with the test that has one.
NOT_GUESSED = {
    "bulk": "test_souths_records_in_bulk_are_refused_one_by_one",
    "undo": "test_kernel_undo.py",
}


def nobodys(value: str) -> str:
    """A key or id of the same form that nobody has."""
    return f"{value.partition('-')[0]}-99999999" if value[:1].isupper() else str(rows.new_id())


@pytest.mark.parametrize("one", WITH_SLOTS, ids=str)
def test_a_foreign_id_answers_like_one_that_nobody_has(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """A1, A4, A6, A9, A12, A14, B4: South's id or a hidden one in the path, for each role's key and browser."""
    where = acquainted.where(one)
    assert where is not None, "no id of North's opens this: who is it for?"
    acquainted.body(one)
    body = acquainted.something(one)
    value = next(iter(where.values()))
    hidden = {r.key: r for r in scene.hidden.values()}
    kind = next((t.kind for t in kinds() if one.path.startswith(f"/{t.path}/")), None)
    attacks = [(role, f) for role in ROLES for f in scene.twins(value)[:1]]
    if kind is not None:
        assert scene.hidden[kind].key in hidden
        attacks += [(role, scene.hidden[kind].key) for role in ROLES if role != "owner"]
        attacks += [("viewer", str(scene.south.full[kind].pk)), ("viewer", str(scene.hidden[kind].pk))]
    assert attacks
    nowhere: dict[tuple[str, bool, str], Outcome] = {}  # what nobody has is asked for once by each caller
    for role, foreign in attacks:
        browsers = [Caller(scene.browser(role))] if role in ("owner", "viewer") else []
        for caller in (with_key(scene.keys[role]), *browsers):
            told = caller.send(one.method, one.at(**dict.fromkeys(where, foreign)), body)
            asked = (role, caller in browsers, nobodys(foreign).partition("-")[0] if foreign[:1].isupper() else "id")
            if asked not in nowhere:
                nowhere[asked] = caller.send(one.method, one.at(**dict.fromkeys(where, nobodys(foreign))), body)
            missing = nowhere[asked]
            assert told.refused, (role, foreign, str(told))
            assert HIDDEN not in told.body
            assert (told.status, told.body) == (missing.status, missing.body), role
    assert told.status in (403, 404, 422)


@pytest.mark.parametrize("one", OPERATIONS, ids=str)
def test_norths_api_is_not_there_for_others(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """A1, B4: a stranger's key and browser asking for North, and nobody at all."""
    if one.public:
        assert OWN not in Caller(Client()).send(one.method, one.at()).body
        return
    where = acquainted.where(one) or {}
    acquainted.body(one)
    body = acquainted.something(one)
    address = one.at(**where)
    asked = {"Threadline-Workspace": "north"}
    statuses = {
        401: [Caller(Client()), with_key("tl_" + "x" * 50), Caller(Client(), {"Authorization": "Basic eDp5"})],
        403: [with_key(scene.stranger_key, **asked)],
        404: [Caller(scene.stranger, asked)],
    }
    for status, callers in statuses.items():
        for caller in callers:
            told = caller.send(one.method, address, body)
            assert (told.status, told.moved) == (status, ()), str(told)
            assert OWN not in told.body.lower()
    for caller in (with_key(scene.stranger_key), Caller(scene.stranger)):  # in South, with North's ids
        told = caller.send(one.method, address, body)
        assert OWN not in told.body.lower() or OWN in json.dumps(body or {}), str(told)
        assert not (where and told.status < 400), str(told)


@pytest.mark.parametrize("one", READING, ids=str)
def test_what_is_read_holds_nothing_of_others(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """A7, A8, A9, A10: each list, count, tree, history, search, stream and include, for each role."""
    where = acquainted.where(one)
    assert where is not None
    names = {p["name"]: p for p in one.words["parameters"] if p["in"] == "query"}
    queries = ["?limit=200" if "limit" in names else ""]
    if "include" in names:
        parts = whole(names["include"]["schema"])["items"]["enum"]
        queries.append(f"?include={','.join(parts)}")
    if "archived" in names:
        queries.append("?archived=true")
    if names.get("q", {}).get("required"):
        queries = [f"?q={word}" for word in (FOREIGN, HIDDEN, f'"{OWN} {FOREIGN}"', OWN)]
    elif "count" in names:
        queries += [f"?q={FOREIGN}&count=exact", f"?q={HIDDEN}&count=exact"]
    for role in ROLES:
        for query in queries:
            told = with_key(scene.keys[role]).send("GET", one.at(**where) + query)
            assert told.status == 200 or role != "owner", str(told)
            assert not told.moved, str(told)
            assert FOREIGN not in told.body.lower().replace(f"q={FOREIGN}", "")
            looks_after_words = one.path == "/tags" and scene.world.actor(role).may("configure")
            if role != "owner" and not looks_after_words:
                assert HIDDEN not in told.body.lower(), (role, query)
                if "count=exact" in query:
                    assert json.loads(told.body)["count"] == {"value": 0, "exact": True}


@pytest.mark.parametrize("one", WITH_BODY, ids=str)
def test_souths_things_in_a_body_are_refused(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """A2, A3, A5: each property that refers to something of North's is given South's instead."""
    accepted = acquainted.body(one)
    where = acquainted.where(one)
    assert where is not None
    if accepted is None:
        known = one.path.rpartition("/")[2]
        cites = [t.path for t in kinds() if t.cites]
        silent = known == "links" and one.path.split("/")[1] not in cites
        assert known in NOT_GUESSED or silent or one in ACTIONS, "no body was found that it accepts"
        return  # verbs in the wrong state: tests/inherited/test_actions.py gives them South's things
    for name, schema in (one.body or {}).get("properties", {}).items():
        many = _is_list(schema)
        if not _is_text(schema) or _takes(acquainted, one, where, accepted, name, NONSENSE, many):
            continue  # no text, or any text: not a reference
        ours = next(
            (v for v in acquainted.likely(name) if _takes(acquainted, one, where, accepted, name, v, many)), None
        )
        acquainted.took(name, ours)
        for theirs in acquainted.foreign(ours) if ours else ():
            told = _given(acquainted.owner, one, where, accepted, name, theirs, many)
            assert told.refused, (name, theirs, str(told))
            assert told.status in (403, 404, 422), (name, str(told))


def _is_list(schema: dict[str, Any]) -> bool:
    schema = whole((schema.get("anyOf") or [schema])[0])
    return "array" in str(schema.get("type", ""))


def _is_text(schema: dict[str, Any]) -> bool:
    schema = whole((schema.get("anyOf") or [schema])[0])
    schema = whole(schema["items"]) if "items" in schema else schema
    return "string" in str(schema.get("type", "")) and "enum" not in schema and "date" not in schema.get("format", "")


def _given(
    caller: Caller, one: Operation, where: dict[str, str], body: dict[str, Any], name: str, value: str, many: bool
) -> Outcome:
    return caller.send(one.method, one.at(**where), {**body, name: [value] if many else value})


def _takes(
    acquainted: Acquainted, one: Operation, where: dict[str, str], body: dict[str, Any], name: str, value: str,
    many: bool,
) -> bool:  # fmt: skip
    given = {**body, name: [value] if many else value}
    return status_of(acquainted.owner, one.method, one.at(**where), given) < 400


def test_references_were_found_to_attack(scene: Scene, acquainted: Acquainted) -> None:
    """Otherwise the test above would prove nothing: the owner of a record is one, of every type."""
    for declared in kinds():
        one = next(o for o in OPERATIONS if (o.method, o.path) == ("POST", f"/{declared.path}"))
        body = acquainted.body(one)
        assert body is not None
        assert _takes(acquainted, one, {}, body, "owner", scene.world.viewer.member.handle, False)
        assert not _takes(acquainted, one, {}, body, "owner", NONSENSE, False)
        assert not _takes(acquainted, one, {}, body, "owner", scene.world.stranger.member.handle, False)


@pytest.mark.parametrize("kind", [t.kind for t in kinds()])
@pytest.mark.parametrize("atomic", [True, False])
def test_souths_records_in_bulk_are_refused_one_by_one(scene: Scene, kind: str, atomic: bool) -> None:
    """A2: South's records among North's: with ``atomic`` nothing is done, else only what is North's."""
    declared, theirs, ours = type_of(kind), scene.south.full[kind], scene.north.bare[kind]
    owner = with_key(scene.keys["owner"])
    for ref in (theirs.key, str(theirs.pk)):
        for do in ("update", "archive"):
            item: dict[str, Any] = {"values": {"title": "Taken"}} if do == "update" else {}
            body = {"action": do, "atomic": atomic, "items": [{"ref": ours.key, **item}, {"ref": ref, **item}]}
            told = owner.send("POST", f"/api/v1/{declared.path}/bulk", body)
            assert FOREIGN not in told.body
            answered = json.loads(told.body)
            if atomic:
                assert told.refused, str(told)
            else:
                assert [r["status"] for r in answered["results"]] == [200, 404], str(told)
                assert (answered["succeeded"], answered["failed"]) == (1, 1)


def test_bulk_is_asked_as_its_document_says(scene: Scene) -> None:
    """The bodies of the test above are what the operation takes: with North's alone it succeeds."""
    for declared in kinds():
        ours = scene.north.bare[declared.kind]
        body = {"action": "update", "items": [{"ref": ours.key, "values": {"title": "Mine"}}]}
        told = with_key(scene.keys["owner"]).send("POST", f"/api/v1/{declared.path}/bulk", body)
        assert told.status == 200, str(told)
        assert told.moved


@pytest.mark.parametrize("one", OPERATIONS, ids=str)
def test_no_answer_may_be_kept_by_a_proxy(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """A13: private, no-store and Vary, on what succeeds and on what is refused."""
    where = acquainted.where(one) or {}
    for headers in ({"Authorization": f"Bearer {scene.keys['owner']}"}, {}):
        call = getattr(Client(), one.method.lower())
        response = call(one.at(**where), content_type="application/json", headers=headers)
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]
        assert {"authorization", "cookie"} <= {v.strip().lower() for v in response["Vary"].split(",")}


@pytest.mark.parametrize("kind", [t.kind for t in kinds()])
@pytest.mark.parametrize(
    "query",
    ["sort=owner__password", "sort=-owner__user__email", "q=owner__password:x", "q=sort:workspace_id", "q=password:x",
     "fields=owner__password", "fields=workspace", "fields=custom", "q=group:owner__password", "sort=id;drop table x",
     "fields=__class__", "q=sort:custom", "include=password", "include=links,workspace"],
)  # fmt: skip
def test_undeclared_names_are_refused(scene: Scene, kind: str, query: str) -> None:
    """A11: sorting, filtering, grouping, choosing or including what is hidden or related."""
    place = f"/api/v1/{type_of(kind).path}"
    if query.startswith("include"):
        place += f"/{scene.north.full[kind].key}"
    told = with_key(scene.keys["owner"]).send("GET", f"{place}?{query}")
    assert told.status == 422, str(told)
