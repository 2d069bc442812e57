"""Modules that are large and seldom needed, loaded when they are first used.

A web process answers most requests without ever solving an equation; loading the solvers at
start-up would double what each process takes. Threads may use the same name at once: the
import itself is guarded by Python.
"""

from __future__ import annotations

import importlib
from typing import Any


class Later:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


def later(name: str) -> Any:
    """The module of that name, imported at its first use; a name nobody has fails then."""
    return Later(name)
