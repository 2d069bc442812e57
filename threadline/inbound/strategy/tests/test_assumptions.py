"""Assumptions: evidence against one turns it, and whatever bets on it, amber; its tests keep their bar."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.inbound.features.rules import solve_opportunity
from threadline.inbound.strategy import placing, trying
from threadline.inbound.strategy.listeners import follow_evidence
from threadline.kernel import listing, past, thread, undo, verbs
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.events import Event
from threadline.kernel.links import Link
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh

FIXED = {"method": "Landing page", "metric": "Clicks", "threshold": "at least 12 of 30", "sample": 30}


def bet(world: World) -> tuple[Any, Any, Any]:
    """A feature that bets on an assumption, and a note that speaks against it."""
    assumption = world.make("assumption", title="Agents read the summary", importance=9, evidence=2)
    feature = world.make("feature", title="Summaries")
    verbs.link(world.pm, feature, assumption, "assumes")
    return assumption, feature, world.make("feedback", body="Nobody reads these.")


def shaky(world: World, record: Any, kind: str = "feature") -> int:
    [row] = listing.list_page(world.pm, type_of(kind), f"key:{record.key}", names=["shaky"]).rows
    return int(row["shaky"])


def test_evidence_against_an_assumption_makes_the_bet_on_it_suspect_with_what_changed(world: World) -> None:
    assumption, feature, note = bet(world)
    assert shaky(world, feature) == 0
    assert thread.suspects(world.pm, source=feature.pk) == []
    trying.contradict_assumption(world.pm, assumption=assumption.key, evidence=note.key, quote="Nobody reads these.")
    assert fresh(assumption).state == "contradicted"
    [told] = thread.suspects(world.pm, source=feature.pk)
    assert (told.target_key, told.link_kind) == (assumption.key, "assumes")
    assert past.since(world.pm, "assumption", assumption.pk, told.seen_revision) == {
        "state": ["believed", "contradicted"]
    }
    assert shaky(world, feature) == 1


def test_to_have_seen_it_is_not_to_have_settled_it(world: World) -> None:
    assumption, feature, note = bet(world)
    trying.contradict_assumption(world.pm, assumption=assumption.key, evidence=note.key)
    verbs.confirm(world.pm, Link.objects.get(kind="assumes").pk)
    assert thread.suspects(world.pm, source=feature.pk) == []
    assert shaky(world, feature) == 1
    trying.judge_assumption(world.pm, assumption=assumption.key, verdict="holds", reason="One voice of forty.")
    assert shaky(world, feature) == 0
    assert len(thread.suspects(world.pm, source=feature.pk)) == 1


def test_a_judgement_stands_until_new_evidence_comes(world: World) -> None:
    assumption, _, note = bet(world)
    trying.contradict_assumption(world.pm, assumption=assumption.key, evidence=note.key)
    trying.judge_assumption(world.pm, assumption=assumption.key, verdict="holds", reason="One voice of forty.")
    trying.support_assumption(world.pm, assumption=assumption.key, evidence=world.make("insight").key)
    assert fresh(assumption).state == "holds"
    trying.contradict_assumption(world.pm, assumption=assumption.key, evidence=world.make("fact").key)
    assert fresh(assumption).state == "contradicted"


def test_evidence_cited_in_the_general_way_counts_alike_and_so_does_taking_it_back(world: World) -> None:
    assumption, _, note = bet(world)
    told = Event("assumption.linked", str(world.north.pk), str(assumption.pk), str(world.pm.member_id), "")
    link = verbs.link(world.pm, assumption, note, "opposes")
    follow_evidence(told)
    assert fresh(assumption).state == "contradicted"
    verbs.unlink(world.pm, link.pk)
    follow_evidence(told)
    assert fresh(assumption).state == "believed"


def test_undo_takes_evidence_and_standing_back_together(world: World) -> None:
    assumption, feature, note = bet(world)
    trying.contradict_assumption(world.pm, assumption=assumption.key, evidence=note.key)
    undo.undo(world.pm, past.history(world.pm, fresh(assumption))[0].batch)
    assert fresh(assumption).state == "believed"
    assert not Link.objects.filter(kind="opposes").exists()
    assert feature.key


def test_a_test_is_registered_with_its_bar_and_the_bar_stays(world: World) -> None:
    assumption, _, _ = bet(world)
    test = world.make("assumption_test", assumption=assumption.key)
    with pytest.raises(Invalid) as told:
        trying.register_test(world.pm, assumption_test=test.key)
    assert {p.field for p in told.value.problems} == {"method", "metric", "threshold", "sample"}
    verbs.update(world.pm, "assumption_test", test, FIXED)
    trying.register_test(world.pm, assumption_test=test.key)
    for name, value in (("threshold", "at least 3 of 30"), ("sample", 5), ("metric", "Views")):
        with pytest.raises(Invalid, match="fixed when the test was registered"):
            verbs.update(world.pm, "assumption_test", test, {name: value})
    verbs.update(world.pm, "assumption_test", test, {"title": "If they read it, they click"})


def test_what_a_test_shows_is_evidence_for_or_against(world: World) -> None:
    assumption, feature, _ = bet(world)
    for cleared, state in (("yes", "believed"), ("no", "contradicted")):
        test = world.make("assumption_test", assumption=assumption.key, **FIXED)
        with pytest.raises(Conflict):
            trying.read_test(world.pm, assumption_test=test.key, cleared=cleared, result="14 of 30")
        trying.register_test(world.pm, assumption_test=test.key)
        trying.start_test(world.pm, assumption_test=test.key)
        trying.read_test(world.pm, assumption_test=test.key, cleared=cleared, result="14 of 30")
        assert fresh(assumption).state == state
        trying.conclude_test(world.pm, assumption_test=test.key, verdict="pivot", reason="Too few.")
        assert (fresh(test).state, fresh(test).verdict) == ("decided", "pivot")
    assert shaky(world, feature) == 1


def test_an_opportunity_stands_in_one_place_and_never_under_itself(world: World) -> None:
    wide, narrow, result = world.make("opportunity"), world.make("opportunity"), world.make("key_result")
    placing.place_opportunity(world.pm, opportunity=wide.key, under=result.key)
    placing.place_opportunity(world.pm, opportunity=narrow.key, under=result.key)
    placing.place_opportunity(world.pm, opportunity=narrow.key, under=wide.key)
    cited = Link.objects.filter(source_id=narrow.pk).values_list("kind", "target_id")
    assert list(cited) == [("under", wide.pk)]
    for under in (narrow, wide):
        with pytest.raises(Invalid, match="cannot stand under itself"):
            placing.place_opportunity(world.pm, opportunity=wide.key, under=under.key)
    with pytest.raises(Invalid, match="stands under another one"):
        placing.place_opportunity(world.pm, opportunity=wide.key, under=world.make("feature").key)


def test_a_solution_moves_and_the_thread_leads_from_it_to_the_outcome(world: World) -> None:
    first, second, result = world.make("opportunity"), world.make("opportunity"), world.make("key_result")
    placing.place_opportunity(world.pm, opportunity=second.key, under=result.key)
    feature = world.make("feature")
    for there in (first, second):
        solve_opportunity(world.pm, feature=feature.key, opportunity=there.key)
    up = thread.flat(thread.why(world.pm, verbs.card(world.pm, feature.key)))
    assert [n.key for n in up] == [second.key, result.key]


def test_a_strategy_is_not_looked_at_before_it_begins(world: World) -> None:
    with pytest.raises(Invalid, match="before the strategy begins"):
        world.make("strategy", starts_on="2026-05-01", review_on="2026-04-01")
