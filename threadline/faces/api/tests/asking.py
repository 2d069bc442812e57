"""A caller that speaks JSON, and answers that are easy to look at."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client


class Answer:
    """What came back: status, headers, and the JSON, read once."""

    def __init__(self, response: HttpResponse) -> None:
        self.status, self.headers, self.content = response.status_code, response.headers, response.content
        self.json: Any = orjson.loads(response.content) if response.content else None

    def __getitem__(self, name: str) -> Any:
        return self.json[name]

    @property
    def etag(self) -> str:
        """The record's tag."""
        return self.headers["ETag"]

    @property
    def keys(self) -> list[str]:
        """Keys of the records on a page."""
        return [row["key"] for row in self.json["data"]]

    @property
    def pointers(self) -> list[str]:
        """Where the problems lie."""
        return [e.get("pointer") or e.get("parameter") or e.get("header") for e in self.json.get("errors", [])]

    def __repr__(self) -> str:
        return f"{self.status} {self.content[:400]!r}"


class Api:
    """Calls below /api/v1/ with given headers; a session's cookies stay in ``client``."""

    def __init__(self, headers: dict[str, str] | None = None, client: Client | None = None) -> None:
        self.given, self.client = headers or {}, client or Client(enforce_csrf_checks=True)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; header names are written with underscores."""
        sent = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = named.pop("Content-Type", "application/json" if sent else "")
        response = self.client.generic(
            method, f"/api/v1/{path}", sent, content_type=kind, headers={**self.given, **named}
        )
        return Answer(response)

    def get(self, path: str, **headers: str) -> Answer:
        """Read."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Make or act."""
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        """Change."""
        return self.ask("PATCH", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Set."""
        return self.ask("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        """Take away."""
        return self.ask("DELETE", path, **headers)
