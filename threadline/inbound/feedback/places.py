"""The pages of the room, the same on each of them."""

from __future__ import annotations

from typing import Any

from threadline.faces.web.visit import Visit
from threadline.kernel.registry import type_of

INBOX, ALL, THEMES, LEARNT, SOURCES, CUSTOMERS = "Inbox", "All", "Themes", "What was learnt", "Sources", "Customers"


def places(visit: Visit, current: str, **more: Any) -> list[dict[str, Any]]:
    """The tabs of the room; ``more`` is said of the current one."""
    found = {
        INBOX: visit.at("feedback", "inbox"),
        ALL: visit.listing(type_of("feedback")),
        THEMES: visit.at("feedback", "themes"),
        LEARNT: visit.at("feedback", "learnt"),
        SOURCES: visit.at("feedback", "sources"),
        CUSTOMERS: visit.listing(type_of("account")),
    }
    return [
        {"label": label, "href": href, "current": label == current, **(more if label == current else {})}
        for label, href in found.items()
    ]
