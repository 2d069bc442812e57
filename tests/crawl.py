"""Pages as people meet them: every link followed, one page of each shape loaded."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse

from tests.security.html import Form, read
from tests.security.routes import route_of

Met = Callable[[Any, dict[str, str]], None]
Shape = tuple[Any, ...]


@dataclass
class Loaded:
    """One page that was loaded, with the forms it offers."""

    address: str
    view: Any
    values: dict[str, str]
    status: int
    text: str
    headers: dict[str, str]
    forms: list[Form] = field(default_factory=list)

    @property
    def is_html(self) -> bool:
        """Whether a person sees it as a page."""
        return self.status == 200 and "html" in self.headers.get("Content-Type", "")


def text_of(response: HttpResponse) -> str:
    """The body as text, streams read to their end."""
    return response.getvalue().decode("utf-8", "replace")


def shape_of(view: Any, values: dict[str, str]) -> Shape:
    """The same for pages that differ only in which record they show, or in what is asked of them."""
    words = {name: value for name, value in values.items() if value.isalpha() or "_" in value}
    kinds = {name: value.partition("-")[0] for name, value in values.items() if value[:1].isupper()}
    return id(view), tuple(sorted(words.items())), tuple(sorted(kinds.items()))


def crawl(
    get: Callable[[str], HttpResponse],
    begin: Iterable[str],
    met: Met = lambda view, values: None,
    shape: Callable[[Any, dict[str, str]], Shape] = shape_of,
) -> Iterator[Loaded]:
    """Load one page of each shape, and again for each further thing that can be asked of it; ``met`` hears of all."""
    waiting, seen = deque(begin), set()
    shapes: dict[Shape, set[str]] = defaultdict(set)
    while waiting:
        address = waiting.popleft()
        place = urlsplit(address)
        found = route_of(place.path)
        if address in seen or found is None or place.path.startswith(("/static/", "/accounts/logout")):
            continue
        seen.add(address)
        met(*found)
        asked = {part.partition("=")[0] for part in place.query.split("&") if part} or {""}
        known = shapes[shape(*found)]
        if asked <= known:
            continue  # nothing new is asked of such a page: not every mixture of what can be asked is a page
        known |= asked
        response = get(address)
        if 300 <= response.status_code < 400:
            waiting.append(response["Location"])
            continue
        page = Loaded(address, *found, response.status_code, text_of(response), dict(response.headers))
        if page.is_html:
            links, page.forms = read(page.text, address)
            waiting.extend(link for link in links if link not in seen)
        yield page
