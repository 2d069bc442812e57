"""What the pages of single records say beside what every page says."""

from __future__ import annotations

from typing import Any

from threadline.faces.web.screens import adds_to
from threadline.faces.web.visit import Visit
from threadline.inbound.research.models import Interview
from threadline.kernel.access import reach
from threadline.kernel.registry import type_of


@adds_to("interview", "detail")
def to_the_reader(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Reading the talk is what one comes for."""
    interview = reach(visit.actor, Interview).filter(pk=row["id"]).first()
    if interview is None or interview.archived_at is not None:
        return
    read, bring = visit.record(row["key"], "read"), visit.record(row["key"], "transcript")
    if interview.turns:
        context["page_actions"] = [{"label": "Read the talk", "href": read}, *context["page_actions"]]
    elif visit.actor.may("update", type_of("interview").group):
        context["page_actions"] = [{"label": "Bring in a transcript", "href": bring}, *context["page_actions"]]
    own = {"Highlight", "Mend the transcript", "Tick a question", "Rename a speaker"}
    for place in ("page_actions", "tools"):
        context[place] = [a for a in context[place] if a["label"] not in own]


@adds_to("interview", "detail")
@adds_to("consent", "detail")
@adds_to("code", "detail")
def beside_the_thread(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """These stand beside the thread and not on it: a bar of gaps would say something else."""
    context["stops"] = None
