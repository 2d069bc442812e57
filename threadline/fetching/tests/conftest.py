"""A stranger to fetch from, allowed by the explicit setting alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from threadline.fetching.tests.server import Stranger, stranger


@pytest.fixture
def far(settings: Any) -> Iterator[Stranger]:
    """A server that the operator allowed."""
    with stranger() as made:
        settings.FETCH_ALLOWED_HOSTS = frozenset({made.host})
        yield made


@pytest.fixture
def shut() -> Iterator[Stranger]:
    """A server on this machine that nobody allowed: it must never hear from us."""
    with stranger() as made:
        made.page("/", "secret")
        yield made
