"""What Today and an objective's page say of key results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from threadline.faces.web import keymap, threadpage, wording
from threadline.faces.web.screens import Scope, adds_to, how_it_stands, needs_me
from threadline.faces.web.visit import Visit
from threadline.inbound.strategy import grading, linting, queries
from threadline.kernel import listing
from threadline.kernel.registry import type_of

OPEN = "state:on_track,at_risk,off_track"
QUIET_AFTER = timedelta(days=14)  # a key result that nobody spoke of for longer needs its owner
LOOKED_AT, SHOWN = 40, 3
_NAMES = (
    "title",
    "state",
    "current",
    "baseline",
    "target",
    "unit",
    "due_on",
    "progress",
    "confidence",
    "weight",
    "created_at",
    "shape",
    "held",
    "checked",
)

keymap.leads("s", "objectives/", "Objectives")


@needs_me(50)
def key_results_to_speak_of(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """Key results that are off track, and those nobody has checked in on for a fortnight."""
    declared = type_of("key_result")
    if not visit.actor.may("update", declared.group):
        return []
    found = listing.list_page(visit.actor, declared, f"{scope.query} {OPEN}", names=_NAMES, limit=LOOKED_AT).rows
    since = datetime.now(UTC) - QUIET_AFTER
    quiet = queries.without_check_in(visit.actor, [r["id"] for r in found], since)
    bad = [r for r in found if r["state"] == "off_track"]
    silent = [r for r in found if r["id"] in quiet and r not in bad and wording.instant(r["created_at"]) < since]  # type: ignore[operator]
    todos = [_todo(visit, r, "is off track") for r in bad[:SHOWN]]
    if len(silent) == 1:
        todos.append(_todo(visit, silent[0], "has had no check-in for two weeks"))
    elif silent:
        href = visit.listing(declared, q=f"key:{','.join(r['key'] for r in silent)}")
        todos.append({
            "title": f"{len(silent)} key results have had no check-in for two weeks", "href": href, "hot": False,
            "parts": [{"text": "A number, how sure you are, and a line: a minute each."}],
            "actions": [{"label": "Check in", "href": visit.record(silent[0]["key"], "do", "check_in")}],
        })  # fmt: skip
    return todos


def _todo(visit: Visit, row: dict[str, Any], what: str) -> dict[str, Any]:
    due = f", due {wording.on_day(row['due_on'])}" if row.get("due_on") else ""
    return {
        "title": f"{row['key']} {row['title']} {what}",
        "href": visit.record(row["key"]),
        "parts": [{"text": f"{_of(row)}{due}."}],
        "hot": False,
        "actions": [{"label": "Check in", "href": visit.record(row["key"], "do", "check_in")}],
    }


def _of(row: dict[str, Any]) -> str:
    shape, numbers = row["shape"], (row["baseline"], row["current"], row["target"])
    return of_numbers(shape, *numbers, row.get("unit") or "", row["held"], row["checked"])


def of_numbers(
    shape: str, low: float | None, now: float | None, high: float | None, unit: str, held: int, checked: int
) -> str:
    """12.1 of 15 %; 12, to keep within 10 to 15 %: 4 of 5 check-ins did; 3 of 5 steps; done."""
    if shape == "done":
        return "done" if now is not None and now >= 1 else "not done yet"
    unit = f" {unit}" if unit else ""
    at = wording.number(now) if now is not None else "not measured"
    if shape == "keep":
        if low is None and high is None:
            return "no range yet"
        ends = f"within {wording.number(low)} to {wording.number(high)}"
        if low is None or high is None:
            ends = f"at {wording.number(low)} or more" if high is None else f"at {wording.number(high)} or less"
        count = f": {held} of {wording.plural(checked, 'check-in')} did" if checked else ""
        return f"{at}, to keep {ends}{unit}{count}"
    if high is None:
        return "no target yet"
    return f"{at} of {wording.number(high)}{unit or (' steps' if shape == 'steps' else '')}"


@how_it_stands(10)
def key_results(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """The key results that move least, as meters: one's own, or the workspace's when none is."""
    declared = type_of("key_result")
    found: list[dict[str, Any]] = []
    for query in dict.fromkeys((scope.query, "")):
        found = listing.list_page(visit.actor, declared, f"{query} {OPEN} sort:progress", names=_NAMES, limit=4).rows
        if found:
            break
    return [
        {
            "label": r["title"],
            "text": _of(r),
            "href": visit.record(r["key"]),
            "meter": {"value": round(100 * (r["progress"] or 0)), "max": 100, "label": f"Progress of {r['key']}"},
            "warm": r["state"] == "off_track",
        }
        for r in found
    ]


@adds_to("key_result", "detail")
def without_what_a_range_counts(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """What is counted of a range to keep within says nothing of another key result."""
    if row["shape"] != "keep":
        context["rail"] = [prop for prop in context["rail"] if prop.get("name") not in ("checked", "held")]


@adds_to("objective", "thread")
def of_the_thread(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Objectives that nothing serves."""
    declared, query = type_of("objective"), "state:draft,active cited:no"
    count = listing.count_of(visit.actor, declared, query)
    what = ("objective that nothing serves", "objectives that nothing serves")
    href = visit.listing(declared, q=query)
    context["gaps"].append(threadpage.gap(visit, count, *what, "Wanted, but no feature works on them.", href))


@adds_to("objective", "detail")
def key_results_of(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The key results with their meters and grades, each with a check-in on the spot."""
    declared = type_of("key_result")
    found = listing.list_page(visit.actor, declared, f"objective:{row['key']} sort:key", names=_NAMES, limit=50).rows \
        if "archived" not in context["record"] else []  # fmt: skip
    may = visit.actor.may("update", declared.group)
    committed = row.get("ambition") == "committed"
    grade = row.get("progress")
    context["grade"] = {
        "text": f"{grade:.1f}" if grade is not None else "not graded",
        "tone": grading.tone(grade, committed=committed),
        "label": "must be reached in full" if committed else "0.6 to 0.7 does well",
    }
    context["then"] = visit.record(row["key"])
    context["findings"] = linting.of_objective(len(found))
    context["key_results"] = [_line(visit, r, may, committed) for r in found]
    if visit.actor.may("create", declared.group) and "archived" not in context["record"]:
        context["add_href"] = visit.at(declared.path, f"new?objective={row['key']}")


def _line(visit: Visit, row: dict[str, Any], may: bool, committed: bool) -> dict[str, Any]:
    declared = type_of("key_result")
    grade = row["progress"]
    return {
        "key": row["key"],
        "title": row["title"],
        "href": visit.record(row["key"]),
        "state": declared.state_by_name[row["state"]],
        "of": _of(row),
        "from": wording.number(row["baseline"]) if row["shape"] == "reach" else "",
        "either": row["shape"] == "done",
        "due": wording.on_day(row["due_on"]),
        "sure": f"{row['confidence']:g}% sure" if row["confidence"] is not None else "",
        "confidence": row["confidence"],
        "counts": f"counts {row['weight']:g}×" if row["weight"] not in (None, 1) else "",
        "findings": linting.of_key_result(row["title"]),
        "grade": f"{grade:.1f}" if grade is not None else "–",
        "tone": grading.tone(grade, committed=committed),
        "meter": {"value": round(100 * (grade or 0)), "max": 100, "label": f"Progress of {row['key']}"},
        "check_in": visit.record(row["key"], "do", "check_in") if may else None,
        "states": [{"value": s.name, "label": s.label, "chosen": s.name == row["state"]} for s in declared.states],
        "current": row["current"],
        "unit": row["unit"],
    }
