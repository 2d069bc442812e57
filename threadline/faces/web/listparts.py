"""What stands around the rows of a list: tabs, menus, the filter, the pager, what can be done at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from threadline.faces.web import asking, wording
from threadline.faces.web.jinja import templates
from threadline.faces.web.kept import Kept
from threadline.faces.web.looks import Looks, of_view
from threadline.faces.web.table import Table
from threadline.faces.web.visit import Visit
from threadline.house import viewing
from threadline.kernel import listing
from threadline.kernel.actions import actions_on
from threadline.kernel.query import Query, QueryError
from threadline.kernel.registry import ALIASES, Computed, Field, RecordType

_GROUPED_BY = ("choice", "person", "product", "reference")
_FORMATS = (("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"))


PAGE = 50
PRINTED = 1_000  # rows on paper, and more than anybody reads


def read(visit: Visit, declared: RecordType, tree: Query, names: list[str], *, archived: bool) -> listing.Page:
    """The rows of the page; for paper, all that there are within reason."""
    printing = visit.asked.get("print") == "1"
    size = listing.MOST_ROWS if printing else PAGE
    found = listing.list_page(
        visit.actor, declared, tree, names=names, limit=size, cursor=visit.asked.get("cursor"), archived=archived
    )
    while printing and found.next_cursor and len(found.rows) < PRINTED:
        more = listing.list_page(
            visit.actor, declared, tree, names=names, limit=size, cursor=found.next_cursor, archived=archived
        )
        found = replace(found, rows=[*found.rows, *more.rows], next_cursor=more.next_cursor)
    return found


def tabs(now: Looks, views: list[viewing.Tab], known: dict[str, Any]) -> list[dict[str, Any]]:
    """All, then the views; the tab of one that is changed leads to one's own draft of it."""
    every = {"label": "All", "href": now.visit.listing(now.declared), "current": now.view is None}
    found = [every]
    for view in views:
        saved = of_view(now.visit, now.declared, view, known)
        current = view is now.view
        found.append(
            {"label": view.name, "href": saved.of_draft(view.draft), "current": current, "id": view.id,
             "draft": view.draft is not None or (current and now.changed)}
        )  # fmt: skip
    return found


def draft_bar(now: Looks) -> dict[str, Any] | None:
    """What can be done with one's own changes of a view: keep them for everybody or oneself, or let go of them."""
    view = now.view
    if view is None:
        return None
    below = now.visit.at(now.declared.path, "views", view.id)
    mine = view.mine or now.visit.actor.may("configure")
    may_save = mine and (not view.shared or now.visit.actor.may("share"))
    label = "Save for everybody" if view.shared else "Save for me"
    return {
        "name": view.name,
        "changed": now.changed,
        "earlier": now.of_draft(view.draft) if view.draft and not now.changed else "",
        "save": {"label": label, "action": f"{below}/keep"} if may_save else None,
        "keep_action": f"{below}/draft",
        "discard_action": f"{below}/discard",
        "hidden": _shown_now(now),
    }


def _shown_now(now: Looks) -> dict[str, str]:
    return {"query": now.query, "columns": ",".join(now.columns), "layout": now.layout}


_drawn: Kept[Markup] = Kept(1_000)
_heads: Kept[list[dict[str, Any]]] = Kept(500)
_CSRF = Markup("<!--csrf-->")  # stands in what is kept where a form has what makes it ours


def _once(part: str, key: tuple[Hashable, ...], make: Callable[[], dict[str, Any]]) -> Markup:
    """A part of a list's page by the template ``kit/{part}.html``, drawn once for a key."""

    def draw() -> Markup:
        template = templates().get_template(f"kit/{part}.html")
        return Markup(template.render(csrf_input=_CSRF, **make()))  # noqa: S704 - a template escapes

    return _drawn.of((part, *key), draw)


def menus(now: Looks, known: dict[str, Any], archived: bool) -> dict[str, Any]:
    """Group and columns, as markup, and what else can be done with the list.

    The first hold a link for every field, which is half of what a list asks of its templates.
    """
    key = (*_for_whom(now), now.ident, archived)
    return {
        "choosing": _once("menus", key, lambda: {"menus": _choosing(now, known, archived)}),
        "more": {"id": "more-menu", "label": "More", "choices": _more(now, archived)},
    }


def _for_whom(now: Looks) -> tuple[Any, ...]:
    """What the fields of a list depend on: see ``plan.names_for``."""
    actor, declared = now.visit.actor, now.declared
    private = actor.may("read_private", declared.group)
    return declared.kind, private, actor.workspace_id, actor.workspace.slug, actor.workspace.fields_version


def _choosing(now: Looks, known: dict[str, Any], archived: bool) -> list[dict[str, Any]]:
    cites = {n: c.label for n, c in now.declared.cite_by_name.items()}
    labels = {n: t.label for n, t in known.items() if t is not None and n not in ALIASES} | cites
    return [
        _group_menu(now, known, labels),
        *([_band_menu(now, known, labels)] if now.layout == "board" and not archived else ()),
        _column_menu(now, labels),
    ]


def _group_menu(now: Looks, known: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    group, bands = _groups(now.query)
    kept = f",{bands}" if bands and now.layout == "board" else ""

    def choice(name: str, label: str) -> dict[str, Any]:
        href = now.at(query=asking.with_group(now.query, name and f"{name}{kept}"))
        return {"label": label, "href": href, "current": name == group, "name": name}

    return {
        "id": "group-menu",
        "label": f"Group: {wording.lower_first(labels[group])}" if group in labels else "Group",
        "choices": [choice("", "No groups"), *(choice(n, labels[n]) for n in _groupable(now, known))],
    }


def _band_menu(now: Looks, known: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """What makes the rows of a board, as groups make its columns."""
    group, bands = _groups(now.query)
    columns = group or "state"

    def choice(name: str, label: str) -> dict[str, Any]:
        href = now.at(query=asking.with_group(now.query, f"{columns},{name}" if name else group))
        return {"label": label, "href": href, "current": name == bands, "name": name}

    can = [n for n in _groupable(now, known) if n != columns and n not in now.declared.cite_by_name]
    return {
        "id": "band-menu",
        "label": f"Rows: {wording.lower_first(labels[bands])}" if bands in labels else "Rows",
        "choices": [choice("", "No rows"), *(choice(n, labels[n]) for n in can)],
    }


def _groupable(now: Looks, known: dict[str, Any]) -> list[str]:
    can = [n for n, t in known.items() if isinstance(t, Field) and t.kind.name in _GROUPED_BY and n not in ALIASES]
    return [*can, *now.declared.cite_by_name]


def _groups(query: str) -> tuple[str, str]:
    """The field that makes groups or columns, and the one that makes the rows of a board."""
    said = next((t.partition(":")[2] for t in query.split() if t.lower().startswith("group:")), "")
    first, _, second = said.lower().partition(",")
    return first, second


def _column_menu(now: Looks, labels: dict[str, str]) -> dict[str, Any]:
    names = now.columns

    def choice(name: str, label: str) -> dict[str, Any]:
        others = [n for n in names if n != name] if name in names else [*names, name]
        return {"label": label, "href": now.at(columns=others), "current": name in names, "name": name}

    shown = {**labels, "tags": "Tags"}
    return {
        "id": "column-menu",
        "label": "Columns",
        "choices": [choice(n, t) for n, t in shown.items() if n != "title"],
    }


def _more(now: Looks, archived: bool) -> list[dict[str, Any]]:
    visit, declared, view = now.visit, now.declared, now.view
    other = {"label": "Back to the list", "href": visit.listing(declared)}
    choices: list[dict[str, Any]] = [
        other if archived else {"label": "In the trash", "href": visit.listing(declared, archived="1")}
    ]
    if not archived:
        kept = {"q": now.query, "columns": ",".join(now.columns)}
        choices.append({"label": "Print it all", "href": now.at(print="1")})
        choices += [
            {"label": f"Export as {label}", "href": visit.at(declared.path, f"export.{name}", **kept)}
            for name, label in _FORMATS
        ]
    mine = view is not None and (view.mine or visit.actor.may("configure"))
    if view is not None and mine:
        below = visit.at(declared.path, "views", view.id)
        if visit.actor.may("share"):
            label = "Keep this view to myself" if view.shared else "Share this view"
            choices.append({"label": label, "action": f"{below}/share"})
        choices.append({"label": "Forget this view", "action": f"{below}/remove", "danger": True})
    return choices


def filter_bar(now: Looks, error: QueryError | None, known: dict[str, Any]) -> dict[str, Any]:
    """The box that asks for some of the records, and how to write in it."""

    def help_card() -> dict[str, Any]:
        fields = [
            {"name": n, "label": t.label, "example": _example(n, t)}
            for n, t in known.items()
            if t is not None and n not in ALIASES
        ]
        fields += [{"name": c.name, "label": c.label} for c in now.declared.cites]
        return {"fields": fields}

    return {
        "action": now.visit.listing(now.declared),
        "query": now.query,
        "error": {"text": error.message} if error else None,
        "hidden": now.kept(),
        "save_opens": "save-view",
        "help": _once("query_help", _for_whom(now), help_card),
    }


def _example(name: str, target: Field | Computed) -> str:
    if isinstance(target, Field) and target.kind.name == "choice":
        return f"{name}:{','.join(str(v) for v, _ in target.kind.choices[:2])}"
    compare = target.kind.compare if target.kind is not None else "number"
    return {"number": f"{name}>5", "date": f"{name}<30d", "time": f"{name}<30d"}.get(compare, "")


def page_actions(visit: Visit, declared: RecordType) -> list[dict[str, Any]]:
    group, found = declared.group, []
    if visit.actor.may("bulk", group):
        found.append({"label": "Import", "href": visit.at(declared.path, "import"), "look": "quiet", "icon": "upload"})
    if visit.actor.may("create", group):
        label = f"New {wording.lower_first(declared.label)}"
        found.append(
            {"label": label, "href": visit.at(declared.path, "new"), "look": "go", "icon": "plus", "hint": "create"}
        )
    return found


def save_dialog(now: Looks) -> Markup:
    """The dialog that makes a view of this."""

    def make() -> dict[str, Any]:
        return {"action": now.visit.at(now.declared.path, "views"), "hidden": _shown_now(now)}

    made = _once("save_view", (*_for_whom(now), now.ident), make)
    return made.replace(_CSRF, now.visit.csrf_input)


def heads(now: Looks, table: Table, tree: Query | None, pick: str | None) -> tuple[list[dict[str, Any]], Markup]:
    """The columns of the table, and its head as markup."""
    key = (*_for_whom(now), now.ident)
    columns = _heads.of(key, lambda: table.columns(now.query, tree))
    return columns, _once("head", (*key, pick), lambda: {"columns": columns, "pick": pick})


def layouts(now: Looks) -> list[dict[str, Any]]:
    """The ways to look at the same records."""
    return [
        {"label": label, "href": now.at(layout=name), "current": name == now.layout, "name": name}
        for name, label in (("table", "Table"), ("board", "Board"))
    ]


BULK = "bulk"  # the form that the tick boxes of the rows belong to


def bulk(visit: Visit, declared: RecordType, archived: bool) -> Markup | None:
    """What can be done with the ticked rows, where the reader may do anything with them."""

    def make() -> dict[str, Any]:
        return {"bulk": {"id": BULK, "action": visit.at(declared.path, "bulk"), "verbs": verbs}}

    verbs = bulk_verbs(visit, declared, archived)
    if not verbs:
        return None
    key = (declared.kind, visit.slug, archived, *(verb["value"] for verb in verbs))
    return _once("bulk", key, make).replace(_CSRF, visit.csrf_input)


def bulk_verbs(visit: Visit, declared: RecordType, archived: bool) -> list[dict[str, Any]]:
    """What the reader may do with many records at once."""
    may = visit.actor.may
    verbs: list[dict[str, Any]] = []
    if archived:
        verbs = [{"value": "restore", "label": "Restore"}] if may("archive", declared.group) else []
    else:
        if may("update", declared.group):
            verbs = [{"value": "update", "label": "Change"}, {"value": "tag", "label": "Tag"}]
        verbs += [
            {"value": a.name, "label": a.label}
            for a in actions_on(declared.kind)
            if a.bulk and may(a.verb, declared.group)
        ]
        if may("archive", declared.group):
            verbs.append({"value": "archive", "label": "To the trash", "danger": True})
    return verbs


def pager(now: Looks, tree: Query | None, found: listing.Page, archived: bool) -> dict[str, Any] | None:
    """How many there are, and the way to more."""
    if tree is None or not found.rows:
        return None
    visit, declared = now.visit, now.declared
    cursor = visit.asked.get("cursor")
    kept = {"archived": visit.asked.get("archived")}
    pager: dict[str, Any] = {"older_label": "Next", "newer_label": "First page"}
    if archived:
        pager["count_text"] = ""
    elif cursor or found.next_cursor:
        cap = None if visit.asked.get("count") == "exact" else listing.COUNT_CAP
        count, exact = listing.count_of(visit.actor, declared, tree, cap=cap)
        pager["count_text"] = f"{count:,}{'' if exact else '+'} {wording.lower_first(declared.plural)}"
        if not exact:
            pager["exact_href"] = now.at(**kept, cursor=cursor, count="exact")
    else:
        pager["count_text"] = f"{len(found.rows):,} in all"
    if cursor:
        pager["newer_href"] = now.at(**kept)
    if found.next_cursor:
        pager["older_href"] = now.at(**kept, cursor=found.next_cursor)
    return pager


def empty(visit: Visit, declared: RecordType, query: str, archived: bool) -> dict[str, Any]:
    plural = wording.lower_first(declared.plural)
    if archived:
        return {"title": "Nothing in the trash", "text": f"No {plural} were put here."}
    if query or visit.asked.get("cursor"):
        ways = [{"label": f"All {plural}", "href": visit.listing(declared), "look": "go"}]
        return {"title": "Nothing matches", "text": f"No {plural} that you may see fit this filter.", "actions": ways}
    return {
        "title": f"No {plural} yet",
        "text": declared.about,
        "actions": list(reversed(page_actions(visit, declared))),
    }
