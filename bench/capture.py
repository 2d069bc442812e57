"""Which statements a request sends, and which of them are what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from threadline.kernel.registry import kinds

_TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ")
_TABLE = re.compile(r'(?:FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?"?([a-z_]+)"?', re.IGNORECASE)
# What records and what hangs on them are kept in. A statement over none of these is about who
# is asking and from where (session, user, key, member, workspace, own fields, saved views,
# throttles, idempotency), and no part of the limit.
_CONTENT = frozenset(
    f"kernel_{name}"
    for name in (
        "card",
        "cardtag",
        "change",
        "comment",
        "attachment",
        "counter",
        "link",
        "notification",
        "search",
        "watch",
    )
)


@dataclass(frozen=True)
class Statement:
    """One statement as it was sent."""

    sql: str
    params: tuple[Any, ...]

    @property
    def tables(self) -> frozenset[str]:
        """The tables it names."""
        return frozenset(_TABLE.findall(self.sql))

    @property
    def verb(self) -> str:
        """SELECT, INSERT, UPDATE, DELETE or WITH."""
        return self.sql.lstrip(" (")[:6].split()[0].upper()

    @property
    def writes(self) -> str:
        """The table it writes to, or nothing."""
        found = re.match(r'\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?([a-z_]+)"?', self.sql, re.IGNORECASE)
        return found[1] if found else ""


def record_tables() -> frozenset[str]:
    """The tables of all record types."""
    return frozenset(declared.table for declared in kinds())


def is_content(statement: Statement) -> bool:
    """Whether a statement reads or writes records, or what hangs on them."""
    return bool(statement.tables & (_CONTENT | record_tables()))


def is_row_and_history(statement: Statement) -> bool:
    """Whether a statement reads or writes the record itself, or writes its line in the history."""
    reads = not statement.writes and bool(statement.tables & record_tables())
    return reads or statement.writes in record_tables() or statement.writes == "kernel_change"


def split_answer(statements: Sequence[Statement]) -> tuple[list[Statement], list[Statement]]:
    """What is sent up to the last write, and what is read after it to answer with."""
    last = max(at for at, s in enumerate(statements) if s.writes)
    return list(statements[: last + 1]), list(statements[last + 1 :])


def reads_table(table: str) -> Callable[[Statement], bool]:
    """The statements that read a record type's own table, and the tags of its rows."""
    return lambda s: s.verb in ("SELECT", "WITH") and bool(s.tables & {table, "kernel_cardtag"})


@contextmanager
def captured() -> Iterator[list[Statement]]:
    """Collect what is sent to the database meanwhile; beginning and end of transactions are left out."""
    found: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().upper().startswith(_TRANSACTION):
            for each in params if many else [params]:
                found.append(Statement(sql, tuple(each or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found
