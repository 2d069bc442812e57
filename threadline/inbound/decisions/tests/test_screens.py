"""The decision's pages: options side by side, the question asked first, the ledger, calibration, today."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from threadline.inbound.decisions import predicting, queries, rules
from threadline.inbound.decisions.models import Decision
from threadline.kernel import verbs
from threadline.kernel.testing import World, fresh


def page(client: Client, world: World, path: str, role: str = "product_manager") -> str:
    client.force_login(world.user(role))
    answer = client.get(f"/w/north/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_decision_is_drafted_on_one_page_after_looking_whether_it_was_decided(world: World, client: Client) -> None:
    world.make("decision", title="How do players sign in?")
    found = page(client, world, "decisions/ask?question=players+sign+in+with+what")
    assert "How do players sign in?" in found
    assert "Make the draft" in found
    sent = {"title": "Paper or mail?", "body": "By May.", "option_1": "Paper", "option_2": " ", "option_3": "Mail"}
    answer = client.post("/w/north/decisions/ask", sent)
    made = Decision.objects.get(title="Paper or mail?")
    assert answer.headers["location"] == f"/w/north/{made.key}"
    assert [o.title for o in queries.options(world.pm, made)] == ["Paper", "Mail"]
    assert made.owner_id == world.pm.member_id


def test_a_draft_without_a_question_says_what_is_missing_and_keeps_the_rest(world: World, client: Client) -> None:
    client.force_login(world.user("product_manager"))
    answer = client.post("/w/north/decisions/ask", {"title": "", "option_1": "Paper"})
    assert answer.status_code == 422
    assert Decision.objects.count() == 0


def test_a_viewer_looks_but_drafts_nothing(world: World, client: Client) -> None:
    assert "Make the draft" not in page(client, world, "decisions/ask?question=x", "viewer")
    assert client.post("/w/north/decisions/ask", {"title": "Mine"}).status_code == 403


def test_options_stand_with_their_evidence_and_the_chosen_one_is_marked(world: World, client: Client) -> None:
    decision = world.make("decision")
    note = world.make("feedback", body="She has no address.")
    for words in ("Paper", "Mail"):
        rules.add_option(world.pm, decision=decision.key, option=words)
    rules.argue_for(world.pm, option="DO-1", evidence=note.key, quote="no address")
    rules.propose_decision(world.pm, decision=decision.key)
    before = page(client, world, decision.key)
    assert "no address" in before
    assert f"{decision.key}/do/decide?option=DO-1" in before
    rules.decide_unpredicted(world.pm, decision=decision.key, option="DO-1", rationale="So.", waiver="Nothing moves.")
    verbs.update(world.pm, "feedback", note, {"body": "She has one."})
    after = page(client, world, decision.key)
    assert "chosen</span>" in after
    assert "lost 1 reason" in after
    assert "Nothing moves." in after
    assert "do/decide?option" not in after


def test_what_the_reader_may_not_see_is_not_among_the_arguments(world: World, client: Client) -> None:
    decision = world.make("decision")
    rules.add_option(world.pm, decision=decision.key, option="Paper")
    note = world.make("feedback", title="Secret of Petra", body="A secret word", confidentiality=2)
    rules.argue_for(world.pm, option="DO-1", evidence=note.key, quote="secret word")
    assert "secret word" in page(client, world, decision.key)
    assert "ecret" not in page(client, world, decision.key, "owner")


def test_the_ledger_lists_overrides_and_calibration_names_no_other_person(world: World, client: Client) -> None:
    decision = world.make("decision", title="Roles first?", owner="me")
    rules.override_scores(
        world.pm, decision=decision.key, expected_benefit="Forty seats", review_on=queries.today().isoformat()
    )
    made = predicting.predict(
        world.pm, decision=decision.key, metric="Seats", low=40, high=90, baseline=0, due_on=queries.today().isoformat()
    )
    assert "Forty seats" in page(client, world, "decisions/overrides")
    assert "What did it come to?" in page(client, world, "")
    predicting.score_prediction(world.pm, prediction=made.key, actual=52)
    assert "1 of 1" in page(client, world, "predictions/calibration")
    other = page(client, world, "predictions/calibration?who=product_manager.north", "contributor")
    assert "1 of 1" not in other
    assert "Petra Manager" not in other
    assert "1 of 1" in page(client, world, "predictions/calibration?who=product_manager.north", "owner")


def scored(world: World, count: int, owner: str = "me") -> None:
    """Outcomes that moved 6 where 10 were predicted."""
    for number in range(count):
        values = {
            "baseline": 0,
            "low": 8,
            "high": 12,
            "actual": 6,
            "owner": owner,
            "due_on": queries.today().isoformat(),
        }
        world.make("prediction", metric=f"Number {number}", **values)


def test_where_one_predicts_ones_own_outcomes_suggest_a_correction(world: World, client: Client) -> None:
    decision = world.make("decision", title="Roles first?", owner="me")
    scored(world, 9)
    assert "as far as was said" not in page(client, world, f"{decision.key}/do/predict")
    scored(world, 1)
    said = page(client, world, f"{decision.key}/do/predict")
    assert "Your last 10 predictions: the number moved 0.60× as far as was said" in said
    assert "as far as was said" not in page(client, world, f"{decision.key}/do/predict", "owner")
    world.team("Desk", world.pm, world.owner, products=[])
    assert "Desk&#39;s last 10 predictions" in page(client, world, f"{decision.key}/do/predict", "owner")
    assert "as far as was said" not in page(client, world, f"{decision.key}/do/dissent_from")


def test_a_prediction_is_drawn_and_said(world: World, client: Client) -> None:
    made = world.make("prediction", metric="Tickets", unit="a week", baseline=140, low=20, high=40, likely=30)
    due = queries.today() + timedelta(days=3)
    verbs.update(world.pm, "prediction", made, {"due_on": due.isoformat()})
    found = page(client, world, made.key)
    assert "From 140 a week, it should come to 20 a week to 40 a week, most likely 30 a week. 80% sure." in found
    predicting.score_prediction(world.pm, prediction=made.key, actual=50)
    assert "It came to 50 a week, above the range" in page(client, world, made.key)
    assert fresh(made).state == "miss"
