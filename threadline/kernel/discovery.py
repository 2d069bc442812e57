"""Finds the declarations of the leaves at start-up; imports no model itself."""

from __future__ import annotations

import importlib
import pkgutil

_PARTS = ("records", "listeners", "screens")


def discover(package: str) -> None:
    """Import ``records``, ``listeners`` and ``screens`` of every leaf of a group package, where there are any.

    The group's ``ROOMS`` says in which order: that of its work, which is also that of the navigation.
    """
    home = importlib.import_module(package)
    rooms = [f"{package}.{name}" for name in getattr(home, "ROOMS", ())]
    found = list(pkgutil.iter_modules(home.__path__, f"{package}."))
    for leaf in sorted(found, key=lambda leaf: rooms.index(leaf.name) if leaf.name in rooms else len(rooms)):
        if leaf.ispkg:
            inside = importlib.import_module(leaf.name)
            for part in pkgutil.iter_modules(inside.__path__, f"{leaf.name}."):
                if part.name.rpartition(".")[2] in _PARTS:
                    importlib.import_module(part.name)
