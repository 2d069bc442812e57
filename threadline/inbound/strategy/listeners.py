"""What follows by itself: evidence that came by the cite page, a file or the API counts like any other."""

from __future__ import annotations

from threadline.inbound.strategy import betting
from threadline.inbound.strategy.models import Assumption
from threadline.kernel.access import actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.events import Event, on
from threadline.kernel.members import Member


@on("assumption.linked", "assumption.unlinked")
def follow_evidence(event: Event) -> None:
    """An assumption that something speaks against is contradicted, until somebody has judged it."""
    member = Member.objects.filter(pk=event.member_id, left_at=None).first()
    if member is None:
        return

    def run(door: Door) -> None:
        found = Assumption.objects.filter(workspace_id=event.workspace_id, pk=event.card_id, archived_at=None)
        for assumption in door.whoever_may_see(Assumption, found.values_list("pk", flat=True)):
            betting.follow_evidence(door, assumption)

    through_door(actor_of(member, face="job"), "follow_evidence", run)
