"""A stranger on this machine: answers as told, and counts who came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Say = Callable[[BaseHTTPRequestHandler], None]


class Stranger:
    """A running server. ``pages`` maps a path to what it does; ``seen`` lists the requests' headers by path."""

    def __init__(self) -> None:
        self.pages: dict[str, Say] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append((self.path, dict(self.headers)))
                say = outer.pages.get(self.path)
                try:
                    if say is None:
                        self.send_error(404)
                    else:
                        say(self)
                except OSError:  # the visitor left
                    self.close_connection = True

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def host(self) -> str:
        """Name and port, as FETCH_ALLOWED_HOSTS takes them."""
        return f"127.0.0.1:{self.port}"

    def at(self, path: str) -> str:
        """The address of a page."""
        return f"http://{self.host}{path}"

    def page(self, path: str, body: bytes | str, *, kind: str = "text/html; charset=utf-8", status: int = 200,
             **headers: str) -> None:  # fmt: skip
        """Answer a path with this."""
        raw = body.encode() if isinstance(body, str) else body

        def say(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Type", kind)
            handler.send_header("Content-Length", str(len(raw)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(raw)

        self.pages[path] = say


@contextmanager
def stranger() -> Iterator[Stranger]:
    """A stranger for the length of a test."""
    made = Stranger()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
