"""The URL table as it is: every address that Django's resolver leads anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize


@dataclass(frozen=True)
class Route:
    """One address; ``template`` has a ``%(name)s`` for each part that is filled in."""

    template: str
    params: tuple[str, ...]
    view: Any
    regex: str = ""

    def words(self, param: str) -> list[str]:
        """The words that a part of the address is one of, when the table says them: csv or xlsx."""
        found = re.search(rf"\(\?P<{param}>([a-z|]+)\)", self.regex)
        return found[1].split("|") if found else []

    @property
    def name(self) -> str:
        """The address as a person reads it."""
        return self.template % {p: f"<{p}>" for p in self.params}

    def at(self, **values: str) -> str:
        """The address for values; empty when they do not lead to this view."""
        where = self.template % values
        try:
            return where if resolve(where).func is self.view else ""
        except Resolver404:
            return ""


def _walk(patterns: list[Any], before: str, params: tuple[str, ...]) -> Iterator[Route]:
    for pattern in patterns:
        regex = str(pattern.pattern.regex.pattern)
        template, found = normalize(regex.removesuffix(r"\Z").removesuffix("$"))[0]
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, before + template, (*params, *found))
        else:
            assert isinstance(pattern, URLPattern)
            yield Route(before + template, (*params, *found), pattern.callback, regex)


def routes() -> list[Route]:
    """Every route of pages, and of whatever else is not the API's."""
    found = _walk(get_resolver().url_patterns, "/", ())
    return [r for r in found if type(r.view).__name__ != "Resource"]  # the API's, which its own document lists


@lru_cache(maxsize=50_000)
def route_of(path: str) -> tuple[Any, dict[str, str]] | None:
    """The view and the filled-in parts of a path; None for one that leads nowhere."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match.func, {name: str(value) for name, value in match.kwargs.items()}
