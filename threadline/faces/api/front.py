"""The short way for API requests: past what serves pages.

Sessions, messages, page headers and static files are nothing to the API, and together cost
as much as reading fifty records. The endpoints are the same ones that the URL table names;
they check caller, forgery and headers themselves, so the long way would answer the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from http.client import responses
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch
from django.urls.resolvers import RegexPattern, URLResolver

from threadline.faces.api.calls import Filed, dressed, response_of
from threadline.faces.api.problems import problem
from threadline.kernel.idempotency import Answer
from threadline.kernel.rows import settle_connection

PREFIX = "/api/v1/"
PAGE = "/api/v1/docs"  # a page like any other, which the web face serves
_resolver = URLResolver(RegexPattern(r"^/api/v1/"), "threadline.faces.api.urls")


class ApiFront:
    """The first middleware: answers what is below /api/v1/, passes on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _ours(request.path_info):
            return self.get_response(request)
        return response_of(answer_to(request))


class ApiDoor:
    """The same around a WSGI application, past Django's handler too."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not _ours(environ["PATH_INFO"]):
            return self.application(environ, start_response)
        settle_connection()  # one that broke, or was kept for too long, since the last request
        try:
            answer = answer_to(WSGIRequest(environ))
        finally:
            settle_connection()
        start_response(f"{answer.status} {responses[answer.status]}", list(answer.headers.items()))
        if environ["REQUEST_METHOD"] == "HEAD":
            return [b""]
        return answer.parts() if isinstance(answer, Filed) else [answer.body]


def _ours(path: str) -> bool:
    return path.startswith(PREFIX) and path != PAGE


def answer_to(request: HttpRequest) -> Answer:
    """The answer of the endpoint that the path names."""
    if not _known(request.META.get("HTTP_HOST") or request.META["SERVER_NAME"], tuple(settings.ALLOWED_HOSTS)):
        return dressed(problem(400, "This server has another name."))
    try:
        match = _match(request.path_info)
    except Resolver404:
        return dressed(problem(404, "There is nothing here, or nothing that you may see."))
    answer: Answer = match.func.answer(request, match.kwargs)  # type: ignore[attr-defined]
    return answer


@lru_cache(maxsize=256)
def _known(host: str, allowed: tuple[str, ...]) -> bool:
    return validate_host(split_domain_port(host)[0], allowed)


@lru_cache(maxsize=4096)
def _match(path: str) -> ResolverMatch:
    return _resolver.resolve(path)
