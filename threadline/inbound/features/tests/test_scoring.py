"""Scores of features: the database's column, the card, and what may not be entered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from threadline.inbound.features import queries, rice
from threadline.kernel import listing, past, rows, undo, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh

NUMBERS = {"reach": 500, "impact": 3, "confidence": 80, "effort": 2}


def test_the_column_and_the_formula_agree(world: World) -> None:
    made = fresh(world.make("feature", **NUMBERS))
    assert made.score == pytest.approx(600) == rice.score(500, 3, 80, 2)
    assert queries.score_card(world.pm, made).likely == pytest.approx(made.score)
    [row] = listing.list_page(world.pm, type_of("feature"), "score:600", names=["score"]).rows
    assert row["score"] == made.score


@pytest.mark.parametrize("name", NUMBERS)
def test_without_one_input_there_is_no_score(world: World, name: str) -> None:
    assert fresh(world.make("feature", **{**NUMBERS, name: None})).score is None


def test_the_card_gives_each_input_with_source_and_day(world: World) -> None:
    made = world.make("feature", **NUMBERS, reach_source="Usage log", reach_on="2026-02-01", effort_source="Two teams")
    card = queries.score_card(world.viewer, fresh(made))
    assert card.formula == rice.FORMULA
    by = {i.name: i for i in card.inputs}
    assert (by["reach"].source, by["reach"].on, by["reach"].sourced) == ("Usage log", date(2026, 2, 1), True)
    assert card.unsourced == ("impact", "confidence")
    assert (card.low, card.high) == (pytest.approx(500 * 2 * 0.5 / 2), pytest.approx(500 * 3 * 1 / 2))


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"reach": -1}, "reach", "0 or more"),
        ({"reach": "lots"}, "reach", "Expected a number"),
        ({"impact": 1.4}, "impact", "one of 3, 2, 1, 0.5, 0.25"),
        ({"confidence": 101}, "confidence", "100 or less"),
        ({"confidence": 0.8}, "confidence", "write 80 for 80"),
        ({"effort": 0}, "effort", "0.05 or more"),
        ({"effort": -2}, "effort", "0.05 or more"),
        ({"reach_on": "9999-01-01"}, "reach_on", "day to come"),
        ({"reach": 10**18}, "reach", "too large"),
        ({"score": 5}, "score", "Cannot be set"),
    ],
)
def test_what_is_out_of_range_is_said(world: World, values: dict[str, Any], field: str, says: str) -> None:
    made = world.make("feature")
    for write in (
        lambda: world.make("feature", **values),
        lambda: verbs.update(world.pm, "feature", made, values),
    ):
        with pytest.raises(Invalid) as told:
            write()
        assert [(p.field, says in p.message) for p in told.value.problems] == [(field, True)]
    assert fresh(made).version == 1


def test_every_problem_is_said_at_once(world: World) -> None:
    with pytest.raises(Invalid) as told:
        world.make("feature", confidence=0.5, reach_on="9999-01-01", state="declined")
    assert {p.field for p in told.value.problems} == {"confidence", "reach_on", "declined_reason"}


def test_a_source_without_a_day_is_of_today(world: World) -> None:
    today = rows.now().date()
    made = world.make("feature", reach=5, reach_source="Log", impact=1)
    assert (made.reach_on, made.impact_on) == (today, None)


def test_a_number_renewed_without_a_day_is_of_today_and_undo_brings_the_old_day_back(world: World) -> None:
    today, old = rows.now().date(), rows.now().date() - timedelta(days=90)
    made = world.make("feature", reach=5, reach_source="Log", reach_on=old.isoformat())
    verbs.update(world.pm, "feature", made, {"title": "Other"})
    assert fresh(made).reach_on == old
    verbs.update(world.pm, "feature", made, {"reach": 6})
    assert fresh(made).reach_on == today
    undo.undo(world.pm, past.history(world.pm, fresh(made))[0].batch)
    assert (fresh(made).reach, fresh(made).reach_on) == (5, old)


def test_features_are_found_and_grouped_by_impact(world: World) -> None:
    world.make("feature", title="Big", impact="massive")
    world.make("feature", title="Small", impact=0.5)
    names = {"names": ["title", "impact"]}
    declared = type_of("feature")
    for query, found in (("impact>=1", ["Big"]), ("impact:0.5", ["Small"]), ("impact:massive", ["Big"])):
        assert [r["title"] for r in listing.list_page(world.pm, declared, query, **names).rows] == found
    page = listing.list_page(world.pm, declared, "group:impact", **names)
    assert [r["impact"] for r in page.rows] == [0.5, 3.0]


def test_parts_form_no_circle(world: World) -> None:
    whole = world.make("feature", title="Whole")
    part = world.make("feature", title="Part", parent=whole.key)
    piece = world.make("feature", title="Piece", parent=part.key)
    for top, under in ((whole, piece), (whole, part), (part, piece), (whole, whole)):
        with pytest.raises(Invalid) as told:
            verbs.update(world.pm, "feature", top, {"parent": under.key})
        assert told.value.problems[0].field == "parent"
    verbs.update(world.pm, "feature", piece, {"parent": whole.key})
    assert fresh(piece).parent_id == whole.pk
