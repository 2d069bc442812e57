"""Who is calling: a key in the Authorization header, or a signed-in browser."""

from __future__ import annotations

from copy import copy
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.crypto import constant_time_compare

from threadline.faces.api.problems import Refusal
from threadline.house import callers, tokens
from threadline.kernel.access import Actor
from threadline.kernel.members import User

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Threadline"'}
_WRONG_KEY = {"WWW-Authenticate": 'Bearer realm="Threadline", error="invalid_token"'}


def caller(request: HttpRequest) -> Actor | None:
    """The actor behind a request, None for nobody; raises Refusal for credentials that do not hold."""
    wanted = request.META.get("HTTP_THREADLINE_WORKSPACE", "") or _in_query(request)
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if given:
        return _by_key(given, wanted)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return _by_session(request, key, wanted) if key else None


def required(request: HttpRequest) -> Actor:
    """The actor, or a 401."""
    actor = caller(request)
    if actor is None:
        raise Refusal(401, "Send a key as Authorization: Bearer, or sign in with a browser.", _CHALLENGE)
    return actor


def by_credentials(authorization: str, session_key: str, wanted: str) -> Actor | None:
    """The actor for a stream, which has no Django request; reads only, so no token against forgery."""
    if authorization:
        return _by_key(authorization, wanted)
    return _of_session(session_key, wanted) if session_key else None


def _in_query(request: HttpRequest) -> str:
    text = request.META.get("QUERY_STRING", "")
    return parse_qs(text).get("workspace", [""])[0] if "workspace=" in text else ""


def _by_key(given: str, wanted: str) -> Actor:
    scheme, _, text = given.partition(" ")
    actor = tokens.authenticate(text.strip()) if scheme.lower() == "bearer" else None
    if actor is None:
        raise Refusal(401, "This key is not known, or it has ended.", _WRONG_KEY)
    if wanted and wanted != actor.workspace.slug:
        raise Refusal(403, "This key is for another workspace.")
    return actor


def _by_session(request: HttpRequest, key: str, wanted: str) -> Actor | None:
    actor = _of_session(key, wanted)
    if actor is not None and request.method not in SAFE:
        reason = _forged(request)
        if reason is not None:
            raise Refusal(403, "The X-CSRFToken header is missing or wrong.")
    return actor


def _of_session(key: str, wanted: str) -> Actor | None:
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user_id = session.get(SESSION_KEY)
    if user_id is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    places = callers.places_of(user_id, "api")
    if places is None:
        return None
    expected = User(password=places.password).get_session_auth_hash()
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), expected):
        return None
    actor = places.one(wanted)
    if actor is None and wanted:
        raise Refusal(404, "There is nothing here, or nothing that you may see.")
    if actor is None:
        raise Refusal(400, "You belong to several workspaces; name one in the Threadline-Workspace header.")
    return actor


class _ForgeryCheck(CsrfViewMiddleware):
    """Django's own check, telling the reason instead of rendering a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _forged(request: HttpRequest) -> str | None:
    # For a POST, Django would look for the token in the body first, and read all of it for that.
    # Here only the header counts, which no form of another site can set.
    asked = copy(request)
    asked.method = "PUT"
    check = _ForgeryCheck(_nothing)
    check.process_request(asked)
    return check.process_view(asked, _nothing, (), {})  # type: ignore[return-value]
