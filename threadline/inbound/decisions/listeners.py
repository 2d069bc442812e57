"""What follows by itself: parts of a decision follow its readers, reviews open on their day."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from threadline.inbound.decisions import queries
from threadline.inbound.decisions.following import link_option, narrow_parts
from threadline.inbound.decisions.models import Decision, DecisionOption, Prediction
from threadline.kernel import rows, work
from threadline.kernel.access import actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.comments import Notification
from threadline.kernel.events import Event, on
from threadline.kernel.links import Link
from threadline.kernel.members import Member

EVERY = 3_600  # seconds between two looks at what is due
AT_ONCE = 500
CALENDAR = "The calendar"


@on("decision.updated", "decision.name_readers", fields=("confidentiality", "product"))
def keep_parts_as_close(event: Event) -> None:
    """Options, dissents and predictions are seen by no more people than their decision."""
    decision = Decision.objects.filter(workspace_id=event.workspace_id, pk=event.card_id).first()
    member = Member.objects.filter(pk=event.member_id).first()
    if decision is not None and member is not None:
        actor = actor_of(member, face="job")
        through_door(actor, "follow_decision", lambda door: narrow_parts(door, decision))


@on("option.created")
def weigh_what_was_added(event: Event) -> None:
    """An option that came by a form, a file or the API is on its decision's thread as well."""
    option = DecisionOption.objects.filter(workspace_id=event.workspace_id, pk=event.card_id, archived_at=None).first()
    member = Member.objects.filter(pk=event.member_id).first()
    if option is None or member is None:
        return
    cited = Link.objects.filter(workspace_id=option.workspace_id, source_id=option.decision_id, target_id=option.pk)
    if not cited.exists():
        through_door(actor_of(member, face="job"), "add_option", lambda door: link_option(door, option))


@work.job("decisions.open_reviews", every=EVERY)
def open_reviews(progress: work.Progress) -> dict[str, Any]:
    """Tell whoever answers for a prediction that its day has come, once."""
    due = Prediction.objects.filter(state="open", archived_at=None, due_on__lte=queries.today(), owner__left_at=None)
    due = due.exclude(owner=None)
    told = 0
    for one in due.order_by("due_on", "pk")[:AT_ONCE]:
        if one.owner_id is None:
            continue
        since = datetime.combine(one.due_on, time(), UTC)
        before = Notification.objects.filter(
            workspace_id=one.workspace_id, member_id=one.owner_id, card_id=one.pk, actor_name=CALENDAR
        )
        if before.filter(created_at__gte=since).exists():
            continue
        rows.insert(
            Notification(
                workspace_id=one.workspace_id, member_id=one.owner_id, card_id=one.pk, batch=rows.new_id(),
                reason=Notification.Reason.CHANGED, actor_name=CALENDAR,
            )
        )  # fmt: skip
        told += 1
    return {"told": told}
