"""The tree of a feature: places, circles, and what a requirement rests on by standing there."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.inbound.requirements import queries, rules
from threadline.inbound.requirements.models import Requirement
from threadline.kernel import verbs, work
from threadline.kernel.actions import through_door
from threadline.kernel.errors import Conflict, Invalid, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh
from threadline.kernel.thread import suspects


def add(world: World, feature: Any, title: str, **where: Any) -> Requirement:
    """A requirement at a place of the tree, as the outline makes it."""
    return through_door(
        world.pm, "create", lambda door: rules.add_requirement(door, {"feature": feature.pk, "title": title}, **where)
    )


def hear() -> None:
    """Let the listeners have what waits for them, as the worker does."""
    progress: Any = work.Progress.__new__(work.Progress)
    for job in Job.objects.filter(name="kernel.listener").order_by("pk"):
        if ".requirements." not in job.args["path"]:
            continue
        progress.workspace_id = job.workspace_id
        work.tell_listener(progress, **job.args)
        job.delete()


def shape(world: World, feature: Any) -> list[str]:
    return [f"{b.path} {b.requirement.title}" for b in queries.tree(world.viewer, feature)]


def test_the_tree_reads_in_its_order_and_keys_stay_when_places_change(world: World) -> None:
    feature = world.make("feature")
    a, c = add(world, feature, "A"), add(world, feature, "C")
    b = add(world, feature, "B", after=a)
    part = add(world, feature, "Part", parent=a)
    assert shape(world, feature) == ["1 A", "1.1 Part", "2 B", "3 C"]
    rules.move_requirement(world.pm, requirement=c.key, under=a.key, after=part.key)
    assert shape(world, feature) == ["1 A", "1.1 Part", "1.2 C", "2 B"]
    rules.move_requirement(world.pm, requirement=b.key)
    assert shape(world, feature) == ["1 B", "2 A", "2.1 Part", "2.2 C"]
    assert fresh(c).key == c.key


def test_a_circle_is_refused_and_so_is_a_part_of_another_feature(world: World) -> None:
    feature = world.make("feature")
    whole = add(world, feature, "Whole")
    part = add(world, feature, "Part", parent=whole)
    elsewhere = add(world, world.make("feature"), "Elsewhere")
    with pytest.raises(Invalid, match="part of itself"):
        rules.move_requirement(world.pm, requirement=whole.key, under=part.key)
    with pytest.raises(Invalid, match="same feature"):
        rules.move_requirement(world.pm, requirement=part.key, under=elsewhere.key)
    with pytest.raises(Invalid, match="stands in a tree"):
        verbs.update(world.pm, "requirement", part, {"feature": elsewhere.feature_id})


def test_a_requirement_is_suspect_when_its_feature_or_what_it_refines_changes_its_meaning(world: World) -> None:
    feature = world.make("feature", hypothesis="If so, then so.")
    whole = add(world, feature, "Whole")
    part = add(world, feature, "Part", parent=whole)
    other = add(world, feature, "Other")
    verbs.update(world.pm, "requirement", whole, {"title": "Whole, said anew", "rationale": "Because"})
    assert {(s.source_key, s.target_key) for s in suspects(world.pm)} == {(part.key, whole.key)}
    verbs.update(world.pm, "feature", feature, {"hypothesis": "If so, then otherwise."})
    assert {s.source_key for s in suspects(world.pm) if s.target_key == feature.key} == {whole.key, part.key, other.key}


def test_a_part_that_moves_no_longer_rests_on_what_it_left(world: World) -> None:
    feature = world.make("feature")
    whole = add(world, feature, "Whole")
    part = add(world, feature, "Part", parent=whole)
    rules.move_requirement(world.pm, requirement=part.key)
    verbs.update(world.pm, "requirement", whole, {"title": "Another"})
    assert suspects(world.pm) == []


def test_what_came_by_the_api_cites_its_feature_once_the_worker_has_run(world: World) -> None:
    feature = world.make("feature")
    made = world.make("requirement", feature=feature.key)
    criterion = world.make("criterion", requirement=made.key)
    assert not Link.objects.filter(source_id=made.pk).exists()
    hear()
    assert Link.objects.get(source_id=made.pk).target_id == feature.pk
    assert Link.objects.get(source_id=criterion.pk).target_id == made.pk


def test_nobody_agrees_to_what_stands_open(world: World) -> None:
    open_point = world.make("requirement", title="The shop shall answer within TBD s.")
    with pytest.raises(Invalid, match="TBD"):
        rules.agree_requirement(world.pm, requirement=open_point.key)
    world.make("agreed_word", title="tbd")
    assert rules.agree_requirement(world.pm, requirement=open_point.key).state == "agreed"


def test_a_requirement_is_verified_when_its_criteria_are_accepted(world: World) -> None:
    one = world.make("requirement", title="The shop shall keep the basket.")
    criterion = rules.add_criterion(
        world.pm, requirement=one.key, steps="Given a basket\nWhen I return\nThen it is there"
    )
    rules.agree_requirement(world.pm, requirement=one.key)
    with pytest.raises(Conflict):
        rules.verify_requirement(world.pm, requirement=one.key, how="By hand")
    rules.build_requirement(world.pm, requirement=one.key)
    with pytest.raises(Invalid, match=criterion.key):
        rules.verify_requirement(world.pm, requirement=one.key, how="By hand")
    rules.accept_criterion(world.pm, criterion=criterion.key)
    assert rules.verify_requirement(world.pm, requirement=one.key, how="By hand").verified_how == "By hand"


def test_a_reworded_criterion_is_open_again(world: World) -> None:
    one = world.make("requirement")
    made = rules.add_criterion(world.pm, requirement=one.key, steps="Scenario: Kept\nGiven a basket\nThen it is there")
    assert made.title == "Kept"
    done = rules.accept_criterion(world.pm, criterion=made.key)
    assert (done.state, done.accepted_by_id) == ("accepted", world.pm.member_id)
    again: Any = verbs.update(world.pm, "criterion", made, {"body": "Given a basket\nThen it is empty"})
    assert (again.state, again.accepted_by_id, again.accepted_on) == ("proposed", None, None)


def test_what_is_no_gherkin_is_kept_but_not_accepted(world: World) -> None:
    made = world.make("criterion", body="Somehow it works")
    with pytest.raises(Invalid, match="Line 1: “Somehow it works” is no step"):
        rules.accept_criterion(world.pm, criterion=made.key)


def test_the_pattern_follows_the_sentence(world: World) -> None:
    made = world.make("requirement", title="When it rains, the roof shall close.")
    assert made.pattern == "event"
    assert verbs.update(world.pm, "requirement", made, {"title": "The roof shall close."}).pattern == "ubiquitous"  # type: ignore[attr-defined]


def test_parts_are_seen_by_no_more_people_than_what_they_belong_to(world: World) -> None:
    feature = world.make("feature", actor=world.owner)
    one = verbs.create(world.owner, "requirement", {"title": "A secret", "feature": feature.pk})
    criterion = verbs.create(world.owner, "criterion", {"title": "Seen", "requirement": one.pk})
    baseline = verbs.create(world.owner, "baseline", {"title": "One", "feature": feature.pk})
    verbs.name_readers(world.owner, feature.pk, [])
    hear()
    hear()
    for part in (one, criterion, baseline):
        assert not type(part)._default_manager.filter(pk=part.pk, confidentiality=0).exists(), part
        with pytest.raises(NotFound):
            verbs.card(world.pm, part.pk)
        assert verbs.card(world.owner, part.pk).pk == part.pk
