"""The definition of ready: what is asked of a feature before it is built, and who did not wait for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from threadline.house import furnishing
from threadline.inbound.features import readiness, rules
from threadline.inbound.requirements import rules as requirements
from threadline.kernel import listing, past, undo, verbs
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh

STEPS = "Scenario: It opens\n  Given an agent\n  When it is opened\n  Then it is there"
NUMBERS: dict[str, Any] = {
    name: value
    for n, v in (("reach", 400), ("impact", 1), ("confidence", 80), ("effort", 2))
    for name, value in ((n, v), (f"{n}_source", "Usage log"))
}


def planned(world: World, **values: Any) -> Any:
    return world.make("feature", title="Audit log", state="planned", owner="me", **values)


def made_ready(world: World) -> Any:
    """A feature with all that is asked for."""
    feature = planned(world, hypothesis="If it is there, audits take a day.", outbound_owner="me", **NUMBERS)
    note, aim = world.make("feedback", title="Who opened it?"), world.make("objective", title="Trust", state="active")
    verbs.link(world.pm, feature, note, "evidence")
    verbs.link(world.pm, feature, aim, "objective")
    one = world.make("requirement", title="The desk shall keep a log.", feature=feature.pk)
    requirements.add_criterion(world.pm, requirement=one.key, steps=STEPS)
    requirements.agree_requirement(world.pm, requirement=one.key)
    return feature


def test_what_is_ready_is_begun_without_a_reason(world: World) -> None:
    feature = made_ready(world)
    assert readiness.missing(world.pm, fresh(feature)) == []
    with pytest.raises(Conflict):
        rules.start_unready_feature(world.pm, feature=feature.key, reason="Because")
    rules.start_feature(world.pm, feature=feature.key)
    assert fresh(feature).state == "building"


@pytest.mark.parametrize(
    ("field", "what"),
    [("hypothesis", "a hypothesis"), ("owner", "an owner"), ("outbound_owner", "an outbound owner"),
     ("effort", "a score"), ("reach_source", "a source for each number")],
)  # fmt: skip
def test_each_thing_that_is_taken_away_is_missed(world: World, field: str, what: str) -> None:
    feature = made_ready(world)
    verbs.update(world.pm, "feature", feature.pk, {field: None})
    assert readiness.missing(world.pm, fresh(feature)) == [what]


def test_what_is_not_ready_is_begun_in_ones_own_name_and_with_a_reason_alone(world: World) -> None:
    feature = planned(world)
    with pytest.raises(Invalid, match="a customer's words, an objective it serves"):
        rules.start_feature(world.pm, feature=feature.key)
    assert fresh(feature).state == "planned"
    rules.start_unready_feature(world.pm, feature=feature.key, reason="The pilot cannot wait")
    (one,) = readiness.overrides(world.pm, fresh(feature))
    assert (one.who, one.why) == (world.pm.name, "The pilot cannot wait")
    assert one.missing[:2] == ("a customer's words", "an objective it serves")
    assert "requirements" in one.missing
    assert "an owner" not in one.missing
    assert any(readiness.MISSING in step.diff for step in past.history(world.pm, fresh(feature)))


def test_a_field_of_ones_own_named_ready_is_part_of_the_definition(world: World, client: Client) -> None:
    feature = made_ready(world)
    settings = {"label": "Ready: design looked at", "type": "choice", "choices": ["Yes", "No"]}
    field = furnishing.add_field(world.admin, "feature", settings)
    furnishing.add_field(world.admin, "feature", {"label": "Readers", "type": "text"})
    actor = world.actor("product_manager")
    assert readiness.missing(actor, fresh(feature)) == ["design looked at"]
    for value, lacks in (("No", ["design looked at"]), ("Yes", [])):
        verbs.update(actor, "feature", feature.pk, {field.name: value})
        assert readiness.missing(actor, fresh(feature)) == lacks
    client.force_login(world.user("product_manager"))
    assert "do/start_feature" in client.get(f"/w/north/{feature.key}").content.decode()


def count(world: World) -> list[Any]:
    return listing.list_page(world.pm, type_of("feature"), "unready>0", names=["title", "unready"]).rows


def test_what_was_begun_before_it_was_ready_is_counted_until_it_is_taken_back(world: World) -> None:
    feature = planned(world)
    assert count(world) == []
    rules.start_unready_feature(world.pm, feature=feature.key, reason="The pilot cannot wait")
    assert [row["unready"] for row in count(world)] == [1]
    rules.pause_feature(world.pm, feature=feature.key, reason="It can after all")
    rules.start_unready_feature(world.pm, feature=feature.key, reason="It cannot")
    assert [row["unready"] for row in count(world)] == [2]
    latest = past.history(world.pm, fresh(feature))[0].batch
    undo.undo(world.pm, latest)
    assert [row["unready"] for row in count(world)] == [1]
    assert [one.why for one in readiness.overrides(world.pm, fresh(feature))] == ["The pilot cannot wait"]


def test_the_page_offers_the_way_that_is_possible_and_says_who_did_not_wait(world: World, client: Client) -> None:
    client.force_login(world.user("product_manager"))
    feature, ready = planned(world), made_ready(world)
    page = client.get(f"/w/north/{feature.key}").content.decode()
    assert "do/start_unready_feature" in page
    assert "do/start_feature" not in page
    page = client.get(f"/w/north/{ready.key}").content.decode()
    assert "do/start_feature" in page
    assert "do/start_unready_feature" not in page
    rules.start_unready_feature(world.owner, feature=feature.key, reason="The pilot cannot wait")
    page = client.get(f"/w/north/{feature.key}").content.decode()
    assert f"Begun before it was ready by {world.owner.name}" in page
    assert "The pilot cannot wait" in page
    thread = client.get("/w/north/thread").content.decode()
    assert "feature begun or shipped unready" in thread
