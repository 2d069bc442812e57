"""Saved views: what a list shows now, kept under a name, shared, forgotten; and one's own drafts of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import places
from threadline.faces.web.entrance import deed
from threadline.faces.web.visit import Visit
from threadline.house import viewing


@deed
def save(visit: Visit, path: str) -> HttpResponse:
    """Keep what the list shows now under a name."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared)
    columns = [c for c in visit.sent.get("columns", "").split(",") if c]
    values: dict[str, Any] = {"name": visit.sent.get("name"), "query": visit.sent.get("query", ""), "columns": columns}
    if visit.sent.get("layout"):
        values["layout"] = visit.sent["layout"]
    made = viewing.save_view(visit.actor, declared.kind, {**values, "shared": visit.sent.get("shared") == "true"})
    return visit.done(f"Saved as “{made.name}”.", visit.listing(declared, view=str(made.pk)))


@deed
def share(visit: Visit, path: str, view: str) -> HttpResponse:
    """Make a view everybody's, or one's own again."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared)
    found = next((v for v in viewing.views_of(visit.actor, declared.kind) if v.id == view), None)
    made = viewing.save_view(visit.actor, declared.kind, {"shared": not (found and found.shared)}, view)
    said = "Everybody here sees it now." if made.shared else "Only you see it now."
    return visit.done(said, visit.listing(declared, view=str(made.pk)))


@deed
def remove(visit: Visit, path: str, view: str) -> HttpResponse:
    """Forget a view; the records stay."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared)
    viewing.remove_view(visit.actor, view)
    return visit.done("The view is forgotten.", visit.listing(declared))


@deed
def keep(visit: Visit, path: str, view: str) -> HttpResponse:
    """Save what one made of a view: for everybody when it is shared, else for oneself."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared, view=view)
    made = viewing.save_view(visit.actor, declared.kind, _sent(visit), view)
    viewing.drop_draft(visit.actor, declared.kind, view)
    said = f"“{made.name}” is saved for {'everybody' if made.shared else 'you'}."
    return visit.done(said, visit.listing(declared, view=str(made.pk)))


@deed
def draft(visit: Visit, path: str, view: str) -> HttpResponse:
    """Keep one's own changes of a view, so that they are there the next time."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared, view=view)
    sent = _sent(visit)
    viewing.keep_draft(visit.actor, declared.kind, view, sent["query"], sent["columns"], sent["layout"])
    return visit.done("Kept as your draft.", visit.back)


@deed
def discard(visit: Visit, path: str, view: str) -> HttpResponse:
    """Let go of one's own changes of a view."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared, view=view)
    viewing.drop_draft(visit.actor, declared.kind, view)
    return visit.done("The view is as it was saved.", visit.back)


def _sent(visit: Visit) -> dict[str, Any]:
    columns = [c for c in visit.sent.get("columns", "").split(",") if c]
    return {
        "query": visit.sent.get("query", "").strip(),
        "columns": columns,
        "layout": visit.sent.get("layout", "table"),
    }
