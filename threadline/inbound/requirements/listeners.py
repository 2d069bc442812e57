"""What follows by itself: what came by a form, a file or the API cites what it belongs to; parts follow readers."""

from __future__ import annotations

from typing import Any

from threadline.inbound.requirements.following import narrow, parts_of_feature, parts_of_requirement, tie
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.inbound.requirements.releasing import criteria_accepted
from threadline.kernel.access import actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.events import Event, on
from threadline.kernel.links import Link
from threadline.kernel.members import Member
from threadline.kernel.registry import type_of

READERS = {"confidentiality", "product"}
TIED = {"feature", "parent", "requirement"}
ASKED_OF_A_RELEASE = criteria_accepted  # named here so that start-up loads it


def _find(event: Event, model: Any) -> tuple[Any, Member | None]:
    record = model.objects.filter(workspace_id=event.workspace_id, pk=event.card_id).first()
    return record, Member.objects.filter(pk=event.member_id).first()


@on("feature.updated", "feature.name_readers", fields=READERS)
def keep_requirements_as_close(event: Event) -> None:
    """Requirements and baselines are seen by no more people than their feature."""
    feature, member = _find(event, type_of("feature").model)
    if feature is not None and member is not None:
        actor = actor_of(member, face="job")
        through_door(actor, "follow_feature", lambda door: narrow(door, feature, parts_of_feature(feature)))


@on("requirement.updated", "requirement.name_readers", fields=READERS)
def keep_criteria_as_close(event: Event) -> None:
    """Criteria, and baselines that hold it, are seen by no more people than the requirement."""
    requirement, member = _find(event, Requirement)
    if requirement is not None and member is not None:
        actor = actor_of(member, face="job")
        parts = parts_of_requirement(requirement)
        through_door(actor, "follow_requirement", lambda door: narrow(door, requirement, parts))


@on("requirement.created", "criterion.created", "requirement.updated", "criterion.updated", fields=TIED)
def tie_to_what_it_belongs_to(event: Event) -> None:
    """A requirement cites its feature, a criterion its requirement."""
    model: Any = Requirement if event.name.startswith("requirement") else Criterion
    record, member = _find(event, model)
    if record is None or member is None or record.archived_at is not None:
        return
    wanted = [record.requirement_id] if model is Criterion else [record.feature_id, record.parent_id]
    there = set(Link.objects.filter(source_id=record.pk, kind__in=("specifies", "refines", "checks"))
                .values_list("target_id", flat=True))  # fmt: skip
    if there != {w for w in wanted if w is not None}:
        through_door(actor_of(member, face="job"), "tie_requirement", lambda door: tie(door, record))
