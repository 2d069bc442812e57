"""Labelling notes: one label of a group at most, each press teaching the next proposal."""

from __future__ import annotations

from typing import Annotated, Literal

from threadline.inbound.feedback.intelligence import labels
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict
from threadline.kernel.tags import CardTag

Label = Literal["bug", "request", "praise", "question", "urgent", "can wait", "churn risk", "staying"]


@action(Feedback, verb="update", label="Label", bulk=True)
def label_feedback(
    door: Door, *, feedback: Feedback, label: Annotated[Label, Ask("Label", "Takes the place of its opposite.")]
) -> Feedback:
    """Say what sort of note this is, how soon it matters or whether they will stay; proposals learn from it."""
    others = set(labels.group_of(label).labels) - {label}
    mine = CardTag.objects.filter(workspace_id=feedback.workspace_id, card_id=feedback.pk)
    before = set(mine.values_list("tag__name", flat=True))
    if label not in before or before & others:
        verbs.tag(door, feedback, sorted((before - others) | {label}))
        door.announce(feedback, "labelled")
    return feedback


@action(Feedback, verb="update", label="Take a label off", bulk=True)
def unlabel_feedback(
    door: Door, *, feedback: Feedback, label: Annotated[Label, Ask("Label", "What it is not.")]
) -> Feedback:
    """Take a label off again; proposals no longer learn from it."""
    mine = CardTag.objects.filter(workspace_id=feedback.workspace_id, card_id=feedback.pk)
    before = set(mine.values_list("tag__name", flat=True))
    if label not in before:
        raise Conflict(f"It does not have the label “{label}”.", feedback.version)
    verbs.tag(door, feedback, sorted(before - {label}))
    door.announce(feedback, "labelled")
    return feedback
