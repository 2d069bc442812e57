"""A plan being made: begun by a person, carried out by the worker, stopped, and what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

from threadline.inbound.releases import gathering
from threadline.inbound.releases.models import PlanRun, ReleasePlan
from threadline.kernel import rows, verbs, work
from threadline.kernel.access import Actor, actor_of, reach
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.jobs import Job
from threadline.kernel.members import Member

JOB = "releases.plan"
COMMAND = [sys.executable, "-m", "threadline.planning.process"]
LONGEST = 600  # seconds after which a planner that does not answer is ended


def begin(actor: Actor, title: str, inputs: dict[str, Any], *, based_on: ReleasePlan | None = None) -> ReleasePlan:
    """A new plan, and the job that makes it, in one transaction. Raises Invalid when there is nothing to plan."""
    if not inputs["releases"] or not inputs["teams"] or not inputs["features"]:
        raise Invalid(("", "Choose at least one release, one team and one feature that has an estimate."))

    def run(door: Door) -> ReleasePlan:
        values = {"title": title, "owner": actor.member_id, "based_on": based_on.pk if based_on else None}
        made = verbs.create(door, ReleasePlan.kind, values)
        assert isinstance(made, ReleasePlan)
        said = {"state": "running", "input_hash": gathering.fingerprint(inputs), "seed": inputs["seed"]}
        made = door.change(made, said)
        held = PlanRun(workspace_id=actor.workspace_id, plan=made, member_id=actor.member_id, inputs=inputs,
                       seconds=inputs["seconds"])  # fmt: skip
        held.job = door.enqueue(JOB, {"run": str(held.pk)}, most_attempts=2).pk
        rows.insert(held)
        return made

    return through_door(actor, "make_plan", run)


def run_of(actor: Actor, plan: ReleasePlan) -> PlanRun | None:
    """What stands behind a plan in reach."""
    return PlanRun.objects.filter(workspace_id=actor.workspace_id, plan_id=plan.pk).first()


def ask_to_stop(actor: Actor, plan: ReleasePlan) -> None:
    """Let the planner stop with the best plan it has. Raises Conflict when it is over."""
    found = run_of(actor, plan)
    if found is None or plan.state != "running":
        raise Conflict("This plan is not being made any more.")
    actor.need("decide", "inbound")
    _set(found, stop_asked=True)
    if found.job is None or not Job.objects.filter(pk=found.job, state__in=work.OPEN).exists():
        _over(actor, found, {"plan": None, "gives": []}, "It was stopped before it began.")


@work.job(JOB, most_attempts=2)
def make_plan(progress: work.Progress, *, run: str) -> dict[str, Any] | None:
    """Make one plan. Run again after a crash, it begins anew."""
    found = PlanRun.objects.select_related("plan").get(pk=run)
    if found.plan.state != "running":
        return None
    member = Member.objects.select_related("workspace", "user").get(pk=found.member_id)
    actor = actor_of(member, face="import")
    answers, said = _listen(progress, found)
    _over(actor, found, answers, said)
    return {"value": (answers.get("plan") or {}).get("value")}


def _listen(progress: work.Progress, found: PlanRun) -> tuple[dict[str, Any], str]:
    """Run the planner and keep each better plan; returns its last line, or why there is none."""
    planner = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert planner.stdin is not None
    assert planner.stdout is not None
    assert planner.stderr is not None
    end = threading.Timer(LONGEST, planner.kill)
    end.start()
    said: list[str] = []
    aside = threading.Thread(target=lambda: said.append(planner.stderr.read()), daemon=True)  # type: ignore[union-attr]
    aside.start()
    answers: dict[str, Any] = {}
    try:
        planner.stdin.write(json.dumps(found.inputs))
        planner.stdin.close()
        for line in planner.stdout:
            heard = json.loads(line)
            if "best" in heard:
                _heard(progress, found, heard["best"], planner)
            else:
                answers = heard
    finally:
        end.cancel()
        if planner.poll() is None and not answers:
            planner.kill()
        planner.wait()
        aside.join(5)
    if answers:
        return answers, ""
    reason = (said[0].strip().splitlines() or [""])[-1] if said else ""
    return {"plan": None, "gives": []}, f"The planner ended without an answer. {reason}"[:500]


def _heard(progress: work.Progress, found: PlanRun, best: dict[str, Any], planner: subprocess.Popen[str]) -> None:
    _set(found, best=best)
    stop = PlanRun.objects.filter(pk=found.pk, stop_asked=True).exists()
    try:
        progress(min(int(best["seconds"]), found.seconds), found.seconds, "")
    except work.Cancelled:
        stop = True  # the best plan so far is kept all the same
    if stop:
        planner.terminate()


def _over(actor: Actor, found: PlanRun, answers: dict[str, Any], error: str) -> None:
    plan = answers.get("plan")
    values: dict[str, Any] = {"state": "impossible"}
    if plan is not None:
        gap = None if plan["gap"] is None else round(100 * plan["gap"], 2)
        values = {"state": "made", "value": round(plan["value"], 2), "gap": gap, "solver": "HiGHS and local search"}

    def run(door: Door) -> None:
        door.change(door.find(ReleasePlan, found.plan_id), values)
        kept = {"answers": answers, "error": error, "finished_at": rows.now()}
        _set(found, **kept, **({"best": plan} if plan is not None else {}))

    through_door(actor, "make_plan", run)


def _set(found: PlanRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(found, name, value)
    rows.update(found, list(values))


def plan_of(actor: Actor, ref: Any) -> ReleasePlan | None:
    """A plan within reach by id."""
    return reach(actor, ReleasePlan).filter(pk=ref, archived_at=None).first()
