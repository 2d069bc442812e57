"""What was told to whom, and whether the plan still holds it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.features import rules as features
from threadline.inbound.releases import rules as releases
from threadline.inbound.roadmaps import rules, told
from threadline.inbound.roadmaps.told import Told
from threadline.kernel import past, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db


def only(world: World) -> Told:
    (one,) = told.open_commitments(world.pm)
    return one


def commit(world: World, **values: Any) -> Any:
    return world.make(
        "commitment", title="Audit log", told_to="Ana Lima", words="You have it by March.", told_on="2026-01-10",
        promised_on="2026-03-01", owner=world.pm.member_id, **values,
    )  # fmt: skip


def test_nothing_in_the_plan_behind_it_is_an_alarm(world: World) -> None:
    commit(world)
    assert only(world).without_plan
    assert only(world).alarm == "nothing in the plan stands behind it"


def test_a_feature_out_of_reach_is_nothing_to_stand_on(world: World) -> None:
    secret = world.make("feature", confidentiality=NAMED)
    commit(world, feature=secret.pk)
    (seen,) = told.open_commitments(world.viewer)
    assert (seen.about, seen.without_plan) == (None, True)
    assert not only(world).without_plan


def test_a_moved_date_lists_everybody_told_with_a_note_in_the_words_they_heard(world: World) -> None:
    feature = world.make("feature", state="planned", starts_on="2026-02-01", due_on="2026-02-20", late_on="2026-02-27")
    commit(world, feature=feature.pk)
    assert only(world).alarm == ""
    features.reschedule_feature(
        world.pm, feature=feature, starts_on=date(2026, 2, 1), due_on=date(2026, 3, 10), late_on=date(2026, 3, 24),
        reason="An internal quarrel.",
    )  # fmt: skip
    assert (only(world).late, only(world).alarm) == (9, "likely 9 days later than they were told")
    note = told.note(only(world))
    assert "On 10 January 2026 we told you: “You have it by March.”" in note
    assert "between 10 March 2026 and 24 March 2026" in note
    assert "quarrel" not in note  # a reason said inside stays inside


def test_likely_in_time_but_not_sure_is_said(world: World) -> None:
    feature = world.make("feature", state="planned", due_on="2026-02-20", late_on="2026-03-20")
    commit(world, feature=feature.pk)
    assert (only(world).unsure, only(world).late) == (True, 0)


def test_where_nobody_said_how_sure_the_estimates_do(world: World) -> None:
    feature = world.make("feature", state="planned", starts_on="2026-02-01", due_on="2026-02-25")
    commit(world, feature=feature.pk)
    assert (only(world).sure_on, only(world).alarm) == (None, "")
    team = world.make("delivery_team")
    world.make("estimate", feature=feature.pk, team=team.pk, low=2, likely=10, high=40)
    assert only(world).unsure


def test_it_counts_for_the_release_of_its_feature_and_moves_with_it(world: World) -> None:
    feature = world.make("feature", state="planned")
    release = world.make("release", starts_on="2026-01-01", due_on="2026-02-25")
    verbs.link(world.pm, release, feature, "scope")
    commit(world, feature=feature.pk)
    commit(world, release=release.pk)
    assert [t.alarm for t in told.open_commitments(world.pm, about=release.pk)] == ["", ""]
    releases.reschedule_release(world.pm, release=release, due_on=date(2026, 3, 6))
    assert [t.late for t in told.open_commitments(world.pm, about=release.pk)] == [5, 5]
    assert len(told.open_commitments(world.pm, about=feature.pk)) == 1


def test_a_declined_feature_breaks_the_word(world: World) -> None:
    feature = world.make("feature", state="planned", due_on="2026-02-20")
    commit(world, feature=feature.pk)
    features.decline_feature(world.pm, feature=feature, reason="Too dear.")
    assert only(world).alarm == f"{feature.key} was declined"
    assert "not in our plan at present" in told.note(only(world))


def test_what_they_were_told_before_stays_in_the_history(world: World) -> None:
    made = commit(world)
    rules.tell_commitment_anew(world.pm, commitment=made, words="You have it by June.", promised_on=date(2026, 6, 1))
    assert fresh(made).words == "You have it by June."
    assert past.history(world.pm, made)[0].diff["words"] == ["You have it by March.", "You have it by June."]


def test_a_kept_one_is_no_longer_asked_about(world: World) -> None:
    made = commit(world)
    rules.keep_commitment(world.pm, commitment=made)
    assert told.open_commitments(world.pm) == []


def test_nobody_was_told_on_a_day_to_come(world: World) -> None:
    with pytest.raises(Invalid, match="still to come"):
        world.make("commitment", told_on="2999-01-01")


def test_today_the_feature_and_their_page_say_it(world: World) -> None:
    feature = world.make("feature", state="planned", due_on="2026-04-01", owner=world.pm.member_id)
    commit(world, feature=feature.pk)
    orphan = commit(world)
    client = Client()
    client.force_login(world.user("product_manager"))
    today = client.get("/w/north/").content.decode()
    assert "nothing in the plan stands behind it" in today
    assert f"/w/north/{orphan.key}" in today
    assert "1 person was told otherwise" in client.get(f"/w/north/{feature.key}").content.decode()
    page = client.get(f"/w/north/{feature.key}/told").content.decode()
    assert "we told you: “You have it by March.”" in page
