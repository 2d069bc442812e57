"""Objective, KeyResult, and what strategy is written down as, declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threadline.inbound import bets
from threadline.inbound.strategy import betting, placing, queries, rules, trying
from threadline.inbound.strategy.models import (
    Assumption,
    AssumptionTest,
    KeyResult,
    Objective,
    Opportunity,
    Persona,
    Strategy,
    Vision,
)
from threadline.kernel.access import Actor
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register

HEARD = ("feedback", "insight", "highlight", "fact", "trend", "intel")  # what strategy may rest on


@register
class ObjectiveType(RecordType):
    """Objective."""

    model = Objective
    label, plural, icon = "Objective", "Objectives", "target"
    group, room = "inbound", "inbound/strategy"
    about = "An objective says what should be true by a date. Features cite it, so that effort traces to an aim."
    fields = (
        Field("title", meaning=True),
        Field("ambition", role="matters", help="Committed ones must be reached in full."),
        Field(
            "meant_share",
            label="Meant share",
            role="matters",
            meaning=True,
            unit="% of planned effort",
            help="What the plan gives it stands beside this on the one page.",
        ),
        Field("starts_on", label="From", role="start"),
        Field("due_on", label="By", role="due", meaning=True),
        Field("body", role="body", meaning=True, search="B"),
    )
    computed = (
        Computed(
            "progress", "Grade", queries.objective_progress, help="The mean of its key results by weight, from 0 to 1."
        ),
    )
    states = (
        State("draft", "Draft"),
        State("active", "Active", "info"),
        State("achieved", "Achieved", "ok", final=True),
        State("missed", "Missed", "bad", final=True),
        State("dropped", "Dropped", final=True),
    )
    cites = (Cite("rests_on", "Rests on", ("feedback", "objective", "fact", "trend"), back="Gave reason to"),)
    columns = ("title", "state", "progress", "product", "due_on", "owner", "updated_at")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Objective)
        rules.settle_objective(record)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"grade": queries.grade_of}


@register
class KeyResultType(RecordType):
    """KeyResult."""

    model = KeyResult
    label, plural, icon = "Key result", "Key results", "gauge"
    group, room = "inbound", "inbound/strategy"
    about = "A key result is one number with a baseline, a target and a date."
    fields = (
        Field("title", meaning=True),
        Field("objective", role="matters", required=True),
        Field("shape", label="Graded by", meaning=True),
        Field("metric", meaning=True, required=True, search="B"),
        Field("unit"),
        Field("baseline", meaning=True, help="Of a range to keep within: its lower end."),
        Field("target", meaning=True, help="Of a range: its upper end. Of steps: how many there are."),
        Field("current", role="number"),
        Field("confidence", unit="%", help="How likely the target is by its day, in %."),
        Field("weight", meaning=True, help="How much it counts in the grade of its objective. Blank: 1."),
        Field("due_on", label="By", role="due", meaning=True),
        Field("checked", label="Check-ins of its range", readonly=True),
        Field("held", label="Within its range", readonly=True),
    )
    kept = ("checked", "held")
    computed = (
        Computed(
            "progress", "Grade", queries.key_result_progress, help="From 0 to 1: the way from baseline to target."
        ),
    )
    states = (
        State("on_track", "On track", "ok"),
        State("at_risk", "At risk", "warn"),
        State("off_track", "Off track", "bad"),
        State("done", "Done", "ok", final=True),
    )
    cites = (
        Cite("rests_on", "Rests on", ("objective",), back="Measured by"),
        Cite("measures", "Is measured by", ("metric",), back="Measures"),
    )
    columns = ("title", "objective", "state", "progress", "baseline", "current", "target", "unit", "due_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, KeyResult)
        rules.settle_key_result(record)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"check_ins": queries.check_ins}


@register
class VisionType(RecordType):
    """Vision."""

    model = Vision
    label, plural, icon = "Vision", "Visions", "target"
    group, room = "inbound", "inbound/strategy"
    about = "A vision says what should be true one day because the product exists, for whom, and why it matters."
    fields = (
        Field("title", label="In one sentence", meaning=True),
        Field("target_group", label="For whom", role="matters", meaning=True, search="B"),
        Field("needs", label="What they need", role="matters", meaning=True, search="B"),
        Field("offer", label="What the product is", role="matters", meaning=True, search="B",
              help="Three to five things that make it what it is."),
        Field("goals", label="What it does for us", role="matters", meaning=True, search="B"),
        Field("body", role="body", search="B"),
    )  # fmt: skip
    states = (State("draft", "Draft"), State("active", "Active", "info"), State("past", "Past", final=True))
    cites = (Cite("rests_on", "Rests on", (*HEARD, "persona"), back="Gave reason to"),)
    columns = ("title", "state", "product", "owner", "updated_at")


@register
class StrategyType(RecordType):
    """Strategy."""

    model = Strategy
    label, plural, icon = "Strategy", "Strategies", "sort"
    group, room = "inbound", "inbound/strategy"
    about = "A strategy says what is in the way, the approach that deals with it, and what is done because of it."
    fields = (
        Field("title", meaning=True),
        Field("approach", role="subtitle"),
        Field("diagnosis", role="matters", meaning=True, search="B", help="What is in the way? One obstacle, not ten."),
        Field("guiding_policy", role="matters", meaning=True, search="B",
              help="The approach to it. What it rules out says more than what it wants."),
        Field("actions", label="Coherent actions", role="matters", meaning=True, search="B",
              help="One a line; each follows from the policy and helps the others."),
        Field("aspiration", label="Winning aspiration", meaning=True, search="B"),
        Field("where_to_play", meaning=True, search="B"),
        Field("how_to_win", meaning=True, search="B"),
        Field("capabilities", label="Capabilities needed", meaning=True, search="B"),
        Field("systems", label="Management systems", search="B"),
        Field("kill_criteria", meaning=True, search="B", help="What would make us stop: a number and a day."),
        Field("allocation", meaning=True, help="How effort is split, such as 70 % core, 20 % next, 10 % new."),
        Field("starts_on", label="From", role="start"),
        Field("review_on", label="Look at it again", role="due"),
    )  # fmt: skip
    computed = (Computed("shaky", "Shaky bets", bets.shaky_bets, help="Assumptions under it that do not hold."),)
    states = (State("draft", "Draft"), State("active", "Active", "info"), State("past", "Past", final=True))
    cites = (
        Cite("vision", "Serves", ("vision",), back="Pursued by"),
        Cite("objective", "Aims at", ("objective",), back="Aim of"),
        Cite("rests_on", "Rests on", (*HEARD, "persona", "decision"), back="Gave reason to"),
        Cite(bets.ASSUMES, "Bets on", ("assumption",), back="Bet on by"),
    )
    columns = ("title", "state", "approach", "shaky", "product", "starts_on", "review_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Strategy)
        rules.settle_strategy(record)


@register
class PersonaType(RecordType):
    """Persona."""

    model = Persona
    label, plural, icon = "Persona", "Personas", "person"
    group, room = "inbound", "inbound/strategy"
    about = "A persona is somebody the product is for, as research found them. It cites the people it was drawn from."
    fields = (
        Field("title", label="Name and role", meaning=True),
        Field("jobs", label="What they try to get done", role="matters", meaning=True, search="B"),
        Field("pains", label="What hurts", role="matters", meaning=True, search="B"),
        Field("gains", label="What would be a gain", role="matters", meaning=True, search="B"),
        Field("body", role="body", search="B"),
    )
    states = (State("draft", "Draft"), State("active", "Active", "info"), State("past", "Past", final=True))
    cites = (Cite("rests_on", "Drawn from", ("insight", "highlight", "feedback", "study"), back="Drawn on for"),)
    columns = ("title", "state", "product", "owner", "updated_at")


@register
class OpportunityType(RecordType):
    """Opportunity."""

    model = Opportunity
    label, plural, icon = "Opportunity", "Opportunities", "circle"
    group, room, stop = "inbound", "inbound/strategy", "opportunity"
    about = "An opportunity is a need, a pain or a wish of customers, in their words. Solutions hang under it."
    fields = (
        Field(
            "title",
            label="In customers' words",
            meaning=True,
            help="As somebody would say it: not what we would build.",
        ),
        Field("body", role="body", meaning=True, search="B"),
    )
    computed = (
        Computed("solutions", "Solutions", queries.solutions_of, help="Features that address it."),
        Computed("shaky", "Shaky bets", bets.shaky_bets, help="Assumptions under it that do not hold."),
    )
    states = (
        State("open", "Open"),
        State("target", "We work on it", "info"),
        State("met", "Met", "ok", final=True),
        State("left", "Left alone", final=True),
    )
    cites = (
        Cite(placing.UNDER, "Under", ("opportunity",), back="Above"),
        Cite(placing.OUTCOME, "Serves", ("key_result", "objective"), back="Opportunities"),
        Cite("evidence", "Rests on", (*HEARD, "persona"), back="Shows"),
        Cite(bets.ASSUMES, "Bets on", ("assumption",), back="Bet on by"),
    )
    columns = ("title", "state", "solutions", "shaky", "product", "owner", "updated_at")


@register
class AssumptionType(RecordType):
    """Assumption."""

    model = Assumption
    label, plural, icon = "Assumption", "Assumptions", "circle"
    group, room = "inbound", "inbound/strategy"
    about = "An assumption is what must be true for a bet to pay off. Test first what matters most and is known least."
    fields = (
        Field("title", label="What must be true", meaning=True),
        Field("state", meaning=True),
        Field("risk", label="Kind", role="subtitle", help="What would be wrong if it were false."),
        Field("importance", role="matters", help="0: nothing hangs on it. 10: the bet is lost without it."),
        Field("evidence", label="Strength of evidence", role="matters", help="0: a guess. 10: seen many times."),
        Field("body", role="body", meaning=True, search="B"),
    )
    computed = (
        Computed("arguments_for", "For", betting.supporting, help="What speaks for it."),
        Computed("arguments_against", "Against", betting.opposing, help="What speaks against it."),
        Computed("bets", "Bets", betting.bets_on, help="Features, opportunities and strategies that rest on it."),
    )
    states = (
        State(bets.BELIEVED, "Believed"),
        State(bets.CONTRADICTED, "Contradicted", "warn"),
        State(bets.HOLDS, "Holds", "ok"),
        State(bets.FALSE, "Does not hold", "bad", final=True),
    )
    cites = (
        Cite(betting.FOR, "For", (*HEARD, "assumption_test"), back="Speaks for"),
        Cite(betting.AGAINST, "Against", (*HEARD, "assumption_test"), back="Speaks against"),
    )
    columns = (
        "title",
        "state",
        "risk",
        "importance",
        "evidence",
        "arguments_for",
        "arguments_against",
        "bets",
        "owner",
    )
    sort = "-importance"


@register
class AssumptionTestType(RecordType):
    """Test of an assumption."""

    model = AssumptionTest
    label, plural, icon = "Assumption test", "Assumption tests", "check"
    group, room = "inbound", "inbound/strategy"
    about = "A test tries one assumption, small and soon. What counts as success is fixed before it starts."
    fields = (
        Field("title", label="If it is true, then", meaning=True, help="What we expect to see."),
        Field("assumption", role="subtitle", required=True, back="Tests"),
        Field("method", role="matters", meaning=True, search="B", help="A prototype, an interview, a landing page."),
        Field("metric", label="What is measured", role="matters", meaning=True, search="B"),
        Field("threshold", label="Counts as success", role="matters", meaning=True, help="Such as: at least 12 of 30."),
        Field("sample", label="How many", role="matters", meaning=True, help="All told, in every group."),
        Field("usual", label="Share without it", unit="%", meaning=True, help="With two groups: what is usual today."),
        Field("hoped", label="Smallest share worth finding", unit="%", meaning=True,
              help="With two groups: less of a change than this would make no difference to us."),
        Field("power", label="Chance to find it", unit="%", meaning=True, help="Blank: 80."),
        Field("result", label="What came out", role="body", meaning=True, search="B",
              help="14 of 30. Of two groups a line each: Old page: 20 of 100, then New page: 31 of 100."),
        Field("verdict", label="What follows"),
    )  # fmt: skip
    states = (
        State("draft", "Draft"),
        State("registered", "Registered", "info"),
        State("running", "Running", "plum"),
        State("read", "Read", "warn"),
        State("decided", "Decided", "ok", final=True),
        State("dropped", "Dropped", final=True),
    )
    columns = ("title", "assumption", "state", "threshold", "sample", "verdict", "owner", "updated_at")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, AssumptionTest)
        trying.settle_test(record, before)
