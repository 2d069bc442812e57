"""The sample company from the pages: loaded for oneself alone, and taken away again."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import path
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup

from threadline.demo import load as loading
from threadline.faces.web import flashes, places, start, welcome
from threadline.faces.web.jinja import templates
from threadline.kernel.members import User

HERE = "/sample"


@start.offers_to_begin
def to_begin() -> dict[str, Any]:
    """The last of the ways to begin."""
    return {
        "title": "Look around first",
        "text": "A sample company with three hundred records that hang together, in a workspace of its own. "
        "You remove it with one press.",
        "action": {"label": "See the sample company", "href": HERE},
    }


@welcome.offers_beside
def on_welcome() -> dict[str, str]:
    """A line on the welcome page, also for taking it away again."""
    return {"label": "The sample company", "sub": "look around, or remove it", "href": HERE}


@require_GET
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """What there is, and what can be done with it."""
    assert isinstance(request.user, User)
    mine = loading.sample_of(request.user)
    context = {
        "title": "The sample company",
        "sample": {"name": mine.name, "href": places.workspace(mine.slug)} if mine else None,
        "flashes": flashes.collect(request),
        "csrf_input": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request)),
    }
    return HttpResponse(templates().get_template("sample/show.html").render(context))


@require_POST
@login_required
def load(request: HttpRequest) -> HttpResponse:
    """Load it for whoever asks; a second press finds the first one's."""
    assert isinstance(request.user, User)
    try:
        workspace = loading.load(owner=request.user)
    except loading.AlreadyHere:
        return HttpResponseRedirect(HERE, status=303)
    except loading.TooMany:
        flashes.leave(request, "There are many samples on this server already. Ask whoever runs it.", "bad")
        return HttpResponseRedirect(HERE, status=303)
    flashes.leave(request, f"Welcome to {workspace.name}. You stand in for its head of product.")
    return HttpResponseRedirect(places.workspace(workspace.slug), status=303)


@require_POST
@login_required
def remove(request: HttpRequest) -> HttpResponse:
    """Take one's own away whole."""
    assert isinstance(request.user, User)
    mine = loading.sample_of(request.user)
    if mine is not None:
        loading.remove(mine)
        flashes.leave(request, "The sample company is gone, with all its records.")
    return HttpResponseRedirect(HERE, status=303)


urlpatterns = [path("sample", show), path("sample/load", load), path("sample/remove", remove)]
