"""Many records at once: the ticked rows of a list, each through the same door, as one deed to undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from threadline.faces.web import controls, doing, places
from threadline.faces.web.entrance import deed
from threadline.faces.web.visit import Visit
from threadline.kernel import rows, verbs
from threadline.kernel.access import reach
from threadline.kernel.actions import Action, actions_on
from threadline.kernel.cards import Card
from threadline.kernel.changes import Batch
from threadline.kernel.customs import own_fields
from threadline.kernel.errors import Invalid, KernelError, NotFound
from threadline.kernel.registry import RecordType
from threadline.kernel.tags import CardTag

MOST = 500
Deed = Callable[[Any, UUID], Any]


@deed
def act(visit: Visit, path: str) -> HttpResponse:
    """Do one thing to every ticked record; what needs an answer asks for it first."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared)
    verb = visit.sent.get("verb", "")
    archived = verb == "restore"
    ids = _ids(visit, declared, archived)
    if not ids:
        return visit.done("Tick the rows first.", visit.back, tone="info")
    found = next((a for a in actions_on(declared.kind) if a.name == verb and a.bulk), None)
    if found is not None:
        return _declared(visit, declared, ids, found)
    if verb in ("update", "tag"):
        visit.actor.need("update", declared.group)
        return _change(visit, declared, ids) if verb == "update" else _tag(visit, declared, ids)
    if verb not in ("archive", "restore"):
        raise NotFound
    visit.actor.need("archive", declared.group)
    run = verbs.archive if verb == "archive" else verbs.restore
    said = "in the trash" if verb == "archive" else "back"
    return _all(visit, declared, ids, lambda pk, batch: run(visit.actor, declared.kind, pk, batch=batch), said)


def _ids(visit: Visit, declared: RecordType, archived: bool) -> list[UUID]:
    given = []
    for text in dict.fromkeys(visit.sent.getlist("ids")):
        try:
            given.append(UUID(text))
        except ValueError:
            continue
    if len(given) > MOST:
        raise Invalid(("ids", f"At most {MOST} at once."))
    cards = reach(visit.actor, Card).filter(pk__in=given, kind=declared.kind, archived_at__isnull=not archived)
    near = set(cards.values_list("pk", flat=True))
    return [pk for pk in given if pk in near]


def _all(visit: Visit, declared: RecordType, ids: list[UUID], run: Deed, said: str) -> HttpResponse:
    """Each in its own transaction, under one name: what can be done is done, the rest is told."""
    batch, failed, done = visit.new_batch(), [], 0
    label = f"{doing.said_of(len(ids), declared)} {said}"
    rows.insert(
        Batch(id=batch, workspace_id=visit.actor.workspace_id, label=label[:200], member_id=visit.actor.member_id)
    )
    for pk in ids:
        try:
            run(pk, batch)
            done += 1
        except KernelError as error:
            failed.append(str(error))
    if not done:
        raise Invalid(*(("", text) for text in dict.fromkeys(failed)))
    text = f"{doing.said_of(done, declared)}: {said}."
    if failed:
        text += f" {len(failed)} could not be: {'; '.join(list(dict.fromkeys(failed))[:3])}"
    return visit.done(text, visit.back, batch=batch, tone="warn" if failed else "ok")


def _declared(visit: Visit, declared: RecordType, ids: list[UUID], found: Action[Any]) -> HttpResponse:
    visit.actor.need(found.verb, declared.group)
    raw = controls.posted(visit, found.params)
    asked = "answered" in visit.sent
    missing = [p for p in found.params if p.required and not raw.get(p.name, "").strip()]
    if found.params and (not asked or missing):
        errors = {p.name: ["Needed."] for p in missing} if asked else {}
        choices = controls.Choices(visit.actor)
        fields = [
            controls.param_control(visit, choices, p, raw.get(p.name, ""), errors.get(p.name, [])) for p in found.params
        ]
        return _ask(visit, declared, ids, found.name, found.label, fields, found.help)
    given: dict[str, Any] = {n: v for n, v in raw.items() if v.strip()}

    def run(pk: Any, batch: UUID) -> Any:
        return found(visit.actor, batch=batch, **{**given, found.subject: pk})

    return _all(visit, declared, ids, run, found.label.lower())


def _change(visit: Visit, declared: RecordType, ids: list[UUID]) -> HttpResponse:
    fields = [
        f for f in controls.editable(visit, declared, new=False)
        if f.role not in ("title", "body") and f.kind.name != "markdown" and not f.required
    ]  # fmt: skip
    known = [*fields, *own_fields(visit.actor, declared.kind).values()]
    ticked = set(visit.sent.getlist("set"))
    raw = {n: v for n, v in controls.posted(visit, known).items() if n in ticked or v.strip()}
    if "answered" not in visit.sent or not raw:
        choices = controls.Choices(visit.actor)
        asked = [controls.control(visit, choices, f, "", []) | {"required": False} for f in fields]
        for one in asked:
            if one["kind"] in ("choice", "person"):
                one["placeholder"] = "Leave as it is"
        emptied = [{"value": f.name, "label": f.label} for f in fields]
        asked.append({"name": "set", "label": "Empty these", "kind": "choices", "options": emptied, "value": []})
        return _ask(visit, declared, ids, "update", "Change", asked, "What you leave blank stays as it is.")
    return _all(
        visit,
        declared,
        ids,
        lambda pk, batch: verbs.update(visit.actor, declared.kind, pk, raw, batch=batch),
        "changed",
    )


def _tag(visit: Visit, declared: RecordType, ids: list[UUID]) -> HttpResponse:
    words = [w for w in visit.sent.get("tags", "").split(",") if w.strip()]
    if not words:
        field = {"name": "tags", "label": "Tags to add", "kind": "text", "value": "", "required": True,
                 "help": "Words with commas between them. Tags that are there stay."}  # fmt: skip
        return _ask(visit, declared, ids, "tag", "Tag", [field], "")

    def run(pk: Any, batch: UUID) -> Any:
        here = CardTag.objects.filter(workspace_id=visit.actor.workspace_id, card_id=pk).values_list(
            "tag__name", flat=True
        )
        return verbs.tag(visit.actor, pk, [*here, *words], batch=batch)

    return _all(visit, declared, ids, run, "tagged")


def _ask(
    visit: Visit, declared: RecordType, ids: list[UUID], verb: str, label: str, fields: list[dict[str, Any]], text: str
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": {
            "action": visit.at(declared.path, "bulk"),
            "parts": [{"title": doing.said_of(len(ids), declared), "help": text, "fields": fields}],
            "submit": label,
            "cancel_href": visit.back,
            "hidden": {"verb": verb, "answered": "1"},
            "ids": [str(pk) for pk in ids],
        },
        "crumbs": [{"label": declared.plural, "href": visit.back}],
    }
    return visit.draw("pages/form.html", label, **context)
