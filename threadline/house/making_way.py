"""Own fields step aside when Threadline comes to declare a field of the same name.

A workspace that made a field Budget before there was one keeps its values, under another name.
"""

from __future__ import annotations

from django.db import models, transaction

from threadline.house.furnishing import taken_names
from threadline.kernel import rows
from threadline.kernel.customs import NAME, CustomField
from threadline.kernel.registry import RecordType, kinds
from threadline.kernel.workspaces import Workspace


def make_way() -> list[str]:
    """Rename own fields whose name is taken; a sentence for each. Run after migrating, when nobody writes."""
    declared = {one.kind: one for one in kinds()}
    said = []
    for field in CustomField.objects.filter(kind__in=declared).order_by("pk"):
        of_type = declared[field.kind]
        if field.name in taken_names(of_type) and NAME.match(field.name):
            name = _free(field, of_type)
            with transaction.atomic():
                _move(of_type, field, name)
                CustomField.objects.filter(pk=field.pk).update(name=name, label=f"{field.label} (own)"[:80])
                Workspace.objects.filter(pk=field.workspace_id).update(fields_version=models.F("fields_version") + 1)
            said.append(
                f"The own field {field.label} of {of_type.plural.lower()} is now {field.label} (own), and {name} in"
                f" filters and exports: Threadline has a field called {field.name}."
            )
    return said


def _free(field: CustomField, declared: RecordType) -> str:
    here = CustomField.objects.filter(workspace_id=field.workspace_id, kind=field.kind).values_list("name", flat=True)
    taken = {*taken_names(declared), *here}
    names = (f"own_{field.name}"[:38] + (str(n) if n > 1 else "") for n in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _move(declared: RecordType, field: CustomField, name: str) -> None:
    """Both names fit ``NAME``, so they may stand in the statement."""
    old = field.name
    moved, has = (
        (f"(custom - '{old}') || jsonb_build_object('{name}', custom -> '{old}')", f"custom ? '{old}'")
        if rows.is_postgres()
        else (
            f"json_remove(json_set(custom, '$.{name}', json(custom -> '$.{old}')), '$.{old}')",
            f"custom -> '$.{old}' IS NOT NULL",
        )
    )
    rows.execute(
        f'UPDATE "{declared.table}" SET custom = {moved} WHERE workspace_id = %s AND {has}',
        [field.workspace_id],
    )
