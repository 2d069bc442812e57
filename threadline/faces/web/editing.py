"""Making a record and changing one. Who saves second sees both texts and loses neither."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import controls, places, screens, wording
from threadline.faces.web.entrance import form, page
from threadline.faces.web.shell import is_inbox
from threadline.faces.web.visit import Visit
from threadline.kernel import past, verbs
from threadline.kernel.access import NAMED, reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.changes import Change
from threadline.kernel.customs import own_fields
from threadline.kernel.door import Door, exchange_values
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import Field, RecordType, kinds, type_of
from threadline.kernel.tags import CardTag
from threadline.reading.merging import merge


@page
def anything(visit: Visit) -> HttpResponse:
    """Make something: the form of the first type that the reader may make, what waits to be sorted first."""
    can = sorted(
        (d for d in kinds() if visit.actor.may("create", d.group)), key=lambda d: (not is_inbox(d), not d.stop)
    )
    if not can:
        raise Forbidden("Your role does not make records here.")
    return visit.go(visit.at(can[0].path, "new"))


@form
def create(visit: Visit, path: str) -> HttpResponse:
    """A form for a new record; its values may be given in the address, such as what it rests on."""
    declared = places.type_at(path)
    visit.actor.need("create", declared.group)
    visit.facts |= {"kind": declared.kind, "path": declared.path}
    fields = controls.editable(visit, declared, new=True)
    given = {f.name: visit.asked[f.name] for f in fields if f.name in visit.asked}
    if not visit.posting:
        if any(f.name == "owner" for f in fields):
            given.setdefault("owner", str(visit.actor.member_id))
        return _form(visit, declared, fields, given, new=True)
    raw = controls.posted(visit, fields)
    batch = visit.new_batch()
    try:
        record = through_door(visit.actor, "create", lambda door: _create(visit, door, declared, raw), batch=batch)
    except Invalid as refused:
        return _form(visit, declared, fields, raw, refused=refused, new=True)
    said = f"{record.key} is here."
    if "again" in visit.sent:
        link = ("Open it", visit.record(record.key))
        return visit.done(said, visit.at(declared.path, "new"), batch=batch, link=link)
    shown = ("Open it", visit.record(record.key)) if visit.part == "quick" else None
    return visit.done(said, visit.record(record.key), batch=batch, link=shown)


def _create(visit: Visit, door: Door, declared: RecordType, raw: dict[str, str]) -> Record:
    known = declared.by_name
    values = {n: v for n, v in raw.items() if v != "" or (n in known and known[n].required)}
    cites = [c for c in (_cite(one) for one in visit.sent.getlist("cites")) if c]
    record = verbs.create(door, declared.kind, values, cites=cites, readers=_readers(visit))
    if visit.sent.get("tags", "").strip():
        verbs.tag(door, record, _words(visit.sent["tags"]))
    return record


def _cite(text: str) -> dict[str, str] | None:
    kind, _, target = text.partition(":")
    return {"kind": kind, "target": target} if target else None


def _readers(visit: Visit) -> list[str]:
    return [part.strip() for part in visit.sent.get("readers", "").split(",") if part.strip()]


def _words(text: str) -> list[str]:
    return [part for part in text.split(",") if part.strip()]


@form
def edit(visit: Visit, key: str) -> HttpResponseBase:
    """A form for what is there; a version that somebody overtook is merged, or both texts are shown."""
    card = verbs.card(visit.actor, key)
    declared = type_of(card.kind)
    visit.back = visit.record(card.key)
    visit.actor.need("update", declared.group)
    record = reach(visit.actor, declared.model).filter(pk=card.pk).first()
    if record is None:
        raise NotFound
    fields = controls.editable(visit, declared, new=False)
    now = _texts(visit, fields, exchange_values(declared, record, own_fields(visit.actor, declared.kind)))
    if not visit.posting:
        return _form(visit, declared, fields, now, record=record, card=card)
    return _save(visit, declared, fields, record, card, now)


def _save(
    visit: Visit, declared: RecordType, fields: list[Field], record: Record, card: Card, now: dict[str, str]
) -> HttpResponseBase:
    said = visit.sent.get("version", "")
    read = int(said) if said.isdecimal() and len(said) < 10 else record.version
    base = now if read >= record.version else _as_read(visit, fields, record, read, now)
    sent = controls.posted(visit, fields)
    theirs = {n for n in now if now[n] != base[n]}
    mine = {n: v for n, v in sent.items() if not _same(v, base.get(n, ""))}
    kept_theirs = {n for n in mine if visit.sent.get(f"keep.{n}") == "theirs"}
    mine = {n: v for n, v in mine.items() if n not in kept_theirs}
    together = _put_together(fields, base, mine, {n: now[n] for n in theirs & set(mine)})
    both = [f for f in fields if f.name in theirs and f.name in mine and f.name not in together]
    clash = [f for f in both if not _same(mine[f.name], now[f.name])]
    mine |= together
    merged = {**now, **mine}
    if clash:
        return _form(visit, declared, fields, merged, record=record, card=card,
                     conflict=_conflict(visit, record, clash, mine, now))  # fmt: skip
    batch = visit.new_batch()
    why = visit.sent.get("why", "")[:300]
    try:
        through_door(
            visit.actor, "update", lambda door: _update(visit, door, declared, record, mine), why=why, batch=batch
        )
    except Invalid as refused:
        return _form(visit, declared, fields, {**merged, **mine}, record=record, card=card, refused=refused)
    except Conflict:  # between our reading and our writing: ask again with what is there now
        return edit(visit.request, slug=visit.slug, key=card.key)
    said = f"{card.key} is saved."
    if theirs:
        said += " What somebody else changed meanwhile is kept."
    return visit.done(said, visit.record(card.key), batch=batch)


def _update(visit: Visit, door: Door, declared: RecordType, record: Record, mine: dict[str, str]) -> None:
    changed = verbs.update(door, declared.kind, record.pk, mine, expect=record.version)
    if "tags" in visit.sent:
        verbs.tag(door, changed, _words(visit.sent["tags"]))
    if "readers" in visit.sent and changed.confidentiality == NAMED:
        door.name_readers(changed, _readers(visit))


def _put_together(
    fields: list[Field], base: dict[str, str], mine: dict[str, str], theirs: dict[str, str]
) -> dict[str, str]:
    """Long texts that two people changed in different places, as both made them."""
    made = {}
    for name in (f.name for f in fields if f.kind.name == "markdown" and f.name in theirs):
        both = merge(*(text.replace("\r\n", "\n") for text in (base[name], mine[name], theirs[name])))
        if not both.clashes:
            made[name] = both.text
    return made


def _same(one: str, other: str) -> bool:
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def _texts(visit: Visit, fields: list[Field], values: dict[str, Any]) -> dict[str, str]:
    keys = controls.reference_keys(visit.actor, fields, values)
    return {f.name: controls.shown(values.get(f.name), keys, f.kind) for f in fields}


def _as_read(visit: Visit, fields: list[Field], record: Record, version: int, now: dict[str, str]) -> dict[str, str]:
    """The form's texts at the version that the person read, from the log."""
    older = past.before(visit.actor, record, version)
    keys = controls.reference_keys(visit.actor, fields, older)
    return {f.name: controls.shown(older[f.name], keys, f.kind) if f.name in older else now[f.name] for f in fields}


def _conflict(
    visit: Visit, record: Record, clash: list[Field], mine: dict[str, str], now: dict[str, str]
) -> dict[str, Any]:
    last = Change.objects.filter(workspace_id=record.workspace_id, card_id=record.pk).order_by("-pk").first()
    at = wording.when(last.at if last else record.updated_at) or {"text": "a moment ago"}
    labels = controls.Choices(visit.actor)
    return {
        "by": last.actor_name if last else "Somebody",
        "at": at["text"],
        "sides": [
            {
                "name": f.name,
                "label": f.label,
                "was": _readable(labels, f, now[f.name]) or "nothing",
                "now": _readable(labels, f, mine[f.name]) or "nothing",
            }
            for f in clash
        ],
    }


def _readable(choices: controls.Choices, field: Field, value: str) -> str:
    options = {"person": choices.people, "product": choices.products}.get(field.kind.name)
    if options is not None:
        return next((str(o["label"]) for o in options() if o["value"] == value), value)
    if field.kind.name == "choice":
        return next((label for v, label in field.kind.choices if str(v) == value), value)
    return value


def _form(
    visit: Visit, declared: RecordType, fields: list[Field], values: dict[str, str], *, new: bool = False,
    record: Record | None = None, card: Card | None = None, refused: Invalid | None = None,
    conflict: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    labels = {f.name: f.label for f in fields} | {"tags": "Tags", "readers": "Named people"}
    by_name, summary = controls.problems_of(refused, labels) if refused else ({}, [])
    extra = [_tags(visit, card, by_name.get("tags", []))]
    if "confidentiality" in labels:
        readers = (
            visit.sent.get("readers") if visit.posting else controls.readers_of(visit.actor, card.pk) if card else ""
        )
        extra.append(controls.readers_control(readers or "", by_name.get("readers", [])))
    hidden = {"version": str(record.version)} if record is not None else {}
    context: dict[str, Any] = {
        "form": {
            "action": visit.request.get_full_path() if new else visit.record(card.key, "edit") if card else "",
            "parts": controls.parts_of(visit, fields, values, by_name, extra),
            "problems": summary,
            "submit": "Save",
            "again": "Save and add another" if new else None,
            "cancel_href": visit.listing(declared) if new else visit.back,
            "hidden": hidden,
            "cites": visit.sent.getlist("cites") if visit.posting else visit.asked.getlist("cites"),
            "why": not new,
        },
        "conflict": conflict,
        "crumbs": [{"label": declared.plural, "href": visit.listing(declared)}],
    }
    if card is not None:
        context["crumbs"].append({"label": card.key, "href": visit.back})
    status = 422 if refused else 409 if conflict else 200
    if new and visit.part == "quick":
        _shorten(visit, declared, fields, values, by_name, extra, context)
        return visit.draw("pages/quick.html", controls.label_of(declared, new), status, **context)
    screens.complete(visit, declared.kind, "form", {"key": card.key if card else "", "action": ""}, context)
    names = [f"{declared.kind}/form.html", "pages/form.html"]
    return visit.draw(names, controls.label_of(declared, new), status, **context)


def _shorten(
    visit: Visit, declared: RecordType, fields: list[Field], values: dict[str, str], problems: dict[str, list[str]],
    extra: list[dict[str, Any]], context: dict[str, Any],
) -> None:  # fmt: skip
    """Ask in a dialog for what is needed; the rest is a press away, and open when something in it is wrong."""
    words = declared.by_name["title"].required
    first = [f for f in fields if f.required or f.role == "title" or (f.role == "body" and not words)]
    rest = [f for f in fields if f not in first]
    context["form"] |= {
        "parts": [{"fields": [c for p in controls.parts_of(visit, first, values, problems) for c in p["fields"]]}],
        "more": controls.parts_of(visit, rest, values, problems, extra),
        "more_open": any(problems.get(f.name) for f in rest),
    }
    context["types"] = [
        {"label": d.label, "value": d.path, "current": d is declared}
        for d in kinds()
        if visit.actor.may("create", d.group)
    ]


def _tags(visit: Visit, card: Card | None, errors: list[str]) -> dict[str, Any]:
    if visit.posting:
        value = visit.sent.get("tags", "")
    elif card is not None:
        here = CardTag.objects.filter(workspace_id=visit.actor.workspace_id, card_id=card.pk)
        value = ", ".join(here.order_by("tag__name").values_list("tag__name", flat=True))
    else:
        value = visit.asked.get("tags", "")
    return {"name": "tags", "label": "Tags", "kind": "text", "value": value, "errors": errors,
            "help": "Words with commas between them."}  # fmt: skip
