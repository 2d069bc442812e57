"""Writes: versions, bodies, keys that act once, reasons and batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.dump import dump
from threadline.faces.api.tests.asking import Api
from threadline.kernel import verbs
from threadline.kernel.changes import Change
from threadline.kernel.testing import World, fresh
from threadline.kernel.thread import suspects

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


# ---- versions ---------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ['"1"', "1", 'W/"1"', '"1-00000000"', "*"])
def test_the_version_is_read_from_the_tag(world: World, api: MakeApi, tag: str) -> None:
    record = world.make("feature")
    assert api().patch(f"features/{record.key}", {"title": "New"}, If_Match=tag).status == 200


@pytest.mark.parametrize("tag", ['"x"', '"1", "2"', '"²"', '"-1"', '"' + "9" * 99 + '"'])
def test_a_tag_that_is_none_is_refused(world: World, api: MakeApi, tag: str) -> None:
    record = world.make("feature")
    refused = api().patch(f"features/{record.key}", {"title": "New"}, If_Match=tag)
    assert (refused.status, refused.pointers) == (422, ["If-Match"])


def test_a_service_key_must_say_what_it_read(world: World, api: MakeApi) -> None:
    record, bot = world.make("feature"), api("admin", kind="service")
    one = f"features/{record.key}"
    for refused in (bot.patch(one, {"title": "New"}), bot.delete(one), bot.post(f"{one}/plan_feature")):
        assert refused.status == 428
    assert bot.patch(one, {"title": "New"}, If_Match=bot.get(one).etag).status == 200


def test_a_verb_that_the_state_does_not_allow_is_a_conflict(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    one = f"features/{record.key}"
    assert mine.post(f"{one}/ship_feature", If_Match=mine.get(one).etag).status == 409
    assert mine.post(f"{one}/plan_feature")["state"] == "planned"
    assert mine.post(f"{one}/ship_feature", If_Match='"1"').status == 412


def test_arguments_of_a_verb_are_checked(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    one = f"features/{record.key}/decline_feature"
    before = dump()
    for body, pointer in [
        ({}, "/reason"),
        ({"reason": ""}, "/reason"),
        ({"reason": 1, "more": 2}, "/more"),
        ({"reason": "x", "expect": 1}, "/expect"),
        ({"reason": "x", "feature": "F-9"}, "/feature"),
        ({"reason": "x", "batch": None}, "/batch"),
        ({"reason": ["x"]}, "/reason"),
    ]:
        refused = mine.post(one, body)
        assert (refused.status, refused.pointers) == (422, [pointer]), body
    assert dump() == before
    assert mine.post(one, {"reason": "Too dear"})["declined_reason"] == "Too dear"


# ---- bodies -----------------------------------------------------------------------------

ODD_BODIES: dict[str, bytes] = {
    "empty": b"",
    "spaces": b"  ",
    "list": b"[]",
    "text": b'"x"',
    "number": b"1",
    "null": b"null",
    "half": b'{"title": ',
    "two": b"{}{}",
    "trailing comma": b'{"title": "x",}',
    "comment": b'{"title": "x"} // no',
    "single quotes": b"{'title': 'x'}",
    "long number": b'{"reach": ' + b"1" * 5_000 + b"}",
    "deep": b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "NaN": b'{"reach": NaN}',
    "infinity": b'{"reach": -Infinity}',
    "large exponent": b'{"reach": 1e999}',
    "lone surrogate": b'{"title": "\\ud800"}',
    "NUL": b'{"title": "a\\u0000b"}',
    "raw NUL": b'{"title": "a\x00b"}',
    "twice": b'{"title": "a", "title": "b"}',
    "bad UTF-8": b'{"title": "\xff"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"title": "x"}',
    "key with NUL": b'{"ti\\u0000tle": "x"}',
    "gzip": b"\x1f\x8b\x08\x00",
    "xml": b"<feature/>",
}
ODD_VALUES: list[Any] = [
    [],
    {},
    [[]],
    {"id": {}},
    {"id": []},
    True,
    10**15 + 1,
    -1,
    1e300,
    "x" * 100_001,
    "\x01",
    "a\x7fb",
]


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_is_refused_and_writes_nothing(world: World, api: MakeApi, name: str) -> None:
    record, mine = world.make("feature"), api()
    before = dump()
    for method, path in (
        ("POST", "features"),
        ("PATCH", f"features/{record.key}"),
        ("POST", "features/bulk"),
        ("POST", f"features/{record.key}/comments"),
        ("POST", "views"),
        ("POST", "batches"),
    ):
        refused = mine.ask(method, path, ODD_BODIES[name], Content_Type="application/json")
        assert refused.status in (400, 415 if name == "empty" else 400, 422), (method, path, refused)
        assert refused.headers["Content-Type"] == "application/problem+json"
    assert dump() == before


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda v: repr(v)[:20])
@pytest.mark.parametrize(
    "field", ["title", "body", "owner", "product", "parent", "reach", "reach_on", "state", "confidentiality"]
)
def test_an_odd_value_is_kept_as_such_or_refused_by_name(world: World, api: MakeApi, field: str, value: Any) -> None:
    answer = api().post("features", {"title": "Fine", field: value})
    assert answer.status in (201, 422), answer
    if answer.status == 422:
        assert answer.pointers == [f"/{field}"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "json"]
)
def test_only_json_is_read(world: World, api: MakeApi, kind: str) -> None:
    assert api().post("features", b'{"title": "x"}', Content_Type=kind).status == 415
    assert api().post("features", b'{"title": "x"}', Content_Type="application/json; charset=utf-8").status == 201


def test_a_body_that_is_too_large_is_not_read(world: World, api: MakeApi) -> None:
    assert api().post("features", b'{"body": "' + b"x" * 2_100_000 + b'"}').status == 413
    assert api().post("features", b'{"body": "' + b"x" * 6_000_000 + b'"}').status == 413


def test_every_problem_is_told_at_once(world: World, api: MakeApi) -> None:
    refused = api().post("features", {"title": "x", "reach": -1, "impact": "much", "owner": "Nobody", "nonsense": 1})
    assert set(refused.pointers) == {"/reach", "/impact", "/owner", "/nonsense"}


def test_ids_of_another_workspace_are_not_found_in_bodies(world: World, api: MakeApi) -> None:
    theirs = world.make("feature", world.stranger)
    product, member = world.product("Theirs", "south"), world.stranger.member_id
    account = world.make("account", world.stranger)
    mine, before = api(), dump()
    for path, body, pointer in [
        ("features", {"title": "x", "parent": str(theirs.pk)}, "/parent"),
        ("features", {"title": "x", "owner": str(member)}, "/owner"),
        ("features", {"title": "x", "owner": "product_manager@south.example"}, "/owner"),
        ("features", {"title": "x", "product": str(product.pk)}, "/product"),
        ("feedback", {"body": "x", "account": {"id": str(account.pk)}}, "/account"),
        ("features", {"title": "x", "cites": [{"kind": "depends_on", "target": str(theirs.pk)}]}, "/cites/0/target"),
    ]:
        refused = mine.post(path, body)
        assert (refused.status, refused.pointers) == (422, [pointer]), refused
    assert dump() == before


# ---- citations made at once -------------------------------------------------------------


def test_citations_can_be_made_with_the_record(world: World, api: MakeApi) -> None:
    note = world.make("feedback", body="Please let me rejoin")
    made = api().post(
        "features",
        {"title": "Rejoin", "cites": [{"kind": "evidence", "target": note.key, "quote": "rejoin", "weight": 2}]},
    )
    [link] = api().get(f"features/{made['key']}/links")["data"]
    assert (link["target"]["key"], link["quote"], link["weight"]) == (note.key, "rejoin", 2)


@pytest.mark.parametrize(
    "cites",
    [
        "x",
        [1],
        [{"kind": "evidence"}],
        [{"kind": "nothing", "target": "N-1"}],
        [{"target": "N-1"}],
        [{"kind": "evidence", "target": "N-1", "weight": 9}],
        [{"kind": "evidence", "target": "N-1", "weight": "x"}],
        [{"kind": "evidence", "target": "N-1", "more": 1}],
        [{"kind": "evidence", "target": "N-404"}],
    ],
)
def test_a_citation_that_cannot_be_made_makes_no_record(world: World, api: MakeApi, cites: Any) -> None:
    world.make("feedback", body="Hello")
    refused = api().post("features", {"title": "x", "cites": cites})
    assert refused.status == 422
    assert refused.pointers[0].startswith("/cites")
    assert api().get("features")["data"] == []


def test_readers_can_be_named_with_the_record(world: World, api: MakeApi) -> None:
    made = api().post("features", {"title": "Kept", "confidentiality": 2, "readers": [str(world.viewer.member_id)]})
    assert api("viewer").get(f"features/{made['key']}").status == 200
    assert api("contributor").get(f"features/{made['key']}").status == 404


# ---- acting once ------------------------------------------------------------------------


def test_a_request_sent_twice_acts_once(world: World, api: MakeApi) -> None:
    mine = api()
    first = mine.post("features", {"title": "Once"}, Idempotency_Key="k1")
    second = mine.post("features", {"title": "Once"}, Idempotency_Key="k1")
    assert (first.status, second.status) == (201, 201)
    assert second.json == first.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert (second.headers["Location"], second.etag) == (first.headers["Location"], first.etag)
    assert "Idempotency-Replayed" not in first.headers
    assert len(mine.get("features")["data"]) == 1


def test_a_key_belongs_to_one_request_and_one_person(world: World, api: MakeApi) -> None:
    mine = api()
    mine.post("features", {"title": "Once"}, Idempotency_Key="k1")
    for other in (
        mine.post("features", {"title": "Twice"}, Idempotency_Key="k1"),
        mine.post("objectives", {"title": "Once"}, Idempotency_Key="k1"),
        mine.post("features?why=because", {"title": "Once"}, Idempotency_Key="k1"),
    ):
        assert (other.status, other.pointers) == (422, ["Idempotency-Key"])
    assert api("owner").post("features", {"title": "Once"}, Idempotency_Key="k1").status == 201
    assert api(slug="south").post("features", {"title": "Once"}, Idempotency_Key="k1").status == 201
    assert len(mine.get("features")["data"]) == 2


def test_a_refusal_can_be_mended_under_the_same_key(world: World, api: MakeApi) -> None:
    mine = api()
    assert mine.post("features", {"title": ""}, Idempotency_Key="k1").status == 422
    assert mine.post("features", b"[", Idempotency_Key="k1").status == 400
    assert mine.post("features", {"title": "Fine"}, Idempotency_Key="k1").status == 201


def test_a_key_without_letters_is_refused(world: World, api: MakeApi) -> None:
    for key in ("", "x" * 201):
        refused = api().post("features", {"title": "x"}, Idempotency_Key=key)
        assert (refused.status, refused.pointers) == (422, ["Idempotency-Key"])


# ---- reasons and batches ----------------------------------------------------------------


def test_a_write_says_why_and_through_which_face(world: World, api: MakeApi) -> None:
    record = world.make("feature")
    api().patch(f"features/{record.key}?why=Asked+for+by+sales", {"title": "New"})
    change = Change.objects.filter(card_id=record.pk).order_by("-pk")[0]
    assert (change.why, change.face, change.actor_id) == ("Asked for by sales", "api", world.pm.member_id)
    assert api().get(f"features/{record.key}/history")["data"][0]["why"] == "Asked for by sales"


def test_one_write_can_be_undone_by_its_batch(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature", title="Old"), api()
    changed = mine.patch(f"features/{record.key}", {"title": "New"})
    undone = mine.post(f"batches/{changed.headers['Threadline-Batch']}/undo")
    assert (undone.status, undone["reversed"]) == (200, 1)
    assert fresh(record).title == "Old"
    assert mine.post(f"batches/{changed.headers['Threadline-Batch']}/undo").status == 409


def test_several_writes_can_be_undone_as_one(world: World, api: MakeApi) -> None:
    mine = api()
    batch = mine.post("batches", {"label": "Spring cleaning"})["id"]
    for number in range(3):
        assert mine.post(f"features?batch={batch}", {"title": f"Feature {number}"}).status == 201
    assert [b["label"] for b in mine.get("batches")["data"]] == ["Spring cleaning"]
    assert mine.post(f"batches/{batch}/undo")["reversed"] == 3
    assert mine.get("features")["data"] == []
    assert mine.post(f"features?batch={batch}", {"title": "Too late"}).status == 422


def test_a_batch_of_somebody_else_cannot_be_used(world: World, api: MakeApi) -> None:
    batch = api("owner").post("batches", {"label": "Mine"})["id"]
    for other in (api(), api(slug="south")):
        refused = other.post(f"features?batch={batch}", {"title": "x"})
        assert (refused.status, refused.pointers) == (422, ["batch"])
    assert api().post("features?batch=nonsense", {"title": "x"}).status == 422
    made = api("owner").post(f"features?batch={batch}", {"title": "x"})
    assert made.status == 201
    assert api().post(f"batches/{batch}/undo").status == 403
    assert api(slug="south").post(f"batches/{batch}/undo").status == 404


def test_less_can_be_asked_back(world: World, api: MakeApi) -> None:
    made = api().post("features", {"title": "Brief"}, Prefer="return=minimal")
    assert set(made.json) == {"id", "key", "kind", "version", "revision"}
    assert made.headers["Preference-Applied"] == "return=minimal"


def test_a_changed_meaning_makes_what_cites_it_suspect(world: World, api: MakeApi) -> None:
    aim, feature = world.make("objective"), world.make("feature")
    verbs.link(world.pm, feature, aim, "objective")
    api().patch(f"objectives/{aim.key}", {"title": "Another aim"})
    assert [s.source_key for s in suspects(world.pm)] == [feature.key]
