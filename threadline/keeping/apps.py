"""Looking after all the data as a Django app."""

import importlib

from django.apps import AppConfig


class Keeping(AppConfig):
    """Knows tables and bytes, and no record type."""

    name = "threadline.keeping"
    label = "keeping"

    def ready(self) -> None:
        """Let the worker know the jobs."""
        importlib.import_module("threadline.keeping.archives")
