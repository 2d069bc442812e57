"""The opportunity tree as a page: what hangs where, what the lint says, what is added and moved."""

from __future__ import annotations

from typing import Any

from django.test import Client

from threadline.inbound.features.rules import solve_opportunity
from threadline.inbound.strategy import growing, placing, trying
from threadline.kernel import verbs
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

TREE = "/w/north/opportunities/tree"


def grown(world: World) -> dict[str, Any]:
    """An outcome, a wide and a narrow opportunity, a solution that bets on a tested assumption."""
    made = {
        "outcome": world.make("key_result", title="First answers within four hours"),
        "wide": world.make("opportunity", title="I wait all day for an answer"),
        "narrow": world.make("opportunity", title="Add a dashboard"),
        "solution": world.make("feature", title="Summaries"),
        "belief": world.make("assumption", title="Agents read the summary"),
    }
    placing.place_opportunity(world.pm, opportunity=made["wide"].key, under=made["outcome"].key)
    placing.place_opportunity(world.pm, opportunity=made["narrow"].key, under=made["wide"].key)
    solve_opportunity(world.pm, feature=made["solution"].key, opportunity=made["narrow"].key)
    verbs.link(world.pm, made["solution"], made["belief"], "assumes")
    made["test"] = world.make("assumption_test", assumption=made["belief"].key, title="Six agents, a week")
    return made


def shape(node: growing.Node) -> Any:
    return (node.key, [shape(child) for child in node.children])


def test_the_tree_leads_from_the_outcome_to_the_test(world: World) -> None:
    grown(world)
    found = growing.tree(world.viewer)
    assert found.outcome is not None
    assert shape(found.outcome) == ("KR-1", [("OP-1", [("OP-2", [("F-1", [("AS-1", [("AT-1", [])])])])])])
    assert found.loose == ()


def test_the_lint_is_said_where_it_is_found(world: World) -> None:
    made = grown(world)
    verbs.link(world.pm, made["wide"], world.make("feedback"), "evidence")
    outcome = growing.tree(world.pm).outcome
    assert outcome is not None
    by = {n.key: n.findings for n in outcome.all()}
    assert by["OP-1"] == []
    assert [f.split(":")[0] for f in by["OP-2"]] == [
        "Phrased as a feature (\u201cadd\u201d)", "No evidence", "1 of 3 solutions"
    ]  # fmt: skip
    assert by["F-1"] == ["Untested: no assumption under it has a test yet."]


def test_words_are_judged_while_they_are_typed(world: World, client: Client) -> None:
    client.force_login(world.user("viewer"))
    for words, said in (("Add a dashboard", "Phrased as a feature (\u201cadd\u201d)"), ("I wait all day", "")):
        answer = client.get(TREE, {"phrased": words}, headers={"Accept": "application/json"})
        assert answer.json()["said"].startswith(said)
        assert bool(answer.json()["said"]) == bool(said)


def test_evidence_against_the_assumption_shows_on_the_solution(world: World) -> None:
    made = grown(world)
    trying.contradict_assumption(world.pm, assumption=made["belief"].key, evidence=world.make("feedback").key)
    outcome = growing.tree(world.pm).outcome
    assert outcome is not None
    assert [n.key for n in outcome.all() if n.shaky] == ["F-1", "AS-1"]


def test_what_a_reader_may_not_see_ends_the_branch(world: World) -> None:
    made = grown(world)
    verbs.name_readers(world.pm, made["narrow"].pk, [])
    found = growing.tree(world.viewer)
    assert found.outcome is not None
    assert shape(found.outcome) == ("KR-1", [("OP-1", [])])
    assert growing.tree(world.stranger).outcome is None
    assert growing.tree(world.stranger, "KR-1").outcome is None


def test_circles_made_by_hand_do_not_hang_the_tree(world: World) -> None:
    made = grown(world)
    verbs.link(world.pm, made["wide"], made["narrow"], "under")
    found = growing.tree(world.pm)
    assert found.outcome is not None
    assert [n.key for n in found.outcome.all()][:3] == ["KR-1", "OP-1", "OP-2"]


def test_the_statements_do_not_grow_with_the_tree(world: World, django_assert_max_num_queries: Any) -> None:
    made = grown(world)
    for number in range(12):
        one = world.make("opportunity", title=f"I wait {number}")
        placing.place_opportunity(world.pm, opportunity=one.key, under=made["wide"].key)
        solve_opportunity(world.pm, feature=world.make("feature").key, opportunity=one.key)
    with django_assert_max_num_queries(6):
        growing.tree(world.pm)


def test_everything_is_added_under_what_it_belongs_to(world: World, client: Client) -> None:
    made = grown(world)
    client.force_login(world.user("product_manager"))
    for under, kind in (("KR-1", "opportunity"), ("OP-1", "feature"), ("OP-1", "assumption"), ("F-1", "assumption"),
                        ("AS-1", "assumption_test")):  # fmt: skip
        sent = {"act": "add", "under": under, "kind": kind, "title": f"New {kind} of {under}"}
        assert client.post(TREE, sent).status_code == 303
    page = client.get(TREE).content.decode()
    for said in (
        "New opportunity of KR-1",
        "New feature of OP-1",
        "New assumption of F-1",
        "New assumption_test of AS-1",
    ):
        assert said in page
    outcome = growing.tree(world.pm).outcome
    assert outcome is not None
    assert len(outcome.all()) == 6 + 5
    assert client.post(TREE, {"act": "add", "under": "AS-1", "kind": "feature", "title": "No"}).status_code == 404
    assert client.post(TREE, {"act": "add", "under": "KR-1", "kind": "opportunity", "title": ""}).status_code == 422
    assert made


def test_moving_by_form_moves_the_branch(world: World, client: Client) -> None:
    made = grown(world)
    client.force_login(world.user("product_manager"))
    client.post(TREE, {"act": "move", "what": "OP-2", "under": "KR-1"})
    client.post(TREE, {"act": "move", "what": "F-1", "under": "OP-1"})
    outcome = growing.tree(world.pm).outcome
    assert outcome is not None
    assert shape(outcome) == ("KR-1", [("OP-1", [("F-1", [("AS-1", [("AT-1", [])])])]), ("OP-2", [])])
    assert client.post(TREE, {"act": "move", "what": "OP-1", "under": "F-1"}).status_code == 422
    assert fresh(made["wide"]).version == 1
    assert Link.objects.filter(source_id=made["narrow"].pk).count() == 1


def test_a_viewer_looks_and_may_not_touch(world: World, client: Client) -> None:
    grown(world)
    client.force_login(world.user("viewer"))
    page = client.get(TREE).content.decode()
    assert "Agents read the summary" in page
    assert "Add under" not in page
    assert client.post(TREE, {"act": "move", "what": "OP-2", "under": "KR-1"}).status_code == 403


def test_loose_ends_are_listed(world: World, client: Client) -> None:
    world.make("opportunity", title="I forget my password")
    world.make("feature", title="A feature for nobody", state="planned")
    client.force_login(world.user("product_manager"))
    page = client.get(TREE).content.decode()
    assert "On no tree yet" in page
    assert "A feature for nobody" in page.split("Solutions without an opportunity")[1]
