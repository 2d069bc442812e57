"""Metric, declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threadline.inbound.metrics import queries, rules
from threadline.inbound.metrics.models import Metric
from threadline.kernel.access import Actor
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register


@register
class MetricType(RecordType):
    """Metric."""

    model = Metric
    label, plural, icon = "Metric", "Metrics", "gauge"
    group, room = "inbound", "inbound/strategy"
    about = "A metric is a number that is read again and again. The tree says which numbers move which."
    fields = (
        Field("title", meaning=True),
        Field("formula", label="How it comes about", role="subtitle", meaning=True),
        Field("better", label="Which way is good", meaning=True),
        Field("unit", role="matters", meaning=True),
        Field("baseline", role="matters", meaning=True),
        Field("target", role="matters", meaning=True),
        Field("current", label="Latest value", role="number"),
        Field("measured_on", label="Measured on"),
        Field("lag_days", label="Days until a change shows", help="From what drives it to this number."),
        Field("body", label="How it is counted", role="body", meaning=True, search="B",
              help="What counts, what does not, and where the number is read."),
    )  # fmt: skip
    computed = (Computed("drivers", "Drivers", queries.drivers_of, help="Metrics that move it."),)
    states = (State("tracked", "Tracked", "ok"), State("retired", "Retired", final=True))
    cites = (
        Cite(rules.DRIVES, "Drives", ("metric",), back="Driven by"),
        Cite("rests_on", "Rests on", ("insight", "fact", "trend", "decision"), back="Gave reason to"),
    )
    columns = ("title", "state", "current", "unit", "baseline", "target", "drivers", "measured_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Metric)
        rules.settle_metric(record, before)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"values": queries.values_answer}
