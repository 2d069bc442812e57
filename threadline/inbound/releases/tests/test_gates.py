"""Gates, rollout stages, notes that stay as written, and what a move takes with it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from threadline.inbound.releases import gating, notes, queries, ripple, rules
from threadline.inbound.releases.models import Release
from threadline.kernel import rows, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db
WAIVER = "A repair: nothing is to change."


def built(world: World) -> Release:
    """A release in building, with a way back and a go."""
    made: Release = world.make("release", title="Lantern", rollback_plan="Turn it off.")
    rules.start_release(world.pm, release=made)
    rules.voice_release(world.pmm, release=made, view="go", reason="Ready.")
    return made


def test_a_gate_keeps_the_release_back_until_it_passes(world: World) -> None:
    made = built(world)
    early = world.make("gate", title="Load test", release=made.key, phase="ready")
    late = world.make("gate", title="Support is trained", release=made.key, phase="ship")
    with pytest.raises(Invalid, match=f"Gate {early.key}, Load test, is open"):
        rules.ready_release(world.pm, release=made)
    gating.fail_gate(world.pm, gate=early, evidence="Half the pages took two seconds.")
    with pytest.raises(Invalid, match="is failed"):
        rules.ready_release(world.pm, release=made)
    gating.pass_gate(world.pm, gate=early, evidence="p95 is 180 ms at twice the load.")
    rules.ready_release(world.pm, release=made)
    with pytest.raises(Invalid, match=late.key):
        rules.ship_release(world.pm, release=made)
    gating.pass_gate(world.pm, gate=late, evidence="All six took the course.")
    rules.ship_release(world.pm, release=made, waiver=WAIVER)
    assert fresh(made).state == "shipped"
    assert fresh(early).evidence == "p95 is 180 ms at twice the load."


def test_only_whoever_the_gate_names_decides_it(world: World) -> None:
    gate = world.make("gate", release=built(world).key, approver=world.owner.member_id)
    with pytest.raises(Invalid, match="names who decides"):
        gating.pass_gate(world.pm, gate=gate, evidence="I looked.")
    assert gating.pass_gate(world.owner, gate=gate, evidence="I looked.").state == "passed"


def test_a_waiver_ends(world: World) -> None:
    made = built(world)
    gate = world.make("gate", release=made.key)
    today = rows.now().date()
    with pytest.raises(Invalid, match="This day has been"):
        gating.waive_gate(world.pm, gate=gate, reason="No time.", until=today - timedelta(days=1))
    gating.waive_gate(world.pm, gate=gate, reason="No time.", until=today)
    assert gating.closed(world.pm, made, "ship") == []
    type(gate).objects.filter(pk=gate.pk).update(waived_until=today - timedelta(days=1))
    assert [one.pk for one in gating.closed(world.pm, made, "ship")] == [gate.pk]


def test_a_gate_that_says_something_else_is_open_again(world: World) -> None:
    gate = world.make("gate", title="Fast enough", release=built(world).key)
    gating.pass_gate(world.pm, gate=gate, evidence="180 ms")
    verbs.update(world.pm, "gate", gate.pk, {"title": "Fast enough in Spain"})
    assert (fresh(gate).state, fresh(gate).evidence) == ("open", "")


def test_stages_start_in_order_after_the_decision(world: World) -> None:
    made = built(world)
    few = world.make("rollout_stage", release=made.key, percent=5)
    all_ = world.make("rollout_stage", release=made.key, percent=100)
    with pytest.raises(Invalid, match="has not shipped"):
        gating.start_stage(world.pm, rollout_stage=few)
    rules.ready_release(world.pm, release=made)
    rules.ship_release(world.pm, release=made, waiver=WAIVER)
    with pytest.raises(Invalid, match=few.key):
        gating.start_stage(world.pm, rollout_stage=all_)
    gating.start_stage(world.pm, rollout_stage=few)
    gating.hold_stage(world.pm, rollout_stage=few, reason="Errors doubled.")
    gating.start_stage(world.pm, rollout_stage=few)
    gating.finish_stage(world.pm, rollout_stage=few, seen="No more errors than before.")
    gating.start_stage(world.pm, rollout_stage=all_)
    gating.roll_back_stage(world.pm, rollout_stage=all_, reason="Sign-in failed.")
    assert (fresh(few).state, fresh(all_).state) == ("done", "rolled_back")


def test_notes_stay_as_written_and_name_what_changed(world: World) -> None:
    made = world.make("release", version_name="2.0.0")
    first, second = world.make("feature", title="Bulk edit"), world.make("feature", title="Search")
    link = verbs.link(world.pm, made, first, "scope")
    rules.write_release_notes(world.pm, release=made, text="We made it faster.")
    verbs.unlink(world.pm, link.pk)
    verbs.link(world.pm, made, second, "scope")
    came, left = notes.differences(fresh(made), queries.noted(world.pm, made.pk))
    assert ([one.key for one in came], left) == ([second.key], [first.key])
    assert fresh(made).notes == "We made it faster."


def test_notes_left_blank_take_the_draft(world: World) -> None:
    made = world.make("release", version_name="2.0.0")
    verbs.link(world.pm, made, world.make("feature", title="Bulk edit"), "scope")
    rules.write_release_notes(world.pm, release=made)
    assert fresh(made).notes.startswith("## [2.0.0]")
    assert "Bulk edit" in fresh(made).notes


def test_moving_offers_to_move_what_depends_on_it(world: World) -> None:
    made = world.make("release", starts_on="2026-05-01", due_on="2026-05-15")
    dated = {"starts_on": "2026-05-04", "due_on": "2026-05-14"}
    inside, after, last, other = (world.make("feature", title=t, **dated) for t in ("In", "After", "Last", "Other"))
    verbs.link(world.pm, made, inside, "scope")
    verbs.link(world.pm, after, inside, "depends_on")
    verbs.link(world.pm, last, after, "depends_on")
    rules.reschedule_release(world.pm, release=made, due_on=date(2026, 5, 18))
    assert [fresh(one).due_on.day for one in (inside, after, last, other)] == [17, 14, 14, 14]
    rules.reschedule_release(world.pm, release=made, due_on=date(2026, 5, 20), dependants=True)
    assert [fresh(one).due_on.day for one in (inside, after, last, other)] == [19, 16, 16, 14]


def test_readiness_waits_for_every_criterion(world: World) -> None:
    made, feature = world.make("release"), world.make("feature")
    assert ripple.conditions(world.pm, made.pk, [feature.pk]) == []
    requirement = world.make("requirement", feature=feature.key)
    criterion = world.make("criterion", requirement=requirement.key)
    (found,) = ripple.conditions(world.pm, made.pk, [feature.pk])
    assert (found.met, found.lacking) == (False, (criterion.key,))


def test_dropping_names_those_who_were_told(world: World) -> None:
    feature = world.make("feature", title="Bulk edit")
    told = world.make("commitment", title="Bulk edit in May", told_to="Ana Lima", feature=feature.key)
    assert [(one.key, one.how) for one in ripple.touched(world.pm, feature.pk)] == [(told.key, "Ana Lima was told")]
    hidden = world.make("commitment", told_to="Rui", feature=feature.key, confidentiality=2)
    assert hidden.key not in {one.key for one in ripple.touched(world.viewer, feature.pk)}
