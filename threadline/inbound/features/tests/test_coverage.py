"""How much of the plan rests on evidence, and what rests on none."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.inbound.features.queries import Coverage, coverage, features_without_evidence
from threadline.kernel import verbs
from threadline.kernel.testing import World


def planned(world: World, note: Any = None, **values: Any) -> Any:
    made = world.make("feature", **{"state": "planned", **values})
    if note is not None:
        verbs.link(world.pm, made, note, "evidence")
    return made


def test_shares_of_the_worked_example() -> None:
    """40 committed, 30 with evidence, 6 of those only with what changed since: 60 % confirmed, 75 % nominal."""
    told = Coverage(committed=40, cited=30, confirmed=24)
    assert (told.confirmed_share, told.nominal_share) == (0.6, 0.75)
    assert Coverage(0, 0, 0).nominal_share is None
    assert Coverage(0, 0, 0).confirmed_share is None


def test_only_what_is_committed_counts(world: World) -> None:
    note = world.make("feedback", body="Words")
    planned(world, note)
    planned(world)
    planned(world, state="building")
    planned(world, note, state="idea")
    planned(world, note, state="shipped")
    assert coverage(world.pm) == Coverage(committed=3, cited=1, confirmed=1)
    assert coverage(world.pm, states=("shipped",)) == Coverage(1, 1, 1)


def test_evidence_that_changed_since_is_nominal_until_confirmed(world: World) -> None:
    first, second = world.make("feedback", body="One"), world.make("feedback", body="Two")
    feature = planned(world, first)
    planned(world, second)
    verbs.update(world.pm, "feedback", first, {"body": "Something else"})
    assert coverage(world.pm) == Coverage(2, 2, 1)
    verbs.link(world.pm, feature, second, "evidence")  # one fresh note is enough
    assert coverage(world.pm) == Coverage(2, 2, 2)


def test_notes_in_the_trash_or_out_of_reach_support_nothing(world: World) -> None:
    gone, hidden = world.make("feedback"), world.make("feedback", actor=world.owner, confidentiality=2)
    planned(world, gone)
    verbs.link(world.owner, planned(world), hidden, "evidence")
    verbs.archive(world.pm, "feedback", gone)
    assert coverage(world.pm) == Coverage(2, 0, 0)
    assert coverage(world.owner) == Coverage(2, 1, 1)
    assert coverage(world.stranger) == Coverage(0, 0, 0)


def test_coverage_of_one_product(world: World) -> None:
    atlas, boreal = world.product("Atlas"), world.product("Boreal")
    planned(world, world.make("feedback"), product="Atlas")
    planned(world, product="Boreal")
    assert coverage(world.pm, product=atlas.pk) == Coverage(1, 1, 1)
    assert [o.title for o in features_without_evidence(world.pm, product=atlas.pk)] == []
    assert len(features_without_evidence(world.pm, product=boreal.pk)) == 1


def test_what_rests_on_nothing_is_named_the_dearest_first(world: World) -> None:
    numbers = {"impact": 1, "confidence": 80, "effort": 1}
    planned(world, title="Small", reach=10, **numbers)
    planned(world, title="Unscored")
    planned(world, title="Large", reach=1000, **numbers)
    planned(world, world.make("feedback"), title="Supported", reach=9999, **numbers)
    aim = world.make("objective")
    verbs.link(world.pm, planned(world, title="Only an aim"), aim, "objective")
    found = features_without_evidence(world.viewer)
    assert [o.title for o in found] == ["Large", "Small", "Only an aim", "Unscored"]
    assert found[0].key.startswith("F-")
    assert len(features_without_evidence(world.viewer, limit=2)) == 2
    assert features_without_evidence(world.stranger) == []


@pytest.mark.parametrize("query", ["evidence:none state:planned,building", "-evidence:any state:planned,building"])
def test_the_same_question_can_be_asked_of_the_list(world: World, query: str) -> None:
    from_list = [planned(world, title="Bare").key]
    planned(world, world.make("feedback"), title="Supported")
    assert [o.key for o in features_without_evidence(world.pm)] == from_list
