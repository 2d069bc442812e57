"""The difference of two texts, word by word, as pieces that a template can mark."""

from __future__ import annotations

import difflib
import re
from typing import Any

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")
LONGEST = 6_000  # characters; beyond them two texts are shown whole, side by side


def parts_of(before: str, after: str) -> list[dict[str, str]]:
    """``[{text, op}]`` with op same, cut or add, in reading order."""
    if len(before) + len(after) > LONGEST:
        return _changed(before, after)
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    found: list[dict[str, str]] = []
    cut, added = "", ""
    for op, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = "".join(old[a:b])
        if op == "equal" and (not (cut or added) or same.strip()):
            found += _changed(cut, added)
            cut, added = "", ""
            found.append({"text": same, "op": "same"})
        else:  # a space alone between two changes does not hold them apart
            cut, added = cut + same, added + "".join(new[c:d])
    return found + _changed(cut, added)


def _changed(cut: str, added: str) -> list[dict[str, str]]:
    return [p for p in ({"text": cut, "op": "cut"}, {"text": added, "op": "add"}) if p["text"]]


def change_of(label: str, before: Any, after: Any) -> dict[str, Any]:
    """One change as the kit shows it: word by word for texts, the two values otherwise."""
    if isinstance(before, str) and isinstance(after, str) and before and after and (" " in before or " " in after):
        return {"label": label, "parts": parts_of(before, after)}
    return {"label": label, "was": _said(before), "now": _said(after)}


def sides_of(label: str, before: Any, after: Any) -> dict[str, Any]:
    """The two values beside each other, what went and what came marked in each."""
    if isinstance(before, str) and isinstance(after, str) and before and after:
        parts = parts_of(before, after)
        return {
            "label": label,
            "was_parts": [p for p in parts if p["op"] != "add"],
            "now_parts": [p for p in parts if p["op"] != "cut"],
        }
    return {"label": label, "was": _said(before), "now": _said(after)}


def _said(value: Any) -> str:
    return "" if value is None else str(value)
