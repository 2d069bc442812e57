"""One request to a stranger: to a judged number, without cookies, cut at every limit."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin

from threadline import __version__
from threadline.fetching.addresses import Refused, Resolver, Target, target_of

AGENT = f"Threadline/{__version__}"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 65_536
_PACKED = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class Failed(Exception):
    """The far side did not answer as hoped; the text is plain and shown to the person.

    ``retry_after`` is in seconds where the far side asked for patience, else None.
    """

    def __init__(self, said: str, status: int = 0, retry_after: int | None = None) -> None:
        super().__init__(said)
        self.status, self.retry_after = status, retry_after


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a stranger is borne: seconds for the whole, bytes sent, bytes unpacked, redirects."""

    seconds: float = 20.0
    sent: int = 3_000_000
    unpacked: int = 8_000_000
    hops: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``body`` is empty when nothing changed (``status`` 304)."""

    status: int
    url: str
    content_type: str
    charset: str
    body: bytes = field(repr=False)
    etag: str = ""
    last_modified: str = ""

    @property
    def unchanged(self) -> bool:
        """Whether the far side says that nothing changed since it was last read."""
        return self.status == 304


PAGES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
FEEDS = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
    "application/xml",
    "text/xml",
    *PAGES,
)


def fetch(
    url: str,
    *,
    kinds: tuple[str, ...] = PAGES,
    etag: str = "",
    last_modified: str = "",
    limits: Limits | None = None,
    resolver: Resolver | None = None,
    permitted: Callable[[str], bool] | None = None,
) -> Answer:
    """Fetch an address. Raises :class:`Refused` for one that must not be, :class:`Failed` when it did not work.

    ``kinds`` are the content types that are of use; others are not read. ``etag`` and
    ``last_modified`` are those of an earlier answer. ``permitted`` is asked for every address,
    the ones of redirects included: robots.txt, for what comes again and again.
    """
    bounds = limits or Limits()
    until = time.monotonic() + bounds.seconds
    asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    here, hops = url, 0
    while True:
        target = target_of(here, resolver)
        if permitted is not None and not permitted(target.url):
            raise Refused("This site asks not to be read by programs (robots.txt).")
        answer, onward = _ask(target, kinds, asked, bounds, until)
        if answer is not None:
            return answer
        hops += 1
        if hops > bounds.hops:
            raise Refused(f"The address leads on and on: more than {bounds.hops} redirects.")
        here = urljoin(target.url, onward)
        if target.scheme == "https" and here.startswith("http:"):
            raise Refused("The address leads from an encrypted page to one that is not.")


def _ask(
    target: Target, kinds: tuple[str, ...], asked: Mapping[str, str], bounds: Limits, until: float
) -> tuple[Answer | None, str]:
    left = until - time.monotonic()
    if left <= 0:
        raise Failed(_LATE)
    with _held(target, left) as held:
        return held.ask(kinds, asked, bounds)


def send_json(
    url: str, body: bytes, *, heads: Mapping[str, str], limits: Limits, resolver: Resolver | None = None
) -> bytes:
    """Post JSON to an address and give back the JSON it answers. Raises as :func:`fetch` does; follows nowhere."""
    with _held(target_of(url, resolver), limits.seconds) as held:
        return held.post(body, heads, limits)


def send_form(
    url: str, fields: Mapping[str, str], *, limits: Limits, resolver: Resolver | None = None
) -> tuple[int, bytes]:
    """Post the fields of a form, and give back the status and the JSON answered, be it a refusal. Follows nowhere."""
    heads = {"Content-Type": "application/x-www-form-urlencoded"}
    with _held(target_of(url, resolver), limits.seconds) as held:
        return held.exchange(urlencode(fields).encode(), heads, limits)


@contextlib.contextmanager
def _held(target: Target, seconds: float) -> Iterator[_Held]:
    """A connection for one request, with whatever goes wrong on it in plain words."""
    held = _Held(target, seconds)
    try:
        held.open()
        yield held
    except ssl.SSLError:
        raise Failed(
            "The encrypted connection could not be made: the certificate or the protocol is not in order."
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Failed(_LATE if held.late else "The site did not answer, or broke off.") from None
    finally:
        held.close()


_LATE = "The site took too long to answer."


class _Held:
    """A connection to the judged number that is closed by force when its time is up."""

    def __init__(self, target: Target, seconds: float) -> None:
        self.target, self.seconds, self.late = target, seconds, False
        self.connection = http.client.HTTPConnection(target.host, target.port, timeout=seconds)
        self.timer = threading.Timer(seconds, self._cut)
        self.timer.daemon = True
        self.raw: socket.socket | None = None

    def open(self) -> None:
        self.timer.start()
        made = socket.create_connection((self.target.address, self.target.port), timeout=self.seconds)
        self.raw = made
        if self.target.scheme == "https":
            made = ssl.create_default_context().wrap_socket(made, server_hostname=self.target.host)
            self.raw = made
        self.connection.sock = made

    def ask(self, kinds: tuple[str, ...], asked: Mapping[str, str], bounds: Limits) -> tuple[Answer | None, str]:
        said = {
            "Host": self.target.authority,
            "User-Agent": AGENT,
            "Accept": ", ".join(kinds),
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **{name: value for name, value in asked.items() if value},
        }
        self.connection.request("GET", self.target.path, headers=said)
        response = self.connection.getresponse()
        if response.status in REDIRECTS and response.headers.get("Location"):
            return None, str(response.headers["Location"])
        if response.status not in (200, 304):
            raise Failed(_said_of(response.status), response.status, _seconds(response.headers.get("Retry-After")))
        kind = response.headers.get_content_type()
        if response.status == 200 and kind not in kinds:
            raise Failed(f"What is there is {kind[:60]}, not a page or a feed.", response.status)
        body = b"" if response.status == 304 else self._body(response, bounds)
        return Answer(
            response.status,
            self.target.url,
            kind,
            response.headers.get_content_charset() or "",
            body,
            str(response.headers.get("ETag") or "")[:300],
            str(response.headers.get("Last-Modified") or "")[:60],
        ), ""

    def post(self, body: bytes, heads: Mapping[str, str], bounds: Limits) -> bytes:
        response = self._posted(body, heads)
        if response.status != 200:
            raise Failed(_said_of(response.status), response.status, _seconds(response.headers.get("Retry-After")))
        return self._body(response, bounds)

    def exchange(self, body: bytes, heads: Mapping[str, str], bounds: Limits) -> tuple[int, bytes]:
        response = self._posted(body, heads)
        return response.status, self._body(response, bounds)

    def _posted(self, body: bytes, heads: Mapping[str, str]) -> http.client.HTTPResponse:
        said = {
            "Host": self.target.authority,
            "User-Agent": AGENT,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **heads,
        }
        self.connection.request("POST", self.target.path, body=body, headers=said)
        return self.connection.getresponse()

    def _body(self, response: http.client.HTTPResponse, bounds: Limits) -> bytes:
        packing = (response.headers.get("Content-Encoding") or "identity").strip().lower()
        if packing not in ("identity", *_PACKED):
            raise Failed("The page is packed in a way that is not read.", response.status)
        unpack = zlib.decompressobj(_PACKED[packing]) if packing in _PACKED else None
        sent, parts, size = 0, [], 0
        while chunk := response.read1(_CHUNK):
            sent += len(chunk)
            try:
                part = chunk if unpack is None else unpack.decompress(chunk, bounds.unpacked - size + 1)
            except zlib.error:
                raise Failed("The page came damaged.", response.status) from None
            size += len(part)
            if sent > bounds.sent or size > bounds.unpacked:
                raise Failed(f"The page is too large: {bounds.sent // 1_000_000} MB at most.", response.status)
            parts.append(part)
        if self.late:
            raise Failed(_LATE)
        if response.length:  # what was announced and never came
            raise Failed("The site broke off in the middle of the page.", response.status)
        return b"".join(parts)

    def _cut(self) -> None:
        self.late = True
        if self.raw is not None:
            with contextlib.suppress(OSError):
                self.raw.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.timer.cancel()
        self.connection.close()
        if self.raw is not None:
            self.raw.close()


def _seconds(said: str | None) -> int | None:
    """Retry-After in whole seconds; dates are left to our own patience."""
    text = (said or "").strip()
    return min(int(text), 86_400 * 7) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _said_of(status: int) -> str:
    known = {
        401: "The page asks for a sign-in.",
        403: "The site refuses to be read.",
        404: "There is no page at this address any more.",
        410: "The page is gone for good.",
        429: "The site asks for fewer visits.",
    }
    return known.get(status, f"The site answered with {status}.")
