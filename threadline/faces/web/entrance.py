"""Who is asking for a page: the way in for every view of a workspace.

One statement finds the person, the membership and the workspace; whoever is no member is
answered as if the workspace were not there. Errors of the kernel become pages here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import orjson
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare

from threadline.faces.web import refusals
from threadline.faces.web.visit import Visit
from threadline.kernel import rows
from threadline.kernel.access import Actor, reached_by
from threadline.kernel.errors import Conflict, Forbidden, Invalid, KernelError, NotFound
from threadline.kernel.members import User
from threadline.kernel.workspaces import Workspace

Page = Callable[..., HttpResponseBase]

_WHO = (
    "SELECT u.password, u.id, u.email, u.name, u.is_active, m.id, m.name, m.handle, m.role, m.preferences,"
    " w.id, w.slug, w.name, w.currency, w.fields_version, w.is_sample,"
    " (SELECT count(*) FROM kernel_notification n JOIN kernel_card c ON c.id = n.card_id"
    " WHERE n.workspace_id = m.workspace_id AND n.member_id = m.id AND n.read_at IS NULL"
    f" AND {reached_by('m', 'c')})"
    " FROM kernel_member m JOIN kernel_user u ON u.id = m.user_id JOIN kernel_workspace w ON w.id = m.workspace_id"
    " WHERE w.slug = %s AND m.user_id = %s AND m.left_at IS NULL AND u.is_active"
)
_USER = ("password", "id", "email", "name", "is_active")
_WORKSPACE = ("id", "slug", "name", "currency", "fields_version", "is_sample")


def page(view: Page) -> Page:
    """A view of a workspace that only reads: GET and HEAD."""
    return _enter(view, ("GET", "HEAD"))


def form(view: Page) -> Page:
    """A view of a workspace with a form: GET shows it, POST acts."""
    return _enter(view, ("GET", "HEAD", "POST"))


def deed(view: Page) -> Page:
    """A view of a workspace that only acts: POST."""
    return _enter(view, ("POST",))


def data(view: Page) -> Page:
    """A view that answers a script of ours with JSON: GET."""
    return _enter(view, ("GET", "HEAD"), plain=True)


def data_deed(view: Page) -> Page:
    """A view that acts for a script of ours and answers with JSON: POST, with the token against forgery."""
    return _enter(view, ("POST",), plain=True)


def _enter(view: Page, methods: tuple[str, ...], *, plain: bool = False) -> Page:
    @wraps(view)
    def enter(request: HttpRequest, slug: str, **named: Any) -> HttpResponseBase:
        user_id = request.session.get(SESSION_KEY)
        if user_id is None:
            return refusals.as_data(401, "Sign in again.") if plain else redirect_to_login(request.get_full_path())
        visit = _visit(request, slug, user_id)
        if visit is None:
            return refusals.as_data(404, "Nothing is here.") if plain else refusals.missing(request)
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        try:
            return view(visit, **named)
        except KernelError as error:
            if plain:
                return refusals.of_error(error)
            return _refusal(visit, error)

    return enter


def _refusal(visit: Visit, error: KernelError) -> HttpResponseBase:
    if isinstance(error, NotFound):
        return refusals.in_workspace(visit, refusals.MISSING, visit.home)
    if isinstance(error, Forbidden):
        return refusals.in_workspace(visit, refusals.role_refuses(str(error)), visit.back)
    if isinstance(error, Conflict):
        return refusals.in_workspace(visit, refusals.not_possible([str(error)], 409), visit.back)
    problems = error.problems if isinstance(error, Invalid) else ()
    said = [f"{p.field.replace('_', ' ').capitalize()}: {p.message}" if p.field else p.message for p in problems]
    return refusals.in_workspace(visit, refusals.not_possible(said, 422), visit.back)


def _visit(request: HttpRequest, slug: str, user_id: str) -> Visit | None:
    try:
        row = rows.fetch_one(_WHO, [slug, UUID(user_id)])
    except ValueError:
        row = None
    if row is None:
        return None
    user = rows.partial(User, _USER, [row[0], rows.ident(row[1]), *row[2:5]])
    kept = request.session.get(HASH_SESSION_KEY, "")
    fits = BACKEND_SESSION_KEY in request.session and constant_time_compare(kept, user.get_session_auth_hash())
    # An older key of the server, or a password changed elsewhere: Django knows which.
    if not fits and not get_user(request).is_authenticated:
        return None
    request.user = user
    workspace = rows.partial(Workspace, _WORKSPACE, [rows.ident(row[10]), *row[11:16]])
    actor = Actor(workspace, rows.ident(row[5]), row[6], row[8], "web")
    preferences = orjson.loads(row[9]) if isinstance(row[9], str) else row[9]
    return Visit(request, actor, user, row[7], preferences, int(row[16]))
