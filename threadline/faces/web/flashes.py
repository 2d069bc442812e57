"""One line at the top of the next page: what was done, and a way to take it back."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

_LEVELS = {"ok": messages.SUCCESS, "info": messages.INFO, "warn": messages.WARNING, "bad": messages.ERROR}
_TONES = {level: tone for tone, level in _LEVELS.items()}


def leave(
    request: HttpRequest, text: str, tone: str = "ok", *, undo: str = "", link: tuple[str, str] | None = None
) -> None:
    """Leave a line for the next page. ``undo`` is the address that takes it back; ``link`` is (label, address)."""
    more = {"undo": undo, "link": link} if undo or link else None
    messages.add_message(request, _LEVELS[tone], text[:600], extra_tags=json.dumps(more) if more else "")


def collect(request: HttpRequest) -> list[dict[str, Any]]:
    """The lines left for this page, as the kit shows them; each is shown once."""
    return [_shown(message) for message in messages.get_messages(request)]


def _shown(message: Any) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if str(message.extra_tags).startswith("{"):
        more = json.loads(message.extra_tags)
    shown: dict[str, Any] = {"tone": _TONES.get(message.level, "info"), "text": str(message)}
    if more.get("undo"):
        shown["undo"] = {"action": more["undo"]}
    if more.get("link"):
        shown["link"] = {"label": more["link"][0], "href": more["link"][1]}
    return shown
