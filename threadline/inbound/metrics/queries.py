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
        "SELECT card_id, action, diff, batch FROM (SELECT ch.card_id, ch.action, ch.diff, ch.batch, ch.id,"
        " ROW_NUMBER() OVER (PARTITION BY ch.card_id ORDER BY ch.id DESC) AS place"
        " FROM kernel_change ch WHERE ch.workspace_id = %s"
        f" AND ch.card_id IN ({rows.marks(len(ids))})) newest WHERE place <= {4 * MOST_VALUES} ORDER BY id",
        [actor.workspace_id, *ids],
    )
    return _values(found)


State = tuple[str | None, Any]  # the day, and what was read on it
Move = tuple[State, State]


@dataclass(slots=True)
class _Step:
    """What one batch wrote of a metric, in order, and the step that it took back."""

    moves: list[Move]
    undoes: _Step | None = None
    stands: bool = True

    def turn(self) -> None:
        """Taken back, or done again; what it took back itself is then done again, or taken back."""
        self.stands = not self.stands
        if self.undoes is not None:
            self.undoes.turn()


def _values(found: Sequence[Sequence[Any]]) -> dict[UUID, list[Value]]:
    """Each state that was written and not taken back; of a day the one that was written last."""
    steps: dict[UUID, list[_Step]] = {}
    batches: dict[tuple[UUID, Any], _Step] = {}
    undone: set[int] = set()
    for card, action, diff, batch in found:
        said = json.loads(diff) if isinstance(diff, str) else diff
        if not {"current", "measured_on"} & said.keys():
            continue
        ident = rows.ident(card)
        told = steps.setdefault(ident, [])
        was = told[-1].moves[-1][1] if told else (None, None)
        step = batches.get((ident, batch))
        if step is None:
            step = batches[ident, batch] = _Step([])
            told.append(step)
        step.moves.append((_state(said, 0, was), _state(said, 1, was)))
        if action == "undo":
            undone.add(id(step))
    for told in steps.values():
        for place, step in enumerate(told):
            if id(step) in undone:
                _take_back(step, told[:place])
    return {ident: _by_day(_standing(told)) for ident, told in steps.items()}


def _take_back(step: _Step, earlier: Sequence[_Step]) -> None:
    """Find what an undo took back: the latest step that stands and that it walks backwards; else it is one as any."""
    back = [(after, before) for before, after in reversed(step.moves)]
    step.undoes = next((one for one in reversed(earlier) if one.stands and one.moves == back), None)
    if step.undoes is not None:
        step.undoes.turn()


def _standing(told: Sequence[_Step]) -> list[State]:
    first = [told[0].moves[0][0]]
    return first + [after for step in told if step.stands and step.undoes is None for _, after in step.moves]


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
