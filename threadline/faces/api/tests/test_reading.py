"""One record: its tag, what comes with it, and how it stood before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from threadline.faces.api.tests.asking import Api
from threadline.kernel import rows, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.changes import Change
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def test_an_unchanged_record_is_not_sent_again(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    one = f"features/{record.key}"
    tag = mine.get(one).etag
    again = mine.get(one, If_None_Match=tag)
    assert (again.status, again.content, again.etag) == (304, b"", tag)
    verbs.update(world.pm, "feature", record, {"title": "Another"})
    assert mine.get(one, If_None_Match=tag).status == 200


def test_what_looks_different_at_the_same_version_is_sent(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    one = f"features/{record.key}"
    plain, talked = mine.get(one).etag, mine.get(f"{one}?include=comments").etag
    assert plain != talked
    verbs.comment(world.pm, record, "A remark raises no version")
    assert mine.get(f"{one}?include=comments", If_None_Match=talked).status == 200
    assert mine.get(one, If_None_Match=plain).status == 304


def test_computed_columns_and_tags_come_with_one_record(world: World, api: MakeApi) -> None:
    record = world.make("feature")
    verbs.tag(world.pm, record, ["later"])
    verbs.link(world.pm, record, world.make("feedback", body="Please"), "evidence")
    found = api().get(f"features/{record.key}")
    assert (found["demand"], found["tags"]) == (1, ["later"])


def test_everything_that_can_come_along_comes(world: World, api: MakeApi) -> None:
    note = world.make("feedback", body="I lost the boss key")
    record = world.make("feature")
    verbs.link(world.pm, record, note, "evidence", quote="boss key", weight=3)
    verbs.comment(world.pm, record, "Why now?")
    parts = "links,comments,tags,why,came,history,files,suspects,actions"
    found = api().get(f"features/{record.key}?include={parts}")["included"]
    assert set(found) == set(parts.split(","))
    [link] = found["links"]
    assert (link["target"]["key"], link["quote"], link["weight"], link["suspect"]) == (note.key, "boss key", 3, False)
    assert [c["body"] for c in found["comments"]] == ["Why now?"]
    assert [n["key"] for n in found["why"]] == [note.key]
    assert {"comment", "link", "create"} <= {s["action"] for s in found["history"]}
    assert "decline_feature" in found["actions"]
    assert "ship_feature" not in found["actions"]
    back = api().get(f"feedback/{note.key}?include=came,links")["included"]
    assert [n["key"] for n in back["came"]] == [record.key]
    assert back["links"][0]["source"]["key"] == record.key


def test_what_is_out_of_reach_does_not_come_along(world: World, api: MakeApi) -> None:
    secret = world.make("feedback", body="The merger", title="The merger", confidentiality=NAMED)
    record = world.make("feature")
    verbs.link(world.pm, record, secret, "evidence", quote="merger")
    parts = "links,why,came,history,suspects"
    for asked in (
        f"features/{record.key}?include={parts}",
        f"features/{record.key}/links",
        f"features/{record.key}/history",
        f"features/{record.key}?as_of=2035-01-01",
        "features?fields=evidence,title",
        "suspects",
        "search?q=merger",
        "events",
        "notifications",
    ):
        found = api("viewer").get(asked)
        assert found.status == 200
        assert "merger" not in found.content.decode().lower(), asked
        assert str(secret.pk) not in found.content.decode(), asked


def test_an_unknown_part_is_refused(world: World, api: MakeApi) -> None:
    record = world.make("feature")
    refused = api().get(f"features/{record.key}?include=links,password")
    assert (refused.status, refused.pointers) == (422, ["include"])


def test_a_record_is_read_as_it_stood(world: World, api: MakeApi) -> None:
    record = world.make("feature", title="First")
    Change.objects.filter(card_id=record.pk).update(at=rows.now() - timedelta(days=3))
    type(record).objects.filter(pk=record.pk).update(created_at=rows.now() - timedelta(days=3))
    verbs.update(world.pm, "feature", record, {"title": "Second"})
    mine, then = api(), (rows.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = mine.get(f"features/{record.key}?as_of={then}")
    assert (found["values"]["title"], found["as_of"]) == ("First", then)
    assert mine.get(f"features/{record.key}?as_of=2035-01-01T00:00:00Z")["values"]["title"] == "Second"
    assert mine.get(f"features/{record.key}?as_of=2001-01-01T00:00:00Z").status == 404
    assert mine.get(f"features/{record.key}?as_of=yesterday").status == 422


@pytest.mark.parametrize(
    "ref", ["F-0", "F-1.5", "x", "-", "F", "1", "A-1", "f-99999999999999999999", "0" * 36, "%00", "%ff"]
)
def test_nonsense_is_not_found(world: World, api: MakeApi, ref: str) -> None:
    world.make("feature")
    assert api().get(f"features/{ref}").status == 404
