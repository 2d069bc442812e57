"""Modules that are large and seldom needed, loaded when they are first used.

A web process answers most requests without ever solving an equation; loading the solvers at
start-up would double what each process takes. Threads may use the same name at once: the
import itself is guarded by Python.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = ["later", "np", "npt"]


class Later:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(importlib.import_module(self._name), name)
        setattr(self, name, found)  # asked for once: what follows is as quick as the module itself
        return found


def later(name: str) -> Any:
    """The module of that name, imported at its first use; a name nobody has fails then."""
    return Later(name)


if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np, npt = later("numpy"), later("numpy.typing")
