"""The pages as people meet them: North walked by following every link, each form kept as it stood."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.dump import watched
from tests.security.html import Form, read
from tests.security.routes import Route, route_of
from tests.security.scene import Scene

# Who walks: the maker of most things first, then the heads, then a reader.
WALKERS = ("product_manager", "owner", "viewer")


def text_of(response: HttpResponse) -> str:
    """The body as text, streams read to their end."""
    body = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
    return body.decode("utf-8", "replace")


@dataclass
class Visited:
    """One page that was loaded."""

    role: str
    address: str
    status: int
    text: str
    headers: dict[str, str]


@dataclass
class Binding:
    """A way a route was met: filled in, and as a link or with a form."""

    role: str
    values: dict[str, str]
    form: Form | None = None


@dataclass
class Site:
    """Everything the walk met."""

    scene: Scene
    pages: list[Visited] = field(default_factory=list)
    bindings: dict[Any, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    writing: list[str] = field(default_factory=list)
    guessed: dict[Route, Binding | None] = field(default_factory=dict)
    shapes: set[tuple[Any, ...]] = field(default_factory=set)

    def of(self, route: Route) -> list[Binding]:
        """How a route was met, forms first."""
        found = [b for b in self.bindings.get(route.view, []) if set(b.values) == set(route.params)]
        return sorted(found, key=lambda b: b.form is None)

    @property
    def forms(self) -> list[tuple[str, Form]]:
        """Every form with the role that met it; one of each shape."""
        return [(b.role, b.form) for found in self.bindings.values() for b in found if b.form is not None]


def walk(scene: Scene) -> Site:
    """Follow every link of North's pages, as each walker in turn."""
    site = Site(scene)
    for role in WALKERS:
        _walk(site, role, scene.browser(role))
    return site


def _walk(site: Site, role: str, browser: Client) -> None:
    waiting, seen = deque(["/", "/accounts/email/", "/accounts/2fa/", "/accounts/sessions/"]), set()
    shapes: dict[Any, set[str]] = defaultdict(set)
    while waiting:
        address = waiting.popleft()
        place = urlsplit(address)
        found = route_of(place.path)
        if address in seen or found is None or place.path.startswith(("/static/", "/accounts/logout")):
            continue
        seen.add(address)
        view, values = found
        kept = site.bindings[view]
        if not any(b.role == role and b.values == values and b.form is None for b in kept):
            kept.append(Binding(role, values))
        asked = {part.partition("=")[0] for part in place.query.split("&") if part} or {""}
        shape = _shape(view, values)
        if asked <= shapes[shape]:
            continue  # nothing new is asked of such a page: not every mixture of what can be asked is a page
        shapes[shape] |= asked
        with watched() as changed:
            response = browser.get(address)
        if changed:
            site.writing.append(f"GET {place.path} wrote to {', '.join(changed)}")
        if 300 <= response.status_code < 400:
            waiting.append(response["Location"])
            continue
        text = text_of(response)
        site.pages.append(Visited(role, address, response.status_code, text, dict(response.headers)))
        if response.status_code == 200 and "html" in response.get("Content-Type", ""):
            links, forms = read(text, address)
            waiting.extend(link for link in links if link not in seen)
            for form in forms:
                _keep(site, role, form)


def _keep(site: Site, role: str, form: Form) -> None:
    found = route_of(urlsplit(form.action).path)
    if found is None:
        raise AssertionError(f"the form on {form.page} goes to {form.action}, which is nowhere")
    view, values = found
    shape = (role, form.method, *_shape(view, values), *sorted(c.name for c in form.controls))
    if shape not in site.shapes:
        site.shapes.add(shape)
        site.bindings[view].append(Binding(role, values, form))


def _shape(view: Any, values: dict[str, str]) -> tuple[Any, ...]:
    """The same for pages that differ only in which record they show, or in what is asked of them."""
    words = {name: value for name, value in values.items() if value.isalpha() or "_" in value}
    kinds = {name: value.partition("-")[0] for name, value in values.items() if value[:1].isupper()}
    return id(view), tuple(sorted(words.items())), tuple(sorted(kinds.items()))
