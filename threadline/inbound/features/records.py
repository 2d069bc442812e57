"""Feature, declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threadline.inbound import bets
from threadline.inbound.features import demand, queries, readiness, rules
from threadline.inbound.features.models import Feature
from threadline.inbound.features.rice import FORMULA, Impact
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.fields import FieldKind, Money
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register


@register
class FeatureType(RecordType):
    """Feature."""

    model = Feature
    label, plural, icon = "Feature", "Features", "box"
    group, room, stop = "inbound", "inbound/features", "feature"
    about = "A feature is something the product could do. Link the words of customers to it, then score it."
    fields = (
        Field("title", meaning=True),
        Field("hypothesis", role="matters", meaning=True, search="B", help="If we do this, then that number moves."),
        Field("body", role="body", meaning=True, search="B"),
        Field("parent", label="Part of"),
        Field("horizon", help="Now, next or later. What is for later has no dates."),
        Field("starts_on", label="Starts", role="start", meaning=True),
        Field("due_on", label="Likely by", role="due", meaning=True, help="As likely before this day as after it."),
        Field("late_on", label="Sure by", meaning=True, help="Before this day 85 times in 100."),
        Field("budget", help="Money it is to cost, beside the time of those who build it."),
        Field("outbound_owner", help="Who takes it to market."),
        Field("score", role="number", label="RICE", help=f"RICE = {FORMULA}"),
        Field("reach", unit="people a quarter"),
        Field("reach_source", help="Where the number comes from."),
        Field("reach_on", label="Reach as of"),
        Field("impact", kind=Impact(), help="3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal."),
        Field("impact_source"),
        Field("impact_on", label="Impact as of"),
        Field("confidence", unit="%", help="100 high, 80 medium, 50 low."),
        Field("confidence_source"),
        Field("confidence_on", label="Confidence as of"),
        Field("effort", unit="person-months"),
        Field("effort_source"),
        Field("effort_on", label="Effort as of"),
        Field("rank", help="An order of one's own: sort by it, then drag rows, or press Alt and an arrow."),
        Field("declined_reason", label="Why not", search="B"),
    )
    computed = (
        Computed("demand", "Demand", queries.demand_customers, help="Customers who asked, each counted once."),
        Computed("deal_breakers", "Deal-breakers", queries.deal_breakers, help="Customers who will not do without it."),
        Computed("revenue", "Revenue asking", queries.demand_revenue, kind=Money(), private=True),
        Computed("release", "Release", queries.release, kind=FieldKind(), help="The release that has it in scope."),
        Computed("shaky", "Shaky bets", bets.shaky_bets, help="Assumptions under it that do not hold any more."),
        Computed("unready", "Started unready", readiness.starts_unready, help="Begun or shipped before ready."),
    )
    states = (
        State("idea", "Idea"),
        State("candidate", "Candidate"),
        State("planned", "Planned", "info"),
        State("building", "Building", "plum"),
        State("shipped", "Shipped", "ok", final=True),
        State("declined", "Declined", "bad", final=True),
    )
    cites = (
        Cite("evidence", "Rests on", ("feedback", "insight"), back="Evidence for"),
        Cite("fact", "Relies on", ("fact",), back="Relied on by"),
        Cite("objective", "Serves", ("objective", "key_result"), back="Served by"),
        Cite("opportunity", "Addresses", ("opportunity",), back="Solutions"),
        Cite("moves", "Claims to move", ("metric",), back="To be moved by"),
        Cite(bets.ASSUMES, "Bets on", ("assumption",), back="Bet on by"),
        Cite("decision", "Decided by", ("decision",), back="Led to"),
        Cite("depends_on", "Depends on", ("feature",), back="Needed by"),
    )
    columns = ("title", "state", "score", "demand", "revenue", "objective", "release", "product", "owner")
    sort = "-score"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Feature)
        rules.settle_feature(record, before)

    def may_enter(self, door: Door, record: Record, before: str | None) -> None:
        assert isinstance(record, Feature)
        readiness.hold(door, record, before)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"score_card": queries.score_card, "demand": demand.demand, "started_unready": readiness.overrides}
