"""Live changes: who may listen, what is told, and how a stream ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from threadline.faces.api import stream
from threadline.house import tokens
from threadline.kernel import rows, verbs
from threadline.kernel.access import NAMED, Actor
from threadline.kernel.feed import newest
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
Told = list[dict[str, Any]]


class Directly(stream.Hub):
    """A hub that asks the database in the test's own transaction."""

    async def ask(self, question: Callable[..., Any], *args: Any) -> Any:
        return question(*args)


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[stream.Hub]:
    """A hub of the test's own, which reads often."""
    made = Directly()
    monkeypatch.setattr(stream, "hub", made)
    monkeypatch.setattr(stream, "EVERY", 0.01)
    yield made
    made.thread.shutdown()


class Listener:
    """One browser or program at the other end of the line."""

    def __init__(self, path: str = stream.PATH, method: str = "GET", **headers: str) -> None:
        path, _, query = path.partition("?")
        given = {"host": "localhost", **{n.replace("_", "-"): v for n, v in headers.items()}}
        pairs = [(n.lower().encode(), v.encode("latin-1")) for n, v in given.items()]
        self.scope = {"type": "http", "path": path, "method": method, "query_string": query.encode(), "headers": pairs}
        self.status, self.headers, self.text, self.ended = 0, dict[str, str](), "", False
        self.leaving = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.leaving.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {n.decode(): v.decode() for n, v in message["headers"]}
        else:
            self.text += message["body"].decode()
            self.ended = not message.get("more_body")

    async def listen(self) -> asyncio.Task[None]:
        task = asyncio.create_task(stream.application(self.scope, self.receive, self.send))  # type: ignore[arg-type]
        await until(lambda: bool(self.text) or task.done())
        return task

    @property
    def told(self) -> Told:
        """What the events held."""
        return [
            orjson.loads(line[6:])
            for line in self.text.splitlines()
            if line.startswith("data: ") and line != "data: {}"
        ]

    @property
    def keys(self) -> list[str]:
        return [e["record"]["key"] for e in self.told if e["record"]]


async def until(true: Callable[[], bool]) -> None:
    for _ in range(300):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


def run(walk: Callable[[], Awaitable[None]]) -> None:
    """Walk in a loop whose tasks share the test's own connection, and so its transaction."""
    own = connections["default"]

    async def walk_here() -> None:
        connections["default"] = own
        await asyncio.wait_for(walk(), 20)

    asyncio.run(walk_here())


def bearer(actor: Actor, scope: str = "read") -> str:
    return "Bearer " + tokens.create(actor, name="Ears", scopes=[scope])[1]


def test_what_happens_is_told_to_those_who_may_know(world: World, hub: stream.Hub) -> None:
    mine, other, foreign = (bearer(a) for a in (world.pm, world.viewer, world.stranger))

    async def walk() -> None:
        listeners = [Listener(authorization=key) for key in (mine, other, foreign)]
        tasks = [await one.listen() for one in listeners]
        assert {one.status for one in listeners} == {200}
        assert listeners[0].headers["content-type"] == "text/event-stream"
        first = world.make("feature", title="Open to all")
        secret = world.make("feature", title="Kept", confidentiality=NAMED)
        last = world.make("feature", title="Open too")
        await until(lambda: last.key in listeners[0].keys and last.key in listeners[1].keys)
        assert listeners[0].keys == [first.key, secret.key, last.key]
        assert listeners[1].keys == [first.key, last.key]
        assert listeners[2].keys == []
        assert "Open" not in listeners[0].text  # headlines, not values
        for one in listeners:
            one.leaving.set()
        await asyncio.gather(*tasks)
        assert hub.readers == set()

    run(walk)


def test_names_of_private_fields_are_not_told(world: World) -> None:
    account = world.make("account")
    mine, other = bearer(world.pm), bearer(world.viewer)

    async def walk() -> None:
        listeners = [Listener(authorization=key) for key in (mine, other)]
        tasks = [await one.listen() for one in listeners]
        verbs.update(world.pm, "account", account, {"annual_revenue": 7, "region": "North"})
        await until(lambda: all(one.told for one in listeners))
        assert listeners[0].told[0]["fields"] == ["annual_revenue", "region"]
        assert listeners[1].told[0]["fields"] == ["region"]
        await leave(*listeners, tasks=tasks)

    run(walk)


async def leave(*listeners: Listener, tasks: list[asyncio.Task[None]]) -> None:
    for one in listeners:
        one.leaving.set()
    await asyncio.gather(*tasks)


def test_a_returning_reader_hears_what_it_missed(world: World) -> None:
    world.make("feature")
    key, last = bearer(world.pm), newest(world.pm)
    missed = world.make("feature")

    async def walk() -> None:
        for one in (
            Listener(authorization=key, last_event_id=str(last)),
            Listener(f"{stream.PATH}?after={last}", authorization=key),
        ):
            task = await one.listen()
            assert one.keys == [missed.key]
            assert f"id: {one.told[0]['id']}\nevent: change\n" in one.text
            await leave(one, tasks=[task])

    run(walk)


@pytest.mark.parametrize("last", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_reader_who_missed_too_much_is_told_to_read_anew(
    world: World, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_BEHIND", 2)
    for _ in range(4):
        world.make("feature")
    key = bearer(world.pm)

    async def walk() -> None:
        one = Listener(authorization=key, last_event_id=last)
        task = await one.listen()
        assert "event: reset" in one.text
        assert one.keys == []
        await leave(one, tasks=[task])

    run(walk)


def test_silence_is_broken_by_a_beat(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT", 0.02)
    key = bearer(world.pm)

    async def walk() -> None:
        one = Listener(authorization=key)
        task = await one.listen()
        await until(lambda: one.text.count(": still here\n\n") >= 2)
        await leave(one, tasks=[task])

    run(walk)


def test_a_stream_ends_with_the_key(world: World, hub: stream.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "RECHECK", 0.02)
    key = bearer(world.pm)

    async def walk() -> None:
        one = Listener(authorization=key)
        task = await one.listen()
        tokens.revoke(world.pm, tokens.listed(world.pm)[0].pk)
        await until(task.done)
        assert (one.ended, hub.readers) == (True, set())

    run(walk)


def test_a_role_taken_away_counts_in_an_open_stream(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "RECHECK", 0.02)
    account, key = world.make("account"), bearer(world.pm)

    async def walk() -> None:
        one = Listener(authorization=key)
        task = await one.listen()
        type(world.member("product_manager")).objects.filter(pk=world.pm.member_id).update(role="viewer")
        await asyncio.sleep(0.2)
        verbs.update(world.owner, "account", account, {"annual_revenue": 7})
        await until(lambda: bool(one.told))
        assert one.told[0]["fields"] == []
        await leave(one, tasks=[task])

    run(walk)


@pytest.mark.parametrize("change", [{"left_at": rows.now()}, {"password": "another"}])
def test_whoever_left_is_cut_off_before_anything_more_is_told(
    world: World, hub: stream.Hub, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    """Neither silence nor news: the next look ends the stream, and news are never handed out without one."""
    monkeypatch.setattr(stream, "RECHECK", 3_600)
    client = Client()
    client.force_login(world.user("product_manager"), backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    user, member = world.user("product_manager"), world.member("product_manager")
    changed = member if "left_at" in change else user

    async def walk(look: float, tell: bool) -> None:
        monkeypatch.setattr(stream, "LOOK", look)
        one = Listener(cookie=cookie)
        task = await one.listen()
        type(changed).objects.filter(pk=changed.pk).update(**change)
        if tell:
            world.make("feature", title="Not for you")
        await until(task.done)
        assert (one.ended, one.told, hub.readers) == (True, [], set())
        type(changed).objects.filter(pk=changed.pk).update(**{n: getattr(changed, n) for n in change})

    run(lambda: walk(0.02, False))
    run(lambda: walk(3_600, True))


@pytest.mark.parametrize(
    ("base", "port", "host", "origin", "status"),
    [
        ("http://127.0.0.1:8000", 8000, "localhost:8001", "http://localhost:8000", 200),
        ("http://127.0.0.1:8000", 8000, "127.0.0.1:8001", "http://127.0.0.1:8000", 200),
        ("http://127.0.0.1:8000", 8000, "[::1]:8001", "http://[::1]:8000", 200),
        ("http://localhost", 80, "localhost:81", "http://localhost", 200),
        ("http://127.0.0.1:8000", 8000, "localhost:8001", "http://localhost:9000", 403),
        ("http://127.0.0.1:8000", 8000, "localhost:8001", "https://localhost:8000", 403),
        ("http://127.0.0.1:8000", 8000, "localhost:8001", "http://evil.example:8000", 403),
        ("http://127.0.0.1:8000", 8000, "evil.example:8001", "http://evil.example:8000", 400),
        ("https://line.example", 8000, "line.example", "https://line.example", 200),
        ("https://line.example", 8000, "line.example", "http://line.example:8000", 403),
        ("https://line.example", 8000, "line.example", "https://line.example.evil.example", 403),
    ],
)
def test_only_our_own_pages_listen(
    world: World, settings: Any, base: str, port: int, host: str, origin: str, status: int
) -> None:
    settings.BASE_URL, settings.PORT = base, port
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "line.example"]
    client = Client()
    client.force_login(world.user("viewer"), backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    async def walk() -> None:
        one = Listener(cookie=cookie, host=host, origin=origin)
        task = await one.listen()
        assert one.status == status, one.text
        assert one.headers.get("access-control-allow-origin") == (origin if status == 200 else None)
        assert one.headers["vary"] == "Origin"
        await leave(one, tasks=[task])

    run(walk)


def test_a_reader_who_does_not_keep_up_is_let_go(world: World, hub: stream.Hub) -> None:
    key = bearer(world.pm)

    async def walk() -> None:
        one = Listener(authorization=key)
        task = await one.listen()
        [reader] = hub.readers
        for number in range(stream.MOST_BEHIND + 10):
            reader.tell(b"data: %d\n\n" % number)
        await until(task.done)
        assert one.ended

    run(walk)


def test_a_signed_in_browser_listens_from_its_own_page(world: World) -> None:
    client = Client()
    client.force_login(world.user("viewer"), backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = f"other=1; {settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    async def walk() -> None:
        one = Listener(cookie=cookie, origin=settings.BASE_URL)
        task = await one.listen()
        assert one.status == 200
        assert one.headers["access-control-allow-origin"] == settings.BASE_URL
        assert one.headers["access-control-allow-credentials"] == "true"
        assert one.headers["cache-control"] == "private, no-store"
        await leave(one, tasks=[task])

    run(walk)


def test_whoever_may_not_listen_is_told_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_STREAMS", 0)
    client = Client()
    client.force_login(world.user("viewer"), backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    key = bearer(world.pm)

    async def walk() -> None:
        for listener, status in [
            (Listener(), 401),
            (Listener(authorization="Bearer tl_x"), 401),
            (Listener(cookie="sessionid=\x00; x"), 401),
            (Listener(f"{stream.PATH}?workspace=south", authorization=key), 403),
            (Listener(cookie=cookie, origin="https://evil.example"), 403),
            (Listener(authorization=key, origin="null"), 403),
            (Listener(authorization=key, host="evil.example"), 400),
            (Listener("/", authorization=key), 404),
            (Listener(stream.PATH, "POST", authorization=key), 405),
            (Listener(authorization=key), 429),
        ]:
            await (await listener.listen())
            assert listener.status == status, listener.text
            assert listener.headers["content-type"] == "application/problem+json"
            assert "access-control-allow-origin" not in listener.headers
            assert listener.ended

    run(walk)


def test_a_browser_may_ask_first(world: World) -> None:
    async def walk() -> None:
        own, other = (Listener(stream.PATH, "OPTIONS", origin=o) for o in (settings.BASE_URL, "https://evil.example"))
        for one in (own, other):
            await stream.application(one.scope, one.receive, one.send)  # type: ignore[arg-type]
        assert own.headers["access-control-allow-origin"] == settings.BASE_URL
        assert "access-control-allow-origin" not in other.headers

    run(walk)


def test_what_was_told_long_ago_is_forgotten(world: World) -> None:
    known: set[str] = set()
    world.make("feature")
    stream._news({world.north.pk}, known)
    old = "01000000-0000-7000-8000-000000000000"
    known.add(old)
    stream._forget_old(known)
    assert old not in known
    assert len(known) == 1
