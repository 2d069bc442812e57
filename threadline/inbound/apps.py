"""The inbound rooms as one Django app; its leaves are plain packages."""

from django.apps import AppConfig

from threadline.kernel.discovery import discover


class Inbound(AppConfig):
    """Strategy, research, feedback, features."""

    name = "threadline.inbound"
    label = "inbound"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        discover("threadline.inbound")
