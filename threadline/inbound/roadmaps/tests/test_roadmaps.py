"""What is on a roadmap, what its dates mean, and how it stood on another day."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from threadline.inbound.features import rules as features
from threadline.inbound.releases import rules as releases
from threadline.inbound.roadmaps import comparing, laying, queries
from threadline.inbound.roadmaps.models import Roadmap
from threadline.inbound.roadmaps.tests.days import log_of_days
from threadline.kernel import past, rows, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World, fresh
from threadline.planning import ranges
from threadline.planning.model import three_point

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> Any:
    """Say which day it is."""
    return log_of_days(monkeypatch, TODAY)


def only(world: World, roadmap: Roadmap, **asked: Any) -> dict[str, Any]:
    return next(iter(queries.shown(world.pm, roadmap, **asked).items))


def test_sure_is_the_estimates_85th_percentile() -> None:
    assert NormalDist().cdf(ranges.Z85) == pytest.approx(0.85)
    mean, spread = three_point(np.array([4.0]), np.array([8.0]), np.array([24.0]))
    sigma = math.sqrt(math.log1p((spread[0] / mean[0]) ** 2))
    assert ranges.stretch([(4, 8, 24)]) == pytest.approx(math.exp(ranges.Z85 * sigma))
    assert ranges.stretch([(5, 5, 5)]) == pytest.approx(1.0)
    assert ranges.stretch([]) is None
    assert ranges.sure_by(date(2026, 1, 1), date(2026, 1, 10), 1.5) == date(2026, 1, 15)


def test_the_longest_chain_decides_the_end() -> None:
    """The textbook network of Kelley and Walker's method: A3 B2 C4 D5, C after A, D after B and C."""
    days = {"a": 3, "b": 2, "c": 4, "d": 5, "alone": 90}
    assert ranges.critical(days, [("c", "a"), ("d", "b"), ("d", "c")]) == ["a", "c", "d"]
    assert ranges.critical(days, [("a", "b"), ("b", "a")]) == []
    assert ranges.critical(days, []) == []


def test_what_is_for_later_has_no_dates(world: World) -> None:
    with pytest.raises(Invalid, match="for later has no date"):
        world.make("feature", horizon="later", due_on="2026-12-01")
    made = world.make("feature", horizon="next", starts_on="2026-11-01", due_on="2026-12-01", late_on="2026-12-20")
    features.place_feature(world.pm, feature=made, horizon="later", reason="Nobody is free.")
    now = fresh(made)
    assert (now.horizon, now.starts_on, now.due_on, now.late_on) == ("later", None, None, None)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"starts_on": "2026-12-02", "due_on": "2026-12-01"}, "before the work"),
        ({"late_on": "2026-12-01"}, "by when it is likely"),
        ({"due_on": "2026-12-02", "late_on": "2026-12-01"}, "no earlier than likely"),
    ],
)
def test_a_range_stands_in_order(world: World, values: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        world.make("feature", **values)


def test_a_query_that_cannot_be_understood_is_said(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        world.make("roadmap", query="colour:blue")
    assert refused.value.problems[0].field == "query"


def test_its_query_and_what_was_picked_are_on_it(world: World) -> None:
    world.make("feature", title="Matches", state="building")
    world.make("feature", title="Does not", state="idea")
    picked = world.make("feature", title="Picked", state="idea")
    roadmap = world.make("roadmap", query="state:building")
    verbs.link(world.pm, roadmap, picked, "shows")
    assert sorted(i["title"] for i in queries.shown(world.pm, roadmap).items) == ["Matches", "Picked"]


def test_without_days_of_its_own_it_has_its_releases_and_the_estimates_say_how_sure(world: World) -> None:
    feature = world.make("feature", state="planned")
    release = world.make("release", title="Lantern", starts_on="2026-11-01", due_on="2026-11-30")
    verbs.link(world.pm, release, feature, "scope")
    roadmap = world.make("roadmap")
    bare = only(world, roadmap)
    assert (bare["likely_on"], bare["dated_by"], "sure_on" in bare) == (date(2026, 11, 30), "release", False)
    team = world.make("delivery_team", title="Desk")
    world.make("estimate", feature=feature.pk, team=team.pk, low=5, likely=10, high=30)
    told = only(world, roadmap)
    assert told["teams"] == ["Desk"]
    assert told["sure_on"] == ranges.sure_by(date(2026, 11, 1), date(2026, 11, 30), ranges.stretch([(5, 10, 30)]) or 0)


def test_a_slip_is_counted_from_the_first_day_that_was_said(world: World) -> None:
    feature = world.make("feature", state="planned", due_on="2026-12-01")
    features.reschedule_feature(world.pm, feature=feature, due_on=date(2026, 12, 5), reason="The vendor is late.")
    features.reschedule_feature(world.pm, feature=feature, due_on=date(2026, 12, 10))
    told = only(world, world.make("roadmap"))
    assert (told["first_on"], told["slip"], told["why"]) == (date(2026, 12, 1), 9, "The vendor is late.")


def test_what_starts_before_what_it_needs_ends_is_said(world: World) -> None:
    needed = world.make("feature", title="Needed", state="planned", starts_on="2026-12-01", due_on="2026-12-10")
    other = world.make("feature", title="Other", state="planned", starts_on="2026-12-05", due_on="2026-12-20")
    verbs.link(world.pm, other, needed, "depends_on")
    by = {i["title"]: i for i in queries.shown(world.pm, world.make("roadmap")).items}
    assert by["Other"]["clashes"] == [needed.key]
    assert [by[t]["critical"] for t in ("Needed", "Other")] == [True, True]


def test_a_card_without_a_key_result_lacks_a_metric(world: World) -> None:
    with_one, without = (world.make("feature", title=t, state="planned") for t in ("With", "Without"))
    aim = world.make("objective", title="Quicker answers")
    result = world.make("key_result", objective=aim.pk, metric="Median minutes", baseline=30, target=10, unit="minutes")
    verbs.link(world.pm, with_one, result, "objective")
    verbs.link(world.pm, without, aim, "objective")
    by = {i["title"]: i for i in queries.shown(world.pm, world.make("roadmap")).items}
    assert by["With"]["metric"] == "Median minutes: 30 to 10 minutes"
    assert by["With"]["objective"] == by["Without"]["objective"] == "Quicker answers"
    assert [t for t, item in by.items() if item.get("lacks_metric")] == ["Without"]


def test_a_release_moves_what_is_in_it_by_as_many_days_in_one_step(world: World) -> None:
    dated = world.make("feature", state="planned", starts_on="2026-11-02", due_on="2026-11-20", late_on="2026-11-28")
    shipped = world.make("feature", state="shipped", due_on="2026-11-20")
    release = world.make("release", starts_on="2026-11-01", due_on="2026-11-30")
    for feature in (dated, shipped):
        verbs.link(world.pm, release, feature, "scope")
    batch = rows.new_id()
    releases.reschedule_release(world.pm, release=release, due_on=date(2026, 12, 9), reason="Slips.", batch=batch)
    now = fresh(dated)
    assert (now.starts_on, now.due_on, now.late_on) == (date(2026, 11, 11), date(2026, 11, 29), date(2026, 12, 7))
    assert fresh(release).starts_on == date(2026, 11, 10)
    assert fresh(shipped).due_on == date(2026, 11, 20)
    assert {s.batch for s in (*past_of(world, dated), *past_of(world, release))} == {batch}


def past_of(world: World, record: Any) -> list[Any]:
    return past.history(world.pm, record)[:1]


def test_it_stands_as_it_stood_on_another_day_and_two_days_differ_for_a_reason(world: World, clock: Any) -> None:
    clock(date(2026, 10, 1))
    kept = world.make("feature", title="Kept", state="planned", due_on="2026-12-01")
    moves = world.make("feature", title="Moves", state="planned", due_on="2026-12-01")
    drops = world.make("feature", title="Drops", state="planned", due_on="2026-12-01")
    roadmap = world.make("roadmap", query="state:planned")
    clock(date(2026, 11, 5))
    features.reschedule_feature(world.pm, feature=moves, due_on=date(2027, 1, 15), reason="A bridge is missing.")
    verbs.update(world.pm, "feature", drops.pk, {"state": "idea"}, why="Nobody asked.")
    world.make("feature", title="Comes", state="planned")
    clock(TODAY)
    was = queries.shown(world.pm, roadmap, on=date(2026, 10, 15))
    assert {i["title"]: i["likely_on"] for i in was.items} == dict.fromkeys(
        ("Kept", "Moves", "Drops"), date(2026, 12, 1)
    )
    found = comparing.compared(world.pm, roadmap, date(2026, 10, 15), TODAY)
    assert [(m.what, m.title) for m in found] == [("dropped", "Drops"), ("moved", "Moves"), ("added", "Comes")]
    assert [m.reasons[0]["why"] for m in found[:2]] == ["Nobody asked.", "A bridge is missing."]
    assert (found[1].was["likely_on"], found[1].now["likely_on"]) == (date(2026, 12, 1), date(2027, 1, 15))
    assert kept.key not in {m.key for m in found}


def test_titles_are_those_of_the_day(world: World, clock: Any) -> None:
    clock(date(2026, 10, 1))
    feature, release = world.make("feature", title="Faster", state="planned"), world.make("release", title="Lantern")
    verbs.link(world.pm, release, feature, "scope")
    roadmap = world.make("roadmap", query="state:planned")
    clock(date(2026, 11, 5))
    verbs.update(world.pm, "feature", feature.pk, {"title": "Twice as fast"})
    verbs.update(world.pm, "release", release.pk, {"title": "Beacon"})
    clock(TODAY)
    for on, titles in ((date(2026, 10, 2), ("Faster", "Lantern")), (None, ("Twice as fast", "Beacon"))):
        was = queries.shown(world.pm, roadmap, on=on)
        assert tuple(one["title"] for one in (*was.items, *was.releases)) == titles


def test_what_went_to_the_trash_since_was_there(world: World, clock: Any) -> None:
    clock(date(2026, 10, 1))
    gone = world.make("feature", title="Gone", state="planned")
    roadmap = world.make("roadmap", query="state:planned")
    clock(date(2026, 11, 5))
    verbs.archive(world.pm, "feature", gone.pk)
    clock(TODAY)
    assert queries.shown(world.pm, roadmap).items == []
    assert [i["title"] for i in queries.shown(world.pm, roadmap, on=date(2026, 10, 2)).items] == ["Gone"]


def test_bars_keep_to_their_lanes_and_never_cover_each_other(world: World) -> None:
    items = [
        {"title": f"Thing {n}", "stage": "planned", "stage_label": "Planned", "key": f"F-{n}", "product": f"P{n % 3}",
         "starts_on": TODAY + timedelta(days=n % 40), "likely_on": TODAY + timedelta(days=n % 40 + 20)}
        for n in range(300)
    ]  # fmt: skip
    laid = laying.lay(items, [], lanes="product", zoom="month", today=TODAY)
    assert len(laid.bars) == 300
    assert [lane.label for lane in laid.lanes] == ["P0", "P1", "P2"]
    for lane in laid.lanes:
        mine = [b for b in laid.bars if b.lane == lane.label]
        assert all(lane.y <= b.y and b.y + laying.BAR <= lane.y + lane.h for b in mine)
    by_row: dict[float, list[laying.Bar]] = {}
    for bar in laid.bars:
        by_row.setdefault(bar.y, []).append(bar)
    for row in by_row.values():
        row.sort(key=lambda b: b.x)
        assert all(a.x + a.w <= b.x for a, b in pairwise(row))


def test_what_has_no_day_is_listed_and_never_placed() -> None:
    item = {"title": "Some day", "stage": "idea", "stage_label": "Considered", "horizon": "later"}
    laid = laying.lay([item], [], lanes="none", zoom="year", today=TODAY)
    assert (laid.bars, laid.undated) == ([], [item])
