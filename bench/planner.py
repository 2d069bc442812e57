"""Measure the planner: ``make bench-planner``. NRP_DATA names the folder of instances and published optima.

Prints, one table each: the next release problem beside its proven optima (value, bound, gap, CPU
seconds); supported fronts point for point; made-up problems of 500 features, 6 releases, 8 teams;
networks drawn a second; and how often forecasts from public histories held.
What is not in the folder is left out and said.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.table import aligned
from threadline.planning import fronts, network, solving, synthetic, throughput
from threadline.planning.checking import broken
from threadline.planning.model import Problem

AIM_EACH, AIM_ALL = 2.0, 60.0  # CPU seconds of one case and of all
HISTORIES = "throughput_*.csv"  # date, merged: every file of this name
HOW = ("days alone", "with drift", "drift, relearnt")
SURE = (0.5, 0.85, 0.95)


def main() -> None:
    """Print every table that the folder has data for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", choices=("optima", "fronts", "synthetic", "network", "calibration"))
    asked.add_argument("--seconds", type=float, default=30.0, help="CPU seconds for one case at most")
    given = asked.parse_args()
    place = Path(os.environ.get("NRP_DATA", ""))
    for name, run in (("optima", optima), ("fronts", fronts_of), ("calibration", calibration)):
        if given.only in (None, name):
            if os.environ.get("NRP_DATA") and place.is_dir():
                run(place, given.seconds)
            else:
                print(f"{name}: set NRP_DATA to the folder that holds optima.csv.")
    if given.only in (None, "synthetic"):
        made_up(given.seconds)
    if given.only in (None, "network"):
        drawn()


# ---- the next release problem ----------------------------------------------------------------


def read(path: Path) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """Values, costs and (item, what it needs) of an instance: requirements first, then customers.

    The file has levels of requirements with their costs, pairs "A B" where A comes before B, then
    for each customer the profit, how many requirements they ask for, and which.
    """
    words = iter(path.read_text("utf-8").split())
    costs: list[int] = []
    for _ in range(int(next(words))):
        costs += [int(next(words)) for _ in range(int(next(words)))]
    count, requires = len(costs), []
    for _ in range(int(next(words))):
        before, item = int(next(words)) - 1, int(next(words)) - 1
        requires.append((item, before))
    profits = []
    for customer in range(int(next(words))):
        profits.append(int(next(words)))
        requires += [(count + customer, int(next(words)) - 1) for _ in range(int(next(words)))]
    values = np.array([0] * count + profits, dtype=float)
    return values, np.array(costs + [0] * len(profits), dtype=float), requires


def problem_of(path: Path, budget: float) -> Problem:
    """An instance as one team, one release and a budget."""
    values, costs, requires = read(path)
    items = len(values)
    none = np.full(items, -1, dtype=np.int64)
    return Problem(
        values=values, effort=costs[:, None], spread=np.zeros((items, 1)), capacity=np.array([[budget]]),
        discount=np.ones(1), due=np.zeros(items, dtype=np.int64), earliest=np.zeros(items, dtype=np.int64),
        must_by=none, fixed=none, requires=requires,
    )  # fmt: skip


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        yield from csv.DictReader(opened)


def optima(place: Path, seconds: float) -> None:
    """Each instance at each ratio, budget rounded to nearest, beside its proven optimum."""
    rows, spent, reached, cases = [("case", "budget", "published", "value", "bound", "gap", "CPU s")], 0.0, 0, 0
    for case in _rows(place / "optima.csv"):
        path = place / "instances" / f"{case['instance']}.txt"
        if not path.exists():
            continue
        problem = problem_of(path, float(case["budget_nearest"]))
        begun = time.process_time()
        plan = solving.solve(problem, seconds=seconds, goal=1e-9)
        took = time.process_time() - begun
        value, bound = (plan.value, plan.bound) if plan is not None else (0.0, float("inf"))
        assert plan is None or broken(problem, plan.release) == []
        held = round(value) == int(case["optimum_nearest"])
        spent, reached, cases = spent + took, reached + held, cases + 1
        gap = max(np.floor(bound + 1e-6) - value, 0) / max(bound, 1e-9)
        rows.append((
            f"{case['instance']} {case['ratio']}", case["budget_nearest"], case["optimum_nearest"],
            f"{value:.0f}" + ("" if held else " (missed)"), f"{bound:.2f}", f"{100 * gap:.3f} %",
            f"{took:.2f}" + ("" if took <= AIM_EACH else " (missed)"),
        ))  # fmt: skip
        print(rows[-1], flush=True)
    print(f"\n## Next release problem\n\n{aligned(rows)}\n")
    print(f"{reached} of {cases} optima, {spent:.1f} CPU s in all (aim {AIM_ALL:.0f} for 51 cases).")


def fronts_of(place: Path, _seconds: float) -> None:
    """Every corner of value against cost, beside the published ones."""
    published: dict[str, list[tuple[float, float]]] = {}
    for row in _rows(place / "supported_fronts.csv"):
        published.setdefault(row["instance"], []).append((float(row["cost"]), float(row["value"])))
    rows, spent = [("instance", "published", "found", "the same", "CPU s")], 0.0
    for name, points in published.items():
        path = place / "instances" / f"{name}.txt"
        if not path.exists():
            continue
        begun = time.process_time()
        found = fronts.supported(*read(path))
        took = time.process_time() - begun
        spent += took
        same = len(set(found) & set(points))
        rows.append((name, str(len(points)), str(len(found)), f"{same}" + ("" if same == len(points) else " (missed)"),
                     f"{took:.2f}"))  # fmt: skip
        print(rows[-1], flush=True)
    print(f"\n## Supported fronts\n\n{aligned(rows)}\n\n{spent:.1f} CPU s in all (aim 5 for 17).")


# ---- made up, and forecasts --------------------------------------------------------------------


def made_up(seconds: float) -> None:
    """500 features, 6 releases, 8 teams: to one percent, and what a changed capacity takes."""
    rows = [("seed", "value", "bound", "gap", "CPU s", "rules broken")]
    for seed in (1, 2, 3):
        problem = synthetic.problem(500, 6, 8, seed)
        begun = time.process_time()
        plan = solving.solve(problem, seconds=seconds, goal=0.01)
        took = time.process_time() - begun
        assert plan is not None
        rows.append((str(seed), f"{plan.value:.1f}", f"{plan.bound:.1f}",
                     f"{100 * plan.gap:.2f} %" + ("" if plan.gap <= 0.0101 else " (missed)"),
                     f"{took:.2f}" + ("" if took <= 5 else " (missed)"),
                     str(len(broken(problem, plan.release)))))  # fmt: skip
        print(rows[-1], flush=True)
    print(f"\n## Synthetic 500 x 6 x 8 (aim: 1 % within 5 CPU s)\n\n{aligned(rows)}\n")


def drawn(pieces: int = 60, runs: int = 1_000_000) -> None:
    """Networks of 60 pieces of work, each after up to two earlier ones: how many are drawn a second."""
    rng = np.random.default_rng(3)
    needs = [(f, int(g)) for f in range(1, pieces) for g in set(rng.integers(0, f, size=min(f, 2)))]
    low = rng.uniform(1, 5, pieces)
    likely = low + rng.uniform(0, 5, pieces)
    high = likely + rng.uniform(0, 10, pieces)
    rows = [("teams", "ends only, million a second", "with every item and who decides")]
    for teams in (pieces, 8):
        at = np.arange(pieces)
        made = network.Network(pieces, at, at % teams, low, likely, high, np.ones(teams), needs)
        begun = time.process_time()
        network.ends(made, runs=runs)
        between = time.process_time()
        network.simulate(made, runs=runs // 5)
        rest = time.process_time() - between
        rows.append((str(teams), f"{runs / (between - begun) / 1e6:.2f}", f"{runs / 5 / rest / 1e6:.2f}"))
    print(f"\n## Networks of {pieces} pieces (aim: 2 million a second)\n\n{aligned(rows)}\n")


def days_of(path: Path) -> np.ndarray:
    """Things finished on each day from the first to the last, with the days of none."""
    counted = {np.datetime64(row["date"]): int(row["merged"]) for row in _rows(path)}
    first, last = min(counted), max(counted)
    days = np.zeros(int((last - first).astype(int)) + 1, dtype=np.int64)
    for day, count in counted.items():
        days[int((day - first).astype(int))] = count
    return days


def calibration(place: Path, _seconds: float) -> None:
    """A forecast every 14 days of each history: how often the work was done by the day named."""
    rows = [("history", "forecasts", *(f"within P{100 * s:.0f}" for s in SURE), "how")]
    sums = {how: [np.zeros(len(SURE)), 0] for how in HOW}
    for path in sorted(place.glob(HISTORIES)):
        for how, (held, made) in backtest(days_of(path)).items():
            rows.append((path.stem.removeprefix("throughput_"), str(made), *_shares(held, made), how))
            print(rows[-1], flush=True)
            sums[how] = [sums[how][0] + held, sums[how][1] + made]
    rows += [("pooled", str(made), *_shares(held, made), how) for how, (held, made) in sums.items()]
    print(f"\n## Forecasts that held (aim pooled, as the product makes them: P50 46 to 54, P85 82 to 88)\n\n"
          f"{aligned(rows)}\n")  # fmt: skip


def _shares(held: np.ndarray, made: int) -> list[str]:
    return [f"{100 * one / max(made, 1):.1f} %" for one in held]


def backtest(days: np.ndarray) -> dict[str, tuple[np.ndarray, int]]:
    """How many forecasts held at each sureness, over 60 and 120 days of history and 10 and 30 items.

    Made in order of time: the relearnt ones know what had come out on the day they were made, and no more.
    """
    held, made = {how: np.zeros(len(SURE)) for how in HOW}, 0
    came: list[tuple[int, float]] = []  # (the day it was known, where in its forecast it lay)
    for now in range(60, len(days), 14):
        known = [lay for on, lay in sorted(came) if on <= now]
        drift = throughput.drift_of(np.trim_zeros(days[:now], "f"))
        for history, items in ((60, 10), (60, 30), (120, 10), (120, 30)):
            past, ahead = days[max(now - history, 0) : now], np.cumsum(days[now:])
            done = np.flatnonzero(ahead >= items)
            if len(past) < history or past.sum() == 0 or not len(done):
                continue
            day, made = int(done[0]) + 1, made + 1
            drifting = throughput.when(past, items, drift=drift, weekly=True).chance
            chances = (throughput.when(past, items).chance, drifting, throughput.relearnt(drifting, known))
            for how, chance in zip(HOW, chances, strict=True):
                held[how] += np.array([day <= chance_day(chance, s) for s in SURE])
            came.append((now + day, throughput.came_out(drifting, day)))
    return {how: (held[how], made) for how in HOW}


def chance_day(chance: np.ndarray, sure: float) -> float:
    """The first day that is sure enough; never, when the horizon ends before."""
    enough = np.flatnonzero(chance >= sure)
    return float(enough[0]) if len(enough) else float("inf")


if __name__ == "__main__":
    main()
