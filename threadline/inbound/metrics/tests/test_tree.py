"""The metric tree: what drives what, the values as they were read, who is to move them, and what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.metrics import growing, queries, rules
from threadline.inbound.metrics.models import Metric
from threadline.kernel import rows, undo, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World, fresh

TREE = "/w/north/metrics/tree"


@pytest.fixture
def pm(world: World, client: Client) -> Client:
    client.force_login(world.user("product_manager"))
    return client


def today() -> date:
    return rows.now().date()


def days_ago(count: int) -> date:
    return today() - timedelta(days=count)


def grown(world: World) -> dict[str, Any]:
    """Weekly messages = users by sessions of each; a key result measured by it, a feature that moves one part."""
    made = {
        "top": world.make("metric", title="Messages a week", formula="product", owner="me"),
        "users": world.make("metric", title="Users", owner="me"),
        "sessions": world.make("metric", title="Sessions of each", owner="me"),
    }
    for part in ("users", "sessions"):
        rules.place_metric(world.pm, metric=made[part].key, under=made["top"].key)
    for name, values in (("top", (5000, 5280)), ("users", (1000, 1100)), ("sessions", (5.0, 4.8))):
        for day, value in zip((days_ago(14), days_ago(1)), values, strict=True):
            rules.measure_metric(world.pm, metric=made[name].key, value=value, on=day)
    made["result"] = world.make("key_result", title="6,000 messages", metric="Messages")
    verbs.link(world.pm, made["result"], made["top"], "measures")
    made["feature"] = world.make("feature", title="Invitations")
    verbs.link(world.pm, made["feature"], made["users"], "moves")
    return made


def test_the_tree_says_what_moved_and_what_each_part_gave(world: World) -> None:
    made = grown(world)
    (root,) = growing.forest(world.viewer, today()).roots
    assert (root.metric.key, [c.metric.key for c in root.children]) == ("ME-1", ["ME-2", "ME-3"])
    assert root.change == (5000.0, 5280.0)
    assert [round(c.given or 0, 2) for c in root.children] == [489.77, -209.77]
    assert [c.key for c in root.claims] == [made["result"].key]
    users, sessions = root.children
    assert ([c.key for c in users.claims], users.findings) == ([made["feature"].key], [])
    assert sessions.findings == ["Nothing drives it: no metric under it, and no feature that claims to move it."]


def test_a_key_result_without_a_metric_and_a_metric_on_no_tree_are_listed(world: World) -> None:
    grown(world)
    bare = world.make("key_result", title="Fewer tickets")
    alone = world.make("metric", title="Temperature")
    found = growing.forest(world.pm, today())
    assert [c.key for c in found.unmeasured] == [bare.key]
    assert [n.metric.key for n in found.loose] == [alone.key]
    verbs.link(world.pm, bare, alone, "measures")
    assert growing.forest(world.pm, today()).unmeasured == ()


def test_nothing_drives_itself_and_a_circle_made_otherwise_is_still_shown(world: World) -> None:
    made = grown(world)
    with pytest.raises(Invalid, match="cannot drive itself"):
        rules.place_metric(world.pm, metric=made["top"].key, under=made["users"].key)
    with pytest.raises(Invalid, match="cannot drive itself"):
        rules.place_metric(world.pm, metric=made["top"].key, under=made["top"].key)
    with pytest.raises(Invalid, match="A metric drives another metric"):
        rules.place_metric(world.pm, metric=made["top"].key, under=made["feature"].key)
    verbs.link(world.pm, made["top"], made["users"], "drives")
    found = growing.forest(world.pm, today())
    assert found.roots == ()
    assert {n.metric.key for n in found.in_circle} == {"ME-1", "ME-2", "ME-3"}


def test_a_metric_moves_under_another_and_off_the_tree(world: World) -> None:
    made = grown(world)
    rules.place_metric(world.pm, metric=made["sessions"].key, under=made["users"].key)
    (root,) = growing.forest(world.pm, today()).roots
    assert [c.metric.key for c in root.children] == ["ME-2"]
    assert [c.metric.key for c in root.children[0].children] == ["ME-3"]
    rules.place_metric(world.pm, metric=made["sessions"].key)
    assert [n.metric.key for n in growing.forest(world.pm, today()).loose] == ["ME-3"]


def series(world: World, one: Any) -> list[tuple[date, float]]:
    return [(v.on, v.value) for v in queries.series(world.pm, [one.pk]).get(one.pk, [])]


def test_a_value_of_an_earlier_day_goes_where_it_belongs_and_leaves_the_latest(world: World) -> None:
    one = world.make("metric", title="Users")
    for ago, value in ((20, 10.0), (10, 12.0)):
        rules.measure_metric(world.pm, metric=one.key, value=value, on=days_ago(ago))
    batch, again = rows.new_id(), rows.new_id()
    rules.measure_metric(world.pm, metric=one.key, value=11, on=days_ago(15), batch=batch)
    assert (fresh(one).current, fresh(one).measured_on) == (12.0, days_ago(10))
    assert series(world, one) == [(days_ago(20), 10.0), (days_ago(15), 11.0), (days_ago(10), 12.0)]
    rules.measure_metric(world.pm, metric=one.key, value=9, on=days_ago(15), batch=again)  # that day, mended
    assert dict(series(world, one))[days_ago(15)] == 9.0
    undo.undo(world.pm, again)
    assert dict(series(world, one))[days_ago(15)] == 11.0
    undo.undo(world.pm, batch)
    assert series(world, one) == [(days_ago(20), 10.0), (days_ago(10), 12.0)]
    assert fresh(one).current == 12.0


def test_an_undone_value_is_gone_and_comes_back_when_that_is_undone(world: World) -> None:
    one = world.make("metric", title="Users")
    for ago, value in ((20, 10.0), (10, 12.0)):
        rules.measure_metric(world.pm, metric=one.key, value=value, on=days_ago(ago))
    with pytest.raises(Invalid, match="still to come"):
        rules.measure_metric(world.pm, metric=one.key, value=9, on=today() + timedelta(days=1))
    rules.measure_metric(world.pm, metric=one.key, value=12.5, on=days_ago(10))  # the same day, mended
    batch = rows.new_id()
    rules.measure_metric(world.pm, metric=one.key, value=99, batch=batch)
    assert fresh(one).measured_on == today()
    before = [(days_ago(20), 10.0), (days_ago(10), 12.5)]
    back = undo.undo(world.pm, batch).batch
    assert series(world, one) == before
    assert fresh(one).current == 12.5
    undo.undo(world.pm, back)
    assert series(world, one) == [*before, (today(), 99.0)]


@pytest.mark.parametrize("mended", [False, True])
def test_an_earlier_value_goes_and_comes_as_often_as_its_undo_is_undone(world: World, mended: bool) -> None:
    one = world.make("metric", title="Users")
    for ago, value in ((20, 10.0), (10, 12.0), *(((15, 11.0),) if mended else ())):
        rules.measure_metric(world.pm, metric=one.key, value=value, on=days_ago(ago))
    without = series(world, one)
    batch = rows.new_id()
    rules.measure_metric(world.pm, metric=one.key, value=9, on=days_ago(15), batch=batch)
    among = [(days_ago(20), 10.0), (days_ago(15), 9.0), (days_ago(10), 12.0)]
    assert series(world, one) == among
    for stands in (without, among, without, among, without):
        batch = undo.undo(world.pm, batch).batch
        assert series(world, one) == stands
        assert (fresh(one).current, fresh(one).measured_on) == (12.0, days_ago(10))
    rules.measure_metric(world.pm, metric=one.key, value=13, on=today())
    assert series(world, one) == [*without, (today(), 13.0)]


def test_who_may_not_see_a_metric_finds_no_word_of_it(world: World, client: Client) -> None:
    made = grown(world)
    verbs.name_readers(world.pm, made["users"].pk, [])
    client.force_login(world.user("viewer"))
    said = client.get(TREE).content.decode()
    assert "Messages a week" in said
    assert "ME-2" not in said
    assert "Users" not in said.partition("<tl-tree")[2].partition("</tl-tree>")[0]


def test_the_page_shows_values_claims_and_what_is_missing(world: World, pm: Client) -> None:
    grown(world)
    said = pm.get(TREE).content.decode()
    for words in ("5,280", "up 280", "Product of what is under it", "Of +280: Users +490, Sessions of each \u2212210.",
                  "Invitations", "6,000 messages", "Nothing drives it"):  # fmt: skip
        assert words in said, words
    page = pm.get("/w/north/ME-1").content.decode()
    assert "Of +280" in page
    assert "<polyline" in page
    assert "Sessions of each" in page
    assert pm.post("/w/north/ME-1/do/measure_metric", {"value": "5300"}).status_code == 303
    assert fresh(Metric.objects.get(number=1)).current == 5300


def test_a_driver_is_added_and_moved_by_forms(world: World, pm: Client) -> None:
    grown(world)
    pm.post(TREE, {"act": "add", "under": "ME-2", "title": "Invitations sent"})
    pm.post(TREE, {"act": "move", "what": "ME-3", "under": "ME-2"})
    (root,) = growing.forest(world.pm, today()).roots
    assert [c.metric.key for c in root.children[0].children] == ["ME-4", "ME-3"]  # as they came
    assert pm.post(TREE, {"act": "nothing"}).status_code == 404


def test_more_metrics_take_no_more_statements(world: World, pm: Client, django_assert_max_num_queries: Any) -> None:
    made = grown(world)
    for n in range(20):
        one = world.make("metric", title=f"Part {n}")
        rules.place_metric(world.pm, metric=one.key, under=made["users"].key)
        rules.measure_metric(world.pm, metric=one.key, value=n)
    pm.get(TREE)
    with django_assert_max_num_queries(25):
        pm.get(TREE)
