"""Keys as one likes them: every key of the register with a field for another."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import keymap
from threadline.faces.web.entrance import form
from threadline.faces.web.own import places_of
from threadline.faces.web.visit import Visit
from threadline.house import membership


@form
def change(visit: Visit) -> HttpResponse:
    """Choose other keys; a key that is taken where it would work is refused, and named."""
    visit.back = visit.at("profile", "keys")
    ours = {k.name: k for k in keymap.every()}
    problem: tuple[str, str] | None = None
    if visit.posting:
        sent = {n: visit.sent.get(f"key.{n}", "").strip() for n in ours}
        if "reset" in visit.sent:
            sent = {}
        chosen = {n: key for n, key in sent.items() if key and key != ours[n].keys[0]}
        problem = keymap.problem(chosen)
        if problem is None:
            shortcuts = {"shortcuts": visit.sent.get("shortcuts") == "true"} if "asked.shortcuts" in visit.sent else {}
            membership.change_profile(visit.actor, {"preferences": {"keys": chosen, **shortcuts}})
            return visit.done("These are your keys now.", visit.back)
    mine = {k.name: k.keys[0] for k in keymap.own(visit.preferences)}
    values = {n: visit.sent.get(f"key.{n}", mine[n]) if visit.posting else mine[n] for n in ours}
    on = {
        "name": "shortcuts",
        "label": "Single keys do things",
        "kind": "boolean",
        "value": visit.preferences.get("shortcuts", True),
        "help": "Off, only keys with Ctrl, arrows, Enter and Esc work: for people who speak to their computer.",
    }
    parts = [{"fields": [on]}, *(_part(scope, label, values, problem) for scope, label in keymap.SCOPES.items())]
    summary = []
    if problem:
        summary = [{"field_id": f"id_key.{problem[0]}", "label": ours[problem[0]].label, "text": problem[1]}]
    panel = {
        "title": "Keys",
        "help": "Write one key, such as x, Shift+x or Mod+x (Ctrl, or ⌘ on a Mac), or two with a space between.",
        "form": {
            "action": visit.back,
            "parts": [p for p in parts if p["fields"]],
            "submit": "Save",
            "problems": summary,
            "again": ("reset", "Back to ours"),
        },
    }
    status = 422 if problem else 200
    return visit.draw(
        "pages/settings.html", "Your keys", status, places=places_of(visit, "profile/keys"), panels=[panel]
    )


def _part(scope: str, label: str, values: dict[str, str], problem: tuple[str, str] | None) -> dict[str, Any]:
    fields = [
        {
            "name": f"key.{key.name}",
            "label": key.label,
            "kind": "text",
            "value": values[key.name],
            "maxlength": 24,
            "autocomplete": "off",
            "errors": [problem[1]] if problem and problem[0] == key.name else [],
        }
        for key in keymap.every()
        if key.scope == scope
    ]
    return {"title": label, "fields": fields, "columns": True}
