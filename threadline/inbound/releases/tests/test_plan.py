"""A plan: made in the worker's process, adopted as one batch, taken back as one."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest

from threadline.inbound.releases import adopting, carrying, gathering
from threadline.inbound.releases.gathering import Wishes
from threadline.inbound.releases.models import PlanRun, ReleasePlan
from threadline.kernel import rows, verbs, work
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh
from threadline.kernel.undo import undo

pytestmark = pytest.mark.django_db


def furnish(world: World) -> dict[str, Any]:
    """Two releases of 10 person-days for one team; three features of 8 days, the second after the third."""
    made: dict[str, Any] = {
        "first": world.make("release", title="First", starts_on="2026-03-02", due_on="2026-03-13"),
        "second": world.make("release", title="Second", starts_on="2026-03-16", due_on="2026-03-27"),
        "team": world.make("delivery_team", title="Desk", days_a_week=5),
    }
    for name, reach in (("best", 300), ("needs", 200), ("needed", 100)):
        inputs = {"reach": reach, "impact": 1, "confidence": 100, "effort": 1, "state": "candidate"}
        made[name] = world.make("feature", title=name.capitalize(), **inputs)
        world.make("estimate", feature=made[name].key, team=made["team"].key, low=8, likely=8, high=8)
    verbs.link(world.pm, made["needs"], made["needed"], "depends_on")
    return made


def wishes(world: World, **changed: Any) -> tuple[gathering.Candidates, Wishes]:
    found = gathering.candidates(world.pm)
    plain: dict[str, Any] = {
        "releases": [str(r.pk) for r in found.releases], "teams": [str(t.pk) for t in found.teams], "rules": {},
        "capacity": {}, "confidence": 0.5, "seconds": 2, "steady": False,
    }  # fmt: skip
    return found, Wishes(**{**plain, **changed})


def planned(world: World, **changed: Any) -> tuple[ReleasePlan, PlanRun]:
    """A plan that the planner has made, as the worker makes it."""
    plan = carrying.begin(world.pm, "Spring", gathering.inputs_of(*wishes(world, **changed)))
    run = carrying.run_of(world.pm, plan)
    assert run is not None
    progress = work.Progress(rows.new_id(), plan.workspace_id, 1, threading.Event())
    carrying.make_plan(progress, run=str(run.pk))
    run.refresh_from_db()
    return fresh(plan), run


def places(run: PlanRun) -> dict[str, int]:
    return dict(zip(run.inputs["features"], run.best["release"], strict=True))


@pytest.mark.weighty
def test_the_best_two_that_fit_are_planned(world: World) -> None:
    made = furnish(world)
    plan, run = planned(world)
    found = places(run)
    assert plan.state == "made"
    assert found[str(made["best"].pk)] == 0
    assert found[str(made["needed"].pk)] == 1  # what needs it would not fit beside it
    assert found[str(made["needs"].pk)] == 2
    assert plan.gap == pytest.approx(0, abs=0.1)
    assert run.answers["load"] == [[8.0, 8.0]]
    assert [one["item"] for one in run.answers["out"]] == [run.inputs["features"].index(str(made["needs"].pk))]


@pytest.mark.weighty
def test_it_is_adopted_as_one_batch_and_undone_as_one(world: World) -> None:
    made = furnish(world)
    plan, _ = planned(world)
    before = {k: fresh(made[k]).state for k in ("best", "needs", "needed")}
    batch = rows.new_id()
    adopting.adopt_plan(world.pm, release_plan=plan, batch=batch)
    scope = {(link.source_id, link.target_id) for link in Link.objects.filter(kind="scope")}
    assert scope == {(made["first"].pk, made["best"].pk), (made["second"].pk, made["needed"].pk)}
    assert fresh(made["best"]).state == fresh(made["needed"]).state == "planned"
    assert (fresh(made["needs"]).state, fresh(plan).state) == ("candidate", "adopted")
    undo(world.pm, batch)
    assert not Link.objects.filter(kind="scope").exists()
    assert {k: fresh(made[k]).state for k in before} == before
    assert fresh(plan).state == "made"


@pytest.mark.weighty
def test_adopting_moves_what_the_plan_weighed_and_leaves_the_rest(world: World) -> None:
    made = furnish(world)
    other = world.make("feature", title="Somebody else's")
    verbs.link(world.pm, made["first"], other, "scope")
    verbs.link(world.pm, made["second"], made["best"], "scope")
    plan, _ = planned(world)
    adopting.adopt_plan(world.pm, release_plan=plan)
    scope = set(Link.objects.filter(kind="scope").values_list("source_id", "target_id"))
    assert (made["first"].pk, other.pk) in scope
    assert (made["first"].pk, made["best"].pk) in scope
    assert (made["second"].pk, made["best"].pk) not in scope


@pytest.mark.weighty
def test_a_must_that_cannot_hold_names_what_gives(world: World) -> None:
    made = furnish(world)
    rules = {str(made[k].pk): "must" for k in ("best", "needs", "needed")}
    plan, run = planned(world, rules=rules)
    assert plan.state == "impossible"
    assert {g["rule"] for g in run.answers["gives"]} == {"capacity"}
    with pytest.raises(Conflict):
        adopting.adopt_plan(world.pm, release_plan=plan)


def test_the_same_input_has_the_same_fingerprint(world: World) -> None:
    furnish(world)
    first = gathering.fingerprint(gathering.inputs_of(*wishes(world)))
    assert first == gathering.fingerprint(gathering.inputs_of(*wishes(world)))
    assert first != gathering.fingerprint(gathering.inputs_of(*wishes(world, confidence=0.85)))


def test_capacity_is_the_weekdays_between_the_days(world: World) -> None:
    furnish(world)
    found = gathering.candidates(world.pm)
    assert found.capacity(found.teams[0], found.releases[0]) == 10
    assert gathering.queries.weekdays(date(2026, 3, 7), date(2026, 3, 8)) == 0


def test_a_feature_out_of_reach_is_neither_weighed_nor_named(world: World) -> None:
    made = furnish(world)
    hidden = world.make("feature", title="Acquisition", state="candidate", confidentiality=2)
    world.make("estimate", feature=hidden.key, team=made["team"].key, low=1, likely=1, high=1)
    seen = {i.key for i in gathering.candidates(world.viewer).items}
    assert hidden.key not in seen
    assert made["best"].key in seen
    _, run = planned(world)
    assert str(hidden.pk) in run.inputs["features"]  # whoever made it may see it
    assert str(hidden.pk) not in gathering.names_of(world.viewer, run)


def test_nothing_to_plan_is_said(world: World) -> None:
    with pytest.raises(Invalid, match="at least one release"):
        carrying.begin(world.pm, "Empty", gathering.inputs_of(*wishes(world)))


def test_a_plan_that_is_stopped_before_it_began_ends(world: World) -> None:
    furnish(world)
    plan = carrying.begin(world.pm, "Spring", gathering.inputs_of(*wishes(world)))
    run = carrying.run_of(world.pm, plan)
    assert run is not None
    work.Job.objects.filter(pk=run.job).delete()
    carrying.ask_to_stop(world.pm, plan)
    assert fresh(plan).state == "impossible"


@pytest.mark.weighty
def test_a_mix_is_kept_and_shown_against_the_plan(world: World) -> None:
    made = furnish(world)
    aims = [world.make("objective", title=title) for title in ("Grow", "Keep")]
    verbs.link(world.pm, made["best"], aims[0], "objective")
    result = world.make("key_result", title="Half as many leave", objective=aims[1].key)
    verbs.link(world.pm, made["needed"], result, "objective")  # counts for the objective above it
    found, _ = wishes(world)
    assert [title for _, _, title in found.objectives] == ["Grow", "Keep"]
    _, run = planned(world)
    assert run.best["value"] == pytest.approx(300 + 0.9 * 100)
    _, run = planned(world, mix={str(aims[0].pk): (0.0, 0.1)})
    assert places(run)[str(made["best"].pk)] == 2  # its share would be a half
    assert places(run)[str(made["needed"].pk)] == 0


@pytest.mark.weighty
def test_the_curve_rises_with_the_days(world: World) -> None:
    furnish(world)
    _, run = planned(world)
    curve = run.answers["curve"]
    values = [value for _, _, _, value in curve]
    assert values == sorted(values)
    assert [value for part, _, _, value in curve if part == 1.0] == [pytest.approx(run.best["value"])]
    assert [there for part, there, _, _ in curve if part == 1.0] == [20.0]
    assert values[0] < values[-1]
