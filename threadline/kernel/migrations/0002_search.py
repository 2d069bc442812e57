"""The full-text table, in the words of each engine."""

from typing import Any

from django.db import migrations

from threadline.kernel import search


def make(apps: Any, schema_editor: Any) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in (search.POSTGRES_TABLE if postgres else search.SQLITE_TABLE).split(";"):
        if statement.strip():
            schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE kernel_search")


class Migration(migrations.Migration):
    """Made by hand: no model stands behind a full-text table."""

    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
