"""A visitor's browser without a browser: signed in, at home in North."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from threadline.kernel.testing import World

W = "/w/north/"


class Site:
    """North's pages as people of any role see them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._clients: dict[tuple[str, str], Client] = {}

    def client(self, role: str = "product_manager", slug: str = "north") -> Client:
        """One browser for each person."""
        if (role, slug) not in self._clients:
            made = Client()
            made.force_login(self.world.user(role, slug))
            self._clients[role, slug] = made
        return self._clients[role, slug]

    def get(self, path: str, role: str = "product_manager", **asked: Any) -> HttpResponse:
        """A page, by its path below the workspace or from the root."""
        return self.client(role).get(path if path.startswith("/") else W + path, asked)

    def post(self, path: str, data: dict[str, Any] | None = None, role: str = "product_manager") -> HttpResponse:
        """A form sent."""
        return self.client(role).post(path if path.startswith("/") else W + path, data or {})

    def text(self, path: str, role: str = "product_manager", **asked: Any) -> str:
        """The markup of a page that must be there."""
        answer = self.get(path, role, **asked)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.content.decode()


@pytest.fixture
def site(world: World) -> Site:
    """North's pages."""
    return Site(world)


@pytest.fixture
def stranger(site: Site) -> Client:
    """South's product manager, in a browser."""
    return site.client("product_manager", "south")
