"""Where every address leads."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from threadline.faces.api.openapi import openapi_document
from threadline.faces.web.reference import docs_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/docs", docs_page(openapi_document, "/api/v1/openapi.json")),
    path("api/v1/", include("threadline.faces.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("threadline.demo.screens")),
    path("", include("threadline.faces.web.urls")),
]

handler400 = "threadline.faces.web.refusals.bad_request"
handler403 = "threadline.faces.web.refusals.forbidden"
handler404 = "threadline.faces.web.refusals.missing"
handler429 = "threadline.faces.web.refusals.too_many"
handler500 = "threadline.faces.web.refusals.broken"
