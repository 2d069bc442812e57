"""What may be done with metrics, and what must hold."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from threadline.inbound import standing
from threadline.inbound.metrics.models import Metric
from threadline.kernel import citing, rows
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.links import Link

DRIVES = "drives"
_DRIVES_IT = (
    "WITH RECURSIVE above (id) AS (SELECT target_id FROM kernel_link WHERE source_id = %s AND kind = 'drives'"
    " UNION SELECT l.target_id FROM kernel_link l JOIN above a ON l.source_id = a.id AND l.kind = 'drives')"
    " SELECT 1 FROM above WHERE id = %s LIMIT 1"
)


def settle_metric(metric: Metric, before: dict[str, Any] | None) -> None:
    """A target that is the baseline says nothing; a value was read on some day."""
    if metric.target is not None and metric.target == metric.baseline:
        raise Invalid(("target", "The target is the baseline: say how far it should move."))
    if metric.current is not None and metric.measured_on is None:
        metric.measured_on = rows.now().date()
    if metric.measured_on and metric.measured_on > rows.now().date():
        raise Invalid(("measured_on", "That day is still to come."))


@action(Metric, verb="update", label="Measure", states=("tracked",))
def measure_metric(
    door: Door,
    *,
    metric: Metric,
    value: Annotated[float, Ask("Value")],
    on: Annotated[date | None, Ask("Read on", "Blank: today. An earlier day is put where it belongs.")] = None,
    note: Annotated[str, Ask("What happened?", "Kept with the number.", long=True)] = "",
) -> Metric:
    """Say what it stood at on a day: the latest is what it stands at now, an earlier one goes where it belongs."""
    door.why = note[:2_000] or door.why
    return keep_value(door, metric, value, on or rows.now().date())


def keep_value(door: Door, metric: Metric, value: float, day: date) -> Metric:
    """Write down the value of a day, which replaces another of that day; an earlier one leaves the latest standing.

    The log holds the series (:func:`queries.series`): what is of an earlier day is written and the latest put back.
    """
    latest, latest_on = metric.current, metric.measured_on
    door.change(metric, {"current": value, "measured_on": day})
    if latest_on is not None and day < latest_on:
        door.change(metric, {"current": latest, "measured_on": latest_on})
    return metric


def keep_check_in(door: Door, ids: Collection[UUID], unit: str, value: float, day: date) -> list[Metric]:
    """Write a value down at these metrics, where the actor may, they are tracked, and count in the same unit."""
    kept = []
    for ident in ids:
        try:
            metric = door.get(Metric, ident)
        except (Forbidden, NotFound):
            continue
        if metric.state == "tracked" and metric.unit.strip() == unit.strip():
            kept.append(keep_value(door, metric, value, day))
    return kept


@action(Metric, verb="update", label="Move on the tree")
def place_metric(
    door: Door,
    *,
    metric: Metric,
    under: Annotated[str, Ask("Drives", "The key of the metric that it moves: ME-2. Blank: none.")] = "",
) -> Metric:
    """Put it under the metric that it drives."""
    if not under:
        links = list(Link.objects.filter(workspace_id=metric.workspace_id, source_id=metric.pk, kind=DRIVES))
        if not links:
            raise Invalid(("under", "It drives no other metric. Name the one that it moves: ME-2."))
        for link in links:
            citing.drop(door, metric, link)
        return metric
    target = standing.named(door, "under", under)
    if target.kind != Metric.kind:
        raise Invalid(("under", "A metric drives another metric. Features and key results name it on their own pages."))
    if target.pk == metric.pk or rows.fetch_one(_DRIVES_IT, [target.pk, metric.pk]):
        raise Invalid(("under", "It cannot drive itself, nor what already drives it."))
    standing.stand_under(door, metric, target, DRIVES, (DRIVES,))
    return metric


@action(Metric, verb="update", label="Retire", to="retired", states=("tracked",))
def retire_metric(
    door: Door, *, metric: Metric, reason: Annotated[str, Ask("Why?", "Kept in the history.", long=True)]
) -> Metric:
    """Stop measuring it; its values stay."""
    door.why = reason[:2_000]
    return door.change(metric, {"state": "retired"})
