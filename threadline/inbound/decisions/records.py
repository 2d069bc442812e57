"""Decision, option, dissent and prediction, declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threadline.inbound.decisions import predicting, queries, rules
from threadline.inbound.decisions.models import Decision, DecisionOption, Dissent, Prediction
from threadline.kernel.access import Actor
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register

EVIDENCE = ("feedback", "insight", "highlight", "fact", "intel", "feature", "objective", "key_result")


@register
class DecisionType(RecordType):
    """Decision."""

    model = Decision
    label, plural, icon = "Decision", "Decisions", "check"
    group, room = "inbound", "inbound/decisions"
    about = "A decision is a question with its options, the evidence for each, who disagreed, and what should change."
    fields = (
        Field("title", label="Question", meaning=True, aliases=("decision", "question")),
        Field("chosen", role="matters", meaning=True, readonly=True),
        Field("rationale", label="Why this one", role="matters", meaning=True, search="B"),
        Field("reversible", role="subtitle", help="How carefully it deserves to be made."),
        Field("body", label="Context", role="body", search="B", help="What made the question come up, and by when."),
        Field("decided_on", label="Decided", role="start"),
        Field("override", label="Against the scores"),
        Field("expected_benefit", search="B", help="What an override is to bring that the scores do not see."),
        Field("review_on", label="Look at it again", role="due"),
        Field("waived_by", label="No prediction, says", readonly=True),
        Field("waiver_reason", label="Why no prediction", readonly=True),
        Field("learned", label="What we learnt", search="B"),
    )
    computed = (
        Computed("options", "Options", queries.options_of, help="Options that were weighed."),
        Computed("dissent", "Disagree", queries.dissents_of, help="People whose disagreement stands."),
        Computed(
            "lost", "Lost support", queries.lost_support, help="What spoke for an option and changed or went since."
        ),
    )
    states = (
        State("draft", "Draft"),
        State("proposed", "Proposed", "warn"),
        State("decided", "Decided", "info"),
        State("reviewed", "Reviewed", "ok", final=True),
    )
    cites = (
        Cite("option", "Weighs", ("option",), back="Weighed in"),
        Cite("evidence", "Rests on", ("feedback", "insight", "highlight", "fact", "intel", "feature"), back="Led to"),
        Cite("objective", "Serves", ("objective", "key_result"), back="Decided for it"),
        Cite("replaces", "Replaces", ("decision",), back="Replaced by"),
    )
    kept = ("chosen", "waived_by", "waiver_reason")
    columns = ("title", "state", "chosen", "options", "dissent", "lost", "decided_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Decision)
        rules.settle_decision(record, before)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"options": queries.options}


@register
class OptionType(RecordType):
    """One answer that was considered."""

    model = DecisionOption
    label, plural, icon = "Option", "Options", "circle"
    group, room = "inbound", "inbound/decisions"
    about = "An option is one answer to a decision's question, with what speaks for it and against it."
    fields = (
        Field("title", label="Option", meaning=True),
        Field("decision", role="matters", required=True),
        Field("body", label="What it means", role="body", meaning=True, search="B"),
    )
    computed = (
        Computed("arguments_for", "For", queries.arguing_for, help="What speaks for it."),
        Computed("arguments_against", "Against", queries.arguing_against, help="What speaks against it."),
    )
    states = (State("open", "On the table"), State("withdrawn", "Taken off", final=True))
    cites = (
        Cite(queries.FOR, "For", EVIDENCE, back="Speaks for"),
        Cite(queries.AGAINST, "Against", EVIDENCE, back="Speaks against"),
    )
    columns = ("title", "decision", "arguments_for", "arguments_against", "state", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, DecisionOption)
        rules.settle_option(record)


@register
class DissentType(RecordType):
    """Somebody's disagreement."""

    model = Dissent
    label, plural, icon = "Dissent", "Dissents", "comment"
    group, room = "intake", "inbound/decisions"
    about = "A dissent is somebody's disagreement with a decision, in their own words, kept with it."
    fields = (
        Field("title", required=False, help="Blank: its first words."),
        Field("decision", role="matters", required=True),
        Field("owner", label="Who disagrees"),
        Field("body", label="In their words", role="body", search="B"),
    )
    states = (State("stands", "Stands", "plum"), State("taken_back", "Taken back", final=True))
    cites = (Cite("evidence", "Points to", EVIDENCE, back="Raised against"),)
    columns = ("title", "decision", "owner", "state", "created_at")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Dissent)
        rules.settle_dissent(record)


@register
class PredictionType(RecordType):
    """What somebody expects a decision to do."""

    model = Prediction
    label, plural, icon = "Prediction", "Predictions", "gauge"
    group, room = "inbound", "inbound/decisions"
    stop = "outcome"
    about = "A prediction says before the work what it should do to a number by a day. Its review opens by itself."
    fields = (
        Field("title", required=False, help="Blank: the metric."),
        Field("decision", role="matters", required=True),
        Field("metric", role="matters", meaning=True, required=True, search="B"),
        Field("unit"),
        Field("baseline", label="Before", meaning=True),
        Field("low", label="From", meaning=True, required=True, help="The lower end of what is expected."),
        Field("likely", label="Most likely", help="Blank: the middle of the range."),
        Field("high", label="To", meaning=True, required=True, help="The upper end."),
        Field("probability", unit="%", help="How often a range given like this should hold: 50 to 99."),
        Field("due_on", label="Read it on", role="due", meaning=True, required=True),
        Field("actual", label="Outcome", role="number", meaning=True),
        Field("measured_on", label="Read on"),
        Field("owner", label="Who answers for it"),
        Field("learned", label="What we learnt", role="body", search="B"),
    )
    states = (
        State("open", "Waits for its day", "info"),
        State("hit", "Hit", "ok", final=True),
        State("miss", "Miss", "bad", final=True),
        State("dropped", "Dropped", final=True),
    )
    cites = (Cite("about", "Predicted for", ("decision",), back="Predicts"),)
    columns = ("title", "decision", "state", "baseline", "low", "high", "actual", "unit", "due_on", "owner")
    sort = "due_on"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Prediction)
        predicting.settle_prediction(record)
