"""Go or no-go is a decision on the thread, with its dissents by name; its words stand in one place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from threadline.inbound.decisions import rules as decisions
from threadline.inbound.decisions.models import Decision, DecisionOption, Dissent
from threadline.inbound.releases import deciding, queries, rules
from threadline.inbound.releases.models import Release
from threadline.kernel import past, rows, thread, undo, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db


def ready(world: World, **values: object) -> Release:
    made: Release = world.make("release", title="Lantern", rollback_plan="Turn it off.", **values)
    rules.start_release(world.pm, release=made)
    rules.ready_release(world.pm, release=made)
    return made


def question(world: World, release: Release) -> Decision:
    found = deciding.question_of(world.pm, release)
    assert found is not None
    return found


def chosen(world: World, release: Release) -> str:
    return DecisionOption.objects.get(pk=question(world, release).chosen_id).title


def test_the_question_is_put_when_work_begins_and_due_when_it_is_ready(world: World) -> None:
    made = world.make("release", title="Lantern", version_name="2.0.0")
    rules.start_release(world.pm, release=made)
    put = question(world, made)
    assert (put.title, put.state) == ("Does Lantern 2.0.0 go out?", "draft")
    assert [one.title for one in DecisionOption.objects.filter(decision=put).order_by("number")] == ["Go", "No-go"]
    rules.ready_release(world.pm, release=made)
    assert fresh(put).state == "proposed"
    came = thread.flat(thread.what_came_of_it(world.pm, verbs.card(world.pm, put.pk)))
    assert made.key in [node.key for node in came]


def test_a_no_go_is_a_dissent_by_name_and_says_what_that_says(world: World) -> None:
    made = ready(world)
    rules.voice_release(world.contributor, release=made, view="no_go", reason="Support is not trained.")
    dissent = Dissent.objects.get(decision=question(world, made))
    assert (dissent.owner_id, dissent.state) == (world.contributor.member_id, "stands")
    rules.voice_release(world.contributor, release=made, view="no_go", reason="Two of six are trained.")
    assert [v.reason for v in queries.voices(world.pm, made)] == ["Two of six are trained."]
    assert Dissent.objects.filter(decision=question(world, made)).count() == 1
    kept = [str(step.diff) for step in past.history(world.pm, fresh(made)) if queries.VOICE in step.diff]
    assert kept
    assert not any("trained" in one for one in kept)  # the log says which dissent, not its words


def test_a_dissent_taken_back_in_the_decisions_room_is_no_no_go(world: World) -> None:
    made = ready(world)
    rules.voice_release(world.contributor, release=made, view="no_go", reason="Not yet.")
    dissent = Dissent.objects.get(decision=question(world, made))
    decisions.take_dissent_back(world.contributor, dissent=dissent, reason="They are trained.")
    assert queries.voices(world.pm, made) == []


def test_a_go_takes_ones_own_no_go_back(world: World) -> None:
    made = ready(world)
    rules.voice_release(world.contributor, release=made, view="no_go", reason="Not yet.")
    rules.voice_release(world.contributor, release=made, view="go", reason="Now.")
    assert Dissent.objects.get(decision=question(world, made)).state == "taken_back"


def test_shipping_decides_with_a_waiver_or_a_prediction(world: World) -> None:
    made, other = ready(world), ready(world)
    for one in (made, other):
        rules.voice_release(world.pmm, release=one, view="go", reason="Ready.")
        with pytest.raises(Invalid, match="Nothing is predicted on D-"):
            rules.ship_release(world.pm, release=one)
    rules.ship_release(world.pm, release=made, waiver="A repair.")
    answered = question(world, made)
    assert (answered.state, chosen(world, made)) == ("decided", "Go")
    assert (answered.waived_by_id, answered.waiver_reason) == (world.pm.member_id, "A repair.")
    world.make("prediction", decision=question(world, other).pk, metric="Tickets a week", low=3, high=9,
               due_on=rows.now().date() + timedelta(days=60))  # fmt: skip
    rules.ship_release(world.pm, release=other)
    assert (question(world, other).state, question(world, other).waived_by_id) == ("decided", None)


def test_not_ready_after_all_is_no_go_and_the_next_question_replaces_it(world: World) -> None:
    made = ready(world)
    first = question(world, made)
    rules.unready_release(world.pm, release=made, reason="A page takes ten seconds.")
    assert (chosen(world, made), fresh(first).rationale) == ("No-go", "A page takes ten seconds.")
    rules.ready_release(world.pm, release=made)
    second = question(world, made)
    assert second.pk != first.pk
    assert second.state == "proposed"
    assert Link.objects.filter(source_id=second.pk, target_id=first.pk, kind="replaces").exists()


def test_an_answer_given_in_the_decisions_room_holds(world: World) -> None:
    made = ready(world)
    rules.voice_release(world.pmm, release=made, view="go", reason="Ready.")
    put = question(world, made)
    no = DecisionOption.objects.get(decision=put, title="No-go")
    decisions.decide_unpredicted(world.pm, decision=put, option=no.key, rationale="Too soon.", waiver="It stays in.")
    with pytest.raises(Invalid, match="says no-go"):
        rules.ship_release(world.pm, release=made, waiver="A repair.")


def test_shipping_is_undone_with_its_decision(world: World) -> None:
    made = ready(world)
    rules.voice_release(world.pmm, release=made, view="go", reason="Ready.")
    batch = rows.new_id()
    rules.ship_release(world.pm, release=made, waiver="A repair.", batch=batch)
    undo.undo(world.pm, batch)
    assert (fresh(made).state, question(world, made).state) == ("ready", "proposed")


def test_a_release_for_named_people_keeps_its_decision_from_the_others(world: World) -> None:
    made = ready(world, confidentiality=NAMED)
    put = question(world, made)
    with pytest.raises(NotFound):
        verbs.card(world.viewer, put.pk)
