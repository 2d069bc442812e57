"""What belongs to a feature's requirements is kept from whoever may not see the feature.

Requirements and baselines take over the confidentiality of their feature, criteria that of their
requirement, never below it; a baseline also that of every requirement it holds.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from threadline.inbound.requirements.models import Baseline, Criterion, Requirement
from threadline.kernel import rows, verbs
from threadline.kernel.access import NAMED, TEAM
from threadline.kernel.cards import Reader
from threadline.kernel.door import Door
from threadline.kernel.links import Link
from threadline.kernel.records import Record

SPECIFIES, REFINES, CHECKS = "specifies", "refines", "checks"


def follow(part: Record, whole: Record | None) -> None:
    """Narrow a part as what it belongs to is."""
    if whole is None:
        return
    part.confidentiality = max(part.confidentiality, whole.confidentiality)
    if whole.confidentiality == TEAM or part.product_id is None:
        part.product_id = whole.product_id


def readers_of(whole: Record | None) -> list[Any]:
    """Whom it is kept for, to be named on its parts; nobody when it is not kept for named people."""
    if whole is None or whole.confidentiality != NAMED:
        return []
    return sorted(named(whole.workspace_id, whole.pk), key=str)


def named(workspace_id: UUID, card_id: UUID) -> set[Any]:
    """The people a record is kept for."""
    return set(Reader.objects.filter(workspace_id=workspace_id, card_id=card_id).values_list("member_id", flat=True))


def narrow(door: Door, whole: Record, parts: dict[type[Any], list[UUID]]) -> int:
    """After a record's readers changed: its parts follow. How many were written."""
    wanted, count = set(readers_of(whole)), 0
    for model, ids in parts.items():
        for part in door.whoever_may_see(model, ids):
            before = (part.confidentiality, part.product_id)
            follow(part, whole)
            if (part.confidentiality, part.product_id) != before:
                now = door.whoever_may_see(model, [part.pk])[0]
                door.change(now, {"confidentiality": part.confidentiality, "product": part.product_id})
                count += 1
            if whole.confidentiality == NAMED and named(part.workspace_id, part.pk) != wanted:
                Reader.objects.filter(workspace_id=part.workspace_id, card_id=part.pk).delete()
                rows.insert(
                    *(Reader(workspace_id=part.workspace_id, card_id=part.pk, member_id=m) for m in sorted(wanted))
                )
                door.log(part, {"+readers": [None, sorted(map(str, wanted))]})
                count += 1
    return count


def parts_of_feature(feature: Record) -> dict[type[Any], list[UUID]]:
    """The requirements and baselines of a feature, past reach: to narrow them."""
    return {m: list(m._default_manager.filter(workspace_id=feature.workspace_id, feature_id=feature.pk)
                    .values_list("pk", flat=True)) for m in (Requirement, Baseline)}  # fmt: skip


def parts_of_requirement(requirement: Requirement) -> dict[type[Any], list[UUID]]:
    """The criteria of a requirement, and the baselines that hold it, past reach: to narrow them."""
    mine = {"workspace_id": requirement.workspace_id}
    criteria = Criterion.objects.filter(**mine, requirement_id=requirement.pk).values_list("pk", flat=True)
    held = Baseline.objects.filter(**mine, content__contains=str(requirement.pk)).values_list("pk", flat=True)
    return {Criterion: list(criteria), Baseline: list(held)}


# ---- what a requirement and a criterion rest on by being what they are ------------------------


def tie(door: Door, record: Requirement | Criterion) -> None:
    """Let the record cite what it belongs to, as that stands now, so that a change there makes it suspect."""
    wanted: dict[str, UUID | None]
    if isinstance(record, Criterion):
        wanted = {CHECKS: record.requirement_id}
    else:
        wanted = {SPECIFIES: record.feature_id, REFINES: record.parent_id}
    for kind, target in wanted.items():
        mine = Link.objects.filter(workspace_id=record.workspace_id, source_id=record.pk, kind=kind)
        there = {link.target_id: link for link in mine}
        for old, link in there.items():
            if old != target:
                verbs.unlink(door, link.pk)
        if target is not None and target not in there:
            verbs.link(door, record, target, kind)


def snapshot_text(baseline: Baseline) -> dict[str, Any]:
    """What a baseline holds."""
    found: dict[str, Any] = json.loads(baseline.content or "{}")
    return found
