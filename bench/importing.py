"""``python -m bench.importing OUT ROWS KIND``: a file brought in, beside the same rows written by hand.

Ours reads the file, checks every value, and writes record, card, search row and history. The limit
reads the file with the standard library and writes the same four rows, a thousand to a transaction,
checking nothing. Each is a process of its own, so that the memory of one is not the other's.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.core.management import call_command
from django.db import connection, transaction

from bench import ready, words
from bench.timing import Meter
from threadline.engine.durability import bulk_writes
from threadline.exchange import carrying, uploads
from threadline.kernel import rows
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.members import Member, User
from threadline.kernel.registry import type_of
from threadline.kernel.workspaces import Workspace

__all__ = ["ready"]

CHUNK = 1_000
_SEARCH = ("scope", "title", "body", "title_cut", "body_cut")


def file_of(path: Path, kind: str, count: int) -> None:
    """A file of so many believable rows."""
    writer = words.Writer(count)
    more = ("channel", "received_on", "author", "rating") if kind == "feedback" else ("state", "hypothesis")
    with path.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["id", "title", "body", *more])
        for number in range(count):
            draw = writer.random
            said: tuple[Any, ...] = (" ".join(writer.words(8, 20)),)
            said = (
                ("idea", *said)
                if kind == "feature"
                else ("email", "2026-03-04", f"Reader {number}", draw.randint(1, 5))
            )
            table.writerow([f"b{number}", writer.title(number), writer.body(number), *said])


def somebody() -> Actor:
    """A product manager in an empty workspace."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    workspace = Workspace.objects.create(slug="import", name="Import")
    user = User.objects.create_user("petra@import.example", None, name="Petra")
    member = Member.objects.create(workspace=workspace, user=user, name="Petra", handle="petra", role="product_manager")
    return actor_of(member, "import")


def ours(actor: Actor, path: Path, kind: str, meter: Meter) -> dict[str, float]:
    """CPU seconds and peak memory of taking in, checking and bringing in."""
    before = meter.read()
    with path.open("rb") as file:
        run = uploads.take_in(actor, kind, "bench", path.name, iter(lambda: file.read(65_536), b""))
    carrying.check(actor, run)
    checked = meter.read()
    carrying.bring_in(actor, run, skip_bad=True)
    run.refresh_from_db()
    assert run.state == "done", (run.state, run.error)
    return {
        "rows": run.counts["created"],
        "check_s": checked - before,
        "cpu_s": meter.read() - checked,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def by_hand(path: Path, kind: str, meter: Meter) -> float:
    """CPU seconds of reading the file and writing the same rows; needs one row of ours as a pattern."""
    record, card, change = type_of(kind).table, "kernel_card", "kernel_change"
    patterns = {table: _first(table) for table in (record, card, change)}
    prefix, before = type_of(kind).model.prefix, meter.read()
    with path.open(newline="", encoding="utf-8") as file, bulk_writes():
        for at, part in enumerate(_parts(csv.DictReader(file))):
            with transaction.atomic():
                _write(patterns, (record, card, change), prefix, 2_000_000 + at * CHUNK, part)
    return meter.read() - before


def _parts(found: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    while part := list(islice(found, CHUNK)):
        yield part


def _write(
    patterns: dict[str, dict[str, Any]], tables: Sequence[str], prefix: str, first: int, part: list[dict[str, str]]
) -> None:
    made: dict[str, list[tuple[Any, ...]]] = {table: [] for table in tables}
    search: list[tuple[Any, ...]] = []
    scope = _scope()
    for number, row in enumerate(part, first):
        ident, key = rows.new_id_text(), f"{prefix}-{number}"
        title, body = row["title"], row["body"]
        diff = orjson.dumps({name: [None, value] for name, value in row.items() if name != "id"}).decode()
        own = {"id": ident, "number": number, "title": title, "source_id": f"hand{number}"}
        for table, changed in zip(
            tables,
            (
                {**own, "body": body} if "body" in patterns[tables[0]] else own,
                {"id": ident, "number": number, "key": key, "title": title, "doc": number},
                {"id": rows.new_id_text(), "card_id": ident, "diff": diff},
            ),
            strict=True,
        ):
            pattern = patterns[table]
            made[table].append(tuple({**pattern, **{n: v for n, v in changed.items() if n in pattern}}.values()))
        search.append((ident if rows.is_postgres() else number, f"{key} {title}", body, scope))
    for table in tables:
        rows.insert_rows(table, tuple(patterns[table]), made[table])
    _index(search)


def _index(found: list[tuple[Any, ...]]) -> None:
    if not rows.is_postgres():
        columns = ("rowid", *_SEARCH)
        rows.insert_rows("kernel_search", columns, [(n, scope, t, b, "", "") for n, t, b, scope in found])
        return
    sql = (
        "INSERT INTO kernel_search (card_id, workspace_id, title, body, tsv) VALUES (%s, %s, %s, %s,"
        " setweight(to_tsvector('english', %s), 'A') || setweight(to_tsvector('english', %s), 'B')"
        " || array_to_tsvector(%s::text[]))"
    )
    workspace = rows.fetch("SELECT id FROM kernel_workspace LIMIT 1")[0][0]
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(i, workspace, t, b, t, b, scope.split()) for i, t, b, scope in found])


def _scope() -> str:
    if not rows.is_postgres():
        return str(rows.fetch("SELECT scope FROM kernel_search LIMIT 1")[0][0])
    workspace = rows.fetch("SELECT id FROM kernel_workspace LIMIT 1")[0][0]
    return f"w{workspace.hex} kfeedback"


def _first(table: str) -> dict[str, Any]:
    """The columns of a table that can be written, with the values of its latest row."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY id DESC LIMIT 1')
        names = [column[0] for column in cursor.description or ()]
        found = dict(zip(names, cursor.fetchone(), strict=True))
    models = {m._meta.db_table: m for m in _models()}
    writable = {str(f.column) for f in rows.stored_fields(models[table])}
    return {name: _kept(value) for name, value in found.items() if name in writable}


def _kept(value: Any) -> Any:
    if hasattr(value, "isoformat") and not rows.is_postgres():
        return value.isoformat(" ") if hasattr(value, "hour") else value.isoformat()
    return json.dumps(value) if isinstance(value, dict | list) else value


def _models() -> list[Any]:
    from_types = [type_of(kind).model for kind in ("feature", "feedback")]
    return [*from_types, *(m for m in Member._meta.apps.get_models() if m._meta.app_label == "kernel")]


def main(out: Path, count: int, kind: str, part: str) -> None:
    """Measure one side; the figures go to OUT as JSON."""
    path = out.with_name(f"{kind}-{count}.csv")
    processes: tuple[int, ...] = ()
    if part == "ours":
        actor = somebody()
        file_of(path, kind, count)
    connection.ensure_connection()
    if rows.is_postgres():
        processes = (connection.connection.info.backend_pid,)
    meter = Meter(processes)
    found = ours(actor, path, kind, meter) if part == "ours" else {"hand_s": by_hand(path, kind, meter)}
    kept = json.loads(out.read_text()) if out.exists() else {}
    out.write_text(json.dumps({**kept, **found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
