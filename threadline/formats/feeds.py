"""RSS, Atom, RDF and JSON Feed, read into the same few plain values. No entity, no markup, no network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from threadline.formats.strictjson import BadJSON, loads

MOST_ENTRIES = 200
LONGEST_TEXT = 100_000


class NotAFeed(ValueError):
    """What was read is no feed; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``summary`` may hold markup; ``on`` is None where no day is said."""

    id: str
    title: str
    url: str
    summary: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's name and its entries, in the feed's own order."""

    title: str
    entries: list[Entry]


def read_feed(body: bytes, base: str) -> Feed:
    """Read a feed of any kind; ``base`` is its address, for entries with relative links. Raises NotAFeed."""
    head = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    return _json(head, base) if head[:1] == b"{" else _xml(body, base)


def _xml(body: bytes, base: str) -> Feed:
    try:
        root = fromstring(body, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise NotAFeed("The feed declares entities, which are not read.") from None
    except (ParseError, ValueError, LookupError) as error:
        raise NotAFeed(f"This is not a feed, or it is damaged: {str(error)[:120]}.") from None
    if _local(root) == "feed":
        return Feed(_text(root, "title"), [_atom(e, base) for e in _all(root, "entry")])
    if _local(root) in ("rss", "RDF"):
        channel = next(iter(_all(root, "channel")), root)
        items = [*_all(channel, "item"), *_all(root, "item")]
        return Feed(_text(channel, "title"), [_rss(e, base) for e in items[:MOST_ENTRIES]])
    raise NotAFeed("This is a page, not a feed.")


def _rss(item: Any, base: str) -> Entry:
    link = _text(item, "link") or _text(item, "guid")
    summary = _text(item, "encoded") or _text(item, "description")
    said = _text(item, "pubDate") or _text(item, "date")
    return _entry(_text(item, "guid"), _text(item, "title"), link, summary, said, base)


def _atom(entry: Any, base: str) -> Entry:
    links = {(e.get("rel") or "alternate"): e.get("href") or "" for e in reversed(list(_all(entry, "link")))}
    summary = _text(entry, "content") or _text(entry, "summary")
    said = _text(entry, "published") or _text(entry, "updated")
    return _entry(_text(entry, "id"), _text(entry, "title"), links.get("alternate", ""), summary, said, base)


def _json(body: bytes, base: str) -> Feed:
    try:
        given = loads(body, max_bytes=8_000_000)
    except BadJSON as error:
        raise NotAFeed(f"This is not a feed, or it is damaged: {str(error)[:120]}.") from None
    items = given.get("items") if isinstance(given, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(given.get("version")):
        raise NotAFeed("This is JSON, but not a JSON Feed.")
    found = [i for i in items[:MOST_ENTRIES] if isinstance(i, dict)]
    return Feed(_plain(given.get("title")), [_json_entry(i, base) for i in found])


def _json_entry(item: dict[str, Any], base: str) -> Entry:
    summary = item.get("content_html") or item.get("content_text") or item.get("summary")
    said = _plain(item.get("date_published") or item.get("date_modified"))
    ident, title, url = (_plain(item.get(name)) for name in ("id", "title", "url"))
    return _entry(ident, title, url, _plain(summary), said, base)


def _entry(ident: str, title: str, link: str, summary: str, said: str, base: str) -> Entry:
    try:
        url = urljoin(base, link.strip())
    except ValueError:
        url = ""
    url = url if url.startswith(("http://", "https://")) and len(url) <= 500 else ""
    name = " ".join(title.split())[:300]
    return Entry((ident or url or name)[:500], name, url, summary[:LONGEST_TEXT], _day(said))


def _day(said: str) -> date | None:
    text = said.strip()[:60]
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        try:
            return found.astimezone(UTC).date() if found.tzinfo else found.date()
        except (ValueError, OverflowError):
            return None
    return None


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def _all(parent: Any, name: str) -> Iterator[Any]:
    return (e for e in list(parent)[: MOST_ENTRIES * 4] if _local(e) == name)


def _text(parent: Any, name: str) -> str:
    found = next(_all(parent, name), None)
    return "".join(found.itertext()).strip()[:LONGEST_TEXT] if found is not None else ""
