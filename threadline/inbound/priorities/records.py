"""Score model, score input and scoring round, declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threadline.inbound.priorities import queries, rules
from threadline.inbound.priorities.models import ScoreInput, ScoreModel, ScoringRound
from threadline.kernel.access import Actor
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register


@register
class ScoreModelType(RecordType):
    """Score model."""

    model = ScoreModel
    label, plural, icon = "Score model", "Score models", "sort"
    group, room = "inbound", "inbound/features"
    about = "A score model says what a rank is made of. Draft another one, compare whose place changes, then apply it."
    fields = (
        Field("title", label="Name", meaning=True),
        Field("method", role="subtitle", meaning=True),
        Field("criteria", role="matters", meaning=True, help="For weighted criteria, one a line: Revenue: 3"),
        Field("body", label="Why this one", role="body", search="B"),
        Field("applied_on", label="Applied", readonly=True),
    )
    states = (State("draft", "Draft"), State("active", "Applied", "ok"), State("retired", "Retired"))
    kept = ("applied_on",)
    columns = ("title", "state", "method", "applied_on", "owner", "updated_at")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, ScoreModel)
        rules.settle_model(record, before)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"ranking": queries.ranking, "moves": queries.moves}


@register
class ScoreInputType(RecordType):
    """One number that a score is made of."""

    model = ScoreInput
    label, plural, icon = "Score input", "Score inputs", "gauge"
    group, room = "inbound", "inbound/features"
    about = "A score input is one number that a score model asks of a feature, with where it comes from and its day."
    fields = (
        Field("title", label="In words", required=False, help="Blank: made of the number, and follows it."),
        Field("feature", role="subtitle", required=True, meaning=True),
        Field("name", label="Input", role="matters", required=True, meaning=True,
              help="wsjf_value, ice_ease, importance, cost_of_delay; c_revenue for a criterion called Revenue."),
        Field("low", label="At least", help="Of a range that somebody gave."),
        Field("value", role="matters", required=True, meaning=True),
        Field("high", label="At most"),
        Field("basis", label="Source", role="matters", search="B", help="Without one, the number counts as a range."),
        Field("stated_on", help="Blank means today. The newest stands."),
    )  # fmt: skip
    states = (State("stands", "Stands", "ok"), State("withdrawn", "Withdrawn", final=True))
    cites = (Cite("read_from", "Read from", ("survey",), back="Used for"),)
    columns = ("title", "feature", "name", "value", "basis", "stated_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, ScoreInput)
        rules.settle_input(record, before)


@register
class ScoringRoundType(RecordType):
    """A round of blind scoring."""

    model = ScoringRound
    label, plural, icon = "Scoring round", "Scoring rounds", "check"
    group, room = "inbound", "inbound/features"
    about = (
        "In a scoring round everybody scores without seeing the others. Then the spread is shown, and one number kept."
    )
    fields = (
        Field("title", label="Name"),
        Field("score_model", role="matters", required=True, back="Scoring rounds"),
        Field("rule", label="One number of many by", role="matters", help="Said before anybody scores."),
        Field("due_on", label="Until", role="due"),
        Field("body", label="What it is about", role="body", search="B"),
    )
    computed = (Computed("scorers", "Have scored", queries.scorers_of, help="People who gave numbers."),)
    states = (
        State("open", "Open", "info"),
        State("revealed", "Revealed", "ok", final=True),
        State("dropped", "Dropped", final=True),
    )
    cites = (Cite("scores", "Scores", ("feature",), back="Scored in"),)
    columns = ("title", "state", "score_model", "rule", "scorers", "due_on", "owner")
