"""What the worker does so that notes are read when they arrive and learnt from at night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from threadline.inbound.feedback.intelligence import belonging, keeping, labels, meant, weights
from threadline.kernel import events, rows, work
from threadline.kernel.work import Progress
from threadline.kernel.workspaces import Workspace

SOON = 120  # seconds from a label to learning: most are given one after another


def _open_workspaces() -> list[UUID]:
    return list(Workspace.objects.order_by("pk").values_list("pk", flat=True))


@work.job("feedback.read_everywhere", every=60)
def read_everywhere(progress: Progress) -> dict[str, Any]:
    """Read what came in by the thousand and told nobody, in every workspace."""
    return {"read": sum(keeping.catch_up(w, progress) for w in _open_workspaces())}


@work.job("feedback.ask_model", every=60)
def ask_model_everywhere(progress: Progress) -> dict[str, Any]:
    """Where the operator named a model, let it read what it has not read yet."""
    return {"read": sum(meant.catch_up(w, progress) for w in _open_workspaces())}


@work.job("feedback.learn", every=86_400)
def learn_everywhere(progress: Progress) -> dict[str, Any]:
    """At night: leave no trace of what was erased, and learn from what people linked, merged and labelled."""
    for workspace_id in _open_workspaces():
        if keeping.forget_the_gone(workspace_id, progress):
            keeping.catch_up(workspace_id, progress)
        meant.forget_the_gone(workspace_id)
        weights.learn(workspace_id, progress)
        belonging.learn(workspace_id, progress)
        labels.learn(workspace_id, progress)
    return {}


@work.job("feedback.learn_labels")
def learn_labels(progress: Progress) -> dict[str, Any]:
    """Learn from the labels given a little while ago."""
    assert progress.workspace_id is not None
    return dict(labels.learn(progress.workspace_id, progress))


@events.on("feedback.labelled")
def learn_when_labelled(event: events.Event) -> None:
    """A label was given: within some minutes proposals know of it, and of all given meanwhile."""
    workspace_id = UUID(event.workspace_id)
    key, at = f"learn_labels:{workspace_id}", rows.now() + timedelta(seconds=SOON)
    work.enqueue("feedback.learn_labels", workspace_id=workspace_id, unique_key=key, run_at=at)


_WRITTEN = [f"{kind}.{what}" for kind in keeping.KINDS for what in ("created", "updated", "archived", "restored")]


@events.on(*_WRITTEN, fields=(events.SEARCHED,))
def read_when_written(event: events.Event) -> None:
    """A note or feature was written: it is read, so that it can be found by what comes next."""
    workspace_id, card_id = UUID(event.workspace_id), UUID(event.card_id)
    # Before all that waits: after a large import that takes minutes, and a new feature is wanted at once.
    keeping.read_one(card_id, workspace_id)
    keeping.catch_up(workspace_id)
    # A write that was long under way may be older than what was read last.
    keeping.read_one(card_id, workspace_id)
