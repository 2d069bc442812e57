"""One request as an attack: what it answered, and whether it left anything behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from tests.crawl import text_of
from tests.dump import Writes, dump
from tests.security.scene import FOREIGN

_PASSING = re.compile(
    r'(?P<before>name="csrfmiddlewaretoken" value="|"csrf":"|"request_id":"|"batch":")[^"]*'
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


@dataclass(frozen=True)
class Outcome:
    """What came back, without what differs from one request to the next."""

    status: int
    body: str
    moved: tuple[str, ...]
    where: str = ""

    @property
    def refused(self) -> bool:
        """Nothing was told and nothing was done."""
        return self.status >= 400 and not self.moved and FOREIGN not in self.body.lower()

    def __str__(self) -> str:
        wrote = f", wrote to {', '.join(self.moved)}" if self.moved else ""
        return f"{self.status}{wrote}: {self.body[:300]!r}"


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside is undone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    caches["process"].clear()


def send(client: Client, method: str, address: str, data: Any = None, **headers: Any) -> Outcome:
    """Send a request, look at what it did, and undo it."""
    signed_in = dict(client.cookies)
    blind = dump() if connection.vendor == "postgresql" else {}
    with taken_back():
        verb = getattr(client, method.lower())
        with Writes() as writes:
            response: HttpResponse = verb(address, data, **headers) if data is not None else verb(address, **headers)
            body = text_of(response)
        after = dump(
            writes.tables, writes.grown
        )  # the tables that were written to; all of them where that is not known
    before = blind or (dump(after, writes.grown) if after else {})
    client.cookies.clear()
    client.cookies.update(signed_in)  # signing out was undone as well
    changed = tuple(sorted(name for name in after if after[name] != before.get(name)))
    where = response.get("Location", "")
    return Outcome(response.status_code, _PASSING.sub(lambda m: m["before"] or "", body), changed, where)
