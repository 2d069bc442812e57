"""The addresses below /api/v1/: those of the house first, then those of every record type."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, path, register_converter

from threadline.faces.api import attachments, bulk, desk, exchange, house, people, reference, teams, threads
from threadline.faces.api.calls import Resource
from threadline.faces.api.endpoints import ENDPOINTS, Endpoint
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import RecordType, type_of

__all__ = ["urlpatterns"]
# Importing them declares the endpoints.
_DECLARED_IN = (attachments, bulk, desk, exchange, house, people, reference, teams, threads)


class Records:
    """The path of a record type: features, key-results."""

    regex = "[a-z][a-z-]{0,60}"

    def to_python(self, value: str) -> RecordType:
        """The type; ValueError makes Django look on, and answer 404 in the end."""
        try:
            found = type_of(value)
        except NotFound:
            raise ValueError from None
        if found.path != value:
            raise ValueError
        return found

    def to_url(self, value: RecordType | str) -> str:
        """The path."""
        return value if isinstance(value, str) else value.path


class _Text:
    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: object) -> str:
        return str(value)


class Ref(_Text):
    """A key or an id."""

    regex = "[A-Za-z0-9-]{1,40}"


class Ident(_Text):
    """An id."""

    regex = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"


class Verb(_Text):
    """The name of an action."""

    regex = "[a-z][a-z_]{0,80}"


register_converter(Records, "records")
register_converter(Ref, "ref")
register_converter(Ident, "id")
register_converter(Verb, "verb")


def _patterns() -> Iterator[URLPattern]:
    by_path: dict[str, dict[str, Endpoint]] = {}
    for one in ENDPOINTS:
        by_path.setdefault(one.path, {})[one.method] = one
    # Fixed names before names that a pattern could also match.
    for route in sorted(by_path, key=lambda r: ("<verb" in r, r.count("<"))):
        yield path(route, Resource(by_path[route]))


urlpatterns = list(_patterns())
