"""Pages that leaves draw themselves, under a list or under a record. See :mod:`threadline.faces.web.screens`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from threadline.faces.web import places, refusals, screens
from threadline.faces.web.entrance import form
from threadline.faces.web.visit import Visit
from threadline.kernel import verbs
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of


@form
def of_type(visit: Visit, path: str, place: str) -> HttpResponseBase:
    """``/feedback/inbox``: what the leaf of the type registered there."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared)
    found = screens.screen_at(declared.kind, place)
    if found is None:
        raise NotFound
    if visit.posting and not found.posts:
        return HttpResponseNotAllowed(("GET", "HEAD"))
    return found.view(visit)


@form
def of_record(visit: Visit, key: str, place: str) -> HttpResponseBase:
    """``/I-12/transcript``: what the leaf of the record's type registered there."""
    card = verbs.card(visit.actor, key, archived=True)
    visit.back = visit.record(card.key)
    found = screens.record_screen_at(type_of(card.kind).kind, place)
    if found is None:
        raise NotFound
    if visit.posting and not found.posts:
        return HttpResponseNotAllowed(("GET", "HEAD"))
    return found.view(visit, card)


@csrf_exempt
def of_anybody(request: HttpRequest, place: str, token: str) -> HttpResponseBase:
    """``/form/<key>``: what a leaf opened to those without an account. Nothing here looks at a session."""
    found = screens.open_screen_at(place)
    if found is None:
        return refusals.missing(request)
    if request.method not in found.methods:
        return HttpResponseNotAllowed(found.methods)
    return found.view(request, token)
