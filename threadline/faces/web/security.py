"""Headers that keep a page to its own scripts and streams, and its content out of shared caches."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from threadline.faces.web import live

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'{events}",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def policy(events: str = "") -> str:
    """The content security policy of a page whose live events come from another origin, if they do."""
    return POLICY.format(events=f" {events}" if events else "")


class SecurityHeaders:
    """Adds the content security policy and, where a view says nothing, forbids caching."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Content-Security-Policy" not in response.headers:
            response.headers["Content-Security-Policy"] = policy(live.origin(request))
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
