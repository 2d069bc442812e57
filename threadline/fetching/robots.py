"""Whether a site wants to be read by programs, for whatever comes again by itself (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from django.core.cache import caches

from threadline.fetching.addresses import Refused, Resolver
from threadline.fetching.fetch import AGENT, PAGES, Failed, Limits, fetch

KEPT = 3_600  # seconds that a site's wishes are remembered
_LIMITS = Limits(seconds=10, sent=500_000, unpacked=500_000)


def asks(resolver: Resolver | None = None) -> Callable[[str], bool]:
    """A question for :func:`threadline.fetching.fetch.fetch`: may this address be read?"""

    def permitted(url: str) -> bool:
        wishes = _wishes(url, resolver)
        if wishes is None:
            return False
        parser = RobotFileParser()
        parser.parse(wishes.splitlines())
        return parser.can_fetch(AGENT, url)

    return permitted


def _wishes(url: str, resolver: Resolver | None) -> str | None:
    """The text of robots.txt; empty when the site has none, None when it cannot be read just now."""
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.netloc}/robots.txt"
    key = f"robots:{where}"
    found: tuple[str | None] | None = caches["process"].get(key)
    if found is None:
        found = (_read(where, resolver),)
        caches["process"].set(key, found, KEPT if found[0] is not None else 60)
    return found[0]


def _read(where: str, resolver: Resolver | None) -> str | None:
    try:
        answer = fetch(where, kinds=(*PAGES, "application/octet-stream"), limits=_LIMITS, resolver=resolver)
    except Failed as failed:
        return "" if 400 <= failed.status < 500 and failed.status != 429 else None
    except Refused:
        return ""  # a robots.txt that leads nowhere says nothing; the page itself is judged on its own
    return answer.body.decode("utf-8", "replace")
