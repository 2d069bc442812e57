"""The API, readable: an OpenAPI document drawn as a page. Who makes the document is composed in urls.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import refusals
from threadline.faces.web.entrance import page
from threadline.faces.web.visit import Visit
from threadline.kernel.access import Actor
from threadline.kernel.members import Member

Document = Callable[[Actor | None], dict[str, Any]]
_METHODS = ("get", "post", "put", "patch", "delete")


def docs_page(make: Document, download_href: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """A view that draws the document ``make`` gives for the reader's workspace."""

    @page
    def draw(visit: Visit) -> HttpResponse:
        spec = make(visit.actor)
        return visit.draw("pages/api_docs.html", "API", spec=spec, download_href=download_href, sections=sections(spec))

    @login_required
    def show(request: HttpRequest) -> HttpResponseBase:
        last = request.session.get("workspace")
        mine = Member.objects.filter(user__email=getattr(request.user, "email", ""), left_at=None)
        slugs = list(mine.values_list("workspace__slug", flat=True))
        if not slugs:
            return refusals.missing(request)
        return draw(request, slug=last if last in slugs else slugs[0])

    return show


def sections(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Operations by their first tag, in the order of the document's tags."""
    described = {t["name"]: t.get("description", "") for t in spec.get("tags", [])}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in described}
    for path, item in spec.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                name = (operation.get("tags") or ["Other"])[0]
                ident = operation.get("operationId") or f"{method}{path}"
                one = {"id": f"op-{ident}", "method": method, "path": path, "operation": operation}
                found.setdefault(name, []).append(one)
    return [
        {"id": f"section-{n}", "name": name, "text": described.get(name, ""), "operations": operations}
        for n, (name, operations) in enumerate(found.items(), 1)
        if operations
    ]
