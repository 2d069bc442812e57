"""The welcome of somebody who has no workspace yet, or wants another; invitations that wait."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import get_token
from markupsafe import Markup

from threadline.faces.web import places
from threadline.faces.web.controls import problems_of
from threadline.faces.web.jinja import templates
from threadline.house import membership
from threadline.kernel import rows
from threadline.kernel.errors import Forbidden, Invalid
from threadline.kernel.members import Invitation, Member, Role, User

_offers: list[Callable[[], dict[str, str]]] = []


def offers_beside(offer: Callable[[], dict[str, str]]) -> Callable[[], dict[str, str]]:
    """Add a place to the welcome page: a function that gives {label, sub, href}; used by the sample company."""
    _offers.append(offer)
    return offer


@login_required
def welcome(request: HttpRequest) -> HttpResponse:
    """One's workspaces, the invitations that wait, and a workspace of one's own."""
    assert isinstance(request.user, User)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            name = request.POST.get("name")
            slug = request.POST.get("slug", "").strip() or membership.slug_for(name)
            member = membership.found_workspace(request.user, name, slug)
            return HttpResponseRedirect(places.workspace(member.workspace.slug) + "start/products", status=303)
        except Invalid as error:
            refused = error
        except Forbidden as error:
            refused = Invalid(("", str(error)))
    elif request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(("GET", "POST"))
    errors, summary = problems_of(refused, {"name": "Name", "slug": "Short name"}) if refused else ({}, [])
    fields = [
        {"name": "name", "label": "Name", "kind": "text", "required": True, "value": request.POST.get("name", ""),
         "errors": errors.get("name", []), "placeholder": "Acme Games"},
        {"name": "slug", "label": "Short name", "kind": "text", "value": request.POST.get("slug", ""),
         "errors": errors.get("slug", []), "placeholder": "acme-games",
         "help": "Stands in every address and stays. Left blank, it is made from the name.",
         "maxlength": 60},
    ]  # fmt: skip
    mine = (
        Member.objects.filter(user=request.user, left_at=None).select_related("workspace").order_by("workspace__name")
    )
    context = {
        "title": "Welcome",
        "person": {"name": request.user.name or request.user.email.partition("@")[0]},
        "workspaces": [
            {"name": m.workspace.name, "href": places.workspace(m.workspace.slug), "role": Role(m.role).label}
            for m in mine
        ],
        "beside": [offer() for offer in _offers],
        "invitations": [_invitation(one) for one in waiting(request.user)],
        "create": {"action": "/welcome", "parts": [{"fields": fields}], "problems": summary},
        "sign_out_href": "/accounts/logout/",
        "csrf_input": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request)),
    }
    return HttpResponse(templates().get_template("pages/welcome.html").render(context), status=422 if refused else 200)


def waiting(user: User) -> list[Invitation]:
    """Open invitations to addresses that the user has proved to own."""
    proved = EmailAddress.objects.filter(user=user, verified=True, email__iexact=user.email)
    if not proved.exists():
        return []
    found = Invitation.objects.filter(
        email__iexact=user.email, accepted_at=None, revoked_at=None, expires_at__gt=rows.now()
    )
    return list(found.select_related("workspace", "invited_by")[:50])


def _invitation(one: Invitation) -> dict[str, str]:
    return {
        "workspace": one.workspace.name,
        "role": Role(one.role).label.lower(),
        "by": one.invited_by.name if one.invited_by else "somebody",
        "accept_action": f"/welcome/join/{one.pk}",
    }
