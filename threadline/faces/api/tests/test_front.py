"""The short way past Django's handler answers as the long way does."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.test import RequestFactory

from threadline.faces.api import front
from threadline.faces.api.tests.asking import Api
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]
PASSED_ON = [b"a page"]


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The test's transaction must outlive the request; how often connections would be looked after."""
    found: list[int] = []
    monkeypatch.setattr(front, "settle_connection", lambda: found.append(1))
    return found


def page(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [])
    return PASSED_ON


def asked(path: str, key: str, method: str = "GET", body: bytes = b"") -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body as a WSGI server receives them."""
    found: list[Any] = []
    environ = RequestFactory().generic(method, path, body, content_type="application/json").environ
    environ |= {"HTTP_AUTHORIZATION": key, "wsgi.input": io.BytesIO(body)}
    parts = front.ApiDoor(page)(environ, lambda status, headers: found.extend((status, headers)))
    assert all(isinstance(part, str) for pair in found[1] for part in pair)
    return found[0], dict(found[1]), b"".join(parts)


def test_both_ways_answer_alike(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    for path in (
        "features",
        f"features/{record.key}",
        "features?limit=0",
        "nowhere",
        "me",
        f"features/{record.key}/watch",
    ):
        status, headers, body = asked(f"/api/v1/{path}", mine.given["Authorization"])
        other = mine.get(path)
        assert status.startswith(f"{other.status} ")
        changing = {"Request-Id", "RateLimit"}
        assert {n: v for n, v in headers.items() if n not in changing} == {
            n: v for n, v in other.headers.items() if n not in changing
        }
        if other.status < 400:
            assert body == other.content
        assert headers["Content-Length"] == str(len(body))


def test_writes_go_the_short_way_too(world: World, api: MakeApi) -> None:
    mine = api()
    status, headers, _ = asked("/api/v1/features", mine.given["Authorization"], "POST", b'{"title": "Short"}')
    assert status == "201 Created"
    assert mine.get(headers["Location"].removeprefix("/api/v1/"))["title"] == "Short"


def test_without_a_body_none_is_sent(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    status, headers, body = asked("/api/v1/features", mine.given["Authorization"], "HEAD")
    assert (status, body) == ("200 OK", b"")
    assert int(headers["Content-Length"]) > 100
    status, headers, body = asked(f"/api/v1/features/{record.key}", mine.given["Authorization"], "DELETE")
    assert (status, body) == ("204 No Content", b"")
    assert "Content-Type" not in headers


def test_everything_else_is_passed_on(world: World) -> None:
    for path in ("/", "/api/v1/docs", "/api/v2/features", "/accounts/login/", "/x/api/v1/features"):
        assert asked(path, "")[2] == PASSED_ON[0], path


def test_broken_connections_are_looked_for_before_and_after(world: World, closed: list[int]) -> None:
    asked("/api/v1/me", "")
    assert closed == [1, 1]
    asked("/", "")
    assert closed == [1, 1]
