"""What a feature's page says of its requirements: how many, and whether it is ready to be built."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to
from threadline.faces.web.visit import Visit
from threadline.inbound.features.screens import begin_as_it_is
from threadline.inbound.requirements import queries, releasing


@adds_to("feature", "detail")
def requirements_and_readiness(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Add what only the requirements know to the definition of ready."""
    # The page has read the feature through reach already: its id is enough here.
    branches = [b for b in queries.tree_of(visit.actor, UUID(str(row["id"]))) if b.requirement.state != "dropped"]
    checked = queries.checked(branches)
    stale = sum(b.suspects > 0 for b in branches)
    context["ready"]["checks"] += releasing.checks(branches)
    begin_as_it_is(context)
    said = wording.plural(len(branches), "requirement")
    context["requirements"] = {
        "href": visit.record(row["key"], "requirements"),
        "text": f"{said}, {checked.confirmed} of {checked.scope} with a criterion" if branches else "none written yet",
        "stale": f"{wording.plural(stale, 'requirement')} to read again" if stale else "",
    }
