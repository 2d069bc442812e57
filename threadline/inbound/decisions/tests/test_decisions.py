"""A decision from question to review: what must be there, who may say what, and what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from threadline.inbound.decisions import listeners, predicting, queries, rules
from threadline.inbound.research import consenting
from threadline.kernel import listing, past, thread, undo, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.comments import Notification
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.events import Event
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh
from threadline.kernel.work import Progress

TODAY = queries.today()


@pytest.fixture
def question(world: World) -> Any:
    """A proposed decision with two options."""
    decision = world.make("decision", title="How do players sign in?", owner="me")
    for words in ("Four words on paper", "An e-mail address"):
        rules.add_option(world.pm, decision=decision.key, option=words)
    rules.propose_decision(world.pm, decision=decision.key)
    return fresh(decision)


def predicted(world: World, decision: Any, **more: Any) -> Any:
    given = {"metric": "Tickets a week", "baseline": 140, "low": 20, "high": 40, "due_on": TODAY + timedelta(days=30)}
    return predicting.predict(world.pm, decision=decision.key, **{**given, **more})


def test_a_question_with_one_option_is_not_proposed(world: World) -> None:
    decision = world.make("decision")
    rules.add_option(world.pm, decision=decision.key, option="The only way")
    with pytest.raises(Invalid, match="at least two"):
        rules.propose_decision(world.pm, decision=decision.key)


def test_nothing_is_decided_without_a_prediction(world: World, question: Any) -> None:
    with pytest.raises(Invalid, match="Nothing is predicted yet"):
        rules.decide(world.pm, decision=question.key, option="DO-1", rationale="Paper they have.")
    assert fresh(question).state == "proposed"
    predicted(world, question)
    rules.decide(world.pm, decision=question.key, option="DO-1", rationale="Paper they have.")
    made = fresh(question)
    assert (made.state, made.chosen.key, made.decided_on) == ("decided", "DO-1", TODAY)
    assert "Paper they have." in {line.why for line in past.history(world.pm, made)}
    [prediction] = queries.predictions(world.pm, made)
    assert thread.suspects(world.pm, source=prediction.pk) == []


def test_a_dropped_prediction_is_none(world: World, question: Any) -> None:
    made = predicted(world, question)
    predicting.drop_prediction(world.pm, prediction=made.key, reason="Nobody counts that.")
    with pytest.raises(Invalid, match="Nothing is predicted yet"):
        rules.decide(world.pm, decision=question.key, option="DO-1", rationale="Paper they have.")


def test_a_waiver_stands_under_a_name_with_a_reason(world: World, question: Any) -> None:
    with pytest.raises(Invalid):
        rules.decide_unpredicted(world.pm, decision=question.key, option="DO-1", rationale="So.", waiver="  ")
    rules.decide_unpredicted(
        world.pm, decision=question.key, option="DO-1", rationale="So.", waiver="Nothing we count would move."
    )
    made = fresh(question)
    assert (made.waived_by_id, made.waiver_reason) == (world.pm.member_id, "Nothing we count would move.")


def test_no_other_way_leads_past_the_prediction(world: World, question: Any) -> None:
    with pytest.raises(Invalid):
        verbs.update(world.pm, "decision", question, {"state": "decided"})
    with pytest.raises(Invalid):
        verbs.update(world.pm, "decision", question, {"chosen": "DO-1"})
    with pytest.raises(Invalid):
        verbs.update(world.pm, "decision", question, {"waived_by": "me"})
    assert fresh(question).state == "proposed"


def test_an_option_of_another_decision_cannot_be_chosen(world: World, question: Any) -> None:
    other = world.make("option", title="Elsewhere")
    predicted(world, question)
    with pytest.raises(Invalid, match="another decision"):
        rules.decide(world.pm, decision=question.key, option=other.key, rationale="By mistake.")


def test_an_override_names_its_benefit_and_its_day(world: World, question: Any) -> None:
    predicted(world, question)
    verbs.update(world.pm, "decision", question, {"override": True})
    with pytest.raises(Invalid, match="expected_benefit"):
        rules.decide(world.pm, decision=question.key, option="DO-1", rationale="So.")
    rules.override_scores(world.pm, decision=question.key, expected_benefit="Forty seats", review_on=TODAY)
    rules.decide(world.pm, decision=question.key, option="DO-1", rationale="So.")
    assert [d.key for d in queries.overrides(world.viewer)] == [question.key]


def test_a_hit_and_a_miss_follow_from_the_range(world: World, question: Any) -> None:
    first, second = predicted(world, question), predicted(world, question)
    predicting.score_prediction(world.pm, prediction=first.key, actual=40)
    predicting.score_prediction(world.pm, prediction=second.key, actual=41)
    assert (fresh(first).state, fresh(second).state) == ("hit", "miss")
    verbs.update(world.pm, "prediction", second, {"actual": 39}, why="Counted twice")
    assert fresh(second).state == "hit"
    predicting.unscore_prediction(world.pm, prediction=first.key, reason="Read a week too early")
    assert (fresh(first).state, fresh(first).actual) == ("open", None)


def test_zero_is_an_end_of_a_range_like_any_other(world: World, question: Any) -> None:
    made = predicted(world, question, low=0, high=2, baseline=5)
    predicting.score_prediction(world.pm, prediction=made.key, actual=0)
    assert (fresh(made).low, fresh(made).state) == (0, "hit")


def test_a_review_waits_for_every_outcome(world: World, question: Any) -> None:
    made = predicted(world, question)
    rules.decide(world.pm, decision=question.key, option="DO-1", rationale="So.")
    with pytest.raises(Invalid, match="waits for an outcome"):
        rules.review_decision(world.pm, decision=question.key, learned="Paper it is.")
    predicting.score_prediction(world.pm, prediction=made.key, actual=17)
    rules.review_decision(world.pm, decision=question.key, learned="Paper it is.")
    assert fresh(question).state == "reviewed"


def test_reopening_makes_suspect_what_was_built_on_it(world: World, question: Any) -> None:
    predicted(world, question)
    rules.decide(world.pm, decision=question.key, option="DO-1", rationale="So.")
    feature = world.make("feature", owner="me")
    verbs.link(world.pm, feature, question.key, "decision")
    assert thread.suspects(world.pm, source=feature.pk) == []
    rules.reopen_decision(world.pm, decision=question.key, reason="The law changed.")
    made = fresh(question)
    assert (made.state, made.chosen_id, made.decided_on) == ("proposed", None, None)
    assert [s.target_key for s in thread.suspects(world.pm, source=feature.pk)] == [question.key]


def test_the_thread_leads_through_the_option_to_the_words(world: World, question: Any) -> None:
    note = world.make("feedback", body="She does not have an address.")
    rules.argue_for(world.pm, option="DO-1", evidence=note.key, quote="does not have an address")
    feature = world.make("feature")
    verbs.link(world.pm, feature, question.key, "decision")
    found = thread.flat(thread.why(world.pm, verbs.card(world.pm, feature)))
    assert [n.key for n in found if n.kind != "option" or n.key == "DO-1"] == [question.key, "DO-1", note.key]


def test_an_option_shows_when_it_lost_support(world: World, question: Any) -> None:
    note = world.make("feedback", body="She does not have an address.")
    rules.argue_for(world.pm, option="DO-1", evidence=note.key)
    rules.argue_against(world.pm, option="DO-2", evidence=note.key)
    assert [o.lost for o in queries.options(world.pm, question)] == [0, 0]
    verbs.update(world.pm, "feedback", note, {"body": "She has one after all."})
    paper, mail = queries.options(world.pm, question)
    assert (paper.lost, paper.supports[0].lost, mail.lost, mail.opposes[0].lost) == (1, "changed", 0, "changed")
    verbs.archive(world.pm, "feedback", note)
    assert queries.options(world.pm, question)[0].supports[0].lost == "gone"


def test_words_that_were_withdrawn_are_lost_support_and_nothing_more(world: World, question: Any) -> None:
    person = world.make("participant", title="P7")
    world.make("consent", participant=person.key, take_part=True, quote_anonymous=True)
    talk = world.make("interview", participant=person.key)
    mark = world.make("highlight", interview=talk.key, quote="Paper is all I have.")
    rules.argue_for(world.pm, option="DO-1", evidence=mark.key, quote="Paper is all I have.")
    consenting.withdraw_participant(world.pm, participant=person.key)
    for reader in (world.pm, world.viewer):
        paper, mail = queries.options(reader, question)
        (argument,) = paper.supports
        assert (argument.lost, argument.key, argument.title, argument.quote) == ("withdrawn", "", "", "")
        assert (paper.lost, mail.lost) == (1, 0)
    row = listing.row_of(world.viewer, type_of("decision"), question.key, names=["title", "lost"])
    assert row["lost"] == 1


def test_evidence_must_be_there(world: World, question: Any) -> None:
    secret = world.make("feedback", body="Not for you", confidentiality=NAMED)
    with pytest.raises(Invalid, match="no record of that key"):
        rules.argue_for(world.owner, option="DO-1", evidence=secret.key)


def test_whoever_supports_customers_may_disagree_and_a_viewer_may_not(world: World, question: Any) -> None:
    made = rules.dissent_from(world.contributor, decision=question.key, words="People lose paper.")
    assert (made.owner_id, made.title) == (world.contributor.member_id, "People lose paper.")
    with pytest.raises(Forbidden):
        rules.dissent_from(world.viewer, decision=question.key, words="So do I.")
    with pytest.raises(Invalid, match="Only the person"):
        rules.take_dissent_back(world.pm, dissent=made.key, reason="Enough now.")
    rules.take_dissent_back(world.contributor, dissent=made.key, reason="A second way in was added.")
    assert fresh(made).state == "taken_back"


def test_an_option_that_was_chosen_stays_on_the_table(world: World, question: Any) -> None:
    predicted(world, question)
    rules.decide(world.pm, decision=question.key, option="DO-1", rationale="So.")
    with pytest.raises(Invalid, match="chosen"):
        rules.withdraw_option(world.pm, option="DO-1", reason="Tidying up")
    with pytest.raises(Conflict):
        rules.add_option(world.pm, decision=question.key, option="Too late")


def test_deciding_is_undone_as_one(world: World, question: Any) -> None:
    predicted(world, question)
    rules.decide(world.pm, decision=question.key, option="DO-1", rationale="So.")
    undo.undo(world.pm, past.history(world.pm, fresh(question))[0].batch)
    made = fresh(question)
    assert (made.state, made.chosen_id, made.rationale) == ("proposed", None, "")


# ---- who sees it ------------------------------------------------------------------------


def test_parts_are_kept_as_close_as_their_decision(world: World) -> None:
    decision = world.make("decision", confidentiality=NAMED)
    verbs.name_readers(world.pm, decision, [world.pmm.member_id])
    option = rules.add_option(world.pm, decision=decision.key, option="Sell the studio")
    other = world.make("option", decision=decision.key, title="By a form")
    for part in (option, other):
        assert fresh(part).confidentiality == NAMED
        with pytest.raises(NotFound):
            verbs.card(world.owner, part.pk)
    assert verbs.card(world.pmm, option.pk).key == option.key


def test_parts_follow_when_the_readers_change(world: World, question: Any) -> None:
    made = predicted(world, question)
    verbs.name_readers(world.pm, question, [world.pmm.member_id])
    _hear(world, question, "decision.name_readers")
    with pytest.raises(NotFound):
        verbs.card(world.owner, "DO-1")
    assert verbs.card(world.pmm, "DO-1").confidentiality == NAMED
    assert verbs.card(world.pmm, made.pk).confidentiality == NAMED
    verbs.name_readers(world.pm, question, [])
    _hear(world, question, "decision.name_readers")
    with pytest.raises(NotFound):
        verbs.card(world.pmm, "DO-1")


def test_an_option_from_a_form_is_on_the_thread_too(world: World, question: Any) -> None:
    made = world.make("option", decision=question.key, title="A passkey")
    listeners.weigh_what_was_added(_event(world, made, "option.created"))
    came = thread.why(world.pm, verbs.card(world.pm, question))
    assert made.key in [n.key for n in came]


def _event(world: World, record: Any, name: str) -> Event:
    return Event(name, str(record.workspace_id), str(record.pk), str(world.pm.member_id), str(record.pk))


def _hear(world: World, record: Any, name: str) -> None:
    listeners.keep_parts_as_close(_event(world, record, name))


# ---- what opens by itself ---------------------------------------------------------------


def test_the_review_opens_on_its_day_and_tells_once(world: World, question: Any) -> None:
    late = predicted(world, question, due_on=TODAY, who=str(world.owner.member_id))
    predicted(world, question, due_on=TODAY + timedelta(days=1))
    progress: Any = Progress.__new__(Progress)
    assert listeners.open_reviews(progress) == {"told": 1}
    assert listeners.open_reviews(progress) == {"told": 0}
    told = Notification.objects.get(actor_name=listeners.CALENDAR)
    assert (told.card_id, told.member_id) == (late.pk, world.owner.member_id)
    assert [p.key for p in queries.due(world.owner)] == [late.key]
    assert queries.due(world.pm) == []
    predicting.score_prediction(world.pm, prediction=late.key, actual=30)
    assert queries.due(world.owner) == []


def test_a_like_question_is_found(world: World, question: Any) -> None:
    other = world.make("decision", title="Should players sign in with paper?")
    world.make("decision", title="How do we do what we should?")
    world.make("decision", title="Which colour has the harbour?")
    assert [f.key for f in queries.asked_before(world.pm, "players sign in how", besides=question.pk)] == [other.key]
    assert queries.asked_before(world.stranger, "players sign in how") == []


# ---- how good we are --------------------------------------------------------------------


def test_calibration_is_ones_own_or_ones_teams_and_others_to_heads_alone(world: World, question: Any) -> None:
    made = predicted(world, question)
    predicting.score_prediction(world.pm, prediction=made.key, actual=85)
    mine, listed = queries.calibration(world.pm, member=world.pm.member_id)
    assert (mine.count, mine.hits, [p.key for p in listed]) == (1, 0, [made.key])
    assert mine.median == pytest.approx(0.5)  # 140 to 85 of 140 to 30
    team = world.team("Desk", world.pm, world.pmm, products=[])
    assert queries.calibration(world.pmm, team=team.pk)[0].count == 1
    for forbidden in ({"member": world.pm.member_id}, {"team": team.pk}, {}):
        with pytest.raises(Forbidden):
            queries.calibration(world.contributor, **forbidden)
    assert queries.calibration(world.owner, member=world.pm.member_id)[0].count == 1
