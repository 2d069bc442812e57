"""The pages as people meet them: North walked by following every link, each form kept as it stood."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.crawl import crawl, shape_of
from tests.dump import watched
from tests.security.html import Form
from tests.security.routes import Route, route_of
from tests.security.scene import Scene

# Who walks: the maker of most things first, then the heads, then a reader.
BEGIN = ("/", "/accounts/email/", "/accounts/2fa/", "/accounts/sessions/")
WALKERS = ("product_manager", "owner", "viewer")


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
    def get(address: str) -> HttpResponse:
        with watched() as changed:
            response = browser.get(address)
        if changed:
            site.writing.append(f"GET {urlsplit(address).path} wrote to {', '.join(changed)}")
        return response

    def met(view: Any, values: dict[str, str]) -> None:
        kept = site.bindings[view]
        if not any(b.role == role and b.values == values and b.form is None for b in kept):
            kept.append(Binding(role, values))

    for page in crawl(get, BEGIN, met):
        site.pages.append(Visited(role, page.address, page.status, page.text, page.headers))
        for form in page.forms:
            _keep(site, role, form)


def _keep(site: Site, role: str, form: Form) -> None:
    found = route_of(urlsplit(form.action).path)
    if found is None:
        raise AssertionError(f"the form on {form.page} goes to {form.action}, which is nowhere")
    view, values = found
    shape = (role, form.method, *shape_of(view, values), *sorted(c.name for c in form.controls))
    if shape not in site.shapes:
        site.shapes.add(shape)
        site.bindings[view].append(Binding(role, values, form))
