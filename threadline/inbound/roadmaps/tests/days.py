"""A clock for tests that tell what was when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from threadline.kernel import rows
from threadline.kernel.changes import Change


def log_of_days(monkeypatch: pytest.MonkeyPatch, first: date) -> Callable[[date], None]:
    """Say by what is returned which day it is, ``first`` to begin with; what is written is dated by it at noon."""
    seen: set[Any] = set()

    def at(day: date) -> None:
        Change.objects.exclude(pk__in=seen).update(at=rows.now())  # the log has a clock of its own
        seen.update(Change.objects.values_list("pk", flat=True))
        monkeypatch.setattr(rows, "now", lambda: datetime(day.year, day.month, day.day, 12, tzinfo=UTC))

    at(first)
    return at
