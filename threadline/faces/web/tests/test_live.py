"""A page names the stream of its events, and its policy lets that one origin through."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings as given
from django.test import Client

from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db


def home(world: World, **headers: str) -> tuple[str, str]:
    """The address of the stream and the sources to connect to, of North's first page."""
    client = Client(headers=headers)
    client.force_login(world.user("viewer"), backend=given.AUTHENTICATION_BACKENDS[0])
    answer = client.get("/w/north/")
    assert answer.status_code == 200
    found = re.search(r'data-events="([^"]*)"', answer.content.decode())
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    return unescape(found[1]) if found else "", policy["connect-src"]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "localhost"])
def test_the_stream_is_under_the_name_that_was_asked_for(world: World, settings: Any, host: str) -> None:
    settings.BASE_URL, settings.EVENTS_PORT = "http://127.0.0.1:8000", 8001
    place = f"http://{host.removesuffix(':8000')}:8001"
    address, sources = home(world, host=host)
    assert re.fullmatch(rf"{re.escape(place)}/api/v1/events/stream\?workspace=north&after=[0-9a-f-]{{36}}", address), (
        address
    )
    assert sources == f"'self' {place}"


def test_a_proxy_may_put_it_elsewhere(world: World, settings: Any) -> None:
    settings.EVENTS_URL = "https://live.example/line"
    address, sources = home(world)
    assert address.startswith("https://live.example/line/api/v1/events/stream?workspace=north&")
    assert sources == "'self' https://live.example"


def test_behind_https_nobody_guesses(world: World, settings: Any) -> None:
    settings.BASE_URL = "https://line.example"
    assert home(world) == ("", "'self'")


def test_a_foreign_host_name_is_in_no_policy(world: World) -> None:
    answer = Client().get("/accounts/login/", headers={"host": "evil.example; script-src *"})
    assert answer.status_code == 400
    assert "evil" not in answer["Content-Security-Policy"]
