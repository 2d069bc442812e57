"""Beliefs: what speaks for and against an assumption, how it stands by that, and what bets on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from threadline.inbound.bets import ASSUMES, BELIEVED, CONTRADICTED, HOLDS
from threadline.inbound.strategy.models import Assumption
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.changes import Change
from threadline.kernel.door import Door
from threadline.kernel.links import Link

FOR, AGAINST = "supports", "opposes"


def _citing(kind: str) -> Any:
    def counted(actor: Actor, alias: str) -> tuple[str, list[Any]]:
        near, params = reach_sql(actor, "ec")
        sql = (
            "SELECT COUNT(*) FROM kernel_link el JOIN kernel_card ec ON ec.id = el.target_id"
            f" WHERE el.workspace_id = {alias}.workspace_id AND el.source_id = {alias}.id AND el.kind = '{kind}'"
            f" AND ec.archived_at IS NULL AND {near}"
        )
        return sql, params

    return counted


supporting, opposing = _citing(FOR), _citing(AGAINST)


def bets_on(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many records bet on an assumption."""
    near, params = reach_sql(actor, "bc")
    sql = (
        "SELECT COUNT(*) FROM kernel_link bl JOIN kernel_card bc ON bc.id = bl.source_id"
        f" WHERE bl.workspace_id = {alias}.workspace_id AND bl.target_id = {alias}.id AND bl.kind = '{ASSUMES}'"
        f" AND bc.archived_at IS NULL AND {near}"
    )
    return sql, params


def follow_evidence(door: Door, assumption: Assumption) -> None:
    """Let an assumption stand as its evidence says: contradicted by what came since somebody last judged it.

    The change of its state raises its revision, so every citation of it becomes suspect by comparison.
    """
    against = Link.objects.filter(
        workspace_id=assumption.workspace_id, source_id=assumption.pk, kind=AGAINST, target__archived_at=None
    )
    judged = _judged_last(assumption.workspace_id, assumption.pk)
    fresh = against if judged is None else against.filter(pk__gt=judged)
    if assumption.state in (BELIEVED, HOLDS) and fresh.exists():
        door.change(assumption, {"state": CONTRADICTED})
    elif assumption.state == CONTRADICTED and not against.exists():
        door.change(assumption, {"state": BELIEVED})


def _judged_last(workspace_id: UUID, ident: UUID) -> Any:
    found = Change.objects.filter(workspace_id=workspace_id, card_id=ident, action="judge_assumption")
    return found.order_by("-pk").values_list("pk", flat=True).first()
