"""The page of one record: what is this, where does it stand, why, what next."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import belonging, controls, passages, pastday, pastwords, screens, threadview, wording
from threadline.faces.web.entrance import page
from threadline.faces.web.names import words_of
from threadline.faces.web.prose import Prose
from threadline.faces.web.visit import Visit
from threadline.house import filing
from threadline.kernel import listing, past, rows, thread, verbs
from threadline.kernel.access import reach
from threadline.kernel.actions import actions_on
from threadline.kernel.cards import Card
from threadline.kernel.comments import Comment
from threadline.kernel.customs import all_fields
from threadline.kernel.registry import Computed, Field, RecordType, type_of

RECENT = 6  # lines of history on the page
MOST_COMMENTS = 200
BUTTONS = 2  # verbs shown as buttons; the others stand in the menu
_WEIGHTS = ("priority", "importance", "impact", "ambition", "strength")  # fields that say how much a record matters
_ELSEWHERE = frozenset({"title", "state", "confidentiality", "created_at", "updated_at", "source", "source_id"})


@page
def show(visit: Visit, key: str) -> HttpResponse:
    """The record as it stands, or as it stood on a day."""
    card = verbs.card(visit.actor, key, archived=True)
    declared = type_of(card.kind)
    visit.back = visit.listing(declared)
    visit.facts |= {"kind": declared.kind, "path": declared.path, "key": card.key}
    if visit.asked.get("as_of"):
        return pastday.as_it_stood(visit, declared, card, visit.asked["as_of"])
    row = row_of(visit, declared, card)
    up, down = thread.why(visit.actor, card), thread.what_came_of_it(visit.actor, card)
    comments = _comments(card)
    texts = [f for f in all_fields(visit.actor, declared).values() if f.kind.name == "markdown"]
    prose = Prose(visit.actor, [*(row.get(f.name) for f in texts), *(c.body for c in comments)])
    whole = visit.asked.get("all") == "1"
    context: dict[str, Any] = {
        "record": _head(visit, declared, card, row),
        "crumbs": _crumbs(visit, declared, card),
        "stops": threadview.bar(card, up, down, visit) if declared.stop or up or down else [],
        "suspects": threadview.suspect_note(visit, card, up),
        "matters": _matters(visit, declared, row, prose),
        "rail": _rail(visit, declared, row, prose),
        "why": threadview.why(visit, card, up, whole=whole),
        "came": threadview.came(visit, card, down, whole=whole),
        "belonging": belonging.to(visit, card),
        **_body(declared, row, prose),
        "talk": _talk(visit, card, comments, prose, [row.get(f.name) for f in texts]),
        "recent": {
            "days": pastwords.days_of(visit, declared, past.history(visit.actor, card, limit=RECENT)),  # type: ignore[arg-type]
            "href": visit.record(card.key, "history"),
        },
        "files": _files(visit, card),
        "watch": _watch(visit, card),
        **_verbs(visit, declared, card, row),
    }
    _let_change(visit, declared, card, context)
    screens.complete(visit, declared.kind, "detail", row, context)
    return visit.draw([f"{declared.kind}/detail.html", "pages/detail.html"], f"{card.key} {card.title}", **context)


def _let_change(visit: Visit, declared: RecordType, card: Card, context: dict[str, Any]) -> None:
    """Say of each value where it is changed; name what is blank and could be filled in."""
    if card.archived_at is not None or not visit.actor.may("update", declared.group):
        return
    fields = {f.name: f for f in controls.editable(visit, declared, new=False)}
    at = {name: visit.record(card.key, "field", name) for name in fields}
    context["record"]["edit"] = at.get("title")
    shown = {prop.get("name") for prop in (*context["matters"], *context["rail"])}
    for prop in (*context["matters"], *context["rail"]):
        prop["edit"] = at.get(prop.get("name"))
    _give_keys(declared, fields, [*context["matters"], *context["rail"]])
    context["blanks"] = [
        {"name": f.name, "label": f.label, "value": None, "edit": at[f.name]}
        for f in fields.values()
        if f.name not in shown and f.role not in ("title", "body") and f.name not in _ELSEWHERE
    ]


def _give_keys(declared: RecordType, fields: dict[str, Field], props: list[dict[str, Any]]) -> None:
    """Say which value each key of the record changes: who has it, its dates, how much it matters, its product."""
    dates = (f.name for role in ("due", "start") for f in declared.with_role(role))
    weights = (f.name for f in declared.fields if f.name in _WEIGHTS or (f.role == "number" and f.name in fields))
    shown = {prop.get("name"): prop for prop in props}
    for key, names in (
        ("record.owner", ("owner",)),
        ("record.dates", dates),
        ("record.priority", weights),
        ("record.move", ("product",)),
    ):
        first = next((n for n in names if n in fields and n in shown), None)
        if first is not None:
            shown[first]["key"] = key


def _comments(card: Card) -> list[Comment]:
    here = "r.workspace_id = %s AND r.card_id = %s AND r.removed_at IS NULL ORDER BY r.created_at"
    return rows.fetch_instances(Comment, f"{here} LIMIT {MOST_COMMENTS}", [card.workspace_id, card.pk])


def _files(visit: Visit, card: Card) -> list[dict[str, Any]]:
    return [
        {"name": f.name, "href": visit.at("files", str(f.pk)), "size": wording.size_text(f.size)}
        for f in filing.files_of(visit.actor, card)
    ]


def _watch(visit: Visit, card: Card) -> dict[str, Any]:
    watched = "SELECT w.member_id FROM kernel_watch w WHERE w.workspace_id = %s AND w.card_id = %s"
    watching = {rows.ident(member) for (member,) in rows.fetch(watched, [card.workspace_id, card.pk])}
    return {
        "action": visit.record(card.key, "watch"),
        "label": "Stop watching" if visit.actor.member_id in watching else "Watch",
        "count_text": f"{wording.plural(len(watching), 'person', 'people')} watching" if watching else "",
    }


def row_of(visit: Visit, declared: RecordType, card: Card) -> dict[str, Any]:
    """All that the reader may read of one record, computed columns and tags included."""
    computed = [c.name for c in declared.computed if not c.private or visit.actor.may("read_private", declared.group)]
    names = [*all_fields(visit.actor, declared), *computed, "tags"]
    return listing.row_of(visit.actor, declared, card.key, names=names, archived=card.archived_at is not None)


def _head(visit: Visit, declared: RecordType, card: Card, row: dict[str, Any]) -> dict[str, Any]:
    state = declared.state_by_name.get(card.state)
    said = [declared.label]
    for field in declared.with_role("subtitle"):
        if row.get(field.name) and field.name in row:
            value = row[field.name]
            named = value.get("name") or value.get("title") if isinstance(value, dict) else None
            said.append(named or words_of(visit, field, value) or "")
    head: dict[str, Any] = {
        "key": card.key,
        "title": card.title,
        "kind": declared.label,
        "state": {"label": state.label, "tone": state.tone} if state else None,
        "subtitle": " · ".join(s for s in said if s),
    }
    if card.archived_at is not None:
        at = wording.when(card.archived_at) or {"text": ""}
        head["archived"] = {"text": f"In the trash since {at['text']}. What cites it still shows it as gone."}
        if visit.actor.may("archive", declared.group):
            head["archived"]["restore_action"] = visit.record(card.key, "restore")
    return head


def _crumbs(visit: Visit, declared: RecordType, card: Card) -> list[dict[str, Any]]:
    return [{"label": declared.plural, "href": visit.listing(declared)}, {"label": card.key}]


def _matters(visit: Visit, declared: RecordType, row: dict[str, Any], prose: Prose) -> list[dict[str, Any]]:
    props = []
    for role in ("matters", "number", "start", "due"):
        props += [prop(visit, f, row[f.name], prose) for f in declared.with_role(role) if f.name in row]
    computed = [c for c in declared.computed if c.name in row]
    return [*props, *(_computed(visit, c, row[c.name]) for c in computed)]


def _computed(visit: Visit, target: Computed, value: Any) -> dict[str, Any]:
    is_money = target.kind is not None and target.kind.name == "money"
    text = wording.money(value, visit.actor.workspace.currency) if is_money else wording.number(value)
    return {"label": target.label, "value": text, "sub": target.help or target.unit, "missing": "none"}


def _rail(visit: Visit, declared: RecordType, row: dict[str, Any], prose: Prose) -> list[dict[str, Any]]:
    known = all_fields(visit.actor, declared)
    props = [prop(visit, known["owner"], row.get("owner"), prose)]
    for name, field in known.items():
        shown = field.role in ("matters", "number", "start", "due", "body", "title") or name in _ELSEWHERE
        told = row.get(name) not in (None, "", []) or (name == "product" and name in row)
        if not shown and name != "owner" and told:
            props.append(prop(visit, field, row[name], prose))
    if row["tags"]:
        tags = [{"text": t, "href": visit.listing(declared, q=f'tag:"{t}"')} for t in row["tags"]]
        props.append({"label": "Tags", "kind": "tags", "value": tags})
    if row.get("confidentiality"):
        props.append(prop(visit, known["confidentiality"], row["confidentiality"], prose))
    if row.get("source"):
        props.append({"label": "Imported from", "value": row["source"], "sub": row.get("source_id")})
    for name in ("created_at", "updated_at"):
        props.append({"label": known[name].label, "kind": "when", "value": wording.when(row[name])})
    return props


def prop(visit: Visit, field: Field, value: Any, prose: Prose) -> dict[str, Any]:
    """A field as kit/props.html shows it."""
    made: dict[str, Any] = {"name": field.name, "label": field.label, "value": None}
    if value in (None, "", []):
        return made
    kind = field.kind.name
    if kind == "person" and isinstance(value, dict):
        return made | {"kind": "person", "value": wording.person(value["name"])}
    if kind == "product" and isinstance(value, dict):
        return made | {"value": value["name"]}
    if kind == "reference":
        near = {"key": value["key"], "text": value["title"], "href": visit.record(value["key"])}
        return made | {"kind": "links", "value": [near]}
    if kind == "markdown":
        return made | {"kind": "html", "value": prose.html(value)}
    if kind == "link":
        return made | {"kind": "link", "value": {"text": value, "href": value}}
    if kind == "moment":
        return made | {"kind": "when", "value": wording.when(value)}
    unit = "" if field.unit == "%" else field.unit
    return made | {"value": words_of(visit, field, value), "sub": unit}


def _body(declared: RecordType, row: dict[str, Any], prose: Prose) -> dict[str, Any]:
    field = next(iter(declared.with_role("body")), None)
    if field is None or field.name not in row:
        return {}
    html = prose.html(row[field.name])
    return {"body": html} if html else {"body_missing": "Nothing is written here yet."}


def _talk(visit: Visit, card: Card, comments: list[Comment], prose: Prose, texts: list[str | None]) -> dict[str, Any]:
    may = visit.actor.may("comment", type_of(card.kind).group) and card.archived_at is None
    heads = visit.actor.may("members")
    shown = []
    for c in comments:
        below, actions = visit.at("comments", str(c.pk)), []
        if may and c.author_id == visit.actor.member_id:
            actions.append({"label": "Change", "href": below, "look": "quiet"})
        if may and (heads or c.author_id == visit.actor.member_id):
            actions.append({"label": "Take back", "action": f"{below}/remove", "look": "quiet"})
        shown.append({
            "id": str(c.pk), "by": wording.person(c.author_name), "at": wording.when(c.created_at),
            "html": prose.html(c.body), "edited": c.edited_at is not None, "actions": actions,
            "passage": passages.quoted(c.body),
        })  # fmt: skip
    _find_passages(shown, prose, texts)
    talk: dict[str, Any] = {"comments": shown}
    if may:
        talk["form"] = {"action": visit.record(card.key, "comments")}
    return talk


def _find_passages(shown: list[dict[str, Any]], prose: Prose, texts: list[str | None]) -> None:
    """Say of remarks that quote the record whether its words still stand there."""
    words: list[str] | None = None
    for one in (c for c in shown if c["passage"]):
        words = words or [passages.folded(prose.html(t).striptags()) for t in texts]
        quote = one["passage"]
        one["passage"] = {"state": passages.standing(quote, words), "href": passages.address(quote)}


def deeds_on(visit: Visit, card: Card) -> list[dict[str, Any]]:
    """Everything the reader may do with a record: its buttons, then what stands in its menu."""
    declared = type_of(card.kind)
    record = reach(visit.actor, declared.model).only("version").filter(pk=card.pk).first()
    if record is None:
        return []
    verbs_of = _verbs(visit, declared, card, {"version": record.version})
    watch = _watch(visit, card)
    return [*verbs_of["page_actions"], *verbs_of["tools"], {"label": watch["label"], "action": watch["action"]}]


def _verbs(visit: Visit, declared: RecordType, card: Card, row: dict[str, Any]) -> dict[str, Any]:
    """What can be done: the first verbs as buttons, the rest in the menu."""
    may, at = visit.actor.may, lambda *p: visit.record(card.key, *p)
    tools: list[dict[str, Any]] = [{"label": "History and past dates", "href": at("history")}]
    if card.archived_at is not None:
        return {"page_actions": [], "tools": tools}
    found: list[dict[str, Any]] = []
    for act in actions_on(declared.kind):
        if may(act.verb, declared.group) and (not act.states or card.state in act.states):
            if act.params:
                found.append({"label": act.label, "href": at("do", act.name)})
            else:
                found.append({"label": act.label, "action": at("do", act.name), "hidden": {"version": row["version"]}})
    buttons = found[:BUTTONS]
    if may("update", declared.group):
        buttons.append({"label": "Edit", "href": at("edit"), "look": "go", "icon": "edit", "hint": "record.edit"})
        tools = [{"label": "Add a file", "href": at("files")}, *tools]
        if declared.cites:
            tools = [{"label": "What it rests on", "href": at("cite")}, *tools]
    tools = [*found[BUTTONS:], *tools]
    if may("archive", declared.group):
        tools.append({"label": "Put in the trash", "action": at("archive"), "danger": True, "line": True})
    return {"page_actions": buttons, "tools": tools, "moves": found}
