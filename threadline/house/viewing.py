"""Saved views: the tabs of a list, mine or everybody's, and what one has changed of them for oneself.

What somebody changes while looking at a view stays their own draft until they keep it: for
everybody when the view is shared, for themselves when it is theirs. A draft is no deed: it
is not logged and nobody else ever sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from threadline.house.membership import clean_name
from threadline.kernel import fields, rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.plan import GENERAL, names_for, plan
from threadline.kernel.query import QueryError, nearest, parse
from threadline.kernel.registry import type_of
from threadline.kernel.views import SavedView, ViewDraft

MOST_VIEWS = 100  # of one member on one record type
_SAVED = ("name", "query", "columns", "layout", "shared", "position")


@dataclass(frozen=True, slots=True)
class Draft:
    """How one person looks at a view now, where that differs from what is saved."""

    query: str
    columns: list[str]
    layout: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A saved view as every list shows it."""

    id: str
    name: str
    query: str
    columns: list[str]
    shared: bool
    mine: bool
    layout: str = "table"
    draft: Draft | None = None


def views_of(actor: Actor, kind: str) -> list[Tab]:
    """The tabs of a record type: everybody's, then one's own; each with the reader's own draft, if any."""
    found = rows.fetch(
        "SELECT v.id, v.name, v.query, v.columns, v.shared, v.owner_id = %s, v.layout, d.query, d.columns, d.layout"
        " FROM kernel_savedview v LEFT JOIN kernel_viewdraft d"
        " ON d.workspace_id = v.workspace_id AND d.view_id = v.id AND d.member_id = %s"
        " WHERE v.workspace_id = %s AND v.kind = %s AND (v.shared OR v.owner_id = %s)"
        " ORDER BY v.shared DESC, v.position, v.name",
        [actor.member_id, actor.member_id, actor.workspace_id, kind, actor.member_id],
    )
    return [
        Tab(rows.hexed(i) or "", name, query, _json(columns), bool(shared), bool(mine), layout,
            Draft(draft[0], _json(draft[1]), draft[2]) if draft[2] is not None else None)
        for i, name, query, columns, shared, mine, layout, *draft in found
    ]  # fmt: skip


def _json(kept: Any) -> Any:
    return orjson.loads(kept) if isinstance(kept, str) else kept


def save_view(actor: Actor, kind: str, values: dict[str, Any], ref: Any = None) -> SavedView:
    """Keep a query and its columns under a name; with ``ref`` change one, one's own or (as a head) a shared one."""
    if extra := sorted(values.keys() - set(_SAVED)):
        raise Invalid(*((name, "There is no such field.") for name in extra))
    actor.need("read")
    declared = type_of(kind)

    def run(door: Door) -> SavedView:
        found = _view(actor, ref) if ref is not None else None
        view = found or SavedView(workspace_id=actor.workspace_id, kind=declared.kind, owner_id=actor.member_id)
        before = {n: getattr(view, n) for n in _SAVED}
        _fill(actor, view, values, new=found is None)
        if view.shared != before["shared"] or (found and view.shared):
            actor.need("share")
        mine = SavedView.objects.filter(workspace_id=actor.workspace_id, kind=view.kind, owner_id=view.owner_id)
        if mine.filter(name=view.name).exclude(pk=view.pk).exists():
            raise Invalid(("name", "You have a view of this name already."))
        if found is None and mine.count() >= MOST_VIEWS:
            raise Invalid(("name", f"At most {MOST_VIEWS} views on one type of record."))
        return _written(door, view, before, new=found is None)

    return through_door(actor, "save_view", run)


def _fill(actor: Actor, view: SavedView, values: dict[str, Any], *, new: bool) -> None:
    if new or "name" in values:
        view.name = clean_name(values.get("name"), longest=80)
    for name, checked in (("query", _checked_query), ("columns", _checked_columns), ("layout", _checked_layout)):
        if name in values:
            setattr(view, name, checked(actor, view.kind, values[name]))
    view.shared = bool(values.get("shared", view.shared))
    if "position" in values:
        view.position = int(fields.Number(low=0, high=1_000, whole=True).clean(values["position"], actor) or 0)


def _written(door: Door, view: SavedView, before: dict[str, Any], *, new: bool) -> SavedView:
    if new:
        rows.insert(view)
        said = {"name": view.name, "query": view.query, "on": view.kind}
        door.log(None, {"id": [None, str(view.pk)], **{n: [None, v] for n, v in said.items()}}, kind="view")
        return view
    changed = {n: [was, now] for n, was in before.items() if (now := getattr(view, n)) != was}
    if changed:
        rows.update(view, sorted(changed))
        door.log(None, {"id": [str(view.pk)] * 2, **changed}, kind="view")
    return view


def remove_view(actor: Actor, ref: Any) -> None:
    """Forget a view: one's own, or as a head of the workspace a shared one."""

    def run(door: Door) -> None:
        found = _view(actor, ref)
        door.log(None, {"id": [str(found.pk), None], "name": [found.name, None]}, kind="view")
        found.delete()

    through_door(actor, "remove_view", run)


def keep_draft(actor: Actor, kind: str, ref: Any, query: str, columns: list[str], layout: str) -> Draft | None:
    """Keep how the actor looks at a view now; None when that is what is saved, and nothing is kept.

    A query that is only half typed cannot be understood: then what was kept before stays.
    """
    found = next((v for v in views_of(actor, kind) if v.id == str(ref)), None)
    if found is None:
        raise NotFound
    draft = Draft(query, _checked_columns(actor, kind, columns), _checked_layout(actor, kind, layout))
    try:
        draft = Draft(_checked_query(actor, kind, query), draft.columns, draft.layout)
    except QueryError:
        return found.draft
    saved = found.columns or list(type_of(kind).columns)
    if (draft.query, shown(draft.columns), draft.layout) == (found.query, shown(saved), found.layout):
        drop_draft(actor, kind, ref)
        return None
    values = {"query": draft.query, "columns": draft.columns, "layout": draft.layout}

    def run(door: Door) -> Draft:
        ViewDraft.objects.update_or_create(
            workspace_id=actor.workspace_id, view_id=UUID(found.id), member_id=actor.member_id,
            defaults={**values, "changed_at": rows.now()},
        )  # fmt: skip
        return draft

    return through_door(actor, "keep_draft", run)


def drop_draft(actor: Actor, kind: str, ref: Any) -> None:
    """Forget one's own changes of a view within reach; it shows again what is saved."""
    try:
        ident = UUID(str(ref))
    except ValueError:
        raise NotFound from None
    if ident.hex not in {UUID(tab.id).hex for tab in views_of(actor, kind)}:
        raise NotFound
    mine = ViewDraft.objects.filter(workspace_id=actor.workspace_id, view_id=ident, member_id=actor.member_id)
    through_door(actor, "drop_draft", lambda door: mine.delete())


def shown(columns: list[str]) -> list[str]:
    """Columns as they are compared: the title is always there, whether it is named or not."""
    return [name for name in dict.fromkeys(columns) if name != "title"]


def _view(actor: Actor, ref: Any) -> SavedView:
    try:
        ident = ref if isinstance(ref, UUID) else UUID(str(getattr(ref, "pk", ref)))
    except ValueError:
        raise NotFound from None
    found = SavedView.objects.select_for_update().filter(workspace_id=actor.workspace_id, pk=ident).first()
    if found is None:
        raise NotFound
    if found.owner_id == actor.member_id:
        return found
    if not found.shared:
        raise NotFound
    if not actor.may("configure"):
        raise Forbidden("Only the person who made this view, or an admin, can change it.")
    return found


def _checked_layout(actor: Actor, kind: str, raw: Any) -> str:
    if raw not in ("table", "board"):
        raise Invalid(("layout", "Either table or board."))
    return str(raw)


def _checked_query(actor: Actor, kind: str, raw: Any) -> str:
    text = str(raw or "").strip()
    if len(text) > 1_000:
        raise Invalid(("query", "At most 1,000 characters."))
    plan(actor, type_of(kind), parse(text))
    return text


def _checked_columns(actor: Actor, kind: str, raw: Any) -> list[str]:
    known = [*names_for(actor, type_of(kind)), "tags"]
    given = list(dict.fromkeys(str(one) for one in raw or []))[:40]
    for name in given:
        if name not in known or name in GENERAL:
            raise Invalid(("columns", f"There is no column called {name[:60]}. {nearest(name, known)}"))
    return given
