"""Chinese, Japanese and Korean writing is found by any part of it: what is indexed already is indexed anew."""

from typing import Any
from uuid import UUID

from django.db import migrations

from threadline.formats import grams
from threadline.kernel import search

PART = 2_000


def cut_up(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _postgres(cursor)
        else:
            cursor.execute("SELECT name FROM pragma_table_info('kernel_search')")
            if ("body_cut",) not in cursor.fetchall():  # a new database has the column from the start
                _sqlite(cursor)


def _postgres(cursor: Any) -> None:
    last = UUID(int=0)
    while True:
        cursor.execute(
            "SELECT s.card_id, s.workspace_id, c.kind, s.title, s.body FROM kernel_search s"
            " JOIN kernel_card c ON c.id = s.card_id WHERE s.card_id > %s AND (s.title || s.body) ~ %s"
            f" ORDER BY s.card_id LIMIT {PART}",
            [last, grams.ANY.pattern],
        )
        found = cursor.fetchall()
        for row in found:
            search.change(search.Document(*row), None)
        if len(found) < PART:
            return
        last = found[-1][0]


def _sqlite(cursor: Any) -> None:
    cursor.execute("ALTER TABLE kernel_search RENAME TO kernel_search_before")
    cursor.execute(search.SQLITE_TABLE)
    last = -1
    while True:
        cursor.execute(
            f"SELECT rowid, scope, title, body FROM kernel_search_before WHERE rowid > %s ORDER BY rowid LIMIT {PART}",
            [last],
        )
        found = cursor.fetchall()
        cursor.executemany(
            f"INSERT INTO kernel_search (rowid, {', '.join(search.FTS5)}) VALUES (%s, %s, %s, %s, %s, %s)",
            [(*row, grams.cut(row[2]), grams.cut(row[3])) for row in found],
        )
        if len(found) < PART:
            break
        last = found[-1][0]
    cursor.execute("DROP TABLE kernel_search_before")


class Migration(migrations.Migration):
    """Nothing to take back: what finds less still reads what is there."""

    dependencies = [("kernel", "0005_changed_meaning")]
    operations = [migrations.RunPython(cut_up, migrations.RunPython.noop)]
