"""The scene of the attacks: made once, and after each test as it was before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import override_settings

from tests.security.operations import Acquainted
from tests.security.scene import Scene
from tests.security.site import Site, walk
from threadline.kernel import customs
from threadline.kernel.testing import World


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of this folder are attacks; those that walk all pages first, or try everything everywhere, are slow."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("attack")
            if _walks(item):
                item.add_marker("slow")
    # Those stand together at the head: one test process walks the site, and what it is late with is taken off it.
    mine = sorted((item for item in items if here in item.path.parents), key=lambda item: not _walks(item))
    others = [item for item in items if here not in item.path.parents]
    items[:] = [*others, *mine]


def _walks(item: pytest.Item) -> bool:
    return "site" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="package")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """North and South, in a transaction that ends when the last of these tests has."""
    # The rate of requests has tests of its own; here thousands are sent by a few.
    with django_db_blocker.unblock(), override_settings(API_UNITS_PER_MINUTE=10**9), transaction.atomic():
        yield Scene()
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def site(furnished: Scene, django_db_blocker: Any) -> Site:
    """North walked once."""
    with django_db_blocker.unblock():
        return walk(furnished)


@pytest.fixture(scope="package")
def acquainted(furnished: Scene, django_db_blocker: Any) -> Acquainted:
    """What is learnt about the API's operations, remembered."""
    with django_db_blocker.unblock():
        return Acquainted(furnished)


@pytest.fixture
def db(furnished: Scene, django_db_blocker: Any) -> Iterator[None]:
    """In the place of pytest-django's: one test is a part of the one transaction, and is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
    customs._own.cache_clear()  # own fields that were rolled back may be remembered
    caches["process"].clear()


@pytest.fixture(autouse=True)
def _beside_the_others(db: None) -> None:
    """Every test here runs while the scene stands: pytest-django puts those without a database last."""


@pytest.fixture
def scene(furnished: Scene, db: None) -> Scene:
    """The scene for one test."""
    return furnished


@pytest.fixture
def world(scene: Scene) -> World:
    """The world of the scene."""
    return scene.world
