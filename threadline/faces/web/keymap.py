"""Every key of the keyboard that does something, in one register.

Pages carry it as data, scripts bind its names, and buttons, the ``?`` sheet, the palette and
``docs/keys.md`` show what stands here, so that none of them can say another key. A room adds
its own keys from its ``screens.py``::

    keymap.add("inbox", "inbox.link", "Enter", "Link to the first suggestion")
    keymap.leads("f", "features/", "Features")

A key is written as a person would: ``j``, ``Shift+x``, ``Mod+k`` (Control, or Command on a
Mac), ``Escape``, ``g f`` (one after the other). Keys of one scope are never the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from markupsafe import Markup

# Where a key works, in the order of the sheet. A nearer scope wins over a wider one.
SCOPES = {
    "global": "Anywhere",
    "go": "Go to",
    "list": "In a list",
    "panel": "In the side panel",
    "record": "On a record",
    "grid": "In a grid",
    "board": "On a board",
    "inbox": "In the inbox",
    "review": "In the review queue",
}
_NAMED = frozenset({
    "Escape", "Enter", "Space", "Tab", "Home", "End", "PageUp", "PageDown", "Delete", "Backspace", "F2",
    "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight",
})  # fmt: skip
_SAID = {"Mod": "Ctrl", "Escape": "Esc", "ArrowUp": "↑", "ArrowDown": "↓", "ArrowLeft": "←", "ArrowRight": "→"}


@dataclass(frozen=True)
class Key:
    """One thing the keyboard does. ``to`` is an address below the workspace's own, for keys that lead somewhere."""

    name: str
    keys: tuple[str, ...]
    scope: str
    label: str
    to: str = ""


_keys: dict[str, Key] = {}


def scope(name: str, label: str) -> None:
    """Add a place where keys work, such as a room with a screen of its own."""
    if SCOPES.setdefault(name, label) != label:
        raise ValueError(f"the scope {name} is called {SCOPES[name]}")


def add(where: str, name: str, keys: str | tuple[str, ...], label: str, *, to: str = "") -> Key:
    """Register a key; ValueError when its scope is unknown or its key is taken there."""
    made = Key(name, (keys,) if isinstance(keys, str) else keys, where, label, to)
    if where not in SCOPES:
        raise ValueError(f"there is no scope called {where}")
    if name in _keys and _keys[name] != made:
        raise ValueError(f"two keys are called {name}")
    for stroke in made.keys:
        if not readable(stroke):
            raise ValueError(f"{stroke!r} is no key")
    if taken := _clash(made, [k for k in _keys.values() if k.name != name]):
        raise ValueError(f"{taken.name} has a key of {name} already")
    _keys[name] = made
    _block.cache_clear()
    return made


def leads(letter: str, to: str, label: str) -> Key:
    """Register ``g`` and then a letter as the way to a room; ``to`` is below the workspace's address."""
    return add("go", f"go.{to.strip('/') or 'today'}", f"g {letter}", label, to=to)


def _clash(made: Key, others: list[Key]) -> Key | None:
    wide = ("global", "go")
    near = [k for k in others if k.scope == made.scope or (k.scope in wide and made.scope in wide)]
    return next((k for k in near if set(k.keys) & set(made.keys)), None)


def readable(stroke: str) -> bool:
    """Whether this is written as a key: one or two strokes, each with its modifiers before it."""
    parts = stroke.split(" ")
    return len(parts) <= 2 and all(_one(part) for part in parts)


def _one(part: str) -> bool:
    *modifiers, last = part.split("+") if part != "+" else ["+"]
    return set(modifiers) <= {"Mod", "Shift", "Alt"} and (last in _NAMED or (len(last) == 1 and last == last.lower()))


def every() -> list[Key]:
    """All keys, by scope in the order of the sheet, then as they were added."""
    order = list(SCOPES)
    return sorted(_keys.values(), key=lambda k: order.index(k.scope))


def own(preferences: Mapping[str, Any]) -> list[Key]:
    """All keys as one person has them: their own choices stand in place of ours."""
    chosen = preferences.get("keys") or {}
    return [replace(k, keys=(chosen[k.name],)) if k.name in chosen else k for k in every()]


def problem(chosen: Mapping[str, str]) -> tuple[str, str] | None:
    """The first of a person's own keys that cannot be, as (name, what is wrong); None when all can."""
    mine = own({"keys": chosen})
    for key in mine:
        if key.name in chosen and not readable(chosen[key.name]):
            return key.name, "Write one key, such as x, Shift+x or Mod+x, or two with a space between, such as g x."
        if key.name in chosen and (taken := _clash(key, [k for k in mine if k.name != key.name])):
            return key.name, f"“{taken.label}” has this key."
    unknown = next((n for n in chosen if n not in _keys), None)
    return (unknown, "There is no such key.") if unknown else None


def said(stroke: str) -> str:
    """A key as people read it: ``Ctrl K``, ``G F``, ``Shift X``."""
    strokes = [[p for p in part.split("+") if p] or ["+"] for part in stroke.split(" ")]
    return " ".join(_SAID.get(p, p.upper() if len(p) == 1 else p) for part in strokes for p in part)


def for_machines(stroke: str) -> str | None:
    """A key as ``aria-keyshortcuts`` writes it; None for two strokes, which it cannot say."""
    return None if " " in stroke else stroke.replace("Mod", "Control")


def shown(name: str) -> dict[str, str | None]:
    """What a button with this key shows and announces: {name, text, aria}. KeyError for a name not registered."""
    first = _keys[name].keys[0]
    return {"name": name, "text": said(first), "aria": for_machines(first)}


def block(preferences: Mapping[str, Any]) -> Markup:
    """The register as the data block of a page: ``{scopes: {name: label}, keys: [[name, ...]]}``."""
    chosen = preferences.get("keys") or {}
    return _block(tuple(sorted(chosen.items())))


@lru_cache(maxsize=256)
def _block(chosen: tuple[tuple[str, str], ...]) -> Markup:
    keys = [
        [k.name, k.keys, k.scope, k.label, *([k.to] if k.scope == "go" else [])] for k in own({"keys": dict(chosen)})
    ]
    return as_data({"scopes": SCOPES, "keys": keys})


def as_data(value: Any) -> Markup:
    """JSON that can stand inside a script element of type application/json, which is data and never run."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - nothing is left in it that markup could be made of


def manual() -> str:
    """The page ``docs/keys.md``: every key by scope."""
    lines = [
        "# Keys",
        "",
        "Press `?` on any page for the keys that work there. Single keys can be changed or turned off",
        "in your profile; while you type in a field only those with Ctrl (Command on a Mac) and Esc work.",
        "This page is written by `make keys` from `threadline/faces/web/keymap.py` and the rooms' screens.",
    ]
    for name, label in SCOPES.items():
        here = [k for k in every() if k.scope == name]
        if here:
            lines += ["", f"## {label}", "", "| Key | What it does |", "| --- | --- |"]
            lines += [f"| {' or '.join(f'`{said(one)}`' for one in k.keys)} | {k.label} |" for k in here]
    return "\n".join(lines) + "\n"


add("global", "palette", "Mod+k", "Find or do anything")
add("global", "help", "?", "Show the keys that work here")
add("global", "search", "/", "Ask for some of the records")
add("global", "create", "c", "Make something new")
add("global", "undo", ("z", "Mod+z"), "Undo what you did last")
add("global", "send", "Mod+Enter", "Send the form you are writing in")
leads("h", "", "Today")
leads("q", "review", "Review")
add("list", "list.next", ("j", "ArrowDown"), "Next row")
add("list", "list.previous", ("k", "ArrowUp"), "Row before")
add("list", "list.open", ("o", "Enter"), "Open at the side")
add("list", "list.peek", "Space", "Look at it, and put it away again")
add("list", "list.full", "Shift+o", "Open in full")
add("list", "list.select", "x", "Select, or no longer")
add("list", "list.range", "Shift+x", "Select from the last one to here")
add("grid", "grid.edit", ("Enter", "F2", "e"), "Edit the cell")
add("grid", "grid.state", "s", "Change its state")
add("grid", "grid.owner", "a", "Give it to somebody")
add("grid", "grid.up", "Alt+Shift+ArrowUp", "Move the row up, in a list sorted by rank")
add("grid", "grid.down", "Alt+Shift+ArrowDown", "Move the row down, in a list sorted by rank")
add("grid", "grid.empty", ("Delete", "Backspace"), "Empty the cells")
add("grid", "grid.fill", "Mod+d", "Fill down")
add("grid", "grid.all", "Mod+a", "Select all rows")
add("grid", "grid.column", "Alt+ArrowDown", "Sort, group, move or hide the column")
add("board", "board.move", "m", "Move the card to another column")
add("board", "board.state", "s", "Change its state")
add("panel", "panel.next", ("]", "j"), "Next record")
add("panel", "panel.previous", ("[", "k"), "Record before")
add("panel", "panel.full", "Shift+o", "Open in full")
add("panel", "panel.close", "Escape", "Close")
add("record", "record.edit", "e", "Edit it")
add("record", "record.owner", "a", "Give it to somebody")
add("record", "record.state", "s", "Change its state")
add("record", "record.priority", "p", "Change how much it matters")
add("record", "record.dates", "d", "Change its dates")
add("record", "record.move", "m", "Move it to another product")
add("review", "review.next", ("j", "ArrowDown"), "Next citation")
add("review", "review.previous", ("k", "ArrowUp"), "Citation before")
add("review", "review.confirm", "y", "Still true: confirm")
add("review", "review.mend", "e", "Mend it beside the queue")
add("review", "review.ask", "a", "Ask whoever changed it")
add("review", "review.choose", "x", "Choose it, to confirm several at once")
