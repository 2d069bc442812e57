"""What holds for the API of every record type that is registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.dump import dump
from threadline.faces.api.tests.asking import Answer, Api
from threadline.kernel import verbs
from threadline.kernel.access import NAMED, POLICY
from threadline.kernel.actions import actions_on
from threadline.kernel.members import Role
from threadline.kernel.registry import RecordType, kinds
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "declared" in metafunc.fixturenames:
        metafunc.parametrize("declared", list(kinds()), ids=lambda declared: declared.kind)


def same_but_for_its_request(first: Answer, second: Answer) -> bool:
    return {**first.json, "request_id": ""} == {**second.json, "request_id": ""}


def test_it_is_made_listed_read_changed_and_put_away(world: World, api: MakeApi, declared: RecordType) -> None:
    mine = api()
    made = mine.post(declared.path, world.needed(declared.kind))
    assert made.status == 201, made
    one = f"{declared.path}/{made['key']}"
    assert made.headers["Location"] == f"/api/v1/{one}"
    assert made["key"] in mine.get(declared.path).keys

    read = mine.get(one)
    assert (read.status, read.json) == (200, made.json)
    assert mine.get(f"{declared.path}/{made['id']}").json == read.json

    changed = mine.patch(one, {"title": "Another title"}, If_Match=read.etag)
    assert (changed.status, changed["title"], changed["version"]) == (200, "Another title", 2)
    assert changed.etag != read.etag

    assert mine.delete(one, If_Match=changed.etag).status == 204
    assert mine.get(one).status == 404
    assert made["key"] not in mine.get(declared.path).keys
    assert made["key"] in mine.get(f"{declared.path}?archived=1").keys
    assert mine.get(f"{one}?archived=yes")["archived_at"] is not None

    back = mine.post(f"{one}/restore")
    assert (back.status, back["title"]) == (200, "Another title")
    assert made["key"] in mine.get(declared.path).keys


def test_what_was_made_with_every_field_reads_back(world: World, api: MakeApi, declared: RecordType) -> None:
    given = world.sample(declared.kind)
    made = api().post(declared.path, given)
    assert made.status == 201, made
    for name, value in given.items():
        found = made[name]
        found = found["id"] if isinstance(found, dict) else found
        assert str(found) == str(value) or found == value, name


def test_a_record_read_can_be_sent_back(world: World, api: MakeApi, declared: RecordType) -> None:
    mine = api()
    made = mine.post(declared.path, world.sample(declared.kind))
    settable = {n: made[n] for n, f in declared.by_name.items() if not f.readonly}
    again = mine.patch(f"{declared.path}/{made['key']}", settable)
    assert (again.status, again["version"]) == (200, 1), again


def test_a_lost_race_is_told_and_changes_nothing(world: World, api: MakeApi, declared: RecordType) -> None:
    mine = api()
    made = mine.post(declared.path, world.needed(declared.kind))
    one = f"{declared.path}/{made['key']}"
    assert mine.patch(one, {"title": "Hers"}, If_Match=made.etag).status == 200
    before = dump()
    for lost in (mine.patch(one, {"title": "His"}, If_Match=made.etag), mine.delete(one, If_Match=made.etag)):
        assert (lost.status, lost["current_version"]) == (412, 2)
    assert dump() == before
    assert mine.get(one)["title"] == "Hers"


def test_another_workspace_sees_nothing_and_changes_nothing(world: World, api: MakeApi, declared: RecordType) -> None:
    made, stranger = world.make(declared.kind), api(slug="south")
    before = dump()
    for ref in (str(made.pk), made.key):
        foreign, missing = f"{declared.path}/{ref}", f"{declared.path}/{declared.model.prefix}-987654"
        for method, end, body in each_write(declared):
            theirs, nobodys = (stranger.ask(method, one + end, body) for one in (foreign, missing))
            assert theirs.status == nobodys.status == 404, (method, end, theirs)
            assert same_but_for_its_request(theirs, nobodys)
            assert theirs.headers["Content-Type"] == "application/problem+json"
    assert stranger.get(declared.path)["data"] == []
    assert dump() == before


def each_write(declared: RecordType) -> list[tuple[str, str, Any]]:
    fixed: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("GET", "?include=links,history", None),
        ("GET", "?as_of=2030-01-01", None),
        ("GET", "?archived=1", None),
        ("PATCH", "", {"title": "Mine"}),
        ("DELETE", "", None),
        ("POST", "/restore", None),
        ("GET", "/links", None),
        ("POST", "/links", {"kind": "evidence", "target": "N-1"}),
        ("GET", "/comments", None),
        ("POST", "/comments", {"body": "Hello"}),
        ("PUT", "/tags", {"tags": ["x"]}),
        ("GET", "/watch", None),
        ("PUT", "/watch", None),
        ("DELETE", "/watch", None),
        ("GET", "/history", None),
    ]
    return fixed + [
        ("POST", f"/{a.name}", {}) for a in actions_on(declared.kind) if not any(p.required for p in a.params)
    ]


def test_a_record_for_named_people_does_not_exist_for_others(world: World, api: MakeApi, declared: RecordType) -> None:
    kept = world.make(declared.kind, confidentiality=NAMED)
    assert api().get(f"{declared.path}/{kept.key}").status == 200
    other = api("viewer")
    assert other.get(declared.path)["data"] == []
    assert other.get(f"{declared.path}?count=exact")["count"] == {"value": 0, "exact": True}
    for method, end, body in each_write(declared):
        assert other.ask(method, f"{declared.path}/{kept.key}{end}", body).status == 404


@pytest.mark.parametrize("role", Role.values)
def test_each_role_may_do_what_the_policy_says(world: World, api: MakeApi, declared: RecordType, role: str) -> None:
    record, mine = world.make(declared.kind), api(role)
    one, policy = f"{declared.path}/{record.key}", POLICY[declared.group]
    asked = {
        "create": mine.post(declared.path, world.needed(declared.kind)),
        "update": mine.patch(one, {"title": "Changed"}),
        "comment": mine.post(f"{one}/comments", {"body": "Hello"}),
        "read": mine.get(one),
        "archive": mine.delete(one),
    }
    assert {verb: a.status < 300 for verb, a in asked.items()} == {verb: role in policy[verb] for verb in asked}
    assert {a.status for a in asked.values()} <= {200, 201, 204, 403}


def test_private_fields_do_not_exist_for_those_who_may_not_read_them(
    world: World, api: MakeApi, declared: RecordType
) -> None:
    private = [f for f in declared.by_name.values() if f.private]
    hidden = {f.name for f in private} | {c.name for c in declared.computed if c.private}
    made = verbs.create(world.pm, declared.kind, world.sample(declared.kind))
    mine = api("contributor")
    one = f"{declared.path}/{made.key}"
    shown = [mine.get(one).json, *mine.get(declared.path)["data"]]
    assert not any(name in row for row in shown for name in hidden)
    steps = mine.get(f"{one}/history")["data"]
    assert not any(name in step["changes"] for step in steps for name in hidden)
    assert mine.get(f"{one}?as_of=2035-01-01")["values"].keys().isdisjoint(hidden)
    assert not any(name in event["changes"] for event in mine.get("events")["data"] for name in hidden)
    for name in hidden:
        nothing = {
            "sort": mine.get(f"{declared.path}?sort={name}"),
            "filter": mine.get(f"{declared.path}?q={name}:1"),
            "fields": mine.get(f"{declared.path}?fields={name}"),
            "one": mine.get(f"{one}?fields={name}"),
        }
        assert {how: a.status for how, a in nothing.items()} == dict.fromkeys(nothing, 422)
        written = mine.post(declared.path, {**world.needed(declared.kind), name: "1"})
        assert written.status in (403, 422)


NO_FIELDS: tuple[dict[str, Any], ...] = (
    {"id": "01a2050a-2d26-77e3-ba2d-db255fa3d81c"},
    {"workspace": "south"},
    {"workspace_id": "x"},
    {"number": 7},
    {"version": 9},
    {"revision": 9},
    {"created_at": "2020-01-01"},
    {"updated_at": "2020-01-01"},
    {"archived_at": None},
    {"custom": {}},
    {"created_by": "me"},
    {"is_staff": True},
    {"role": "owner"},
    {"key": "X-1"},
    {"kind": "other"},
    {"__class__": 1},
    {"a/b": 1},
)


def test_what_is_not_a_field_cannot_be_set(world: World, api: MakeApi, declared: RecordType) -> None:
    mine, record, needed = api(), world.make(declared.kind), world.needed(declared.kind)
    before = dump()
    for sent in NO_FIELDS:
        for refused in (
            mine.post(declared.path, {**needed, **sent}),
            mine.patch(f"{declared.path}/{record.key}", sent),
        ):
            assert refused.status == 422, refused
            assert refused.pointers == ["/" + next(iter(sent)).replace("/", "~1")]
    assert dump() == before


def test_a_verb_of_the_type_is_found_by_its_name_alone(world: World, api: MakeApi, declared: RecordType) -> None:
    record, mine = world.make(declared.kind), api()
    for name in ("settle", "create", "update", "archive", "__call__", "no_such_verb"):
        assert mine.post(f"{declared.path}/{record.key}/{name}", {}).status == 404
