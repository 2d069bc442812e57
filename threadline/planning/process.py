"""The planner as a process of its own: a problem as JSON on standard input, lines of JSON on standard output.

``python -m threadline.planning.process``. Its CPU seconds are its own, whatever else the machine
does; a crash of the solver harms nobody; and SIGTERM asks it to stop with the best plan so far.

The problem: ``values`` [F]; ``effort`` [[f, k, low, likely, high]]; ``capacity`` [K][T]; ``discount``
[T]; ``must_by`` and ``fixed`` [F], -1 for none; ``requires`` [[f, g]]; ``confidence``; ``published`` [F]
or null and ``stability``; ``category`` [F] and ``mix`` [[category, share, band]], both may be absent;
``seconds``; ``seed``. Each line of progress is ``{"best": plan}``, the last
line ``{"plan": plan or null, ...}`` with the answers of :func:`answer`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from threadline.planning import answers, linear, solving
from threadline.planning.linear import NoAnswer, Relaxation
from threadline.planning.model import Mix, Plan, Problem, load_of, objective_of, three_point
from threadline.planning.risk import sureness

EVERY = 0.4  # seconds between two lines of progress
PATIENCE = 3.0  # wall seconds for each CPU second asked for, on a machine that is busy
MOST_ASKED = 80  # items left out that get a regret
PARTS = (0.25, 0.4, 0.55, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5)  # of today's days, for the curve of value against cost
CURVE_SECONDS = 0.3  # for each of them
Say = Callable[[dict[str, Any]], None]


def read(given: dict[str, Any]) -> Problem:
    """The problem that the JSON describes."""
    capacity = np.array(given["capacity"], dtype=float)
    items, (teams, releases) = len(given["values"]), capacity.shape
    effort, spread = np.zeros((items, teams)), np.zeros((items, teams))
    for f, k, *points in given["effort"]:
        low, likely, high = (np.array([p], dtype=float) for p in points)
        mean, deviation = three_point(low, likely, high)
        effort[f, k], spread[f, k] = mean[0], deviation[0]
    published = given.get("published")
    return Problem(
        values=np.array(given["values"], dtype=float),
        effort=effort,
        spread=spread,
        capacity=capacity,
        discount=np.array(given["discount"], dtype=float),
        due=np.full(items, releases - 1),
        earliest=np.zeros(items, dtype=np.int64),
        must_by=np.array(given["must_by"], dtype=np.int64),
        fixed=np.array(given["fixed"], dtype=np.int64),
        requires=[(int(f), int(g)) for f, g in given["requires"]],
        confidence=float(given["confidence"]),
        published=None if published is None else np.array(published, dtype=np.int64),
        stability=float(given.get("stability", 0.0)),
        category=np.array(given["category"], dtype=np.int64) if given.get("mix") else None,
        mix=tuple(Mix(int(c), float(share), float(band)) for c, share, band in given.get("mix", ())),
    )


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """A plan as plain values; ``gap`` None when nothing is proven yet."""
    proven = bool(np.isfinite(plan.bound))
    return {
        "release": [int(r) for r in plan.release],
        "value": float(plan.value),
        "objective": float(plan.objective),
        "bound": float(plan.bound) if proven else None,
        "gap": float(plan.gap) if proven else None,
        "seconds": round(float(plan.seconds), 2),
    }


def run(given: dict[str, Any], say: Say, stopped: Callable[[], bool]) -> None:
    """Make the plan and answer for it."""
    problem, seconds = read(given), float(given["seconds"])
    begun, last = time.monotonic(), [0.0]

    def told(plan: Plan) -> bool:
        now = time.monotonic()
        if now - last[0] >= EVERY:
            last[0] = now
            say({"best": plan_as_json(plan)})
        return stopped() or now - begun > PATIENCE * seconds + 5

    found = solving.solve(problem, seconds=seconds, seed=int(given["seed"]), told=told)
    if found is not None and problem.published is not None and problem.stability:
        near = answers.what_if(problem, problem.published, stability=problem.stability)
        if near is not None and objective_of(problem, near.release) > found.objective:
            found = Plan(near.release, near.value, near.objective, found.bound, found.seconds, near.how)
    say({"plan": None if found is None else plan_as_json(found), **answer(problem, found, int(given["seed"]))})


def answer(problem: Problem, plan: Plan | None, seed: int) -> dict[str, Any]:
    """What people ask of the plan; for input that cannot hold, the rules that would have to give."""
    if plan is None:
        gives = answers.what_gives(problem)
        return {"gives": [{"rule": g.row.rule, "about": list(g.row.about), "by": g.by} for g in gives]}
    mean, variance = load_of(problem, plan.release)
    sure = sureness(problem, plan.release, seed=seed)
    out = [int(f) for f in np.flatnonzero(plan.release == problem.releases)]
    asked = sorted(out, key=lambda f: -problem.values[f])[:MOST_ASKED]
    relaxed = Relaxation(problem, linear.reference_spread(problem, plan.release)).solve()
    bills = answers.bills(problem, relaxed) if relaxed is not None else []
    try:
        regrets = {r.item: r.value for r in answers.regrets(problem, asked)}
        musts = [[r.item, r.value] for r in answers.price_of_musts(problem)]
    except NoAnswer:  # the even buffer of the relaxation is stricter than this plan needs
        regrets, musts = {}, []
    return {
        "load": mean.tolist(),
        "buffer": (problem.kappa * np.sqrt(variance)).tolist(),
        "fits": sure.fits.tolist(),
        "each": sure.each.tolist(),
        "all": sure.all,
        "musts": musts,
        "curve": curve(problem, plan),
        "out": [_why(problem, plan, f, bills, regrets) for f in asked],
    }


def curve(problem: Problem, plan: Plan) -> list[list[float]]:
    """[part of today's days, days there are, planned effort, value] of the best plan found for each part.

    What fits fewer days fits more days too, so no part earns less than a smaller one.
    """
    free, found = replace(problem, published=None, stability=0.0), []
    best: Plan | None = None
    for part, one in answers.trade_off(free, np.array(PARTS), seconds=CURVE_SECONDS):
        for other in (one, plan if part >= 1.0 else None):
            if other is not None and (best is None or other.value > best.value):
                best = other
        if best is not None:
            days = float(problem.effort[best.release < problem.releases].sum())
            there = part * float(problem.capacity.sum())
            found.append([part, round(there, 1), round(days, 1), round(best.value, 2)])
    return found


def _why(problem: Problem, plan: Plan, item: int, bills: list[answers.Bill], regrets: dict[int, Any]) -> dict[str, Any]:
    """Why an item is out: what it would earn, what it would cost whom, and what would bring it in."""
    missing = answers.smallest_addition(problem, plan.release, item)
    made = {
        "item": item,
        "regret": regrets.get(item),
        "possible": item not in regrets or regrets[item] is not None,
        "addition": {"release": missing.release, "effort": missing.effort.tolist(), "needs": list(missing.needs)},
    }
    if bills:
        bill = bills[item]
        made["bill"] = {
            "release": bill.release,
            "worth": bill.worth,
            "by_team": bill.by_team.tolist(),
            "cost": bill.cost,
        }
    return made


def main() -> None:
    """Read, plan, write."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))

    # The solver's library writes a banner of its own to standard output: that goes aside with its errors.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(line: dict[str, Any]) -> None:
        out.write(json.dumps(line) + "\n")
        out.flush()

    run(json.load(sys.stdin), say, lambda: bool(asked))


if __name__ == "__main__":
    main()
