"""Demand as pages draw it: figures, two bars of segments, and the same as a table."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import wording
from threadline.inbound.asking import WEIGHTS, Demand, Slice

HUES = 6  # of segments, as css/score.css has them


def demand_context(found: Demand, currency: str) -> dict[str, Any] | None:
    """Demand as ``feature/demand.html`` draws it; None when nobody asked."""
    if not found.notes:
        return None
    figures = [
        {"label": "Customers", "text": wording.number(found.customers)},
        {"label": "Accounts", "text": f"{found.accounts:,} of {found.base:,}"},
        {"label": "Notes", "text": wording.number(found.notes)},
    ]
    if found.votes:
        figures.append({"label": "Votes elsewhere", "text": wording.number(found.votes)})
    if found.revenue is not None:
        figures.insert(1, {"label": "Annual revenue", "text": wording.money(found.revenue, currency)})
    return {
        "figures": figures,
        "says": found.says,
        "weights": [f"{count} {word}" for word, count in found.by_weight.items() if count and word != WEIGHTS[0]],
        "segments": [_slice(s) for s in found.by_segment],
        "bars": [
            _stacked("Accounts that asked", [(s.label, s.share) for s in found.by_segment]),
            _stacked("All accounts", [(s.label, s.base_share) for s in found.by_segment]),
        ],
    }


def _stacked(label: str, shares: list[tuple[str, float]]) -> dict[str, Any]:
    """One bar of a whole in parts, each with where it begins, in hundredths."""
    parts, at = [], 0.0
    for number, (name, share) in enumerate(shares):
        if share:
            parts.append({"label": f"{name} {share:.0%}", "at": round(at, 2), "wide": round(100 * share, 2),
                          "hue": number % HUES})  # fmt: skip
        at += 100 * share
    return {"label": label, "parts": parts}


def _slice(one: Slice) -> dict[str, Any]:
    return {
        "label": one.label,
        "asked": f"{one.share:.0%}",
        "base": f"{one.base_share:.0%}",
        "count": f"{one.accounts:,} of {one.base:,}",
        "share": one.share,
        "base_share": one.base_share,
    }
