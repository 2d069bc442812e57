"""Questions about metrics: how many drive one, and the values it had."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from threadline.inbound.metrics.models import Metric
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

MOST_VALUES = 60


def drivers_of(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many metrics drive this one."""
    near, params = reach_sql(actor, "dc")
    sql = (
        "SELECT COUNT(*) FROM kernel_link dl JOIN kernel_card dc ON dc.id = dl.source_id"
        f" WHERE dl.workspace_id = {alias}.workspace_id AND dl.target_id = {alias}.id AND dl.kind = 'drives'"
        f" AND dc.archived_at IS NULL AND {near}"
    )
    return sql, params


@dataclass(frozen=True, slots=True)
class Value:
    """What was read on a day."""

    on: date
    value: float


def series(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, list[Value]]:
    """The values of metrics that came through reach, oldest first. One statement.

    The change log has them: no other table could disagree with it. What was undone is not among them.
    """
    if not ids:
        return {}
    found = rows.fetch(
        "SELECT card_id, action, diff FROM (SELECT ch.card_id, ch.action, ch.diff, ch.id, ROW_NUMBER() OVER"
        " (PARTITION BY ch.card_id ORDER BY ch.id DESC) AS place FROM kernel_change ch WHERE ch.workspace_id = %s"
        f" AND ch.card_id IN ({rows.marks(len(ids))})) newest WHERE place <= {4 * MOST_VALUES} ORDER BY id",
        [actor.workspace_id, *ids],
    )
    return _values(found)


def _values(found: Sequence[Sequence[Any]]) -> dict[UUID, list[Value]]:
    at: dict[UUID, tuple[str | None, Any]] = {}
    kept: dict[UUID, dict[str, float]] = {}
    for card, action, diff in found:
        ident, said = rows.ident(card), json.loads(diff) if isinstance(diff, str) else diff
        if not {"current", "measured_on"} & said.keys():
            continue
        was = at.get(ident, (None, None))
        day, number = (said[n][1] if n in said else was[i] for i, n in enumerate(("measured_on", "current")))
        values = kept.setdefault(ident, {})
        if action == "undo" and was[0] != day:
            values.pop(was[0] or "", None)
        if day and number is not None:
            values[day] = float(number)
        at[ident] = (day, number)
    return {
        ident: [Value(date.fromisoformat(d), v) for d, v in sorted(values.items())][-MOST_VALUES:]
        for ident, values in kept.items()
    }


def values_answer(actor: Actor, metric: Metric) -> list[Value]:
    """The values of one metric, oldest first."""
    return series(actor, [metric.pk]).get(metric.pk, [])
