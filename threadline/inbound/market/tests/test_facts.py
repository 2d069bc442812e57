"""Facts: freshness against its formula, and what a check does to whatever cites one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from threadline.inbound.market import freshness, rules
from threadline.inbound.market.models import Fact
from threadline.kernel import listing, thread, verbs
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh
from threadline.kernel.undo import undo

TODAY = rules.today()


def fact(world: World, *, days_ago: int = 0, **values: Any) -> Fact:
    given = {"title": "", "aspect": "Team plan", "value": "€29", "about": "price", **values}
    made: Fact = world.make("fact", checked_on=(TODAY - timedelta(days=days_ago)).isoformat(), **given)
    return made


def relying_on(world: World, target: Fact, **extra: Any) -> Any:
    feature = world.make("feature", owner="me", **extra)
    return verbs.link(world.pm, feature, target, "fact")


@pytest.mark.parametrize(
    ("age", "half_life", "worth"),
    [(0, 90, 1.0), (90, 90, 0.5), (180, 90, 0.25), (45, 90, 0.7071), (365, 365, 0.5), (-3, 90, 1.0), (270, 90, 0.125)],
)
def test_freshness_halves_with_each_half_life(age: int, half_life: int, worth: float) -> None:
    """0.5 ^ (age / half-life): the formula and the half-lives that the house chose."""
    assert freshness.freshness(age, half_life) == pytest.approx(worth, abs=5e-5)


def test_the_line_is_reached_after_two_half_lives() -> None:
    checked = date(2026, 1, 1)
    last = freshness.good_until(checked, 90)
    assert last == date(2026, 6, 30)
    assert freshness.freshness((last - checked).days, 90) == freshness.LINE
    assert freshness.freshness((last - checked).days + 1, 90) < freshness.LINE
    assert freshness.good_until(date.max, 90) is None


@pytest.mark.parametrize(("about", "days"), [("price", 180), ("feature", 360), ("positioning", 730)])
def test_each_kind_grows_old_at_its_own_pace(world: World, about: str, days: int) -> None:
    assert fact(world, about=about).good_until == TODAY + timedelta(days=days)
    assert fact(world, about=about, half_life=10).good_until == TODAY + timedelta(days=20)


def test_the_column_says_the_same_as_the_formula(world: World) -> None:
    made = [fact(world, days_ago=n, about=about) for n in (0, 45, 90, 200) for about in freshness.HALF_LIVES]
    found = listing.list_page(world.viewer, type_of("fact"), "", names=["freshness", "about", "checked_on"], limit=100)
    shown = {r["id"]: r["freshness"] for r in found.rows}
    for one in made:
        age = (TODAY - one.checked_on).days if one.checked_on else 0
        worth = freshness.freshness(age, freshness.half_life_of(one.about, None))
        assert shown[str(one.pk)] == pytest.approx(100 * worth, abs=0.51)


def test_the_sentence_follows_its_parts_unless_somebody_wrote_it(world: World) -> None:
    rival = world.make("competitor", title="Harborline")
    made = fact(world, competitor=rival.key)
    assert made.title == "Harborline, Team plan: €29"
    changed = verbs.update(world.pm, "fact", made, {"value": "€25"})
    assert changed.title == "Harborline, Team plan: €25"
    verbs.update(world.pm, "fact", made, {"title": "They undercut us"})
    assert verbs.update(world.pm, "fact", made, {"value": "€20"}).title == "They undercut us"


def test_what_cites_an_overdue_fact_is_suspect_and_a_check_clears_it(world: World) -> None:
    old = fact(world, days_ago=181)
    link = relying_on(world, old)
    [suspect] = thread.suspects(world.pm)
    assert (suspect.link_id, suspect.good_until) == (str(link.pk), TODAY - timedelta(days=1))
    assert thread.why(world.pm, verbs.card(world.pm, link.source_id))[0].overdue
    found = listing.list_page(world.pm, type_of("feature"), "suspect:yes", names=["title"])
    assert [r["id"] for r in found.rows] == [str(link.source_id)]
    checked = rules.confirm_fact(world.pm, fact=old.key)
    assert (checked.revision, checked.checked_on) == (old.revision, TODAY)
    assert thread.suspects(world.pm) == []
    assert not listing.list_page(world.pm, type_of("feature"), "suspect:yes", names=["title"]).rows


def test_the_last_good_day_is_still_good(world: World) -> None:
    relying_on(world, fact(world, days_ago=180))
    assert thread.suspects(world.pm) == []


def test_the_same_value_leaves_the_revision_and_a_new_one_raises_it(world: World) -> None:
    made = fact(world, days_ago=400)
    relying_on(world, made)
    same = rules.recheck_fact(world.pm, fact=made, value="€29", url="https://rival.example/prices", reliability="A")
    assert (same.revision, same.reliability) == (1, "A")
    assert thread.suspects(world.pm) == []
    new = rules.recheck_fact(world.pm, fact=made, value="€19", note="Seen on their page")
    assert new.revision == 2
    [suspect] = thread.suspects(world.pm)
    assert (suspect.revision, suspect.good_until) == (2, None)


def test_a_citation_confirmed_after_its_fact_grew_old_is_left_in_peace(world: World) -> None:
    link = relying_on(world, fact(world, days_ago=300))
    verbs.confirm(world.pm, link.pk, expect=1)
    assert thread.suspects(world.pm) == []
    change = undo_last(world, link.source_id)
    assert change
    assert len(thread.suspects(world.pm)) == 1


def undo_last(world: World, card_id: Any) -> int:
    card = Card.objects.get(pk=card_id)
    last = card.changes.order_by("-pk").first()
    assert last is not None
    return undo(world.pm, last.batch).reversed


def test_a_retired_fact_makes_what_cites_it_suspect(world: World) -> None:
    made = fact(world)
    relying_on(world, made)
    rules.retire_fact(world.pm, fact=made, reason="They stopped selling it")
    assert len(thread.suspects(world.pm)) == 1


def test_the_card_knows_until_when(world: World) -> None:
    made = fact(world)
    assert Card.objects.get(pk=made.pk).good_until == made.good_until
    rules.retire_fact(world.pm, fact=made, reason="Gone")
    verbs.update(world.pm, "fact", made, {"half_life": 5})
    assert Card.objects.get(pk=made.pk).good_until == TODAY + timedelta(days=10) == fresh(made).good_until


def test_nobody_checks_tomorrow(world: World) -> None:
    with pytest.raises(Invalid):
        fact(world, days_ago=-3)


def test_an_overdue_fact_that_is_not_for_everybody_shakes_nothing_for_others(world: World) -> None:
    hidden = fact(world, days_ago=500, confidentiality=2)
    relying_on(world, hidden)
    assert len(thread.suspects(world.pm)) == 1
    assert thread.suspects(world.owner) == thread.suspects(world.viewer) == []
