"""Where somebody is signed in, and what they sign in with: their own, and nobody else's."""

from __future__ import annotations

import re
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.entrance import deed
from threadline.faces.web.visit import Visit
from threadline.kernel.errors import NotFound

MOST = 50
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "a Mac"), ("CrOS", "a Chromebook"), ("Linux", "Linux"))  # fmt: skip


def browser_of(agent: str) -> str:
    """What a browser says of itself, in a few words: ``Firefox on Linux``."""
    name = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if name and system:
        return f"{name} on {system}"
    return name or system or re.split(r"[/ (]", agent, maxsplit=1)[0][:40] or "A browser that says nothing of itself"


def sessions_panel(visit: Visit) -> dict[str, Any]:
    """Where one is signed in, this browser first; any other can be ended."""
    here = visit.request.session.session_key
    found = sorted(UserSession.objects.purge_and_list(visit.user), key=lambda s: (s.session_key != here, -s.pk))[:MOST]
    rows: list[dict[str, Any]] = []
    for one in found:
        since = wording.when(one.created_at) or {"text": ""}
        sub = f"{one.ip}, signed in {since['text']}"
        if one.session_key == here:
            rows.append({"text": browser_of(one.user_agent), "sub": sub, "state": {"label": "This one", "tone": "ok"}})
            continue
        end = {"label": "End it", "action": visit.at("profile", "sessions", str(one.pk), "end"), "look": "quiet"}
        rows.append({"text": browser_of(one.user_agent), "sub": sub, "actions": [end]})
    panel: dict[str, Any] = {
        "title": "Where you are signed in",
        "help": "End what you do not know, and change your password.",
        "rows": rows,
        "missing": "Only here.",
    }
    if len(found) > 1:
        panel["add"] = {"label": "End all others", "action": visit.at("profile", "sessions", "end")}
    return panel


def factors_panel(visit: Visit) -> dict[str, Any]:
    """Passkeys by name, the app with codes, and the codes for a lost phone."""
    found = list(Authenticator.objects.filter(user=visit.user).order_by("created_at")[:MOST])
    by_type = {kind: [f for f in found if f.type == kind] for kind in Authenticator.Type.values}
    rows = [_factor(str(key), key, "/accounts/2fa/webauthn/") for key in by_type[Authenticator.Type.WEBAUTHN]]
    rows += [_factor("Codes from an app", app, "/accounts/2fa/totp/deactivate/", "Turn off")
             for app in by_type[Authenticator.Type.TOTP]]  # fmt: skip
    if codes := by_type[Authenticator.Type.RECOVERY_CODES]:
        rows.append(_factor("Recovery codes", codes[0], "/accounts/2fa/recovery-codes/", "Show"))
    ways = [{"label": "Add a passkey", "href": "/accounts/2fa/webauthn/add/"}]
    if not by_type[Authenticator.Type.TOTP]:
        ways.append({"label": "Use an app with codes", "href": "/accounts/2fa/totp/activate/"})
    return {
        "title": "Passkeys and second factor",
        "help": "A passkey signs you in with a touch and cannot be phished. A code from an app adds to the password.",
        "rows": rows,
        "missing": "Only your password protects this account.",
        "ways": ways,
    }


def _factor(name: str, one: Authenticator, href: str, label: str = "Manage") -> dict[str, Any]:
    used = f"last used {wording.on_day(one.last_used_at)}" if one.last_used_at else "never used"
    added = wording.on_day(one.created_at)
    return {"text": name, "sub": f"since {added}, {used}", "actions": [{"label": label, "href": href, "look": "quiet"}]}


@deed
def end_session(visit: Visit, ident: str) -> HttpResponse:
    """End one of one's other sessions at once."""
    visit.back = visit.at("profile")
    here = visit.request.session.session_key
    found = UserSession.objects.filter(user=visit.user, pk=int(ident)).exclude(session_key=here).first()
    if found is None:
        raise NotFound
    found.end()
    return visit.done("That browser is signed out.", visit.back)


@deed
def end_others(visit: Visit) -> HttpResponse:
    """Stay signed in here alone."""
    visit.back = visit.at("profile")
    others = UserSession.objects.filter(user=visit.user).exclude(session_key=visit.request.session.session_key)
    ended = 0
    for one in others:
        one.end()
        ended += 1
    return visit.done(
        f"{wording.plural(ended, 'other browser')} signed out." if ended else "There was no other.", visit.back
    )
