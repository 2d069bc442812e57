"""Making many tables in one step of a migration.

Django renders the models of a state anew after each table that is added, and with them whatever is
related: with sixty tables that is most of the time that an empty database takes. Nothing here reads a
model before all are there, so the state is told of all of them first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory


class MakeTables(Operation):
    """All that an app begins with: new tables, and fields, indexes and constraints added to those very tables."""

    category = OperationCategory.ADDITION
    reduces_to_sql = True
    serialization_expand_args = ["operations"]

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = list(operations)

    @property
    def _names(self) -> list[str]:
        return [one.name for one in self.operations if isinstance(one, CreateModel)]

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Tell the state of everything; its models are rendered once, when somebody asks."""
        state.__dict__.pop("apps", None)
        for one in self.operations:
            one.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make each table as it is in the end: what was added to it stands in it from the start."""
        for name in self._names:
            model = to_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the tables, the last first."""
        for name in reversed(self._names):
            model = from_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.delete_model(model)

    def describe(self) -> str:
        """What `migrate --plan` says of it."""
        return f"Make {len(self._names)} tables"
