"""Many records in one request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.dump import dump
from threadline.faces.api.tests.asking import Api
from threadline.kernel.access import NAMED
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def statuses(answer: Any) -> list[int]:
    return [r["status"] for r in answer["results"]]


def test_each_item_has_its_own_result_and_the_rest_stands(world: World, api: MakeApi) -> None:
    first, second = world.make("feature"), world.make("feature")
    done = api().post(
        "features/bulk",
        {
            "action": "update",
            "items": [
                {"ref": first.key, "values": {"title": "One"}, "expect": 1},
                {"ref": second.key, "values": {"title": "Two"}, "expect": 7},
                {"ref": "F-404", "values": {"title": "None"}},
                {"ref": str(second.pk), "values": {"nonsense": 1}},
                {"values": {"title": "Whose?"}},
                "text",
                {"ref": second.key, "values": [], "more": 1},
                {"ref": second.key, "values": {"reach": 5}},
            ],
        },
    )
    assert done.status == 207
    assert statuses(done) == [200, 412, 404, 422, 422, 422, 422, 200]
    assert (done["succeeded"], done["failed"]) == (2, 6)
    assert done["results"][0] | {"id": ""} == {"index": 0, "status": 200, "id": "", "key": first.key, "version": 2}
    assert done["results"][1]["problem"]["current_version"] == 1
    assert done["results"][3]["problem"]["errors"][0]["pointer"] == "/items/3/nonsense"
    assert (fresh(first).title, fresh(second).reach) == ("One", 5)


def test_all_of_it_is_undone_as_one(world: World, api: MakeApi) -> None:
    mine = api()
    done = mine.post(
        "features/bulk", {"action": "create", "items": [{"values": {"title": f"Feature {n}"}} for n in range(5)]}
    )
    assert (done.status, done["succeeded"]) == (200, 5)
    assert mine.post(f"batches/{done['batch']}/undo")["reversed"] == 5
    assert mine.get("features")["data"] == []


def test_with_atomic_one_failure_undoes_the_rest(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    before = dump()
    items = [{"ref": record.key, "values": {"title": "New"}}, {"ref": "F-404", "values": {}}]
    done = mine.post("features/bulk", {"action": "update", "atomic": True, "items": items})
    assert (done.status, statuses(done), done["succeeded"]) == (422, [424, 404], 0)
    assert dump() == before


def test_records_are_put_away_restored_and_decided_on(world: World, api: MakeApi) -> None:
    keys = [world.make("feature").key for _ in range(3)]
    mine, items = api(), [{"ref": k} for k in keys]
    assert mine.post("features/bulk", {"action": "plan_feature", "items": items})["succeeded"] == 3
    assert statuses(mine.post("features/bulk", {"action": "plan_feature", "items": items})) == [409] * 3
    declined = [{"ref": k, "arguments": {"reason": "Too dear"}} for k in keys]
    assert mine.post("features/bulk", {"action": "decline_feature", "items": declined})["succeeded"] == 3
    assert mine.post("features/bulk", {"action": "archive", "items": items})["succeeded"] == 3
    assert mine.get("features")["data"] == []
    assert mine.post("features/bulk", {"action": "restore", "items": items})["succeeded"] == 3
    assert {r["state"] for r in mine.get("features")["data"]} == {"declined"}


def test_each_item_passes_the_same_door(world: World, api: MakeApi) -> None:
    theirs, kept = world.make("feature", world.stranger), world.make("feature", confidentiality=NAMED)
    before = dump()
    items = [{"ref": str(theirs.pk), "values": {"title": "Mine"}}, {"ref": kept.key, "values": {"title": "Mine"}}]
    assert statuses(api("owner").post("features/bulk", {"action": "update", "items": items})) == [404, 404]
    open_one = world.make("feature")
    items = [{"ref": open_one.key, "values": {"title": "Mine"}}]
    assert statuses(api("viewer").post("features/bulk", {"action": "update", "items": items})) == [403]
    assert statuses(api("viewer").post("features/bulk", {"action": "archive", "items": items})) == [403]
    assert fresh(theirs).title == fresh(kept).title
    assert set(dump()) == set(before)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/action"),
        ({"action": "update"}, "/items"),
        ({"action": "update", "items": []}, "/items"),
        ({"action": "update", "items": {}}, "/items"),
        ({"action": "update", "items": "F-1"}, "/items"),
        ({"action": "update", "items": [{"ref": "F-1"}] * 501}, "/items"),
        ({"action": "update", "items": [{"ref": "F-1"}] * 10_000}, "/items"),
        ({"action": "purge", "items": [{"ref": "F-1"}]}, "/action"),
        ({"action": "", "items": [{"ref": "F-1"}]}, "/action"),
        ({"action": ["update"], "items": [{}]}, "/action"),
        ({"action": "update", "items": [{}], "all": True}, "/all"),
        ({"action": "update", "items": [{}], "atomic": "perhaps"}, "/atomic"),
    ],
)
def test_a_request_that_makes_no_sense_does_nothing(world: World, api: MakeApi, body: Any, pointer: str) -> None:
    world.make("feature")
    mine, before = api(), dump()
    refused = mine.post("features/bulk", body)
    assert refused.status == 422
    assert pointer in refused.pointers
    assert dump() == before


@pytest.mark.parametrize(
    "item",
    [
        {"ref": None},
        {"ref": 1},
        {"ref": {}},
        {"ref": "x" * 10_000},
        {"ref": "\x01"},
        {"ref": "F-1", "expect": "1"},
        {"ref": "F-1", "expect": True},
        {"ref": "F-1", "values": "x"},
        {"ref": "F-1", "values": {"title": []}},
        None,
        1,
        [],
    ],
)
def test_an_odd_item_fails_alone(world: World, api: MakeApi, item: Any) -> None:
    record = world.make("feature")
    done = api().post(
        "features/bulk", {"action": "update", "items": [item, {"ref": record.key, "values": {"title": "Fine"}}]}
    )
    assert done.status == 207, done
    assert done["results"][0]["status"] in (404, 422)
    assert fresh(record).title == "Fine"


def test_sent_twice_with_a_key_it_acts_once(world: World, api: MakeApi) -> None:
    mine, body = api(), {"action": "create", "items": [{"values": {"title": "One"}}, {"values": {"title": ""}}]}
    first, second = (mine.post("features/bulk", body, Idempotency_Key="k") for _ in range(2))
    assert (first.status, second.status) == (207, 207)
    assert second.json == first.json
    assert len(mine.get("features")["data"]) == 1
