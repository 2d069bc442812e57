"""The kernel as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from threadline.engine.statistics import write_expectations


class Kernel(AppConfig):
    """Knows no product word."""

    name = "threadline.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """After each migration SQLite is told what to expect of the tables."""
        post_migrate.connect(_expect_growth, sender=self)


def _expect_growth(using: str, **_: Any) -> None:
    if connections[using].vendor == "sqlite":
        write_expectations(connections[using])
