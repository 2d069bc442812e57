"""What the page of a test says in numbers: how many it needs, and what came out."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to
from threadline.faces.web.visit import Visit
from threadline.inbound.strategy import outcomes
from threadline.planning.trials import shares, sizing
from threadline.planning.trials.shares import Difference


@adds_to("assumption_test", "detail")
def in_numbers(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Add what is needed before it starts, and what is read once the result is written down."""
    usual, hoped, sample = row.get("usual"), row.get("hoped"), row.get("sample")
    context["needed"] = _needed(usual, hoped, row.get("power"), sample)
    apart = abs(hoped - usual) / 100 if usual is not None and hoped is not None else None
    found = outcomes.read(row.get("result") or "", sample=sample, expected=apart)
    context["came_out"] = _came_out(found) if found else None


def _needed(usual: float | None, hoped: float | None, power: float | None, sample: int | None) -> dict[str, Any] | None:
    if usual is None or hoped is None or usual == hoped:
        if not sample:
            return None
        low, high = shares.wilson(round(sample / 2), sample)
        return {"text": f"With {sample:,} in one group, a share of half is known from {low:.0%} to {high:.0%}.",
                "note": "The widest 95 % interval there is. For two groups, say what is usual and what is worth "
                        "finding: how many each needs is told here.", "few": ""}  # fmt: skip
    chance = power or 100 * sizing.POWER
    each = sizing.needed(usual / 100, hoped / 100, chance / 100)
    few = ""
    if sample and sample < 2 * each:
        few = f"{sample:,} are planned: too few. A change of this size would often be missed."
    return {
        "text": f"{each:,} in each of two groups, {2 * each:,} in all.",
        "note": f"To tell {wording.number(hoped)} % from {wording.number(usual)} % with a chance of "
                f"{wording.number(chance)} % when it is so, and to see what is not there 5 times in 100 (two-sided, "
                "pooled variance).",
        "few": few,
    }  # fmt: skip


def _came_out(found: outcomes.Outcome) -> dict[str, Any]:
    lines = [
        {"label": s.name or "Share", "text": f"{s.value:.1%}", "range": f"{s.low:.1%} to {s.high:.1%}",
         "note": f"{s.hits:,} of {s.of:,}"}
        for s in found.shares
    ]  # fmt: skip
    as_share = bool(found.shares)
    if not as_share:
        lines = [{"label": name, "text": _plain(one.mean), "range": "", "note": f"mean of {one.n:,}"}
                 for name, one in found.groups]  # fmt: skip
    if found.plain is not None:
        p = _p(found.plain.p) if found.early is None else f"{_p(found.early)}, at any time"
        lines.append(_line("Difference", found.plain, "points" if as_share else "", p))
    if found.relative is not None:
        one = found.relative
        p = _p(one.p) if found.early is None else ""
        lines.append({"label": "Relative to the first", "text": f"{one.value:+.1%}",
                      "range": f"{one.low:+.1%} to {one.high:+.1%}", "note": p})  # fmt: skip
    if found.adjusted is not None:
        p = _p(found.adjusted.p) if found.early is None else ""
        lines.append(_line("Less what differed before", found.adjusted, "", p))
    return {"lines": lines, "refused": found.refused, "doubts": found.doubts}


def _line(label: str, one: Difference, unit: str, note: str) -> dict[str, str]:
    """Shares differ by points, which are hundredths."""
    by = 100 if unit else 1
    low, high = _plain(one.low * by, "+"), _plain(one.high * by, "+")
    text = f"{_plain(one.value * by, '+')} {unit}".rstrip()
    return {"label": label, "text": text, "range": f"{low} to {high}", "note": note}


def _plain(value: float, sign: str = "") -> str:
    return f"{value:{sign}.3g}" if abs(value) < 100 else f"{value:{sign},.0f}"


def _p(value: float) -> str:
    return f"p {value:.3f}" if value >= 0.001 else "p below 0.001"
