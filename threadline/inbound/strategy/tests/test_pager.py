"""The strategy on one page, as it stood; coverage of the plan; the assumption map."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.features.rules import solve_opportunity
from threadline.inbound.strategy import coverage, placing
from threadline.kernel import rows, verbs
from threadline.kernel.changes import Change
from threadline.kernel.links import Link
from threadline.kernel.testing import World

PAGE = "/w/north/strategies/page"


def planned(world: World, title: str, effort: float | None, *cites: Any) -> Any:
    feature = world.make("feature", title=title, state="planned", effort=effort)
    for cited in cites:
        verbs.link(world.pm, feature, cited, "objective")
    return feature


def test_effort_traces_through_key_results_and_opportunities_and_adds_up(world: World) -> None:
    keep, grow = (
        world.make("objective", title="Keep", state="active"),
        world.make("objective", title="Grow", state="active"),
    )
    result = world.make("key_result", objective=grow.key)
    wide, narrow = world.make("opportunity"), world.make("opportunity")
    placing.place_opportunity(world.pm, opportunity=wide.key, under=result.key)
    placing.place_opportunity(world.pm, opportunity=narrow.key, under=wide.key)
    planned(world, "Direct", 2, keep)
    planned(world, "Both", 4, keep, result)
    solve_opportunity(world.pm, feature=planned(world, "By the tree", 3).key, opportunity=narrow.key)
    planned(world, "Orphan", 1)
    planned(world, "No effort", None, keep)
    world.make("feature", title="Only an idea", effort=50)
    found = coverage.coverage(world.viewer)
    assert found.effort == 10
    assert {s.title: (s.effort, s.features) for s in found.shares} == {"Keep": (4, 3), "Grow": (5, 2)}
    assert sum(s.share for s in found.shares) + 0.1 == pytest.approx(1)
    assert [o.title for o in found.orphans] == ["Orphan"]
    assert (found.traced, found.unestimated) == (pytest.approx(0.9), 1)


def test_releases_trace_through_what_they_carry(world: World, client: Client) -> None:
    keep = world.make("objective", title="Keep", state="active")
    first, second, over = (world.make("release", title=t) for t in ("First", "Second", "Over"))
    verbs.link(world.pm, first, planned(world, "Direct", 2, keep), "scope")
    verbs.link(world.pm, second, planned(world, "Orphan", 1), "scope")
    verbs.update(world.pm, "release", over, {"state": "cancelled"})
    found = coverage.coverage(world.viewer)
    assert {s.title: s.releases for s in found.shares} == {"Keep": 1}
    assert [r.title for r in found.releases] == ["First", "Second"]
    assert [r.title for r in found.adrift] == ["Second"]
    client.force_login(world.user("viewer"))
    said = client.get(PAGE).content.decode()
    assert "1 of 2 open releases carry something for one" in said
    assert second.key in said.partition("Releases that carry nothing")[2]


def test_the_plan_stands_beside_the_share_that_is_meant(world: World, client: Client) -> None:
    keep = world.make("objective", title="Keep", state="active", meant_share=60)
    grow = world.make("objective", title="Grow", state="active", meant_share=32)
    world.make("objective", title="Nobody said", state="active")
    planned(world, "One", 7, grow)
    planned(world, "Two", 3, keep)
    planned(world, "Three", 10, keep, grow)
    found = {s.title: s.off for s in coverage.coverage(world.viewer).shares}
    assert found == {"Keep": pytest.approx(40 - 60), "Grow": pytest.approx(60 - 32), "Nobody said": None}
    client.force_login(world.user("viewer"))
    said = client.get(PAGE).content.decode()
    assert "20 points less" in said
    assert "28 points more" in said
    assert "sum to 92%" in said
    verbs.update(world.pm, "objective", keep, {"meant_share": 42})
    assert "as meant" in client.get(PAGE).content.decode()


def test_money_traces_as_effort_does_and_a_release_spends_on_what_it_carries(world: World, client: Client) -> None:
    keep = world.make("objective", title="Keep", state="active")
    grow = world.make("objective", title="Grow", state="active")
    both, orphan = planned(world, "Both", 2, keep, grow), planned(world, "Orphan", 1)
    verbs.update(world.pm, "feature", both, {"budget": 10_000})
    verbs.update(world.pm, "feature", orphan, {"budget": 4_000})
    first, adrift = world.make("release", title="First", budget=6_000), world.make("release", title="B", budget=5_000)
    verbs.link(world.pm, first, planned(world, "Direct", 2, keep), "scope")
    verbs.link(world.pm, adrift, orphan, "scope")
    world.make("feature", title="Only an idea", budget=90_000)
    found = coverage.coverage(world.viewer)
    assert found.money == 25_000
    assert {s.title: s.money for s in found.shares} == {"Keep": 11_000, "Grow": 5_000}
    assert found.money_traced == pytest.approx(16 / 25)
    assert [s.money_share for s in found.shares] == [pytest.approx(0.44), pytest.approx(0.2)]
    client.force_login(world.user("viewer"))
    said = client.get(PAGE).content.decode()
    assert "64% of €25,000 budgeted" in said
    assert "€11,000" in said
    assert "€5,000" in said.partition("Releases that carry nothing")[2]


def test_coverage_counts_only_what_the_reader_may_see(world: World) -> None:
    keep = world.make("objective", state="active")
    planned(world, "Open", 2, keep)
    verbs.name_readers(world.pm, planned(world, "Kept close", 8, keep).pk, [])
    assert coverage.coverage(world.viewer).effort == 2
    assert coverage.coverage(world.pm).effort == 10
    assert coverage.coverage(world.stranger).effort == 0


def test_statements_of_coverage_do_not_grow(world: World, django_assert_max_num_queries: Any) -> None:
    keep = world.make("objective", state="active")
    for number in range(8):
        planned(world, f"F {number}", 1, keep)
    with django_assert_max_num_queries(8):
        coverage.coverage(world.pm)


def aged(record: Any, days: int) -> None:
    """As if it had been written that long ago."""
    then = rows.now() - timedelta(days=days)
    Change.objects.filter(card_id=record.pk).update(at=then)
    type(record)._default_manager.filter(pk=record.pk).update(created_at=then)


def test_the_page_as_it_stood_and_the_evidence_that_moved_it(world: World, client: Client) -> None:
    made = world.make(
        "strategy",
        title="Know first",
        diagnosis="We are slow to know.",
        guiding_policy="A person answers.",
        actions="- Context",
        state="active",
    )
    aged(made, 60)
    fact = world.make("fact", title="Screen names are personal data")
    verbs.link(world.pm, made, fact, "rests_on")
    verbs.update(world.pm, "strategy", made, {"guiding_policy": "Data stays on the phone."}, why="A studio objected.")
    client.force_login(world.user("viewer"))
    today = client.get(PAGE).content.decode()
    assert "Data stays on the phone." in today
    then = client.get(f"{PAGE}?on={(rows.now() - timedelta(days=30)).date().isoformat()}").content.decode()
    body, changed = then.split("What changed since")
    assert "A person answers." in body
    assert "Data stays on the phone." not in body
    assert "Screen names are personal data" not in body
    assert "Screen names are personal data" in changed
    assert "A studio objected." in changed
    before = client.get(f"{PAGE}?on={(rows.now() - timedelta(days=90)).date().isoformat()}").content.decode()
    assert "was not there yet" in before
    assert Link.objects.filter(kind="rests_on").exists()


def test_the_page_says_what_a_strategy_lacks_and_keeps_secrets(world: World, client: Client) -> None:
    made = world.make("strategy", title="More", guiding_policy="Grow by 30 %", state="active")
    secret = world.make("assumption", title="They will pay double")
    verbs.link(world.pm, made, secret, "assumes")
    verbs.name_readers(world.pm, secret.pk, [])
    client.force_login(world.user("viewer"))
    page = client.get(PAGE).content.decode()
    assert "No diagnosis" in page
    assert "a list of goals" in page
    assert "They will pay double" not in page
    client.force_login(world.user("product_manager"))
    assert "They will pay double" in client.get(PAGE).content.decode()


def test_the_map_puts_the_important_and_unknown_first(world: World, client: Client) -> None:
    world.make("assumption", title="Known", importance=9, evidence=9)
    world.make("assumption", title="Guess", importance=9, evidence=1)
    world.make("assumption", title="Unplaced")
    client.force_login(world.user("viewer"))
    page = client.get("/w/north/assumptions/map").content.decode()
    assert "1 of 2 matter much" in page
    table = page.split("<tbody>")[1]
    assert table.index("Guess") < table.index("Known")
    assert "Unplaced" in page.split("Not on the map")[1]


def test_empty_places_teach(world: World, client: Client) -> None:
    client.force_login(world.user("product_manager"))
    for path in (PAGE, "/w/north/assumptions/map", "/w/north/opportunities/tree", "/w/north/features/worth"):
        assert 'class="empty"' in client.get(path).content.decode(), path
