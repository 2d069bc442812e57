"""The thread: why a record exists, what came of it, and where a reader's sight ends."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.kernel import thread, verbs
from threadline.kernel.access import NAMED, TEAM, Actor
from threadline.kernel.testing import World


@pytest.fixture
def chain(world: World) -> dict[str, Any]:
    """A note under a feature, which another needs, and which serves a key result's objective."""
    made = {kind: world.make(kind, title=kind) for kind in ("objective", "feedback", "feature")}
    made["later"] = world.make("feature", title="later")
    verbs.link(world.pm, made["feature"], made["feedback"], "evidence")
    verbs.link(world.pm, made["feature"], made["objective"], "objective")
    verbs.link(world.pm, made["later"], made["feature"], "depends_on")
    return made


def up(actor: Actor, record: Any) -> list[tuple[str, int]]:
    return [(n.title, n.depth) for n in thread.flat(thread.why(actor, verbs.card(actor, record)))]


def down(actor: Actor, record: Any) -> list[tuple[str, int]]:
    return [(n.title, n.depth) for n in thread.flat(thread.what_came_of_it(actor, verbs.card(actor, record)))]


def test_why_leads_up_to_the_words_and_the_aim(world: World, chain: dict[str, Any]) -> None:
    assert up(world.viewer, chain["later"]) == [("feature", 1), ("feedback", 2), ("objective", 2)]
    assert up(world.viewer, chain["feedback"]) == []


def test_what_came_of_it_leads_down(world: World, chain: dict[str, Any]) -> None:
    assert down(world.viewer, chain["feedback"]) == [("feature", 1), ("later", 2)]
    assert down(world.viewer, chain["later"]) == []


def test_a_record_out_of_reach_ends_the_path(world: World, chain: dict[str, Any]) -> None:
    """What lies behind it is in reach, and all the same not told: it would tell of what stands between."""
    verbs.name_readers(world.pm, chain["feature"], [])
    assert up(world.viewer, chain["later"]) == []
    assert down(world.viewer, chain["feedback"]) == []
    assert up(world.pm, chain["later"]) == [("feature", 1), ("feedback", 2), ("objective", 2)]


def test_a_record_out_of_reach_ends_the_path_further_up_as_well(world: World, chain: dict[str, Any]) -> None:
    older = world.make("objective", title="older")
    verbs.link(world.pm, chain["objective"], older, "rests_on")
    assert ("older", 3) in up(world.viewer, chain["later"])
    verbs.name_readers(world.pm, chain["objective"], [])
    assert up(world.viewer, chain["later"]) == [("feature", 1), ("feedback", 2)]
    assert down(world.viewer, older) == []


def test_a_mere_mention_is_shown_and_leads_no_further(world: World, chain: dict[str, Any]) -> None:
    passing = world.make("feature", title="passing", body=f"Unlike [[{chain['feature'].key}]]")
    assert up(world.pm, passing) == [("feature", 1)]


def test_another_way_round_is_still_found(world: World, chain: dict[str, Any]) -> None:
    verbs.link(world.pm, chain["later"], chain["objective"], "objective")
    verbs.name_readers(world.pm, chain["feature"], [])
    assert up(world.viewer, chain["later"]) == [("objective", 1)]


def test_team_records_end_it_for_those_of_no_team(world: World, chain: dict[str, Any]) -> None:
    product = world.product("Atlas")
    world.team("Raids", world.pm, world.contributor, products=[product])
    verbs.update(world.pm, "feature", chain["feature"], {"product": "Atlas", "confidentiality": TEAM})
    assert up(world.contributor, chain["later"])[0] == ("feature", 1)
    assert up(world.viewer, chain["later"]) == []


def test_the_strongest_evidence_comes_first_and_mere_mentions_last(world: World) -> None:
    notes = {name: world.make("feedback", title=name) for name in ("mentioned", "weak", "strong", "quiet")}
    feature = world.make("feature", body=f"As [[{notes['mentioned'].key}]] has it")
    for name, weight in (("weak", 1), ("quiet", 0), ("strong", 3)):
        verbs.link(world.pm, feature, notes[name], "evidence", weight=weight)
    assert [title for title, _ in up(world.pm, feature)] == ["strong", "weak", "quiet", "mentioned"]


def test_each_record_stands_once_at_its_shortest_distance(world: World) -> None:
    a, b, c = (world.make("feature", title=t) for t in "abc")
    for source, target in ((a, b), (b, c), (a, c)):
        verbs.link(world.pm, source, target, "depends_on")
    assert up(world.pm, a) == [("b", 1), ("c", 1)]


def test_circles_and_long_chains_end(world: World) -> None:
    chain = [world.make("feature", title=str(i)) for i in range(thread.DEPTH + 5)]
    for source, target in zip(chain, [*chain[1:], chain[0]], strict=True):
        verbs.link(world.pm, source, target, "depends_on")
    assert up(world.pm, chain[0]) == [(str(i), i) for i in range(1, thread.DEPTH + 1)]


def test_what_is_in_the_trash_is_shown_as_gone(world: World, chain: dict[str, Any]) -> None:
    verbs.archive(world.pm, "feedback", chain["feedback"])
    [node] = [n for n in thread.why(world.pm, verbs.card(world.pm, chain["feature"])) if n.title == "feedback"]
    assert node.archived


def test_what_changed_since_it_was_read_is_suspect_until_confirmed(world: World, chain: dict[str, Any]) -> None:
    verbs.update(world.pm, "objective", chain["objective"], {"title": "moved"})
    [found] = thread.suspects(world.pm)
    assert (found.source_key, found.target_key, found.seen_revision, found.revision) == (
        chain["feature"].key,
        chain["objective"].key,
        1,
        2,
    )
    assert {n.title: n.suspect for n in thread.why(world.pm, verbs.card(world.pm, chain["feature"]))} == {
        "moved": True,
        "feedback": False,
    }
    verbs.confirm(world.pm, found.link_id, expect=2)
    assert thread.suspects(world.pm) == []


def test_the_queue_is_ones_own_or_one_records_and_never_a_strangers(world: World, chain: dict[str, Any]) -> None:
    verbs.update(world.pm, "feature", chain["feature"], {"owner": "me", "title": "changed"})
    verbs.update(world.pm, "objective", chain["objective"], {"title": "moved"})
    assert {s.target_key for s in thread.suspects(world.pm)} == {chain["objective"].key, chain["feature"].key}
    assert [s.source_key for s in thread.suspects(world.pm, mine=True)] == [chain["feature"].key]
    assert [s.source_key for s in thread.suspects(world.viewer, source=chain["later"].pk)] == [chain["later"].key]
    assert thread.suspects(world.stranger) == []
    verbs.name_readers(world.pm, chain["objective"], [])
    assert chain["objective"].key not in {s.target_key for s in thread.suspects(world.viewer)}
    verbs.archive(world.pm, "feature", chain["later"])
    assert thread.suspects(world.viewer) == []


def test_the_bar_counts_what_stands_at_each_stop_and_shows_gaps(world: World, chain: dict[str, Any]) -> None:
    verbs.link(world.pm, chain["feature"], world.make("feedback", title="second"), "evidence")
    hidden = world.make("feedback", actor=world.owner, confidentiality=NAMED)
    verbs.link(world.owner, chain["feature"], hidden, "evidence")

    def stops(actor: Actor) -> dict[str, tuple[int, bool, bool]]:
        card = verbs.card(actor, chain["feature"])
        made = thread.bar(card, thread.why(actor, card), thread.what_came_of_it(actor, card))
        return {s.name: (s.count, s.here, s.gap) for s in made}

    seen = stops(world.viewer)
    assert seen["voices"] == (2, False, False)
    assert seen["feature"] == (1, True, False)
    assert seen["release"] == (0, False, True)
    assert stops(world.owner)["voices"] == (3, False, False)
