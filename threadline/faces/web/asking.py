"""The text of a query changed in one place, the rest left as the person wrote it."""

from __future__ import annotations

import re

_PARTS = re.compile(r'(?<!\S)(-?)(sort|group):((?:"[^"]*"|[^\s"])+)', re.IGNORECASE)


def with_sort(query: str, name: str, *, descending: bool) -> str:
    """The query sorted by one field."""
    return _with(query, "sort", f"{'-' if descending else ''}{name}")


def with_group(query: str, name: str) -> str:
    """The query grouped by a field; an empty name ungroups it."""
    return _with(query, "group", name)


def _with(query: str, word: str, value: str) -> str:
    # Quoted text is set aside first, so that "sort:by" inside a phrase stays what it is.
    pieces = re.split(r'("[^"]*")', query)
    kept = [p if i % 2 else _PARTS.sub(lambda m: m[0] if m[2].lower() != word else "", p) for i, p in enumerate(pieces)]
    parts = ["".join(kept).strip(), f"{word}:{value}" if value else ""]
    return re.sub(r"\s{2,}", " ", " ".join(p for p in parts if p))
