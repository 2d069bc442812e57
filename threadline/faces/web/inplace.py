"""One field of a record, changed where it stands: a click, the new value, Enter."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import controls
from threadline.faces.web.entrance import form
from threadline.faces.web.jinja import templates
from threadline.faces.web.visit import Visit
from threadline.kernel import verbs
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.customs import own_fields
from threadline.kernel.door import exchange_values
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import Field, RecordType, type_of


@form
def field(visit: Visit, key: str, name: str) -> HttpResponseBase:
    """Ask for one field, or change it. A script is given the control alone, and told in JSON what came of it."""
    card = verbs.card(visit.actor, key)
    declared = type_of(card.kind)
    visit.back = visit.record(card.key)
    visit.actor.need("update", declared.group)
    wanted = next((f for f in controls.editable(visit, declared, new=False) if f.name == name), None)
    record = reach(visit.actor, declared.model).filter(pk=card.pk).first()
    if wanted is None or record is None:
        raise NotFound
    if not visit.posting:
        return _ask(visit, card, wanted, _now(visit, declared, wanted, record), record.version)
    sent = controls.posted(visit, [wanted]).get(name, "")
    read = visit.sent.get("version", "")
    expect = int(read) if read.isdecimal() and len(read) < 10 else None
    batch = visit.new_batch()
    try:
        verbs.update(visit.actor, declared.kind, card.pk, {name: sent}, expect=expect, batch=batch)
    except Invalid as refused:
        if visit.scripted:
            raise
        return _ask(visit, card, wanted, sent, record.version, refused)
    return visit.done(f"{wanted.label} of {card.key} is saved.", visit.back, batch=batch)


def _now(visit: Visit, declared: RecordType, wanted: Field, record: Record) -> str:
    values = exchange_values(declared, record, own_fields(visit.actor, declared.kind))
    keys = controls.reference_keys(visit.actor, [wanted], values)
    return controls.shown(values.get(wanted.name), keys, wanted.kind)


def _ask(
    visit: Visit, card: Card, wanted: Field, value: str, version: int, refused: Invalid | None = None
) -> HttpResponse:
    by_name, summary = controls.problems_of(refused, {wanted.name: wanted.label}) if refused else ({}, [])
    control = controls.control(visit, controls.Choices(visit.actor), wanted, value, by_name.get(wanted.name, []))
    action = visit.record(card.key, "field", wanted.name)
    hidden = {"version": version}
    if visit.request.headers.get("X-Part") == "field":
        context: dict[str, Any] = {"field": control | {"id": f"here_{wanted.name}"}, "action": action, "hidden": hidden}
        return HttpResponse(templates().get_template("kit/here.html").render(csrf_input=visit.csrf_input, **context))
    context = {
        "form": {
            "action": action,
            "parts": [{"title": f"{card.key} {card.title}", "fields": [control]}],
            "problems": summary,
            "submit": "Save",
            "cancel_href": visit.back,
            "hidden": hidden,
        },
        "crumbs": [{"label": card.key, "href": visit.back}],
    }
    return visit.draw("pages/form.html", wanted.label, 422 if refused else 200, **context)
