"""Markup that most pages share: drawn once, then kept by all that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """What was made for each key. At ``most`` keys it begins anew: a worker's memory stays small.

    A key must hold everything that the made thing depends on, and the made thing no request.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Hashable, T] = {}

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for the key before, or what ``make`` makes now."""
        found = self._made.get(key)
        if found is None:
            found = make()
            if len(self._made) >= self._most:
                self._made.clear()
            self._made[key] = found
        return found

    def clear(self) -> None:
        """Make everything anew when it is asked for again."""
        self._made.clear()
