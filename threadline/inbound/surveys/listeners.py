"""What happens by the calendar: a survey ends with its last day, whether or not somebody closes it."""

from __future__ import annotations

from typing import Any

from threadline.inbound.surveys import rules
from threadline.inbound.surveys.models import Survey
from threadline.kernel import work
from threadline.kernel.access import Actor, actor_of, reach
from threadline.kernel.members import Member, Role

EVERY, AT_ONCE = 3_600, 500
WHY = "Its last day has passed."


@work.job("surveys.close_what_is_over", every=EVERY)
def close_what_is_over(progress: work.Progress) -> dict[str, Any]:
    """Close surveys whose last day has passed, in the name of their owner, or else of one of the workspace."""
    over = Survey.objects.filter(state="open", archived_at=None, closes_on__lt=rules.today()).order_by("pk")
    closed = 0
    for survey in over[:AT_ONCE]:
        actor = _whose(survey)
        if actor is not None:
            rules.close_survey(actor, survey=survey.pk, why=WHY)
            closed += 1
    return {"closed": closed}


def _whose(survey: Survey) -> Actor | None:
    """Who closes it: its owner where they may, else the first owner of the workspace who may see it."""
    here = Member.objects.filter(workspace_id=survey.workspace_id, left_at=None)
    heads = here.filter(role=Role.OWNER).order_by("joined_at")
    owner = here.filter(pk=survey.owner_id) if survey.owner_id else here.none()
    for member in [*owner, *heads]:
        actor = actor_of(member, face="job")
        if actor.may("decide", "inbound") and reach(actor, Survey).filter(pk=survey.pk).exists():
            return actor
    return None
