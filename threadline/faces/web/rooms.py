"""The rooms at the side. A room is there when a record type says that it belongs to it.

``inbound/strategy`` is the room Strategy in the group Inbound. It leads to the list of its
first record type; the others, and the screens that its leaf adds, stand below it while one is
in the room::

    rooms.place("inbound/feedback", "Inbox", "feedback/inbox", counts="feedback", first=True)
    rooms.top("The thread", "thread")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from markupsafe import Markup

from threadline.faces.web.jinja import templates
from threadline.faces.web.kept import Kept
from threadline.kernel.registry import kinds

_CAP = 99


@dataclass(frozen=True)
class Where:
    """Where one is: the workspace's address, the page's path, and the kind of record it shows."""

    home: str
    path: str
    kind: str = ""


@dataclass(frozen=True)
class Place:
    """A page of a room; ``path`` is below the workspace's address, ``counts`` the kind whose waiting records count."""

    label: str
    path: str
    counts: str = ""
    first: bool = False
    kind: str = ""  # of a list: its records' own pages are in this place too


_tops: list[Place] = [Place("Today", "", "today"), Place("Review", "review", "suspects"), Place("The thread", "thread")]
_more: dict[str, list[Place]] = {}
_labels: dict[str, str] = {}
_drawn: Kept[Markup] = Kept(2_000)


def top(label: str, path: str, *, counts: str = "") -> None:
    """Add a page above the rooms, beside Today and Review."""
    if all(one.path != path for one in _tops):
        _tops.append(Place(label, path, counts))
        _draw_anew()


def place(room: str, label: str, path: str, *, counts: str = "", first: bool = False) -> None:
    """Add a leaf's own screen to its room; ``first`` makes it what the room leads to."""
    known = _more.setdefault(room, [])
    if all(one.path != path for one in known):
        known.append(Place(label, path, counts, first))
        _draw_anew()


def called(room: str, label: str) -> None:
    """Give a room another name than its address has."""
    _labels[room] = label
    _draw_anew()


def _draw_anew() -> None:
    of_workspace.cache_clear()
    _paths.cache_clear()
    _drawn.clear()


def tops() -> list[Place]:
    """The pages above the rooms."""
    return _tops


@cache
def of_workspace() -> dict[str, list[Place]]:
    """Every room with its places, what it leads to first. Shared; not to be changed."""
    found: dict[str, list[Place]] = {}
    for declared in kinds():
        made = Place(declared.plural, f"{declared.path}/", declared.kind, kind=declared.kind)
        found.setdefault(declared.room, []).append(made)
    for room, added in _more.items():
        if room in found:
            counted = {a.counts for a in added}  # a list does not count again what a screen beside it counts
            lists = [replace(p, counts="") if p.counts in counted else p for p in found[room]]
            found[room] = [*(a for a in added if a.first), *lists, *(a for a in added if not a.first)]
    return found


def label_of(room: str) -> str:
    """The name of a room: given, or the last word of its address."""
    return _labels.get(room) or room.rpartition("/")[2].replace("-", " ").capitalize()


def side_html(where: Where, counts: Mapping[str, int]) -> Markup:
    """The side as markup. Most pages show the one that the page before showed, so each is drawn once and kept."""
    spot = replace(where, path=_spot(where))
    key = (spot, tuple(counts.items()))
    template = templates().get_template("kit/places.html")
    return _drawn.of(key, lambda: Markup(template.render(groups=side(spot, counts))))  # noqa: S704 - it escapes


def _spot(where: Where) -> str:
    """The page's path as far as the side tells it from others: records of a kind look all the same from there."""
    below = where.path.removeprefix(where.home)
    known = _paths()
    if below in known:
        return where.path
    first = f"{below.partition('/')[0]}/"
    return f"{where.home}{first}*" if first in known else where.home + "*"


@cache
def _paths() -> frozenset[str]:
    return frozenset(one.path for one in (*_tops, *(p for places in of_workspace().values() for p in places)))


def side(where: Where, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The side as kit/rooms.html draws it: groups of places, the room one is in with what is below it."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for room, below in of_workspace().items():
        group = room.partition("/")[0].capitalize()
        groups.setdefault(group, []).append(_room(where, room, below, counts))
    first = [_shown(where, one, counts) for one in _tops]
    return [{"places": first}, *({"label": label, "places": found} for label, found in groups.items())]


def _room(where: Where, room: str, below: list[Place], counts: Mapping[str, int]) -> dict[str, Any]:
    shown = [_shown(where, one, counts) for one in below]
    inside = any(one["current"] for one in shown)
    kinds_here = {one.counts for one in below if one.counts}
    made = {**shown[0], "label": label_of(room), "count": capped(sum(counts.get(k, 0) for k in kinds_here))}
    if inside and len(shown) > 1:
        return {**made, "current": False, "open": True, "below": shown}
    return made


def _shown(where: Where, one: Place, counts: Mapping[str, int]) -> dict[str, Any]:
    href = where.home + one.path
    current = where.path == href or bool(one.kind and (where.kind == one.kind or where.path.startswith(href)))
    if one.kind and current and where.path != href:
        # A screen below the list that is a place of its own is where one is.
        current = all(where.path != where.home + other.path for more in _more.values() for other in more)
    return {"label": one.label, "href": href, "count": capped(counts.get(one.counts, 0)), "current": current}


def capped(count: int) -> str:
    """A number beside a name: nothing for none, 99+ for many."""
    return "" if not count else f"{count}" if count <= _CAP else f"{_CAP}+"
