"""How sign-in and its mails differ here from allauth's defaults."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.sites.requests import RequestSite
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Writes mails whose links and names come from BASE_URL, never from the Host header.

    Otherwise whoever asks for somebody else's password reset under a false Host header
    receives the link when that person clicks it.
    """

    request: HttpRequest

    def add_message(self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any,
                    **named: Any) -> None:  # fmt: skip
        """Say nothing of what the person has just done and can see: that they signed in or out."""
        if not str(message_template).endswith(("/logged_in.txt", "/logged_out.txt")):
            super().add_message(request, level, message_template, *args, **named)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail with every link of `context` moved to BASE_URL."""
        asked_under = self.request.build_absolute_uri("/")
        moved = {
            name: f"{settings.BASE_URL}/{value.removeprefix(asked_under)}"
            if isinstance(value, str) and value.startswith(asked_under)
            else value
            for name, value in context.items()
        }
        super().send_mail(template_prefix, email, {"current_site": own_site(), **moved})


def own_site() -> RequestSite:
    """Return this server as allauth's mails name it: by the host of BASE_URL."""
    return RequestSite(_OwnAddress())  # type: ignore[arg-type]


class _OwnAddress:
    def get_host(self) -> str:
        return urlsplit(settings.BASE_URL).netloc
