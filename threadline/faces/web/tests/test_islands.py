"""What the islands ask for and send: rows, orders, news, changes; and whom they tell nothing."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

from django.test import Client

from threadline.faces.web import feeding
from threadline.faces.web.tests.conftest import Site
from threadline.kernel import verbs
from threadline.kernel.testing import World, fresh

NAMES = "title,state,owner,effort,tags,objective"


def rows(site: Site, role: str = "product_manager", path: str = "features/rows", **asked: Any) -> Any:
    answer = site.get(path, role, **{"columns": NAMES, **asked})
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def change(site: Site, edits: list[dict[str, Any]], role: str = "product_manager", **more: Any) -> Any:
    body = {"mutation": str(uuid4()), "columns": NAMES.split(","), "edits": edits, **more}
    answer = site.client(role).post("/w/north/features/changes", body, content_type="application/json")
    return {"status": answer.status_code, **json.loads(answer.content)}


def test_all_rows_come_as_columns(site: Site, world: World) -> None:
    world.make("feature", title="One", effort=2, owner=str(world.pm.member_id))
    world.make("feature", title="Two")
    told = rows(site)
    assert (told["n"], told["v"]) == ([1, 2], [1, 1])
    assert told["c"]["title"] == ["One", "Two"]
    assert told["c"]["owner"] == {"d": [{"id": str(world.pm.member_id), "name": world.pm.name}], "i": [0, -1]}
    assert told["c"]["unsourced"] == ["effort", None]
    answer = site.client().get("/w/north/features/rows", {"columns": NAMES}, headers={"If-None-Match": told["etag"]})
    assert answer.status_code == 304
    world.make("feature", title="Three")
    answer = site.client().get("/w/north/features/rows", {"columns": NAMES}, headers={"If-None-Match": told["etag"]})
    assert answer.status_code == 200


def test_more_rows_than_a_browser_keeps_are_read_in_windows(site: Site, world: World, monkeypatch: Any) -> None:
    for n in range(5):
        world.make("feature", title=f"F{n}", effort=n + 1)
    monkeypatch.setattr(feeding, "WHOLE", 4)
    monkeypatch.setattr(feeding, "CHUNK", 2)
    assert rows(site)["too_many"] is True
    told = rows(site, **{"from": "2", "q": "sort:-effort"})
    assert (told["from"], told["c"]["title"]) == (2, ["F2", "F1"])
    assert rows(site, path="features/shape", q="")["count"] == 5
    shape = rows(site, path="features/shape", q="group:state", columns="effort")
    assert shape["groups"] == [{"value": 0, "count": 5, "sums": {"effort": 15.0}}]
    assert rows(site, path="features/order", q="sort:effort")["n"] == [1, 2, 3, 4, 5]


def test_news_tells_what_changed_and_what_is_gone(site: Site, world: World) -> None:
    first, second = world.make("feature", title="One"), world.make("feature", title="Two")
    cursor = rows(site)["cursor"]
    assert rows(site, path="features/news", after=cursor) == {"cursor": cursor, "reset": False, "beside": False}
    verbs.update(world.owner, "feature", first.pk, {"title": "One more"})
    told = rows(site, path="features/news", after=cursor)
    assert (told["n"], told["c"]["title"], told["by"]) == ([1], ["One more"], {"1": world.owner.name})
    verbs.archive(world.owner, "feature", second.pk)
    told = rows(site, path="features/news", after=told["cursor"])
    assert told["n"] == []
    assert told["reach"] == [[1, 1]]


def test_a_record_that_leaves_the_readers_reach_is_gone_without_a_word(site: Site, world: World) -> None:
    kept = world.make("feature", title="For everybody", owner=str(world.owner.member_id))
    secret = world.make("feature", world.owner, title="Secret plan", owner=str(world.owner.member_id))
    cursor = rows(site, "contributor")["cursor"]
    verbs.name_readers(world.owner, secret.pk, [str(world.admin.member_id)])
    told = rows(site, "contributor", path="features/news", after=cursor)
    assert told["n"] == []
    assert told["reach"] == [[kept.number, kept.number]]
    assert told["by"] == {}
    assert rows(site, "contributor")["n"] == [kept.number]
    assert rows(site, "contributor", keys=str(secret.number))["n"] == []
    assert rows(site, "admin", keys=str(secret.number))["n"] == [secret.number]


def test_private_columns_do_not_exist_for_those_who_may_not_read_them(site: Site, world: World) -> None:
    world.make("feature")
    assert "revenue" in rows(site, columns="title,revenue")["c"]
    assert "revenue" not in rows(site, "viewer", columns="title,revenue")["c"]
    markup = site.text("features/", "viewer")
    block = json.loads(re.search(r'id="island">(.*?)</script>', markup, re.DOTALL)[1])  # type: ignore[index]
    assert "revenue" not in [f["name"] for f in block["fields"]]
    assert block["verbs"] == []
    assert not any(f.get("edit") for f in block["fields"])


def test_several_edits_are_one_batch_to_undo(site: Site, world: World) -> None:
    made = [world.make("feature", title=f"F{n}") for n in range(2)]
    told = change(site, [{"n": f.number, "version": 1, "set": {"effort": "3"}} for f in made], label="Changed effort")
    assert (told["done"], told["refused"], told["c"]["effort"]) == ([1, 2], [], [3, 3])
    undone = site.client().post(
        "/w/north/features/changes",
        {"mutation": "u", "columns": [], "undo": told["batch"]},
        content_type="application/json",
    )
    assert undone.status_code == 200
    assert [fresh(f).effort for f in made] == [None, None]


def test_what_cannot_be_done_is_told_beside_what_was(site: Site, world: World) -> None:
    one, two = world.make("feature"), world.make("feature")
    verbs.update(world.owner, "feature", two.pk, {"effort": 1})
    told = change(
        site,
        [
            {"n": one.number, "version": 1, "do": "plan_feature"},
            {"n": two.number, "version": 1, "set": {"effort": 5}},
            {"n": 999, "version": 1, "set": {"effort": 5}},
            {"n": one.number, "set": {"effort": -1}},
            {"n": one.number, "do": "no_such_verb"},
        ],
    )
    assert told["done"] == [one.number]
    assert [r["why"] for r in told["refused"]] == ["conflict", "gone", "invalid", "gone"]
    assert fresh(one).state == "planned"
    assert fresh(two).effort == 1
    assert told["c"]["effort"] == [None, 1]


def test_tags_and_citations_are_changed_from_a_cell(site: Site, world: World) -> None:
    feature, first, second = world.make("feature"), world.make("objective"), world.make("objective")
    change(site, [{"n": feature.number, "tags": ["Raid", "later"]}])
    told = change(site, [{"n": feature.number, "tags": ["new"], "add": True}])
    assert told["c"]["tags"] == [["later", "new", "raid"]]
    told = change(site, [{"n": feature.number, "cite": "objective", "target": first.key}])
    assert told["c"]["objective"]["d"][0]["key"] == first.key
    edit = {"n": feature.number, "cite": "objective", "target": second.key, "instead": first.key}
    assert [d["key"] for d in change(site, [edit])["c"]["objective"]["d"]] == [second.key]
    told = change(site, [{"n": feature.number, "cite": "objective", "target": "", "instead": second.key}])
    assert told["c"]["objective"] == [None]


def test_a_request_that_is_sent_twice_is_done_once(site: Site, world: World) -> None:
    feature = world.make("feature")
    edits = [{"n": feature.number, "version": 1, "set": {"effort": 2}}]
    first, second = (change(site, edits, mutation="same") for _ in range(2))
    assert first == second
    assert fresh(feature).version == 2


def test_roles_strangers_and_forgers_change_nothing(site: Site, world: World, stranger: Client) -> None:
    feature = world.make("feature")
    edit = {"n": feature.number, "version": 1, "set": {"effort": 2}}
    assert change(site, [edit], "viewer")["refused"][0]["why"] == "forbidden"
    assert change(site, [{"n": feature.number, "do": "plan_feature"}], "viewer")["refused"][0]["why"] == "forbidden"
    answer = stranger.post("/w/north/features/changes", {"mutation": "m"}, content_type="application/json")
    assert answer.status_code == 404
    assert stranger.get("/w/north/features/rows").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.user("product_manager"))
    answer = strict.post("/w/north/features/changes", {"mutation": "m"}, content_type="application/json")
    assert answer.status_code == 403
    assert fresh(feature).version == 1


def test_bad_requests_are_refused_with_a_reason(site: Site) -> None:
    assert change(site, [])["status"] == 422
    assert change(site, [{"n": 1}] * 201)["status"] == 422
    assert site.get("features/news", after="x").status_code == 422
    assert site.get("features/rows", **{"from": "-1"}).status_code == 422
    assert site.get("features/order", q="nothing:here").status_code == 422
    assert site.get("nowhere/rows").status_code == 404


def test_records_are_found_by_the_beginning_of_their_words(site: Site, world: World) -> None:
    made = world.make("objective", title="Raise retention")
    secret = world.make("objective", world.owner, title="Raise secretly", owner=str(world.owner.member_id))
    verbs.name_readers(world.owner, secret.pk, [])
    found = json.loads(site.get("seek", kinds="objective", q="rais").content)["found"]
    assert [f["key"] for f in found] == [made.key]
    assert json.loads(site.get("seek", kinds="objective", q="").content)["found"][0]["key"] == made.key


def test_those_who_look_at_a_record_see_each_other(site: Site, world: World) -> None:
    feature = world.make("feature")
    assert json.loads(site.post(f"{feature.key}/here").content) == {"here": []}
    told = json.loads(site.post(f"{feature.key}/here", {"field": "body"}, "owner").content)
    assert [one["name"] for one in told["here"]] == [world.pm.name]
    told = json.loads(site.post(f"{feature.key}/here").content)
    assert [(one["name"], one["field"]) for one in told["here"]] == [(world.owner.name, "body")]
    site.post(f"{feature.key}/here", {"gone": "1"}, "owner")
    assert json.loads(site.post(f"{feature.key}/here").content) == {"here": []}


def test_nobody_is_seen_at_a_record_out_of_reach(site: Site, world: World, stranger: Client) -> None:
    feature = world.make("feature")
    assert stranger.post(f"/w/north/{feature.key}/here").status_code == 404
    verbs.name_readers(world.owner, feature.pk, [])
    assert site.post(f"{feature.key}/here", role="contributor").status_code == 404
