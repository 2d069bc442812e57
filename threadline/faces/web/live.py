"""Where a page hears of changes while it is open: the event stream, seen from a browser.

The stream listens on a port of its own (``EVENTS_PORT``). A browser finds it under the name it
already uses for the pages, so that its session cookie, which knows no ports, goes along.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port

from threadline.kernel import feed, rows
from threadline.kernel.access import Actor

PATH = "/api/v1/events/stream"
# A page is drawn a moment before it listens: what happened in between is sent first.
BEFORE = timedelta(seconds=2)


def base(request: HttpRequest) -> str:
    """Scheme, host and port of the stream for whoever asks; empty where it cannot be known.

    Behind a proxy that speaks HTTPS only its operator knows: without EVENTS_URL, pages ask
    ``GET /api/v1/events`` now and then instead.
    """
    if settings.EVENTS_URL:
        return str(settings.EVENTS_URL)
    if settings.BASE_URL.startswith("https://"):
        return ""
    try:
        host, _ = split_domain_port(request.get_host())
    except DisallowedHost:
        return ""
    return f"http://{host}:{settings.EVENTS_PORT}"


def origin(request: HttpRequest) -> str:
    """The same as a content security policy names it."""
    parts = urlsplit(base(request))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def stream_address(request: HttpRequest, actor: Actor) -> str:
    """What a page of a workspace opens with ``new EventSource(address, {withCredentials: true})``."""
    place = base(request)
    asked = {"workspace": actor.workspace.slug, "after": str(feed.first_id(rows.now() - BEFORE))}
    return f"{place}{PATH}?{urlencode(asked)}" if place else ""
