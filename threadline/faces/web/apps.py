"""The Django app of the web face."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Names the app."""

    name = "threadline.faces.web"
    label = "web"
