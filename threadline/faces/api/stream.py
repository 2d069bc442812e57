"""Live changes as server-sent events: an ASGI application of its own, in a process of its own.

One task reads the change log for everybody in the process every quarter of a second; each
stream is cut to what its reader may know. A stream carries headlines, not values: whoever
hears that F-112 changed reads it anew, through the same reach as ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections
from django.http.request import split_domain_port, validate_host

from threadline.faces.api import callers, shapes
from threadline.faces.api.answers import dumps
from threadline.faces.api.problems import Refusal
from threadline.house import callers as members
from threadline.kernel import feed, rows
from threadline.kernel.access import Actor
from threadline.kernel.idempotency import Answer

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("threadline.api")
PATH = "/api/v1/events/stream"
EVERY = 0.25  # seconds between two readings of the change log
BEAT = 15.0  # seconds of silence after which a comment keeps the line open
LOOK = 2.0  # seconds after which it is checked that each reader is still a member, with the same role and password
RECHECK = 15.0  # seconds after which a stream's key or session is checked again
OVERLAP = timedelta(seconds=10)  # how far back each reading looks for what a slow transaction put in
MOST_BEHIND = 500  # headlines that a returning reader is sent; with more to send, it is told to read anew
MOST_STREAMS = 20  # of one member in one process


@dataclass(eq=False)
class Reader:
    """One open stream."""

    actor: Actor
    credentials: tuple[str, str, str]
    standing: tuple[str, str] | None  # role and password when last looked
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(MOST_BEHIND))

    def tell(self, frame: bytes) -> None:
        """Put an event in line; a reader who does not keep up is let go, and comes back for what it missed."""
        try:
            self.waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Close the stream after what is in line, making room for the last word."""
        while self.waiting.full():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)


class Hub:
    """The open streams of this process and the one task that feeds them."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()
        # One thread, so that one kept database connection serves every stream.
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="events")
        self.task: asyncio.Task[None] | None = None
        self.joining = asyncio.Lock()
        self.known: set[str] = set()  # ids of the changes handed out lately; only the thread touches it

    async def ask(self, question: Callable[..., Any], *args: Any) -> Any:
        """Ask the database off the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, _freshly, question, *args)

    async def join(self, reader: Reader) -> None:
        """Feed a stream with what happens from now on."""
        async with self.joining:
            if reader.actor.workspace_id not in set(self._places()):
                # What stands already is nobody's news.
                await self.ask(_news, {reader.actor.workspace_id}, self.known)
            self.readers.add(reader)
            if self.task is None or self.task.done():
                self.task = asyncio.get_running_loop().create_task(self._feed())

    def leave(self, reader: Reader) -> None:
        """Forget a stream."""
        self.readers.discard(reader)

    async def _feed(self) -> None:
        """Read for as long as anybody listens."""
        loop = asyncio.get_running_loop()
        looked = checked = loop.time()
        while self.readers:
            await asyncio.sleep(EVERY)
            try:
                news = await self.ask(_news, set(self._places()), self.known)
                if news or loop.time() - looked > LOOK:
                    looked = loop.time()
                    await self.ask(_look, list(self.readers), loop)
                if news:
                    await self.ask(_hand_out, news, list(self.readers), loop)
                if loop.time() - checked > RECHECK:
                    checked = loop.time()
                    await self.ask(_forget_old, self.known)
                    await self.ask(_recheck, list(self.readers), loop)
            except Exception:
                log.exception("the event streams could not be fed; trying again")
                await asyncio.sleep(1)

    def _places(self) -> Iterable[UUID]:
        return (reader.actor.workspace_id for reader in self.readers)


def _freshly(question: Callable[..., Any], *args: Any) -> Any:
    close_old_connections()
    return question(*args)


def _news(workspace_ids: set[UUID], known: set[str]) -> list[feed.News]:
    return feed.recent(workspace_ids, rows.now() - OVERLAP, known) if workspace_ids else []


def _forget_old(known: set[str]) -> None:
    oldest = str(feed.first_id(rows.now() - 2 * OVERLAP))
    known.difference_update([ident for ident in known if ident < oldest])


def _hand_out(news: list[feed.News], readers: list[Reader], loop: asyncio.AbstractEventLoop) -> None:
    for reader in readers:
        near = feed.within_reach(reader.actor, news)
        frames = [frame_of(shapes.headline(one)) for one in feed.copied(reader.actor, near)]
        for frame in frames:
            loop.call_soon_threadsafe(reader.tell, frame)


def _look(readers: list[Reader], loop: asyncio.AbstractEventLoop) -> None:
    """One statement for everybody; whoever left, or has another role or password, is checked in full."""
    now = members.standing(reader.actor.member_id for reader in readers)
    changed = [r for r in readers if now.get(r.actor.member_id) != r.standing]
    for reader in changed:
        reader.standing = now.get(reader.actor.member_id)
    _recheck(changed, loop)


def _recheck(readers: list[Reader], loop: asyncio.AbstractEventLoop) -> None:
    """A key may be revoked, a session ended, a role changed, while a stream is open."""
    for reader in readers:
        try:
            actor = callers.by_credentials(*reader.credentials)
        except Refusal:
            actor = None
        if actor is None or actor.member_id != reader.actor.member_id:
            loop.call_soon_threadsafe(reader.end)
        else:
            reader.actor = actor


def frame_of(headline: dict[str, Any]) -> bytes:
    """One event as it goes over the line."""
    return b"id: " + headline["id"].encode() + b"\nevent: change\ndata: " + dumps(headline) + b"\n\n"


hub = Hub()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application: the stream, and problems for everything else."""
    if scope["type"] != "http":
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    shared = _cross_origin(headers)
    try:
        if scope["path"] != PATH:
            raise Refusal(404, "There is nothing here, or nothing that you may see.")
        if scope["method"] == "OPTIONS":
            await _answer(send, Answer(204), {**shared, "Access-Control-Allow-Headers": "authorization, last-event-id"})
            return
        if scope["method"] != "GET":
            raise Refusal(405, "Here you can: GET, OPTIONS.", {"Allow": "GET, OPTIONS"})
        reader = await _reader(scope, headers)
    except Refusal as refusal:
        await _answer(send, refusal.answer, shared)
        return
    last = headers.get("last-event-id", "") or _given(scope, "after")
    try:
        await hub.join(reader)
        await _serve(reader, await _missed(reader, last), receive, send, shared)
    finally:
        hub.leave(reader)


async def _reader(scope: Scope, headers: dict[str, str]) -> Reader:
    host, _ = split_domain_port(headers.get("host", ""))
    if not validate_host(host, settings.ALLOWED_HOSTS):
        raise Refusal(400, "This server has another name.")
    if "origin" in headers and headers["origin"] not in _own_origins(headers):
        raise Refusal(403, "Only this server's own pages may listen.")
    credentials = (headers.get("authorization", ""), _session_key(headers), _given(scope, "workspace"))
    actor = await hub.ask(callers.by_credentials, *credentials)
    if actor is None:
        raise Refusal(401, "Send a key as Authorization: Bearer, or sign in with a browser.")
    if actor.scopes is not None and "read" not in actor.scopes:
        raise Refusal(403, "This key does not have the read scope.")
    if sum(r.actor.member_id == actor.member_id for r in hub.readers) >= MOST_STREAMS:
        raise Refusal(429, f"At most {MOST_STREAMS} streams at a time.", {"Retry-After": "60"})
    standing = await hub.ask(members.standing, [actor.member_id])
    return Reader(actor, credentials, standing.get(actor.member_id))


async def _missed(reader: Reader, last: str) -> list[bytes]:
    """What happened since the reader was last here."""
    if not last:
        return []
    try:
        found, more = await hub.ask(feed.stream, reader.actor, UUID(last), MOST_BEHIND)
    except ValueError:
        return [b"event: reset\ndata: {}\n\n"]
    return [b"event: reset\ndata: {}\n\n"] if more else [frame_of(shapes.headline(one)) for one in found]


async def _serve(reader: Reader, missed: list[bytes], receive: Receive, send: Send, shared: dict[str, str]) -> None:
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        await send(_start(200, {**_HEADERS, **shared}))
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n" + b"".join(missed), "more_body": True})
        while not gone.done():
            frame = await _next(reader, gone)
            if frame is None:
                break
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        if not gone.done():
            await send({"type": "http.response.body", "body": b""})
    except OSError:
        pass  # the reader went away while something was being sent
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone


async def _next(reader: Reader, gone: asyncio.Future[None]) -> bytes | None:
    """The next event, a heart-beat after a silence, None at the end."""
    waiting = asyncio.ensure_future(reader.waiting.get())
    await asyncio.wait((waiting, gone), timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        return waiting.result()
    waiting.cancel()
    return None if gone.done() else b": still here\n\n"


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "private, no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",  # pages ask with CORS; nothing else embeds a stream
}


def _start(status: int, headers: dict[str, str]) -> Message:
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


async def _answer(send: Send, answer: Answer, shared: dict[str, str]) -> None:
    await send(_start(answer.status, {"Cache-Control": "no-store", **answer.headers, **shared}))
    await send({"type": "http.response.body", "body": answer.body})


def _cross_origin(headers: dict[str, str]) -> dict[str, str]:
    """The port differs from the pages', so browsers ask; only our own pages get a yes."""
    if headers.get("origin") not in _own_origins(headers):
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": headers["origin"],
        "Access-Control-Allow-Credentials": "true",
    }


def _own_origins(headers: dict[str, str]) -> set[str]:
    """Where our pages may come from: BASE_URL, or the pages' port under the name that was asked for.

    A server on somebody's machine is localhost and 127.0.0.1 at once. Behind HTTPS it is one name.
    """
    parts = urlsplit(settings.BASE_URL)
    own = {f"{parts.scheme}://{parts.netloc}"}
    host, _ = split_domain_port(headers.get("host", ""))
    if parts.scheme == "http" and host and validate_host(host, settings.ALLOWED_HOSTS):
        own.add(f"http://{host}" if settings.PORT == 80 else f"http://{host}:{settings.PORT}")
    return own


def _session_key(headers: dict[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


def _given(scope: Scope, name: str) -> str:
    return parse_qs(scope["query_string"].decode("latin-1")).get(name, [""])[0]
