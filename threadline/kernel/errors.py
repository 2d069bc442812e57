"""What can go wrong at the door, in words a person can act on.

Faces translate these four into their own form (a form message, a problem document, an exit
code). Nothing else should escape from the kernel for bad input.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field; ``field`` is empty when it concerns the whole.

    ``instead`` names the verb that leads to the same end and asks for what is missing.
    """

    field: str
    message: str
    instead: str = ""


class KernelError(Exception):
    """Base of the errors that faces translate."""


class Invalid(KernelError):
    """The input cannot be accepted. Carries every problem found, not just the first."""

    def __init__(self, *problems: Problem | tuple[str, str]) -> None:
        self.problems = tuple(p if isinstance(p, Problem) else Problem(*p) for p in problems)
        super().__init__("; ".join(f"{p.field}: {p.message}" if p.field else p.message for p in self.problems))


class Forbidden(KernelError):
    """The actor may see the thing but not do this to it."""


class NotFound(KernelError):
    """Absent, or not for this actor: the two must not be told apart."""

    def __init__(self, what: str = "Not found.") -> None:
        super().__init__(what)


class Conflict(KernelError):
    """Somebody else wrote first, or the state no longer allows it. ``current`` is today's version."""

    def __init__(self, message: str, current: int | None = None) -> None:
        self.current = current
        super().__init__(message)
