"""What follows by itself: pages are read, sources looked at, the week's intelligence sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from threadline.inbound.market import digest, reading
from threadline.inbound.market.judging import LOOK, READ
from threadline.inbound.market.models import Fact, Intel, IntelSource, Polling
from threadline.kernel import rows, work
from threadline.kernel.changes import Change
from threadline.kernel.events import Event, on

EVERY = 300  # seconds between two looks at which sources are due
AT_ONCE = 200
DIGEST = "market.digest_of"


@on("intel.created", "fact.created", "fact.updated", fields=("url", "checked_on"))
def read_what_was_linked(event: Event) -> None:
    """A link that a person gave is read once, and its words kept; what a source brought has them already."""
    if _told_by_sample(event):
        return
    model: Any = Intel if event.name.startswith("intel") else Fact
    found = model.objects.filter(pk=event.card_id).first()
    if found is None or not found.url or (isinstance(found, Intel) and (found.found_by_id or found.state != "new")):
        return
    reading.read_link(UUID(event.card_id), UUID(event.member_id))


def _told_by_sample(event: Event) -> bool:
    """Whether the sample company is being loaded: its addresses are invented, and nothing knocks on the network."""
    return Change.objects.filter(card_id=event.card_id, batch=event.batch, face="sample").exists()


@on("intel_source.created", "intel_source.updated", fields=("url", "form", "state"))
def look_at_once(event: Event) -> None:
    """A new source is looked at now, and one that was changed."""
    if _told_by_sample(event):
        return
    key = f"look:{event.card_id}"
    work.enqueue(LOOK, {"source": event.card_id}, workspace_id=UUID(event.workspace_id), unique_key=key)


@work.job(LOOK, most_attempts=2)
def look(progress: work.Progress, *, source: str) -> dict[str, Any]:
    """Look at one source."""
    return {"new": reading.look_at(UUID(source))}


@work.job(READ, most_attempts=2)
def read(progress: work.Progress, *, record: str, member: str) -> dict[str, Any]:
    """Read the page behind one record."""
    return {"problem": reading.read_link(UUID(record), UUID(member))}


@work.job("market.look_at_what_is_due", every=EVERY)
def look_at_what_is_due(progress: work.Progress) -> dict[str, Any]:
    """Ask for a look at every source whose hour has come, each as a job of its own."""
    watched = IntelSource.objects.filter(state="watching", archived_at=None)
    waiting = Polling.objects.filter(next_at__gt=rows.now()).values("source_id")
    due = list(watched.exclude(pk__in=waiting).values_list("pk", "workspace_id")[:AT_ONCE])
    for source, workspace in due:
        work.enqueue(LOOK, {"source": str(source)}, workspace_id=workspace, unique_key=f"look:{source}")
    return {"due": len(due), "next": (rows.now() + timedelta(seconds=EVERY)).isoformat()}


@work.job("market.digest", every=3_600)
def send_digests(progress: work.Progress) -> dict[str, Any]:
    """From Monday on, ask for each reader's digest of the week once, each as a job of its own."""
    waiting = digest.due(rows.now().date())
    for member in waiting:
        work.enqueue(DIGEST, {"member": str(member)}, unique_key=f"digest:{member}")
    return {"due": len(waiting)}


@work.job(DIGEST, most_attempts=3)
def send_digest(progress: work.Progress, *, member: str) -> dict[str, Any]:
    """Send one person the week's digest."""
    return {"sent": digest.send(UUID(member), rows.now().date())}
