"""Every test here that asks for ``declared`` runs once for each record type that is registered."""

from __future__ import annotations

import pytest

from threadline.kernel.registry import kinds
from threadline.kernel.testing import World


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run a record type, named after it."""
    if "declared" in metafunc.fixturenames:
        metafunc.parametrize("declared", list(kinds()), ids=lambda declared: declared.kind)


@pytest.fixture
def world(world: World) -> World:
    """The world with everybody in it already, so that a dump taken now lacks nobody."""
    assert len([*world.roles, world.stranger]) == 7
    return world
