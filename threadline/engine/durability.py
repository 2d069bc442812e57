"""Trading the last moments before a power cut for speed, where a batch can be run again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def bulk_writes(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let commits inside return before the disk has them; leave only when it has them all.

    For imports and other work of many commits. A killed process loses nothing; a power cut
    may lose the last commits inside the block, never anything older, and never corrupts.
    Must stand outside ``atomic``: raises RuntimeError there, because neither engine changes
    durability in the middle of a transaction without surprise.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        raise RuntimeError("bulk_writes() must be entered outside a transaction")
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = NORMAL" if sqlite else "SET synchronous_commit = off")
    try:
        yield
    finally:
        _make_durable(using, sqlite=sqlite)


def _make_durable(using: str, *, sqlite: bool) -> None:
    with connections[using].cursor() as cursor:
        if sqlite:
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")  # syncs the log before it copies
        else:
            cursor.execute("RESET synchronous_commit")
            # A commit that waits for the disk also waits for all commits before it; the
            # message gives this one something to write.
            cursor.execute("SELECT pg_logical_emit_message(true, 'threadline', 'bulk_writes')")
