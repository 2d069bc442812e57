"""Questions about objectives and key results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from threadline.inbound.strategy import grading
from threadline.inbound.strategy.models import KeyResult, Objective
from threadline.kernel import feed, rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.changes import Change

CHECK_IN = "+check_in"  # how the log names it
# KeyResult.progress in SQL, over alias {k}; a test holds the two together.
_GRADE = (
    "CASE WHEN {k}.shape = 'done' THEN CASE WHEN {k}.current >= 1 THEN 1.0 ELSE 0.0 END"
    " WHEN {k}.shape = 'keep' THEN CASE WHEN {k}.baseline IS NULL AND {k}.target IS NULL THEN NULL"
    " WHEN {k}.checked = 0 THEN 0.0 ELSE {k}.held * 1.0 / {k}.checked END"
    " WHEN {k}.baseline IS NULL OR {k}.target IS NULL OR {k}.target = {k}.baseline THEN NULL"
    " WHEN {k}.current IS NULL OR ({k}.current - {k}.baseline) / ({k}.target - {k}.baseline) <= 0 THEN 0.0"
    " WHEN ({k}.current - {k}.baseline) / ({k}.target - {k}.baseline) >= 1 THEN 1.0"
    " ELSE ({k}.current - {k}.baseline) / ({k}.target - {k}.baseline) END"
)


def key_result_progress(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """The grade of a key result, between 0 and 1."""
    return f"SELECT {_GRADE.format(k=alias)}", []


def objective_progress(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """The mean grade, by weight, of an objective's key results that the actor may see."""
    near, params = reach_sql(actor, "kr")
    grade, weight = _GRADE.format(k="kr"), "COALESCE(kr.weight, 1.0)"
    sql = (
        f"SELECT SUM(({grade}) * {weight}) / NULLIF(SUM(CASE WHEN ({grade}) IS NULL THEN 0.0 ELSE {weight} END), 0.0)"
        " FROM inbound_keyresult kr"
        f" WHERE kr.workspace_id = {alias}.workspace_id AND kr.objective_id = {alias}.id"
        f" AND kr.archived_at IS NULL AND {near}"
    )
    return sql, params


def solutions_of(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many features address an opportunity."""
    near, params = reach_sql(actor, "sc")
    sql = (
        "SELECT COUNT(*) FROM kernel_link sl JOIN kernel_card sc ON sc.id = sl.source_id"
        f" WHERE sl.workspace_id = {alias}.workspace_id AND sl.target_id = {alias}.id AND sl.kind = 'opportunity'"
        f" AND sc.archived_at IS NULL AND {near}"
    )
    return sql, params


@dataclass(frozen=True, slots=True)
class Part:
    """One key result within the grade of its objective."""

    key: str
    title: str
    state: str
    baseline: float | None
    current: float | None
    target: float | None
    unit: str
    grade: float | None
    why_not: str  # why it cannot be graded, or what its grade assumes
    weight: float = 1.0
    shape: str = KeyResult.Shape.REACH
    held: int = 0
    checked: int = 0


@dataclass(frozen=True, slots=True)
class ObjectiveGrade:
    """The grade of an objective: mean of ``graded`` of its ``of`` key results."""

    value: float | None
    tone: str
    graded: int
    of: int
    parts: tuple[Part, ...]


def grade_of(actor: Actor, objective: Objective) -> ObjectiveGrade:
    """How far the objective is, from its key results within reach."""
    here = reach(actor, KeyResult).filter(objective_id=objective.pk, archived_at=None).order_by("number")
    parts = tuple(_part(one) for one in here)
    value = grading.mean((p.grade, p.weight) for p in parts)
    committed = objective.ambition == Objective.Ambition.COMMITTED
    graded = sum(p.grade is not None for p in parts)
    return ObjectiveGrade(value, grading.tone(value, committed=committed), graded, len(parts), parts)


def _part(one: KeyResult) -> Part:
    why_not = ""
    keep = one.shape == KeyResult.Shape.KEEP
    if one.progress is None:
        why_not = "Needs an end of its range." if keep else "Needs a baseline and a target that differ."
    elif keep and not one.checked:
        why_not = "No check-in yet: counts as 0."
    elif one.current is None:
        why_not = "Nothing measured yet: counts as 0."
    numbers = (one.baseline, one.current, one.target)
    return Part(one.key, one.title, one.state, *numbers, one.unit, one.progress, why_not,
                1.0 if one.weight is None else one.weight, one.shape, one.held, one.checked)  # fmt: skip


def without_check_in(actor: Actor, ids: Sequence[str], since: datetime) -> set[str]:
    """Which of these key results nobody has checked in on since a moment; ids as lists give them."""
    found = rows.fetch(
        "SELECT DISTINCT ch.card_id FROM kernel_change ch WHERE ch.workspace_id = %s AND ch.action = 'check_in'"
        f" AND ch.card_id IN ({rows.marks(len(ids))}) AND ch.id > %s",
        [actor.workspace_id, *map(rows.ident, ids), feed.first_id(since)],
    ) if ids else []  # fmt: skip
    return set(ids) - {rows.hexed(card) or "" for (card,) in found}


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What somebody said of a key result on a day."""

    at: datetime
    who: str
    value: float
    state: str
    note: str
    confidence: float | None = None


def check_ins(actor: Actor, key_result: KeyResult, *, limit: int = 100) -> list[CheckIn]:
    """The check-ins of a key result that came through reach, newest first. The change log keeps them."""
    found = Change.objects.filter(workspace_id=actor.workspace_id, card_id=key_result.pk, action="check_in")
    changes = [c for c in found.order_by("-pk")[: 2 * limit] if CHECK_IN in c.diff]
    diffs = feed.seen(actor, [(c.kind, c.diff) for c in changes])
    return [
        CheckIn(c.at, c.actor_name, diff[CHECK_IN][1]["value"], diff[CHECK_IN][1]["state"], c.why,
                diff[CHECK_IN][1].get("confidence"))
        for c, diff in zip(changes, diffs, strict=True)
    ][:limit]  # fmt: skip
