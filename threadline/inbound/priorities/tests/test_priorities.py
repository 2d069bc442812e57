"""Score models, their inputs, what a change of model moves, blind rounds, and forcing a feature past the scores."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from threadline.inbound.priorities import queries, rules
from threadline.kernel import past, verbs
from threadline.kernel.changes import Change
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.testing import World, fresh

RICE = {
    "effort": 2,
    "confidence": 80,
    "impact": 2,
    "effort_source": "team",
    "confidence_source": "study",
    "impact_source": "test",
}


def two(world: World) -> tuple[Any, Any]:
    """Two features: the first reaches more people, and the second is more urgent."""
    first = world.make("feature", title="Wide", reach=1000, reach_source="log", state="planned", **RICE)
    second = world.make("feature", title="Urgent", reach=100, state="planned", **RICE)
    for feature, urgency in ((first, 1), (second, 18)):
        for name, value in (("wsjf_value", 5), ("wsjf_urgency", urgency), ("wsjf_risk", 2), ("wsjf_size", 3)):
            world.make("score_input", feature=feature.key, name=name, value=value, basis="workshop")
    return first, second


def test_without_a_model_features_rank_by_rice_with_a_range_where_a_source_is_missing(world: World) -> None:
    two(world)
    wide, urgent = queries.ranked(world.viewer, queries.method_of(queries.applied(world.viewer)))
    assert (wide.title, wide.place, wide.score.low, wide.score.high) == ("Wide", 1, 800, 800)
    assert (urgent.place, urgent.score.low, urgent.score.likely, urgent.score.high) == (2, 40, 80, 120)
    assert urgent.score.unsourced == ("Reach",)


def test_the_ranking_says_how_sure_each_place_is(world: World, client: Client) -> None:
    two(world)
    near = world.make("feature", title="Near", reach=900, **RICE)  # without a source: half to half as much again
    model = world.make("score_model", title="RICE", method="rice")
    first, second, third = queries.ranking(world.viewer, model)
    assert (first.title, first.place_low, first.place_high) == ("Wide", 1, 2)
    assert first.over_next == pytest.approx(0.69, abs=0.05)
    assert (second.key, second.over_next) == (near.key, 1.0)
    assert (third.place_low, third.place_high, third.over_next) == (3, 3, None)
    client.force_login(world.user("viewer"))
    page = client.get("/w/north/features/ranking").content.decode()
    assert "% over next" in page
    assert ">1 to 2<" in page


def test_a_model_says_what_it_would_move_before_it_is_applied(world: World, client: Client) -> None:
    two(world)
    model = world.make("score_model", title="What burns", method="wsjf")
    moves = {m.item: (m.was, m.now, m.because) for m in queries.moves(world.pm, model)}
    assert moves == {
        "F-2": (2, 1, "Asked now: time criticality, 1st of 2."),
        "F-1": (1, 2, "Asked now: time criticality, 2nd of 2."),
    }
    assert queries.applied(world.pm) is None
    client.force_login(world.user("product_manager"))
    page = client.get("/w/north/SM-1/compare").content.decode()
    assert "2 of 2 features change their place" in page
    assert "Asked now: time criticality, 1st of 2." in page
    rules.apply_score_model(world.pm, score_model=model.key, reason="Deadlines bite.")
    assert [s.title for s in queries.ranked(world.pm, queries.method_of(queries.applied(world.pm)))] == [
        "Urgent",
        "Wide",
    ]


def test_one_model_is_applied_at_a_time_and_an_applied_one_is_not_bent(world: World) -> None:
    old = world.make("score_model", method="weighted", criteria="Revenue: 3\nReach: 1")
    new = world.make("score_model", method="wsjf")
    rules.apply_score_model(world.pm, score_model=old.key)
    with pytest.raises(Invalid, match="Draft another one"):
        verbs.update(world.pm, "score_model", old, {"criteria": "Revenue: 1"})
    verbs.update(world.pm, "score_model", old, {"title": "Two things"})
    rules.apply_score_model(world.pm, score_model=new.key)
    assert (fresh(old).state, fresh(new).state) == ("retired", "active")
    with pytest.raises(Invalid, match="no criterion"):
        world.make("score_model", method="weighted", criteria="Revenue, mostly")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "reach", "value": 5}, "name"),
        ({"name": "wsjf_size", "value": 0}, "value"),
        ({"name": "importance", "value": 11}, "value"),
        ({"name": "wsjf_size", "value": 3, "low": 1}, "low"),
        ({"name": "wsjf_size", "value": 3, "low": 4, "high": 5}, "value"),
    ],
)
def test_an_input_lies_on_its_scale_and_in_its_range(world: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        world.make("score_input", **values)
    assert [p.field for p in told.value.problems] == [field]


def test_the_newest_input_stands(world: World) -> None:
    feature = world.make("feature")
    for value, on in ((3, "2026-02-01"), (7, "2026-03-01"), (5, "2026-01-01")):
        world.make("score_input", feature=feature.key, name="importance", value=value, stated_on=on)
    said = queries.stated(world.pm, [fresh(feature)])
    assert next(iter(said.values()))["importance"].given.value == 7


def test_numbers_are_written_with_source_and_day(world: World, client: Client) -> None:
    two(world)
    client.force_login(world.user("product_manager"))
    sent = {
        "reach.value": "250",
        "reach.basis": "Usage log",
        "reach.on": "2026-03-04",
        "effort.value": "2",
        "effort.basis": "team",
    }
    assert client.post("/w/north/F-2/numbers", sent).status_code == 303
    page = client.get("/w/north/features/ranking?capacity=3").content.decode()
    assert "Usage log" in page
    assert "3 person-months are used up here" in page
    rules.apply_score_model(world.pm, score_model=world.make("score_model", method="wsjf").key)
    client.post("/w/north/F-1/numbers", {"wsjf_urgency.value": "20", "wsjf_urgency.basis": ""})
    assert "unsourced" in client.get("/w/north/features/ranking").content.decode()
    assert client.post("/w/north/F-1/numbers", {"wsjf_urgency.value": "soon"}).status_code == 422
    client.force_login(world.user("viewer"))
    assert client.post("/w/north/F-1/numbers", {"wsjf_urgency.value": "3"}).status_code == 403


def test_to_put_a_feature_first_is_a_decision_in_the_ledger(world: World, client: Client) -> None:
    two(world)
    client.force_login(world.user("product_manager"))
    assert "stands at place 2 of 2" in client.get("/w/north/F-2/override").content.decode()
    assert client.post("/w/north/F-2/override", {"question": "First?", "benefit": "", "review": ""}).status_code == 422
    sent = {"question": "Does it go first?", "benefit": "Two renewals", "review": "2027-02-01", "why": "They asked."}
    assert client.post("/w/north/F-2/override", sent)["Location"] == "/w/north/D-1"
    assert "Two renewals" in client.get("/w/north/decisions/overrides").content.decode()
    assert "Override D-1" in client.get("/w/north/features/ranking").content.decode()


def test_the_plot_shows_what_nothing_beats(world: World, client: Client) -> None:
    two(world)
    client.force_login(world.user("viewer"))
    page = client.get("/w/north/features/worth").content.decode()
    rows = page.split("<tbody>")[1].split("</tr>")
    assert "on the line" in rows[0]
    assert "on the line" not in rows[1]
    assert "unsourced" in rows[1]


# ---- blind rounds -----------------------------------------------------------------------


def opened(world: World, **values: Any) -> tuple[Any, Any]:
    """A round over one feature by WSJF."""
    feature = world.make("feature", title="Summaries")
    found = world.make("scoring_round", score_model=world.make("score_model", method="wsjf").key, **values)
    verbs.link(world.pm, found, feature, "scores")
    return found, feature


def said(world: World, actor: Any, found: Any, feature: Any, value: float, name: str = "wsjf_value") -> None:
    rules.score_blind(actor, scoring_round=found.key, feature=feature.key, name=name, value=value)


def test_nobody_sees_a_number_before_it_is_revealed(world: World, client: Client) -> None:
    found, feature = opened(world)
    said(world, world.pm, found, feature, 13.25)
    assert "13.25" not in str(list(Change.objects.values_list("diff", flat=True)))
    assert "13.25" not in str(past.history(world.owner, fresh(found)))
    for role, sees in (("contributor", False), ("owner", False), ("product_manager", True)):
        client.force_login(world.user(role))
        assert ("13.25" in client.get(f"/w/north/{found.key}/score").content.decode()) is sees
        assert "13.25" not in client.get(f"/w/north/{found.key}").content.decode()
        assert client.get(f"/w/north/{found.key}/spread").status_code == 303


def test_revealing_keeps_one_number_by_the_stated_rule_with_the_spread_as_its_range(
    world: World, client: Client
) -> None:
    found, feature = opened(world)
    for actor, value in ((world.pm, 2), (world.contributor, 3), (world.owner, 13)):
        said(world, actor, found, feature, value)
    rules.reveal_round(world.pm, scoring_round=found.key)
    one = next(iter(queries.stated(world.pm, [fresh(feature)]).values()))["wsjf_value"].given
    assert (one.value, one.low, one.high) == (3, 2, 13)
    assert one.source == "Blind scoring SR-1: median of 3, 2 to 13"
    client.force_login(world.user("viewer"))
    page = client.get(f"/w/north/{found.key}/spread").content.decode()
    assert world.owner.name in page
    assert "2 to 13" in page
    with pytest.raises(Conflict):
        said(world, world.pm, found, feature, 5)


def test_a_round_of_one_is_not_revealed(world: World) -> None:
    found, feature = opened(world)
    said(world, world.pm, found, feature, 2)
    said(world, world.pm, found, feature, 5)
    with pytest.raises(Invalid, match="At least 2 people"):
        rules.reveal_round(world.pm, scoring_round=found.key)


def test_what_is_not_asked_is_not_taken(world: World) -> None:
    found, feature = opened(world)
    other = world.make("feature")
    for given in ({"feature": other.key}, {"name": "reach"}, {"value": 21}):
        with pytest.raises(Invalid):
            rules.score_blind(
                world.pm,
                **{"scoring_round": found.key, "feature": feature.key, "name": "wsjf_value", "value": 3, **given},
            )
    with pytest.raises(Forbidden):
        said(world, world.viewer, found, feature, 3)
    with pytest.raises(NotFound):
        said(world, world.stranger, found, feature, 3)


def test_rice_numbers_of_a_round_land_on_the_feature_on_their_steps(world: World) -> None:
    feature = world.make("feature")
    found = world.make("scoring_round", rule="mean", score_model=world.make("score_model", method="rice").key)
    verbs.link(world.pm, found, feature, "scores")
    for actor, impact, reach in ((world.pm, 2, 100), (world.contributor, 1, 300)):
        said(world, actor, found, feature, impact, "impact")
        said(world, actor, found, feature, reach, "reach")
    rules.reveal_round(world.pm, scoring_round=found.key)
    now = fresh(feature)
    assert (now.impact in (1, 2), now.reach) == (True, 200)
    assert now.reach_source == "Blind scoring SR-1: mean of 2, 100 to 300"


def test_a_sheet_is_filled_in_by_form(world: World, client: Client) -> None:
    found, feature = opened(world)
    client.force_login(world.user("contributor"))
    answer = client.post(
        f"/w/north/{found.key}/score", {f"{feature.key}.wsjf_value": "8", f"{feature.key}.wsjf_size": "3"}
    )
    assert answer.status_code == 303
    assert len(queries.my_ballots(world.contributor, fresh(found))) == 2
    assert queries.my_ballots(world.pm, fresh(found)) == {}
