"""Search, notifications, keys and the stream of changes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from threadline.faces.api.tests.asking import Api
from threadline.house import tokens
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.changes import Change
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def test_search_finds_what_one_may_see(world: World, api: MakeApi) -> None:
    note = world.make("feedback", body="I lost the boss key in a raid")
    world.make("feedback", body="boss key, confidential", confidentiality=NAMED)
    world.make("feedback", world.stranger, body="boss key of the south")
    found = api("viewer").get("search?q=boss+ke")
    assert (found.keys, found["has_more"]) == ([note.key], False)
    assert "boss key in a raid" in found["data"][0]["excerpt"]
    assert api().get("search?q=boss+key&kind=feature")["data"] == []
    assert len(api().get("search?q=boss+key&kind=feedback&limit=1")["data"]) == 1
    assert api().get("search").pointers == ["q"]
    assert api().get("search?q=x&kind=user").status == 422


def test_notifications_are_ones_own_and_read_once(world: World, api: MakeApi) -> None:
    feature = world.make("feature")
    verbs.comment(world.owner, feature, "@product_manager.north look")
    mine = api()
    found = mine.get("notifications?unread=1")["data"]
    assert {n["reason"] for n in found} == {"mention"} or {n["reason"] for n in found} == {"mention", "comment"}
    assert found[0]["record"]["key"] == feature.key
    assert api("viewer").post("notifications/read", {"ids": [found[0]["id"]]})["read"] == 0
    assert mine.post("notifications/read", {"ids": [found[0]["id"]]})["read"] == 1
    mine.post("notifications/read")
    assert mine.get("notifications?unread=1")["data"] == []
    assert len(mine.get("notifications")["data"]) == len(found)


def test_a_notification_of_what_went_out_of_reach_is_gone(world: World, api: MakeApi) -> None:
    feature, mine = world.make("feature", title="Secret soon"), api("viewer")
    verbs.watch(world.viewer, feature)
    verbs.update(world.pm, "feature", feature, {"title": "Secret now"})
    assert len(mine.get("notifications")["data"]) == 1
    verbs.update(world.pm, "feature", feature, {"confidentiality": NAMED})
    assert mine.get("notifications")["data"] == []


def test_a_key_is_shown_once(world: World, api: MakeApi) -> None:
    owner = api("owner", scope="admin")
    made = owner.post("tokens", {"name": "Script", "scopes": ["read"], "days": 7})
    assert made.status == 201, made
    assert Api({"Authorization": f"Bearer {made['token']}"}).get("me")["scopes"] == ["read"]
    assert made["token"].split("_")[2] not in owner.get("tokens").content.decode()
    [listed] = [t for t in owner.get("tokens")["data"] if t["name"] == "Script"]
    assert (listed["prefix"], listed["works"], listed["kind"]) == (made["token"].split("_")[1], True, "personal")
    assert owner.delete(f"tokens/{made['id']}").status == 204
    assert Api({"Authorization": f"Bearer {made['token']}"}).get("me").status == 401
    assert not any(t["works"] for t in owner.get("tokens")["data"] if t["name"] == "Script")
    for odd in (
        {"name": "x"},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["all"]},
        {"name": "x", "scopes": "read", "days": 0},
        {"name": "x", "scopes": ["read"], "rate_limit": 9},
        {"name": "x", "scopes": ["read"], "member": "me"},
    ):
        assert owner.post("tokens", odd).status == 422, odd


def test_keys_of_others_are_not_found(world: World, api: MakeApi) -> None:
    token, _ = tokens.create(world.owner, name="Hers", scopes=["read"])
    for other in (api(scope="admin"), api("owner", "south", scope="admin")):
        assert not any(t["name"] == "Hers" for t in other.get("tokens")["data"])
        assert other.delete(f"tokens/{token.pk}").status == 404
    assert api(scope="admin").post("tokens", {"name": "Bot", "scopes": ["read"], "kind": "service"}).status == 403


# ---- the stream of changes --------------------------------------------------------------


def test_a_reader_who_goes_on_misses_nothing(world: World, api: MakeApi) -> None:
    mine = api()
    start = mine.get("events?after=latest")["next_cursor"]
    keys = [mine.post("features", {"title": f"Feature {n}"})["key"] for n in range(5)]
    seen, cursor = [], start
    while True:
        page = mine.get(f"events?limit=2&after={cursor}" if cursor else "events?limit=2")
        seen += [e["record"]["key"] for e in page["data"] if e["record"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert seen == keys
    again = mine.get(f"events?after={cursor}")
    assert (again["data"], again["next_cursor"], again["has_more"]) == ([], cursor, False)


def test_an_event_says_what_changed_as_far_as_one_may_know(world: World, api: MakeApi) -> None:
    account = world.make("account", annual_revenue=5)
    verbs.update(world.pm, "account", account, {"annual_revenue": 9, "region": "North"}, why="Renewed")
    mine, theirs = api().get("events")["data"], api("viewer").get("events")["data"]
    assert mine[1]["changes"] == {"annual_revenue": [5, 9], "region": [None, "North"]}
    assert theirs[1]["changes"] == {"region": [None, "North"]}
    assert theirs[1]["fields"] == ["region"]
    assert (mine[1]["action"], mine[1]["why"], mine[1]["who"]["name"], mine[1]["version"]) == (
        "update",
        "Renewed",
        world.pm.name,
        2,
    )


def test_events_of_others_and_of_the_house_stay_out(world: World, api: MakeApi) -> None:
    world.make("feature", confidentiality=NAMED, title="Hidden")
    world.make("feature", world.stranger, title="Theirs")
    tokens.create(world.owner, name="A key of the owner", scopes=["read"])
    seen = api("viewer").get("events").content.decode()
    assert not any(word in seen for word in ("Hidden", "Theirs", "A key of"))
    heads = api("owner", scope="admin").get("events")["data"]
    assert any(e["kind"] == "token" and e["record"] is None for e in heads)
    assert Change.objects.count() > len(heads)


@pytest.mark.parametrize("after", ["x", "%00", "-1", "' OR 1=1"])
def test_a_cursor_that_is_none_is_refused(world: World, api: MakeApi, after: str) -> None:
    refused = api().get(f"events?after={after.replace(' ', '+')}")
    assert (refused.status, refused.pointers) == (422, ["after"])


def test_an_unknown_batch_is_not_found(world: World, api: MakeApi) -> None:
    assert api().post(f"batches/{uuid4()}/undo").status == 404
    assert api().post("batches/nonsense/undo").status == 404
    assert api("viewer").post("batches", {"label": "x"}).status == 403
