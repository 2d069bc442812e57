"""Coming in by an invitation: by the link in the mail, or from the welcome page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.views.decorators.http import require_POST
from markupsafe import Markup

from threadline.faces.web import flashes, places, refusals, welcome
from threadline.faces.web.jinja import templates
from threadline.house import membership
from threadline.kernel.errors import Conflict, Forbidden, NotFound
from threadline.kernel.members import Invitation, Role, User

# Guessing is hopeless against 256 bits; this keeps it from costing us anything either.
_RATE = {"join": "20/m/ip"}


def join(request: HttpRequest, secret: str) -> HttpResponse:
    """What the link in the mail opens; joining itself is a press, so that no scanner of mails joins."""
    if not ratelimit.consume(request, app="threadline", action="join", config=_RATE, limit_get=True):
        return refusals.too_many(request)
    try:
        found = membership.invitation_for(secret)
    except NotFound:
        return refusals.missing(request)
    user = request.user
    if request.method == "POST" and isinstance(user, User):
        return _accept(request, user, found, by_mail=True)
    fits = isinstance(user, User) and user.email.lower() == found.email.lower()
    token = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request))
    context = {
        "title": f"Join {found.workspace.name}",
        "invitation": {
            "workspace": found.workspace.name,
            "role": Role(found.role).label.lower(),
            "by": found.invited_by.name if found.invited_by else "Somebody",
            "email": found.email,
        },
        "signed_in": user.is_authenticated,
        "fits": fits,
        "csrf_input": token,
        **_ways(request.path),
    }
    return HttpResponse(templates().get_template("pages/join.html").render(context))


def _ways(here: str) -> dict[str, Any]:
    return {
        "action": here,
        "sign_in_href": places.with_query("/accounts/login/", next=here),
        "sign_up_href": places.with_query("/accounts/signup/", next=here),
        "sign_out_href": "/accounts/logout/",
    }


@require_POST
@login_required
def join_here(request: HttpRequest, ident: str) -> HttpResponse:
    """Join from the welcome page, which lists only invitations to one's own proved address."""
    assert isinstance(request.user, User)
    found = next((one for one in welcome.waiting(request.user) if one.pk == _id(ident)), None)
    if found is None:
        return refusals.missing(request)
    return _accept(request, request.user, found, by_mail=False)


def _accept(request: HttpRequest, user: User, invitation: Invitation, *, by_mail: bool) -> HttpResponse:
    try:
        member = membership.accept_invitation(user, invitation)
    except NotFound:
        return refusals.missing(request)
    except Forbidden as error:
        return refusals.page(request, refusals.role_refuses(str(error)))
    except Conflict as error:
        return refusals.page(
            request, refusals.not_possible([str(error)], 409), home=places.workspace(invitation.workspace.slug)
        )
    if by_mail:  # who held the mail has shown that the address is theirs
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    flashes.leave(request, f"Welcome to {invitation.workspace.name}.")
    return HttpResponseRedirect(places.workspace(member.workspace.slug), status=303)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
