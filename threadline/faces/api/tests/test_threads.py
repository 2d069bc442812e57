"""Citations, remarks, tags, watches and history of a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.dump import dump
from threadline.faces.api.tests.asking import Api
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def test_a_citation_is_made_confirmed_and_taken_back(world: World, api: MakeApi) -> None:
    aim, feature, mine = world.make("objective"), world.make("feature"), api()
    made = mine.post(f"features/{feature.key}/links", {"kind": "objective", "target": aim.key})
    assert (made.status, made["suspect"], made["target"]["key"]) == (201, False, aim.key)
    mine.patch(f"objectives/{aim.key}", {"title": "Another aim"})
    [doubtful] = mine.get("suspects")["data"]
    assert (doubtful["link"], doubtful["source"]["key"], doubtful["revision"]) == (made["id"], feature.key, 2)
    assert mine.get(f"features/{feature.key}/links")["data"][0]["suspect"] is True
    assert mine.post(f"links/{made['id']}/confirm", {"revision": 1}).status == 409
    assert mine.post(f"links/{made['id']}/confirm", {"revision": 2})["suspect"] is False
    assert mine.get("suspects")["data"] == []
    assert mine.delete(f"links/{made['id']}").status == 204
    assert mine.get(f"features/{feature.key}/links")["data"] == []
    assert mine.delete(f"links/{made['id']}").status == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "evidence"}, "/target"),
        ({"target": "N-1"}, "/kind"),
        ({"kind": "nothing", "target": "N-1"}, "/kind"),
        ({"kind": "mention", "target": "N-1"}, "/kind"),
        ({"kind": "objective", "target": "N-1"}, "/kind"),
        ({"kind": "evidence", "target": "N-1", "weight": 4}, "/weight"),
        ({"kind": "evidence", "target": "N-1", "quote": []}, "/quote"),
        ({"kind": "depends_on", "target": "F-1"}, "/target"),
        ({"kind": "evidence", "target": "N-1", "seen_revision": 9}, "/seen_revision"),
    ],
)
def test_a_citation_that_the_type_cannot_make_is_refused(world: World, api: MakeApi, body: Any, pointer: str) -> None:
    world.make("feedback", body="Hello")
    feature, mine = world.make("feature"), api()
    before = dump()
    refused = mine.post(f"features/{feature.key}/links", body)
    assert (refused.status, refused.pointers) == (422, [pointer]), refused
    assert dump() == before


def test_links_and_remarks_of_others_are_not_found(world: World, api: MakeApi) -> None:
    feature, secret = world.make("feature"), world.make("feedback", body="Secret", confidentiality=NAMED)
    link = verbs.link(world.pm, feature, secret, "evidence")
    remark = verbs.comment(world.pm, secret, "Between us")
    missing = "01a2050a-2d26-77e3-ba2d-db255fa3d81c"
    callers = [api(slug="south"), api("owner")]
    before = dump()
    for other in callers:
        for path, body in (("links/{}", None), ("comments/{}", {"body": "x"}), ("links/{}/confirm", {})):
            method = {"comments/{}": "PATCH", "links/{}": "DELETE"}.get(path, "POST")
            ident = remark.pk if "comments" in path else link.pk
            theirs, nobodys = other.ask(method, path.format(ident), body), other.ask(method, path.format(missing), body)
            assert (theirs.status, nobodys.status) == (404, 404)
            assert {**theirs.json, "request_id": ""} == {**nobodys.json, "request_id": ""}
        assert other.delete(f"comments/{remark.pk}").status == 404
        assert other.post(f"features/{feature.key}/links", {"kind": "evidence", "target": secret.key}).status == 404
    assert dump() == before


def test_a_record_is_found_under_its_own_type_only(world: World, api: MakeApi) -> None:
    feature, mine = world.make("feature"), api()
    for end in ("", "/links", "/comments", "/history", "/watch"):
        assert mine.get(f"objectives/{feature.pk}{end}").status == 404
        assert mine.get(f"objectives/{feature.key}{end}").status == 404
    assert mine.post(f"objectives/{feature.pk}/comments", {"body": "Hello"}).status == 404
    assert mine.put(f"objectives/{feature.pk}/tags", {"tags": []}).status == 404


def test_remarks_are_made_changed_and_taken_back_by_their_author(world: World, api: MakeApi) -> None:
    feature, mine, other = world.make("feature"), api(), api("contributor")
    made = mine.post(f"features/{feature.key}/comments", {"body": "First **words**"})
    assert (made.status, made["author"]) == (201, {"id": str(world.pm.member_id), "name": world.pm.name})
    one = f"comments/{made['id']}"
    assert other.patch(one, {"body": "Mine now"}).status == 403
    assert other.delete(one).status == 403
    assert mine.patch(one, {"body": "Other words"})["edited_at"] is not None
    assert [c["body"] for c in other.get(f"features/{feature.key}/comments")["data"]] == ["Other words"]
    assert mine.delete(one).status == 204
    assert other.get(f"features/{feature.key}/comments")["data"] == []
    assert api("viewer").post(f"features/{feature.key}/comments", {"body": "Hello"}).status == 403
    assert mine.post(f"features/{feature.key}/comments", {"body": " "}).status == 422


def test_lists_beside_a_record_go_on_by_cursor(world: World, api: MakeApi) -> None:
    feature, mine = world.make("feature"), api()
    for number in range(5):
        verbs.comment(world.pm, feature, f"Remark {number}")
    seen: list[str] = []
    for path in ("comments", "history"):
        seen, cursor = [], ""
        while cursor is not None:
            page = mine.get(f"features/{feature.key}/{path}?limit=2&cursor={cursor}")
            seen += [row["id"] for row in page["data"]]
            cursor = page["next_cursor"]
        whole = [row["id"] for row in mine.get(f"features/{feature.key}/{path}")["data"]]
        assert seen == whole == sorted(whole, reverse=True)
    assert mine.get(f"features/{feature.key}/comments?cursor=x").status == 422


def test_tags_are_exactly_those_given(world: World, api: MakeApi) -> None:
    feature, mine = world.make("feature"), api()
    one = f"features/{feature.key}/tags"
    assert mine.put(one, {"tags": ["Later", "ui"]})["tags"] == ["later", "ui"]
    assert mine.put(one, {"tags": ["ui"]})["tags"] == ["ui"]
    assert mine.get("features?q=tag:ui").keys == [feature.key]
    assert mine.put(one, {"tags": []})["tags"] == []
    for odd in ({}, {"tags": None}, {"tags": "x" * 61}, {"tags": [1, {}]}, {"tags": [str(n) for n in range(51)]}):
        assert mine.put(one, odd).status == 422, odd
    assert api("viewer").put(one, {"tags": ["x"]}).status == 403


def test_one_watches_and_stops(world: World, api: MakeApi) -> None:
    feature, mine = world.make("feature", world.owner), api("viewer")
    one = f"features/{feature.key}/watch"
    assert mine.get(one)["watching"] is False
    assert mine.put(one).status == mine.put(one).status == 204
    assert mine.get(one)["watching"] is True
    api().patch(f"features/{feature.key}", {"title": "New"})
    assert [n["reason"] for n in mine.get("notifications")["data"]] == ["changed"]
    assert mine.delete(one).status == 204
    assert mine.get(one)["watching"] is False
    assert api("viewer", scope="read").put(one).status == 403
