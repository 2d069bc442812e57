"""What is often wrong with a metric tree, found by reading it. Pure; numbers in, findings out.

A tree has one metric at the top that stands for the value customers get, inputs that teams can move under it
(J. Cutler and J. Scherschligt, "The North Star Playbook", 2019), and no number counted twice.
"""

from __future__ import annotations

from datetime import date

from threadline.inbound.metrics import moving

OLD_DAYS = 45  # a number that nobody read for so long steers nothing


def of_metric(
    *, today: date, measured_on: date | None, owner: bool, formula: str, current: float | None,
    parts: list[float | None], units: list[str], drivers: int, claims: int, above: int,
) -> list[str]:  # fmt: skip
    """What is wrong with one metric of a tree."""
    found = []
    if above > 1:
        found.append("Stands in two places: counted once under each, it would be counted twice.")
    if not drivers and not claims:
        found.append("Nothing drives it: no metric under it, and no feature that claims to move it.")
    if measured_on is None:
        found.append("Never measured.")
    elif (today - measured_on).days > OLD_DAYS:
        found.append(f"Last measured {(today - measured_on).days} days ago.")
    if not owner:
        found.append("Nobody owns it.")
    return found + _of_formula(formula, current, parts, units)


def _of_formula(formula: str, current: float | None, parts: list[float | None], units: list[str]) -> list[str]:
    if formula == "driven":
        return []
    if formula == "ratio" and len(parts) != 2:
        return [f"A ratio has two metrics under it, not {len(parts)}."]
    if len(parts) < 2:
        return [f"A {formula} has two or more metrics under it, not {len(parts)}."]
    found = []
    if formula == "sum" and len({u.strip().lower() for u in units}) > 1:
        found.append("It adds what has different units.")
    known = [p for p in parts if p is not None]
    made = moving.made_of(formula, known) if len(known) == len(parts) else None
    if made is not None and current is not None and not moving.fits(current, made):
        found.append(f"What is under it makes {made:,.6g}, and {current:,.6g} was measured.")
    return found
