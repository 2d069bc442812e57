"""Files in and out as a Django app."""

import importlib

from django.apps import AppConfig


class Exchange(AppConfig):
    """Knows no product word: it reads declarations."""

    name = "threadline.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the worker know the jobs."""
        importlib.import_module("threadline.exchange.carrying")
