"""A workspace taken away whole: the rows of every table that belong to it, and nothing else's."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.db import transaction

from threadline.house import filing
from threadline.keeping.checks import of_workspaces
from threadline.kernel import rows, search
from threadline.kernel.cards import Card
from threadline.kernel.files import Attachment
from threadline.kernel.workspaces import Workspace

CHUNK = 5_000


def remove_workspace(workspace: Workspace) -> list[Path]:
    """Delete every row of a workspace; returns the files whose bytes may go once that is committed.

    References are checked by the database when the transaction ends, so the order of tables
    does not matter, and a row that somebody else's points at is refused.
    """
    with transaction.atomic():
        files = [filing.path_of(a) for a in Attachment.objects.filter(workspace=workspace).iterator(CHUNK)]
        cards = Card.objects.filter(workspace=workspace)
        keys = list(cards.values_list("pk" if rows.is_postgres() else "doc", flat=True))
        search.drop([key for key in keys if key is not None])
        for model in of_workspaces(apps.get_models()):
            rows.execute(f'DELETE FROM "{model._meta.db_table}" WHERE workspace_id = %s', [workspace.pk])
        rows.execute("DELETE FROM kernel_workspace WHERE id = %s", [workspace.pk])
    return files
