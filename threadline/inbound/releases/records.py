"""Release, delivery team, estimate and plan, declared."""

from __future__ import annotations

from typing import Any

from threadline.inbound.releases import (
    adopting,  # noqa: F401 - its verb is known once it is read
    delivering,
    estimating,  # noqa: F401 - the same
    forecasting,  # noqa: F401 - the same
    gating,
    queries,
    rules,
)
from threadline.inbound.releases.models import (
    DeliveryTeam,
    Deployment,
    Estimate,
    Forecast,
    Gate,
    Release,
    ReleasePlan,
    RolloutStage,
)
from threadline.kernel.access import Actor
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register


@register
class ReleaseType(RecordType):
    """Release."""

    model = Release
    label, plural, icon = "Release", "Releases", "upload"
    group, room, stop = "inbound", "inbound/releases", "release"
    about = "A release is what comes out on a day. Put features into its scope, or let the planner propose them."
    fields = (
        Field("title", meaning=True),
        Field("version_name", label="Version", role="matters", meaning=True, search="B",
              help="Such as 2.4.0 (SemVer) or 2026.11 (CalVer), or a name.", aliases=("version",)),
        Field("body", role="body", meaning=True, search="B", help="What customers will be able to do."),
        Field("starts_on", label="Starts", role="start", meaning=True),
        Field("due_on", label="Due", role="due", meaning=True),
        Field("budget", help="Money it is to cost, beside the budgets of its features."),
        Field("rollback_plan", help="How it is taken back when it goes wrong. Needed to ship."),
        Field("shipped_on", label="Shipped", readonly=True),
        Field("notes", label="Release notes", readonly=True, help="Written once; drafted from the scope."),
        Field("notes_cover", label="Notes cover", readonly=True, help="What was in scope when they were written."),
    )  # fmt: skip
    computed = (Computed("scope_size", "In scope", queries.scope_size, help="Features in it."),)
    states = (
        State("planned", "Planned", "info"),
        State("building", "Building", "plum"),
        State("ready", "Ready", "warn"),
        State("shipped", "Shipped", "ok", final=True),
        State("cancelled", "Cancelled", "bad", final=True),
    )
    cites = (
        Cite(queries.SCOPE, "In scope", ("feature",), back="In release"),
        Cite(queries.GO, "Goes out by", ("decision",), back="Lets out"),
    )
    kept = ("shipped_on", "notes", "notes_cover")
    columns = ("title", "state", "version_name", "starts_on", "due_on", "scope_size", "product", "owner")
    sort = "due_on"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Release)
        rules.settle_release(record)


@register
class GateType(RecordType):
    """Gate."""

    model = Gate
    label, plural, icon = "Gate", "Gates", "check"
    group, room = "inbound", "inbound/releases"
    about = "A gate says what must be seen before a release goes on. Name whoever decides it."
    fields = (
        Field("title", label="What must hold", meaning=True),
        Field("release", role="subtitle", required=True),
        Field("phase", label="Stands", role="matters"),
        Field("approver", label="Decided by", role="matters", help="Blank: whoever may decide."),
        Field("body", label="How one can see it", role="body", search="B"),
        Field("evidence", label="What was seen", readonly=True, search="B"),
        Field("waived_until", label="Waived until", role="due", readonly=True),
    )  # fmt: skip
    states = (
        State("open", "Open", "info"),
        State("passed", "Passed", "ok", final=True),
        State("failed", "Failed", "bad"),
        State("waived", "Waived", "warn"),
    )
    kept = ("evidence", "waived_until")
    columns = ("title", "state", "release", "phase", "approver", "evidence", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Gate)
        gating.settle_gate(record, before)


@register
class RolloutStageType(RecordType):
    """Rollout stage."""

    model = RolloutStage
    label, plural, icon = "Rollout stage", "Rollout stages", "upload"
    group, room = "inbound", "inbound/releases"
    about = "A rollout stage is a part of the customers who get a release before the rest, and what is watched."
    fields = (
        Field("title", label="Who gets it", meaning=True, help="Such as our own team, or studios in Spain."),
        Field("release", role="subtitle", required=True),
        Field("percent", label="Share of customers", role="matters", unit="%", required=True,
              help="Everybody up to and with this stage."),
        Field("watch", label="What is watched", role="body", search="B",
              help="Which figure, and from where on it is held or taken back."),
        Field("started_on", label="Started", role="start", readonly=True),
    )  # fmt: skip
    states = (
        State("planned", "Planned"),
        State("started", "Started", "info"),
        State("held", "Held", "warn"),
        State("done", "Done", "ok", final=True),
        State("rolled_back", "Rolled back", "bad"),
    )
    kept = ("started_on",)
    columns = ("title", "state", "release", "percent", "started_on", "owner")


@register
class DeploymentType(RecordType):
    """Deployment."""

    model = Deployment
    label, plural, icon = "Deployment", "Deployments", "upload"
    group, room = "inbound", "inbound/releases"
    about = "A deployment is a change that went out. Let your pipeline post each one, or write it down."
    fields = (
        Field("title", label="What went out"),
        Field("service", role="matters", search="B", help="One at a time is measured; such as the app, or the API."),
        Field("deployed_at", label="Went out", role="matters", help="Blank means now."),
        Field("written_at", label="Change written", help="When its first commit was made: lead time counts from here."),
        Field("unplanned", label="To mend a failure", help="It was not planned, but made because something broke."),
        Field("failed_at", label="Failed", readonly=True),
        Field("recovered_at", label="Well again", readonly=True),
        Field("release", back="Deployments"),
        Field("body", label="Notes", role="body", search="B"),
    )  # fmt: skip
    states = (
        State("held", "Held", "ok"),
        State("failed", "Failed", "bad"),
        State("recovered", "Well again", "warn"),
    )
    kept = ("failed_at", "recovered_at")
    columns = ("title", "state", "service", "deployed_at", "unplanned", "release", "owner")
    sort = "-created"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Deployment)
        delivering.settle_deployment(record)


@register
class ForecastType(RecordType):
    """Forecast."""

    model = Forecast
    label, plural, icon = "Forecast", "Forecasts", "clock"
    group, room = "inbound", "inbound/releases"
    about = (
        "A forecast says when the work left in a release is done, from the days that were or from estimates."
        " Make one on a release."
    )
    fields = (
        Field("title"),
        Field("release", role="subtitle", required=True),
        Field("made_on", label="Made", readonly=True),
        Field("method", label="Read from", role="matters", readonly=True),
        Field("left", label="Features left", role="matters", readonly=True),
        Field("likely_on", label="As likely as not (P50)", role="matters", readonly=True),
        Field("sure_on", label="85 times in 100 (P85)", role="matters", readonly=True),
        Field("surest_on", label="95 times in 100 (P95)", role="matters", readonly=True),
        Field("history", label="Days read", readonly=True, help="Days before, and how many features shipped on each."),
        Field(
            "drawn",
            label="Drawn",
            readonly=True,
            private=True,  # ids of features, which a reader of the forecast need not be able to reach
            help="Of estimates: working days, and how often each item decides.",
        ),
        Field(
            "learnt",
            label="Corrected by",
            readonly=True,
            help="Where in their forecast the days lay that came, in hundredths: 0 early, 100 late.",
        ),
        Field("body", label="Notes", role="body", search="B"),
    )
    states = (State("stands", "Stands", "info"), State("set_aside", "Set aside", final=True))
    kept = ("made_on", "left", "likely_on", "sure_on", "surest_on", "method", "history", "drawn", "learnt")
    columns = ("title", "state", "release", "made_on", "method", "left", "likely_on", "sure_on", "surest_on")
    sort = "-created"


@register
class DeliveryTeamType(RecordType):
    """Delivery team."""

    model = DeliveryTeam
    label, plural, icon = "Delivery team", "Delivery teams", "thread"
    group, room = "inbound", "inbound/releases"
    about = "A delivery team builds features. Say how many days of planned work it has in a week."
    fields = (
        Field("title", label="Name"),
        Field("days_a_week", label="Planned work a week", role="matters", unit="person-days",
              help="What is left for planned work after support, meetings and holidays."),
        Field("skills", role="matters", search="B"),
        Field("body", role="body", search="B"),
    )  # fmt: skip
    states = (State("working", "Working", "ok"), State("dissolved", "Dissolved", final=True))
    columns = ("title", "state", "days_a_week", "skills", "owner")
    sort = "title"


@register
class EstimateType(RecordType):
    """Estimate."""

    model = Estimate
    label, plural, icon = "Estimate", "Estimates", "clock"
    group, room = "inbound", "inbound/releases"
    about = "An estimate says what a feature takes of one team: at best, most likely, and when it goes badly."
    fields = (
        Field("title", label="In words", required=False, help="Blank: made of the numbers, and follows them."),
        Field("feature", role="subtitle", required=True, meaning=True),
        Field("team", role="matters", required=True, meaning=True, back="What it estimated"),
        Field("low", role="matters", required=True, unit="person-days", meaning=True, help="If all goes well."),
        Field("likely", role="matters", required=True, unit="person-days", meaning=True),
        Field(
            "high",
            role="matters",
            required=True,
            unit="person-days",
            meaning=True,
            help="If it goes badly: one time in twenty.",
        ),
        Field("basis", label="Source", search="B", help="Who says so, and on what grounds."),
        Field("estimated_on", label="Estimated", help="Blank means today. The newest estimate counts."),
    )
    states = (State("stands", "Stands", "ok"), State("withdrawn", "Withdrawn", final=True))
    columns = ("title", "feature", "team", "basis", "estimated_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Estimate)
        rules.settle_estimate(record, before)


@register
class ReleasePlanType(RecordType):
    """Plan."""

    model = ReleasePlan
    label, plural, icon = "Plan", "Plans", "sort"
    group, room = "inbound", "inbound/releases"
    about = "A plan says which feature comes in which release. Start the planner to make one, then compare and adopt."
    fields = (
        Field("body", label="What it is for", role="body", search="B"),
        Field(
            "based_on",
            label="Starts from",
            help="The plan of which it is a variation.",
            back="Variations",
        ),
        Field("value", role="number", readonly=True, help="Score points earned; later releases count a little less."),
        Field("gap", label="At most missing", unit="%", readonly=True, help="How much better any plan could be."),
        Field("solver", label="Made by", readonly=True),
        Field("input_hash", label="Fingerprint of the input", readonly=True),
        Field("seed", readonly=True),
    )
    states = (
        State("draft", "Not made yet"),
        State("running", "Being made", "info"),
        State("made", "Made", "plum"),
        State("impossible", "Nothing holds", "bad"),
        State("adopted", "Adopted", "ok", final=True),
    )
    kept = ("value", "gap", "solver", "input_hash", "seed")
    columns = ("title", "state", "value", "gap", "based_on", "owner", "updated_at")
