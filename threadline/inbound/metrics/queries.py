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


State = tuple[str | None, Any]  # the day, and what was read on it


def _values(found: Sequence[Sequence[Any]]) -> dict[UUID, list[Value]]:
    """Each state that was written and not taken back; of a day the one that was written last."""
    states: dict[UUID, list[State]] = {}
    for card, action, diff in found:
        said = json.loads(diff) if isinstance(diff, str) else diff
        if not {"current", "measured_on"} & said.keys():
            continue
        told = states.setdefault(rows.ident(card), [])
        was = told[-1] if told else (None, None)
        if not told:
            told.append(_state(said, 0, was))
        now = _state(said, 1, was)
        if action == "undo" and len(told) > 1 and told[-2] == now:
            told.pop()
        else:
            told.append(now)
    return {ident: _by_day(told) for ident, told in states.items()}


def _state(said: dict[str, Any], side: int, was: State) -> State:
    """Day and number before (0) or after (1) a change; what it does not name stays as it was."""
    day, number = (said[n][side] if n in said else was[at] for at, n in enumerate(("measured_on", "current")))
    return day, number


def _by_day(told: Sequence[State]) -> list[Value]:
    values = {day: float(number) for day, number in told if day and number is not None}
    return [Value(date.fromisoformat(d), v) for d, v in sorted(values.items())][-MOST_VALUES:]


def values_answer(actor: Actor, metric: Metric) -> list[Value]:
    """The values of one metric, oldest first."""
    return series(actor, [metric.pk]).get(metric.pk, [])
