"""What follows by itself: mailboxes are looked into when their time has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from threadline.inbound.intake import mailbox
from threadline.inbound.intake.models import FeedbackSource
from threadline.inbound.intake.rules import LOOK
from threadline.kernel import rows, work

EVERY = 120  # seconds between two looks at which mailboxes are due
AT_ONCE = 200


@work.job(LOOK, most_attempts=2)
def look(progress: work.Progress, *, source: str) -> dict[str, Any]:
    """Look into one mailbox."""
    return {"taken": mailbox.look_into(UUID(source), progress)}


@work.job("intake.look_into_what_is_due", every=EVERY)
def look_into_what_is_due(progress: work.Progress) -> dict[str, Any]:
    """Ask for a look into every mailbox whose time has come, each as a job of its own."""
    now = rows.now() + timedelta(seconds=1)
    boxes = FeedbackSource.objects.filter(way=FeedbackSource.Way.MAILBOX, state="open", archived_at=None)
    due = boxes.filter(~Q(mailbox__sealed=""), mailbox__isnull=False).exclude(mailbox__next_at__gt=now)
    found = list(due.values_list("pk", "workspace_id")[:AT_ONCE])
    for source, workspace in found:
        work.enqueue(LOOK, {"source": str(source)}, workspace_id=workspace, unique_key=f"{LOOK}:{source}")
    return {"due": len(found)}
