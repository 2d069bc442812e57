"""The API as programs call it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from threadline.faces.api.tests.asking import Api
from threadline.house import tokens
from threadline.kernel.testing import World


@pytest.fixture
def api(world: World) -> Callable[..., Api]:
    """``api("viewer")`` calls as that person of North, with a key; a product manager's when nobody is named."""

    def make(role: str = "product_manager", slug: str = "north", scope: str = "write", kind: str = "personal") -> Api:
        actor = world.actor(role, slug)
        _, text = tokens.create(actor, name="Test", scopes=[scope], kind=kind)
        assert tokens.authenticate(text) is not None  # its first use of the day is noted now, not by a refused request
        return Api({"Authorization": f"Bearer {text}"})

    return make
