"""The pages of an account and of a contact: what they asked for, and where each of it stands."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import threadview, wording
from threadline.faces.web.screens import adds_to
from threadline.faces.web.visit import Visit
from threadline.inbound.feedback import queries
from threadline.kernel.access import reach
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of


@adds_to("account", "detail")
@adds_to("contact", "detail")
def what_they_asked_for(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Features that rest on the words of a company, its people included, or of one person."""
    asker = reach(visit.actor, type_of(visit.facts["kind"]).model).get(pk=row["id"])
    context["wishes"] = _wishes(visit, asker)


def _wishes(visit: Visit, asker: Record) -> list[dict[str, Any]]:
    states = type_of(queries.FEATURE).state_by_name
    return [
        {
            "key": one.key,
            "title": one.title,
            "href": visit.record(one.key),
            "state": states[one.state],
            "weight": threadview.WEIGHTS.get(one.weight),
            "notes": wording.plural(one.notes, "note"),
            "last": wording.on_day(one.last),
        }
        for one in queries.wishes(visit.actor, asker)
    ]
