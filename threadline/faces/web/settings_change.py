"""Changing one line of the settings: a product, a team, an own field."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web.controls import Choices, problems_of
from threadline.faces.web.entrance import form
from threadline.faces.web.visit import Visit
from threadline.house import furnishing as house
from threadline.kernel.customs import CustomField
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.members import Team, TeamMember, TeamProduct
from threadline.kernel.workspaces import Product

Controls = list[dict[str, Any]]


@form
def change(visit: Visit, place: str, ident: str) -> HttpResponse:
    """The form of one line; heads only."""
    if place not in _PLACES:
        raise NotFound
    visit.actor.need("configure")
    visit.back = visit.at("settings", place)
    model, title, controls, write = _PLACES[place]
    found = model._default_manager.filter(workspace_id=visit.actor.workspace_id, pk=ident).first()
    if found is None:
        raise NotFound
    refused: Invalid | None = None
    if visit.posting:
        try:
            write(visit, found)
            return visit.done("Saved.", visit.back)
        except Invalid as error:
            refused = error
    fields = controls(visit, found)
    errors, summary = problems_of(refused, {f["name"]: f["label"] for f in fields}) if refused else ({}, [])
    for field in fields:
        field["errors"] = errors.get(field["name"], [])
    context = {
        "form": {
            "action": visit.at("settings", place, ident),
            "parts": [{"fields": fields}],
            "problems": summary,
            "submit": "Save",
            "cancel_href": visit.back,
        },
        "crumbs": [{"label": "Settings", "href": visit.back}],
    }
    return visit.draw("pages/form.html", title, 422 if refused else 200, **context)


def _text(visit: Visit, name: str, label: str, value: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    shown = visit.sent.get(name, value) if visit.posting else value
    return {"name": name, "label": label, "kind": kind, "value": shown, "required": kind == "text", **more}


def _several(visit: Visit, name: str, label: str, now: list[str], options: Controls) -> dict[str, Any]:
    chosen = visit.sent.getlist(name) if visit.posting else now
    return {"name": name, "label": label, "kind": "choices", "value": chosen, "options": options}


# ---- products ---------------------------------------------------------------------------


def _product(visit: Visit, found: Product) -> Controls:
    options = [o for o in Choices(visit.actor).products() if o["value"] != str(found.pk)]
    parent = str(found.parent_id or "")
    return [
        _text(visit, "name", "Name", found.name),
        _text(visit, "parent", "Part of", parent, "choice", options=options, placeholder="Nothing"),
    ]


def _save_product(visit: Visit, found: Product) -> None:
    values = {"name": visit.sent.get("name"), "parent": visit.sent.get("parent") or None}
    house.change_product(visit.actor, found.pk, values)


# ---- teams ------------------------------------------------------------------------------


def _team(visit: Visit, found: Team) -> Controls:
    choices = Choices(visit.actor)
    people = TeamMember.objects.filter(workspace_id=found.workspace_id, team=found)
    products = TeamProduct.objects.filter(workspace_id=found.workspace_id, team=found)
    here = [str(pk) for pk in people.values_list("member_id", flat=True)]
    works_on = [str(pk) for pk in products.values_list("product_id", flat=True)]
    return [
        _text(visit, "name", "Name", found.name),
        _several(visit, "members", "People", here, choices.people()),
        _several(visit, "products", "Products", works_on, choices.products()),
    ]


def _save_team(visit: Visit, found: Team) -> None:
    lists = {n: visit.sent.getlist(n) for n in ("members", "products")}
    house.change_team(visit.actor, found.pk, {"name": visit.sent.get("name"), **lists})


# ---- own fields -------------------------------------------------------------------------


def _own_field(visit: Visit, found: CustomField) -> Controls:
    fields = [_text(visit, "label", "Name", found.label)]
    if found.type == "choice":
        help_text = "One a line. Records keep a choice that is taken away until somebody changes it."
        lines = "\n".join(found.choices)
        fields.append(_text(visit, "choices", "Choices", lines, "long", rows=6, help=help_text))
    return fields


def _save_own_field(visit: Visit, found: CustomField) -> None:
    values = {n: visit.sent[n] for n in ("label", "choices") if n in visit.sent}
    house.change_field(visit.actor, found.pk, values)


_PLACES: dict[str, tuple[Any, str, Any, Any]] = {
    "products": (Product, "Change a product", _product, _save_product),
    "teams": (Team, "Change a team", _team, _save_team),
    "fields": (CustomField, "Change a field", _own_field, _save_own_field),
}
