"""Settings of the workspace, a place at a time: itself, products, teams, own fields, tags."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.controls import Choices, problems_of
from threadline.faces.web.entrance import deed, form
from threadline.faces.web.visit import Visit
from threadline.house import furnishing as house
from threadline.kernel.customs import CustomField
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.members import Team, TeamMember, TeamProduct
from threadline.kernel.registry import kinds
from threadline.kernel.workspaces import Product

PLACES = (("", "Workspace"), ("products", "Products"), ("teams", "Teams"), ("fields", "Own fields"), ("tags", "Tags"))
TYPES = (("text", "Text"), ("number", "Number"), ("money", "Money"), ("date", "Date"), ("choice", "Choice"),
         ("person", "Person"), ("link", "Link"))  # fmt: skip
MOST = 300


@form
def show(visit: Visit, place: str = "") -> HttpResponse:
    """One place of the settings; a POST adds to it or changes it."""
    if place not in dict(PLACES):
        raise NotFound
    refused: Invalid | None = None
    visit.back = visit.at("settings", place) if place else visit.at("settings")
    if visit.posting:
        visit.actor.need("configure")
        try:
            return visit.done(_WRITES[place](visit), visit.back)
        except Invalid as error:
            refused = error
    problems = problems_of(refused, {}) if refused else ({}, [])
    may = visit.actor.may("configure")
    shown = {"places": tabs(visit, place), "panels": _PANELS[place](visit, may, *problems)}
    shown |= {} if may else {"note": "Owners and admins change this. You see it as it is."}
    return visit.draw("pages/settings.html", "Settings", 422 if refused else 200, **shown)


def tabs(visit: Visit, place: str) -> list[dict[str, Any]]:
    """The places of the settings, with the one that is shown; the archives are a page of their own (backups.py)."""
    return [
        {"label": label, "href": visit.at("settings", name) if name else visit.at("settings"), "current": name == place}
        for name, label in (*PLACES, ("backups", "Backups"))
    ]


def _field(visit: Visit, errors: dict[str, list[str]], name: str, label: str, kind: str = "text", value: Any = "",
           **more: Any) -> dict[str, Any]:  # fmt: skip
    if visit.posting and kind != "choices":
        value = visit.sent.get(name, value)
    return {"name": name, "label": label, "kind": kind, "value": value, "errors": errors.get(name, []), **more}


def _form(
    visit: Visit, fields: list[dict[str, Any]], submit: str, summary: list[Any], *, columns: bool = False
) -> dict[str, Any]:
    parts = [{"fields": fields, "columns": columns}]
    return {"action": visit.back, "parts": parts, "submit": submit, "problems": summary}


# ---- the workspace ----------------------------------------------------------------------


def _workspace(visit: Visit, may: bool, errors: dict[str, list[str]], summary: list[Any]) -> list[dict[str, Any]]:
    here = visit.actor.workspace
    if not may:
        return [
            {
                "title": "Workspace",
                "props": [{"label": "Name", "value": here.name}, {"label": "Currency", "value": here.currency}],
            }
        ]
    fields = [
        _field(visit, errors, "name", "Name", value=here.name, required=True),
        _field(
            visit, errors, "currency", "Currency", value=here.currency, help="Three letters, such as EUR.", maxlength=3
        ),
    ]
    props = [{"label": "Address", "value": visit.home, "sub": "stays as it is, so that links keep working"}]
    return [
        {"title": "Workspace", "form": _form(visit, fields, "Save", summary)},
        {"title": "Where it is", "props": props},
    ]


def _save_workspace(visit: Visit) -> str:
    house.change_workspace(visit.actor, {n: visit.sent[n] for n in ("name", "currency") if n in visit.sent})
    return "Saved."


# ---- products ---------------------------------------------------------------------------


def _products(visit: Visit, may: bool, errors: dict[str, list[str]], summary: list[Any]) -> list[dict[str, Any]]:
    listed = Choices(visit.actor).products()
    archived = Product.objects.filter(workspace_id=visit.actor.workspace_id).exclude(archived_at=None)[:MOST]
    rows = [
        _row(
            visit,
            o["label"],
            [("Change", f"products/{o['value']}", "quiet"), ("Retire", f"products/{o['value']}/retire", "quiet")]
            if may
            else [],
        )
        for o in listed
    ]
    gone = [_row(visit, p.name, [("Bring back", f"products/{p.pk}/return", "quiet")] if may else []) for p in archived]
    panels: list[dict[str, Any]] = [
        {
            "title": "Products",
            "help": "Products form a tree: a suite, its apps, their parts.",
            "rows": rows,
            "missing": "None yet.",
        }
    ]
    if gone:
        panels.append({"title": "Retired", "rows": gone})
    if may:
        fields = [
            _field(visit, errors, "name", "Name", required=True),
            _field(visit, errors, "parent", "Part of", "choice", options=listed, placeholder="Nothing"),
        ]
        panels.append({"title": "Add a product", "form": _form(visit, fields, "Add", summary, columns=True)})
    return panels


def _add_product(visit: Visit) -> str:
    made = house.add_product(visit.actor, visit.sent.get("name"), visit.sent.get("parent") or None)
    return f"{made.name} is added."


def _row(visit: Visit, text: str, actions: list[tuple[str, str, str]], sub: str = "") -> dict[str, Any]:
    """A line with presses, (label, path, look); one without a verb in its path is a page: its form."""
    made = [
        {"label": label, "href" if path.count("/") == 1 else "action": visit.at("settings", path), "look": look}
        for label, path, look in actions
    ]
    return {"text": text, "sub": sub, "actions": made}


# ---- teams ------------------------------------------------------------------------------


def _teams(visit: Visit, may: bool, errors: dict[str, list[str]], summary: list[Any]) -> list[dict[str, Any]]:
    choices, ws = Choices(visit.actor), visit.actor.workspace_id
    people: dict[Any, list[str]] = {}
    for team_id, name in (
        TeamMember.objects.filter(workspace_id=ws).order_by("member__name").values_list("team_id", "member__name")
    ):
        people.setdefault(team_id, []).append(name)
    products: dict[Any, list[str]] = {}
    for team_id, name in TeamProduct.objects.filter(workspace_id=ws).values_list("team_id", "product__name"):
        products.setdefault(team_id, []).append(name)
    rows = []
    for team in Team.objects.filter(workspace_id=ws).order_by("name")[:MOST]:
        who, what = ", ".join(people.get(team.pk, [])), ", ".join(products.get(team.pk, []))
        sub = f"{who or 'nobody'}; works on {what or 'no product'}"
        said = [("Change", f"teams/{team.pk}", "quiet"), ("End", f"teams/{team.pk}/end", "quiet")] if may else []
        rows.append(_row(visit, team.name, said, sub))
    help_text = "A team shares products, and may share confidential records of them."
    panels: list[dict[str, Any]] = [{"title": "Teams", "help": help_text, "rows": rows, "missing": "None yet."}]
    if may:
        fields = [
            _field(visit, errors, "name", "Name", required=True),
            _field(
                visit, errors, "members", "People", "choices", visit.sent.getlist("members"), options=choices.people()
            ),
            _field(
                visit,
                errors,
                "products",
                "Products",
                "choices",
                visit.sent.getlist("products"),
                options=choices.products(),
            ),
        ]
        panels.append({"title": "Add a team", "form": _form(visit, fields, "Add", summary)})
    return panels


def _add_team(visit: Visit) -> str:
    given = {"members": visit.sent.getlist("members"), "products": visit.sent.getlist("products")}
    return f"{house.add_team(visit.actor, visit.sent.get('name'), **given).name} is added."


# ---- own fields -------------------------------------------------------------------------


def _fields(visit: Visit, may: bool, errors: dict[str, list[str]], summary: list[Any]) -> list[dict[str, Any]]:
    own = CustomField.objects.filter(workspace_id=visit.actor.workspace_id).order_by("kind", "position")[:MOST]
    panels: list[dict[str, Any]] = []
    for declared in kinds():
        rows = []
        for field in (f for f in own if f.kind == declared.kind):
            choices = f": {', '.join(field.choices)}" if field.choices else ""
            sub = f"{dict(TYPES)[field.type]}{choices}, {field.name} in filters"
            hide = [("Change", f"fields/{field.pk}", "quiet"), ("Hide", f"fields/{field.pk}/hide", "quiet")]
            show_again = [("Show again", f"fields/{field.pk}/show", "quiet")]
            said = (hide if field.archived_at is None else show_again) if may else []
            rows.append(_row(visit, field.label, said, sub if field.archived_at is None else f"hidden; {sub}"))
        if rows:
            panels.append({"title": declared.plural, "rows": rows})
    if may:
        types = [{"value": v, "label": label} for v, label in TYPES]
        on = [{"value": t.kind, "label": t.plural} for t in kinds()]
        fields = [
            _field(visit, errors, "kind", "On", "choice", options=on, required=True),
            _field(visit, errors, "label", "Name", required=True),
            _field(visit, errors, "type", "Type", "choice", "text", options=types, required=True),
            _field(visit, errors, "choices", "Choices", "long", rows=3, help="For a choice: one a line."),
        ]
        help_text = "It is there at once in forms, lists, filters, imports and the API."
        panels.append({"title": "Add a field", "help": help_text, "form": _form(visit, fields, "Add", summary)})
    about = "A question of your own that a kind of record answers: a text, a number, a date, a choice, a person."
    return panels or [{"title": "Own fields", "help": about, "missing": "None yet."}]


def _add_field(visit: Visit) -> str:
    if visit.sent.get("kind") not in {t.kind for t in kinds()}:
        raise Invalid(("kind", "Choose what it is a field of."))
    values = {n: visit.sent.get(n, "") for n in ("label", "type", "choices")}
    return f"{house.add_field(visit.actor, visit.sent['kind'], values).label} is added."


# ---- tags -------------------------------------------------------------------------------


def _tags(visit: Visit, may: bool, errors: dict[str, list[str]], summary: list[Any]) -> list[dict[str, Any]]:
    tags = list(house.tags_of(visit.actor).order_by("name")[:MOST])
    rows = [
        _row(
            visit,
            t.name,
            [("Remove", f"tags/{t.pk}/remove", "quiet")] if may else [],
            f"on {wording.plural(vars(t)['uses'], 'record')}",
        )
        for t in tags
    ]
    panels: list[dict[str, Any]] = [{"title": "Tags", "rows": rows, "missing": "No record is tagged yet."}]
    if may and tags:
        options = [{"value": str(t.pk), "label": t.name} for t in tags]
        fields = [
            _field(visit, errors, "tag", "Tag", "choice", options=options, required=True),
            _field(
                visit, errors, "name", "Is now called", required=True, help="A word that is there already takes it in."
            ),
        ]
        panels.append({"title": "Rename a tag", "form": _form(visit, fields, "Rename", summary, columns=True)})
    return panels


def _rename_tag(visit: Visit) -> str:
    return f"It is now called {house.rename_tag(visit.actor, visit.sent.get('tag'), visit.sent.get('name', '')).name}."


_PANELS: dict[str, Any] = {"": _workspace, "products": _products, "teams": _teams, "fields": _fields, "tags": _tags}
_WRITES: dict[str, Any] = {
    "": _save_workspace, "products": _add_product, "teams": _add_team, "fields": _add_field, "tags": _rename_tag
}  # fmt: skip
_DEEDS: dict[tuple[str, str], Any] = {
    ("products", "retire"): lambda a, ref: house.change_product(a, ref, {"archived": True}),
    ("products", "return"): lambda a, ref: house.change_product(a, ref, {"archived": False}),
    ("teams", "end"): house.remove_team,
    ("fields", "hide"): lambda a, ref: house.change_field(a, ref, {"archived": True}),
    ("fields", "show"): lambda a, ref: house.change_field(a, ref, {"archived": False}),
    ("tags", "remove"): house.remove_tag,
}


@deed
def act(visit: Visit, place: str, ident: str, name: str) -> HttpResponse:
    """One press on a line of the settings."""
    visit.back = visit.at("settings", place)
    if (place, name) not in _DEEDS:
        raise NotFound
    _DEEDS[place, name](visit.actor, ident)
    return visit.done("Done.", visit.back)
