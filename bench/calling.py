"""Calls the web application as a server does, without a socket."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from bench.timing import Thunk


class WrongAnswer(Exception):
    """A request that is to be measured was not answered as it should be."""


@dataclass(frozen=True)
class Request:
    """What to ask: method, address below the root, and for writes a body."""

    method: str
    path: str
    query: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None


class Caller:
    """A caller of the application with credentials; ``headers`` go with every request."""

    def __init__(self, application: Any, base_url: str, headers: Mapping[str, str]) -> None:
        self._application, self._headers = application, headers
        self._host = urlsplit(base_url)

    def environ(self, request: Request) -> dict[str, Any]:
        """The request as WSGI hands it over."""
        body = b"" if request.body is None else orjson.dumps(request.body)
        found = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": quote(request.path),
            "QUERY_STRING": urlencode(request.query or {}),
            "SERVER_NAME": self._host.hostname or "localhost",
            "SERVER_PORT": str(self._host.port or 80),
            "HTTP_HOST": self._host.netloc,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self._host.scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if body:
            found["CONTENT_TYPE"] = "application/json"
        for name, value in {**self._headers, **(request.headers or {})}.items():
            found[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return found

    def prepared(self, request: Request, expect: tuple[int, ...] = (200,)) -> Thunk:
        """The work of answering one request; raises WrongAnswer for a status that is not expected."""
        environ = self.environ(request)

        def answer() -> bytes:
            said: list[Any] = []
            parts = self._application(environ, lambda status, headers, problem=None: said.append((status, headers)))
            try:
                content = b"".join(parts)
            finally:
                if hasattr(parts, "close"):
                    parts.close()
            if int(said[0][0].split()[0]) not in expect:
                raise WrongAnswer(f"{request.method} {request.path}: {said[0][0]}: {content[:400]!r}")
            return content

        return answer
