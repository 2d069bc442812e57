"""Where to go first: the workspace one was in last, the welcome, or the sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from threadline.faces.web import places
from threadline.keeping import beginning
from threadline.kernel.members import Member

REMEMBERED = "workspace"  # in the session: where one was last


def first(request: HttpRequest) -> HttpResponse:
    """``/``: today in the workspace one was in last, or the welcome, or the sign-in, or the first page of all."""
    user = request.user
    if not user.is_authenticated:
        return HttpResponseRedirect("/begin" if beginning.nobody_yet() else "/accounts/login/")
    slugs = list(
        Member.objects.filter(user=user, left_at=None).order_by("joined_at").values_list("workspace__slug", flat=True)
    )
    last = request.session.get(REMEMBERED)
    if not slugs:
        return HttpResponseRedirect("/welcome")
    return HttpResponseRedirect(places.workspace(last if last in slugs else slugs[0]))
