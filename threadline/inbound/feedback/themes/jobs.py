"""What the worker does for themes: looks when asked and at night, puts new notes where they fit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from threadline.inbound.feedback.themes import accepted, finding, keeping
from threadline.kernel import events, work
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.jobs import Job
from threadline.kernel.members import Member, Role
from threadline.kernel.work import Progress
from threadline.kernel.workspaces import Workspace

FIND = "feedback.find_themes"
ENOUGH = 50  # notes from which themes are looked for unasked
GROWN = 1.05  # and how many times as many there must be before they are looked for again


def ask_to_find(actor: Actor) -> Job:
    """Let the worker look at the whole backlog; one look at a time."""
    actor.need("update", "intake")
    args = {"member": str(actor.member_id)}
    return work.enqueue(FIND, args, workspace_id=actor.workspace_id, unique_key=f"{FIND}:{actor.workspace_id}")


def under_way(actor: Actor) -> Job | None:
    """The look that waits or runs."""
    return Job.objects.filter(workspace_id=actor.workspace_id, name=FIND, state__in=work.OPEN).first()


def stop_finding(actor: Actor) -> bool:
    """End a look that waits, or ask one that runs to stop; whether there was any. What it wrote stays."""
    actor.need("update", "intake")
    found = under_way(actor)
    if found is not None:
        work.cancel(None, found.pk)
    return found is not None


@work.job(FIND, most_attempts=2)
def find(progress: Progress, *, member: str) -> dict[str, Any]:
    """Look at the whole backlog for whoever asked."""
    found = Member.objects.select_related("user", "workspace").get(pk=member)
    made = dict(finding.find_themes(actor_of(found, face="job"), progress))
    keeping.keep(found.workspace_id)
    return made


@work.job("feedback.find_themes_everywhere", every=86_400)
def find_everywhere(progress: Progress) -> dict[str, Any]:
    """At night: let accepted themes learn, and ask for a look wherever notes came in that no look has seen."""
    asked = 0
    for workspace in Workspace.objects.order_by("pk"):
        accepted.learn(workspace.pk)
        notes, before = finding.count_open(workspace.pk), finding.looked(workspace.pk).get("notes", 0)
        owner = Member.objects.filter(workspace=workspace, role=Role.OWNER, left_at=None).order_by("joined_at").first()
        if owner is not None and notes >= max(ENOUGH, GROWN * before):
            key = f"{FIND}:{workspace.pk}"
            work.enqueue(FIND, {"member": str(owner.pk)}, workspace_id=workspace.pk, unique_key=key)
            asked += 1
    return {"asked": asked}


@work.job("feedback.place_everywhere", every=300)
def place_everywhere(progress: Progress) -> dict[str, Any]:
    """Put notes that came in by the thousand, and told nobody, where they fit."""
    places = Workspace.objects.order_by("pk").values_list("pk", flat=True)
    return {"placed": sum(finding.place_new(place, progress) for place in places)}


@work.job("feedback.count_themes_everywhere", every=300)
def count_everywhere(progress: Progress) -> dict[str, Any]:
    """Keep the figures of large backlogs, so that no reader waits for them."""
    places = Workspace.objects.order_by("pk").values_list("pk", flat=True)
    return {"kept": sum(keeping.keep(place) for place in places)}


@events.on("feedback.created", "feedback.restored", "feedback.updated", fields=("state", "body"))
def place_when_written(event: events.Event) -> None:
    """A note came in, or was held back no longer: it stands in its theme at once, or waits for the next look."""
    finding.place_one(UUID(event.workspace_id), UUID(event.card_id))
