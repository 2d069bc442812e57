"""One's own pages: profile and theme, keys to the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import sessions, wording
from threadline.faces.web.controls import problems_of
from threadline.faces.web.entrance import deed, form
from threadline.faces.web.shell import THEMES
from threadline.faces.web.visit import Visit
from threadline.house import membership, tokens
from threadline.kernel.errors import Invalid
from threadline.kernel.members import Token

SCOPES = (("read", "Read"), ("write", "Read and write"), ("admin", "Everything, the workspace's settings too"))
DAYS = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until it is revoked"))


@form
def profile(visit: Visit) -> HttpResponse:
    """One's name, handle, job and theme here; the account itself is next door."""
    refused: Invalid | None = None
    visit.back = visit.at("profile")
    if visit.posting:
        try:
            membership.change_profile(visit.actor, _sent(visit))
            return visit.done("Saved.", visit.back)
        except Invalid as error:
            refused = error
    errors, summary = problems_of(refused, {}) if refused else ({}, [])
    fields = _profile_fields(visit, errors)
    panels = [
        {"title": "How you appear here", "help": "Other workspaces have their own.",
         "form": {"action": visit.back, "parts": [{"fields": fields}], "submit": "Save", "problems": summary}},
        sessions.sessions_panel(visit),
        sessions.factors_panel(visit),
        {"title": "Your account", "rows": _account(visit)},
        {"title": "Leave", "help": "Your records and words stay.", "danger": True,
         "add": {"label": "Leave this workspace", "opens": "leave", "look": "danger"}},
    ]  # fmt: skip
    leave_text = "You can only come back by a new invitation."
    dialogs = [{"id": "leave", "title": "Leave this workspace?", "text": leave_text,
                "action": visit.at("profile", "leave"), "verb": "Leave"}]  # fmt: skip
    named = places_of(visit, "profile")
    status = 422 if refused else 200
    return visit.draw("pages/settings.html", "Your profile", status, places=named, panels=panels, dialogs=dialogs)


def places_of(visit: Visit, here: str) -> list[dict[str, Any]]:
    """The tabs of one's own pages."""
    named = (("profile", "Profile"), ("profile/keys", "Keys of the keyboard"), ("tokens", "Keys to the API"))
    return [{"label": label, "href": visit.at(name), "current": name == here} for name, label in named]


def _sent(visit: Visit) -> dict[str, Any]:
    """What the form said: a handle that stays as it is, and what was not asked, are left out."""
    values: dict[str, Any] = {n: visit.sent[n] for n in ("name", "handle", "job_title") if n in visit.sent}
    if values.get("handle") == visit.handle:
        del values["handle"]
    preferences: dict[str, Any] = {"theme": visit.sent["theme"]} if "theme" in visit.sent else {}
    if "asked.shortcuts" in visit.sent:
        preferences["shortcuts"] = visit.sent.get("shortcuts") == "true"
    return {**values, "preferences": preferences} if preferences else values


def _profile_fields(visit: Visit, errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    member = visit.actor.member

    def field(name: str, label: str, value: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        shown = visit.sent.get(name, value) if visit.posting else value
        return {"name": name, "label": label, "kind": kind, "value": shown, "errors": errors.get(name, []), **more}

    keys = {"name": "shortcuts", "kind": "boolean", "value": visit.preferences.get("shortcuts", True)}
    themes = [{"value": v, "label": label} for v, label in THEMES]
    return [
        field("name", "Name", member.name, required=True),
        field("handle", "Handle", member.handle, before="@", help="How others mention you."),
        field("job_title", "Job", member.job_title),
        field("theme", "Theme", visit.preferences.get("theme", ""), "radio", options=themes),
        {**keys, "label": "Single keys do things (press ? to see which)"},
    ]


def _account(visit: Visit) -> list[dict[str, Any]]:
    ended = "Changing it signs out other browsers and ends your keys to the API."
    lines = (
        ("E-mail addresses", visit.user.email, "email"),
        ("Password", ended, "password/change"),
    )
    return [
        {"text": label, "sub": sub, "actions": [{"label": "Open", "href": f"/accounts/{path}/"}]}
        for label, sub, path in lines
    ]


@deed
def theme(visit: Visit) -> HttpResponse:
    """Another theme, from the menu of any page."""
    membership.change_profile(visit.actor, {"preferences": {"theme": visit.sent.get("theme", "")}})
    return visit.go(visit.came_from)


@deed
def leave(visit: Visit) -> HttpResponse:
    """End one's own membership."""
    visit.back = visit.at("profile")
    membership.leave(visit.actor)
    return visit.go("/welcome")


# ---- keys to the API --------------------------------------------------------------------


@form
def keys(visit: Visit) -> HttpResponse:
    """One's keys; a new one is shown once, on the answer to the form that made it."""
    visit.back = visit.at("tokens")
    refused: Invalid | None = None
    made: tuple[Token, str] | None = None
    if visit.posting:
        days = visit.sent.get("days", "90")
        try:
            made = tokens.create(
                visit.actor, name=visit.sent.get("name", ""), scopes=[visit.sent.get("scope", "")],
                kind="service" if visit.sent.get("service") == "true" else "personal",
                days=int(days) if days.isdecimal() and len(days) < 5 else None,
            )  # fmt: skip
        except Invalid as error:
            refused = error
    errors, summary = problems_of(refused, {}) if refused else ({}, [])
    panels: list[dict[str, Any]] = []
    if made is not None:
        note = "Copy it now: it is kept only as a hash and cannot be shown again."
        panels.append({"title": f"The key {made[0].name}", "secret": {"text": made[1], "note": note}})
    panels += [_listed(visit), _new_key(visit, errors, summary, fresh=made is None)]
    return visit.draw(
        "pages/settings.html",
        "Keys to the API",
        422 if refused else 200,
        places=places_of(visit, "tokens"),
        panels=panels,
    )


def _listed(visit: Visit) -> dict[str, Any]:
    live = [t for t in tokens.listed(visit.actor) if tokens.works(t)]
    rows = []
    for token in live:
        ends = f"until {wording.on_day(token.expires_at)}" if token.expires_at else "until it is revoked"
        used = f"last used {wording.on_day(token.last_used_on)}" if token.last_used_on else "never used"
        whose = "" if token.member_id == visit.actor.member_id else f"{token.member.name}; "
        sub = f"{whose}tl_{token.prefix}_…, {', '.join(token.scopes)}, {ends}, {used}"
        revoke = {"label": "Revoke", "action": visit.at("tokens", str(token.pk), "revoke"), "look": "quiet"}
        rows.append({"text": token.name, "sub": sub, "actions": [revoke]})
    help_text = "A key lets a program act as you. It stops working when you change your password."
    return {"title": "Keys that work", "help": help_text, "rows": rows, "missing": "None."}


def _new_key(visit: Visit, errors: dict[str, list[str]], summary: list[Any], *, fresh: bool) -> dict[str, Any]:
    def field(name: str, label: str, kind: str, value: str = "", **more: Any) -> dict[str, Any]:
        shown = visit.sent.get(name, value) if visit.posting and fresh else value
        return {"name": name, "label": label, "kind": kind, "value": shown, "errors": errors.get(name, []), **more}

    fields = [
        field("name", "What it is for", "text", required=True, placeholder="Import from the help desk"),
        field("scope", "May", "choice", "read", options=[{"value": v, "label": t} for v, t in SCOPES], required=True),
        field(
            "days",
            "Works for",
            "choice",
            "90",
            options=[{"value": v, "label": t} for v, t in DAYS if v],
            placeholder="Until it is revoked",
        ),
    ]
    if visit.actor.may("members"):
        fields.append(
            {
                "name": "service",
                "label": "For a program that outlives my interest in it (a service key)",
                "kind": "boolean",
            }
        )
    form_of = {"action": visit.back, "parts": [{"fields": fields}], "submit": "Make the key", "problems": summary}
    return {"title": "A new key", "form": form_of}


@deed
def revoke(visit: Visit, ident: str) -> HttpResponse:
    """End a key at once."""
    visit.back = visit.at("tokens")
    tokens.revoke(visit.actor, ident)
    return visit.done("The key no longer opens anything.", visit.back)
