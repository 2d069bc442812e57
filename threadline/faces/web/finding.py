"""Search across every record type, and going straight to a key."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.entrance import page
from threadline.faces.web.visit import Visit
from threadline.kernel import search, verbs
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import kinds, type_of, type_of_prefix

MOST_INSTEAD = 6
MOST = 50
AROUND = 220  # characters of text shown around the first word found
_KEY = re.compile(r"^\s*([A-Za-z]{1,6})-(\d{1,9})\s*$")
TIPS = (
    "Words are found in titles and in texts; a word in a title counts more.",
    'Words in quotes must stand together: "lost raid".',
    "A key such as F-112 opens the record.",
    "To ask for fields, such as state or owner, use the filter above each list.",
)


@page
def show(visit: Visit) -> HttpResponse:
    """What holds all of these words, the best first."""
    query = visit.asked.get("q", "").strip()
    card = straight(visit, query)
    if card is not None:
        return visit.go(visit.record(card.key))
    kind = next((t.kind for t in kinds() if t.kind == visit.asked.get("kind")), None)
    error, found = "", []
    if len(query) > search.LONGEST_QUERY:
        error = f"At most {search.LONGEST_QUERY} characters."
    elif query:
        found = search.find(visit.actor, query, kind, MOST + 1)
    shown = found[:MOST]
    words = [w for group, _ in search.terms(query) for w in group]
    context: dict[str, Any] = {
        "search": {
            "action": visit.at("search"),
            "query": query,
            "count_text": _count_text(len(found)),
            "kinds": _kinds(visit, query, kind, found if kind is None else []),
            "error": error,
            "tips": TIPS if not query else [],
            "instead": _instead(visit, query, kind, words) if query and not shown else [],
        },
        "results": [_result(visit, hit, words) for hit in shown],
    }
    return visit.draw("pages/search.html", "Search", 422 if error else 200, **context)


def _instead(visit: Visit, query: str, kind: str | None, words: list[str]) -> list[dict[str, str]]:
    """What to try when nothing was found: every kind of record, then each of several words alone."""
    tries = [("Look in every kind of record", query)] if kind else []
    if len(words) > 1:
        tries += [(f"Only {word}", word) for word in dict.fromkeys(words)]
    return [
        {"label": label, "href": visit.at("search", q=asked), "look": "quiet"} for label, asked in tries[:MOST_INSTEAD]
    ]


def straight(visit: Visit, query: str) -> Card | None:
    """The record whose key this is, in whatever case it was written; None when it is no key within reach."""
    key = _KEY.match(query)
    if key is None or type_of_prefix(key[1].upper()) is None:
        return None
    try:
        return verbs.card(visit.actor, f"{key[1]}-{int(key[2])}", archived=True)
    except NotFound:
        return None


def _count_text(count: int) -> str:
    if count > MOST:
        return f"The best {MOST} of more"
    return wording.plural(count, "record")


def _kinds(visit: Visit, query: str, kind: str | None, found: list[search.Hit]) -> list[dict[str, Any]]:
    if not query:
        return []
    counts = {t.kind: sum(h.kind == t.kind for h in found[:MOST]) for t in kinds()}
    tabs = [{"label": "Everything", "href": visit.at("search", q=query), "current": kind is None}]
    for declared in kinds():
        if counts[declared.kind] or kind is not None:
            count = counts[declared.kind] if kind is None and len(found) <= MOST else None
            href = visit.at("search", q=query, kind=declared.kind)
            tabs.append({"label": declared.plural, "href": href, "current": kind == declared.kind, "count": count})
    return tabs


def _result(visit: Visit, hit: search.Hit, words: list[str]) -> dict[str, Any]:
    declared = type_of(hit.kind)
    state = declared.state_by_name.get(hit.state)
    at = wording.when(hit.updated_at)
    return {
        "key": hit.key,
        "title": marked(hit.title, words),
        "href": visit.record(hit.key),
        "kind": declared.label,
        "state": {"label": state.label, "tone": state.tone} if state else None,
        "snippet": marked(_around(hit.body, words), words),
        "meta": f"changed {at['text']}" if at else "",
    }


def _pattern(words: list[str]) -> re.Pattern[str] | None:
    stems = [re.escape(w[: max(3, len(w) - 2)] if len(w) > 4 else w) for w in words]
    return re.compile(rf"\b(?:{'|'.join(stems)})\w*", re.IGNORECASE) if stems else None


def _around(body: str, words: list[str]) -> str:
    """The part of a text where the first of the words stands."""
    flat = " ".join(body[:20_000].split())
    pattern = _pattern(words)
    found = pattern.search(flat) if pattern else None
    if found is None or found.start() < AROUND // 2:
        return flat[:AROUND] + ("…" if len(flat) > AROUND else "")
    start = flat.rfind(" ", 0, found.start() - AROUND // 3) + 1
    end = start + AROUND
    return f"…{flat[start:end]}{'…' if end < len(flat) else ''}"


def marked(text: str, words: list[str]) -> list[dict[str, Any]]:
    """Text in pieces, the found words marked."""
    pattern = _pattern(words)
    if pattern is None or not text:
        return [{"text": text, "hit": False}] if text else []
    parts, at = [], 0
    for found in pattern.finditer(text):
        if found.start() > at:
            parts.append({"text": text[at : found.start()], "hit": False})
        parts.append({"text": found[0], "hit": True})
        at = found.end()
    return [*parts, *([{"text": text[at:], "hit": False}] if at < len(text) else [])]
