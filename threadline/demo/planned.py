"""The sample company's plans and forecasts. What a plan came to is kept in ``plans.json``, so that the sample loads
as fast as without it: see ``bench/sample_plan.py``, which writes that file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given
from threadline.inbound.releases import deciding, estimating, forecasting, gathering
from threadline.inbound.releases.models import Forecast, PlanRun, Release, ReleasePlan
from threadline.kernel import rows, verbs
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door

REFS = ("releases", "teams", "features", "objectives")  # what a plan names by id
SOLVER = "HiGHS and local search"
_SURE = ("likely_on", "sure_on", "surest_on")


def tell_plans(story: Any, given: Given) -> None:
    """Add releases that came out, forecasts of them and of what is next, and plans of what comes after."""
    for one in given["shipped"]:
        _shipped(story, one)
    for one in given["forecasts"]:
        _forecast(story, one)
    for one in given["plans"]:
        _plan(story, one)


def _shipped(story: Any, one: Given) -> None:
    """From ready to shipped on the day it is told of; the rule itself would take today."""
    actor = story.cast.one_of(MAKERS, one["owner"])
    at = story.calendar.at(one["shipped_days_ago"], one["ref"])
    story._act(at - timedelta(hours=3), actor, "ready_release", one["ref"])
    story._act(at - timedelta(hours=2), actor, "voice_release", one["ref"], view="go", reason=one["go"])

    def run(batch: UUID) -> None:
        def ship(door: Door) -> None:
            found = door.get(Release, story.ids[one["ref"]])
            deciding.answer(
                door, found, deciding.YES, "Nobody said no-go.", "What it is to change is said feature by feature."
            )
            door.change(found, {"state": "shipped", "shipped_on": story.calendar.day(one["shipped_days_ago"])})

        through_door(actor, "ship_release", ship, batch=batch)

    story._add(at, run)


def _forecast(story: Any, one: Given) -> None:
    actor = story.cast.one_of(MAKERS, "priya")
    begun = story.calendar.at(one["made_days_ago"], one["ref"])
    at = story.calendar.after(begun, story.made_at[one["release"]])

    def run(batch: UUID) -> None:
        def make(door: Door) -> None:
            values = {"title": f"Forecast of {one['title']}", "release": story.ids[one["release"]]}
            made = verbs.create(door, Forecast.kind, values)
            said = {"made_on": story.calendar.day(one["made_days_ago"]), "left": one["left"]}
            door.change(made, said | (_estimated(story, one) if "drawn" in one else _counted(story, one)))
            story.ids[one["ref"]] = made.pk

        through_door(actor, "forecast_release", make, batch=batch)

    story.made_at[one["ref"]] = at
    story._add(at, run, makes=one["ref"], kind=Forecast.kind)


def _counted(story: Any, one: Given) -> Given:
    """What days say of it."""
    days = (story.calendar.day(one["made_days_ago"] - after) for after in one["days"])
    return {"history": one["history"], **dict(zip(_SURE, days, strict=True))}


def _estimated(story: Any, one: Given) -> Given:
    """What estimates say of it; days are weekdays after it was made, or after its release starts."""
    given = one["drawn"]
    parts = [estimating.Part(str(story.ids[ref]), *rest) for ref, *rest in given["parts"]]
    starts = given["starts_in_days"]
    first = date.fromisoformat(story.calendar.day(-starts)) if starts else None
    told = estimating.Told(
        given["days"], parts, [str(story.ids[ref]) for ref in given["missing"]], first, given["drift"]
    )
    made = date.fromisoformat(story.calendar.day(one["made_days_ago"]))
    days = (estimating.day_after(made, first, told.days[round(100 * sure) - 1]) for sure, _ in forecasting.SURE)
    return {"method": estimating.METHOD, "drawn": estimating.in_words(told), **dict(zip(_SURE, days, strict=True))}


def _plan(story: Any, one: Given) -> None:
    actor, at = story.cast.one_of(MAKERS, "priya"), story.calendar.at(one["days_ago"], one["ref"])

    def run(batch: UUID) -> None:
        inputs = one["inputs"] | {n: [str(story.ids[ref]) for ref in one["inputs"].get(n, ())] for n in REFS}
        plan = one["answers"]["plan"]

        def make(door: Door) -> None:
            based_on = story.ids.get(one["based_on"])
            values = {"title": one["title"], "owner": actor.member_id, "body": one["body"], "based_on": based_on}
            made = verbs.create(door, ReleasePlan.kind, values)
            door.change(made, {
                "state": "made", "value": round(plan["value"], 2), "gap": round(100 * plan["gap"], 2),
                "solver": SOLVER, "input_hash": gathering.fingerprint(inputs), "seed": inputs["seed"],
            })  # fmt: skip
            rows.insert(PlanRun(
                workspace_id=actor.workspace_id, plan_id=made.pk, member_id=actor.member_id, inputs=inputs, best=plan,
                answers=one["answers"], seconds=inputs["seconds"], created_at=at, finished_at=at,
            ))  # fmt: skip
            story.ids[one["ref"]] = made.pk

        through_door(actor, "make_plan", make, batch=batch)

    story.made_at[one["ref"]] = at
    story._add(at, run, makes=one["ref"], kind=ReleasePlan.kind)
