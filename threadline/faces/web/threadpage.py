"""The thread of the whole workspace: how much of what is planned rests on evidence, and where it is broken."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import screens, shell, wording
from threadline.faces.web.entrance import page
from threadline.faces.web.visit import Visit
from threadline.kernel import rows
from threadline.kernel.access import reach_sql
from threadline.kernel.registry import kinds
from threadline.kernel.thread import SUSPECT_LINKS

MOST_OWNERS = 12


@page
def show(visit: Visit) -> HttpResponse:
    """Shares, gaps, what is oldest, and what changed under whom; each number leads to its list.

    Rooms add to ``shares``, ``gaps`` and ``oldest`` with ``adds_to(kind, "thread")``.
    """
    context: dict[str, Any] = {"shares": [], "gaps": [], "oldest": [], "owners": _owners(visit)}
    for declared in kinds():
        screens.complete(visit, declared.kind, "thread", {}, context)
    context["gaps"].sort(key=lambda g: not g["count"])
    context["empty"] = {
        "title": "No thread yet",
        "text": "The thread runs from a customer's words to a measured result. Once something is planned, this page "
        "says how much of the plan rests on what customers said, and where the thread is broken.",
        "actions": _ways(visit),
    }
    return visit.draw("pages/thread.html", "The thread", **context)


def _ways(visit: Visit) -> list[dict[str, Any]]:
    """Where a thread begins: with what customers say, and with what is planned."""
    feature = next((d for d in kinds() if d.stop == "feature"), None)
    said = {"label": shell.voices().plural, "href": visit.listing(shell.voices()), "look": "go"}
    return [said, *([{"label": feature.plural, "href": visit.listing(feature)}] if feature else [])]


def gap(visit: Visit, count: tuple[int, bool], one: str, many: str, text: str, href: str) -> dict[str, Any]:
    """A line of the list of gaps: how many, what is missing, and where they are listed."""
    return {
        "count": count[0],
        "count_text": f"{count[0]:,}{'' if count[1] else '+'}",
        "label": one if count[0] == 1 else many,
        "text": text,
        "href": href,
    }


def _owners(visit: Visit) -> list[dict[str, Any]]:
    """Whose records rest on something that changed since it was read, the most first."""
    near_s, params_s = reach_sql(visit.actor, "s")
    near_t, params_t = reach_sql(visit.actor, "t")
    found = rows.fetch(
        f"SELECT s.owner_id, COUNT(*){SUSPECT_LINKS} AND {near_s} AND {near_t} GROUP BY s.owner_id"
        f" ORDER BY COUNT(*) DESC LIMIT {MOST_OWNERS}",
        [visit.actor.workspace_id, visit.actor.workspace_id, *params_s, *params_t],
    )
    ids = [owner for owner, _ in found if owner is not None]
    named = rows.fetch(
        f"SELECT m.id, m.name, m.handle FROM kernel_member m WHERE m.id IN ({rows.marks(len(ids))})", ids
    ) if ids else []  # fmt: skip
    names = {rows.ident(ident): (name, handle) for ident, name, handle in named}
    made = []
    for owner, count in found:
        name, handle = names.get(rows.ident(owner), ("Nobody", "")) if owner is not None else ("Nobody", "")
        href = visit.at("review", owner=handle) if handle else visit.at("review", mine="0")
        made.append({"person": wording.person(name), "count": int(count), "href": href})
    return made
