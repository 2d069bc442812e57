"""Survey, declared."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from threadline.inbound.surveys import (
    queries,
    results,
    rules,
    using,  # noqa: F401 - declares a verb
)
from threadline.inbound.surveys.models import Survey
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.records import Record
from threadline.kernel.registry import Computed, Field, RecordType, State, register


@register
class SurveyType(RecordType):
    """Survey."""

    model = Survey
    label, plural, icon = "Survey", "Surveys", "check"
    group, room = "inbound", "inbound/features"
    about = "A survey asks customers the same few questions by an address that you give them. They need no account."
    fields = (
        Field("title", label="Title, as customers read it", meaning=True),
        Field("method", role="subtitle", meaning=True, help="Blank: Kano."),
        Field("items", label="What it asks about", role="matters", meaning=True, search="B",
              help="One a line, in words that customers understand. F-12: before the words names the feature meant;"
                   " customers do not see it. Where things are bought, = 40 after them is the price."),
        Field("players", label="People in a group", unit="people",
              help="Buy a feature: how many pay together for a thing. Blank: five."),
        Field("purse", label="Play money each", help="Blank: so much that a group can buy two fifths of everything."),
        Field("welcome", label="Welcome", search="B", help="Read before the first question."),
        Field("consent", label="Consent", help="What people agree to. Blank: a plain sentence of ours."),
        Field("segments", label="Kinds of people", help="One a line; they choose one, or none. Blank: not asked."),
        Field("ask_email", label="Ask for an e-mail address", help="It may always be left blank."),
        Field("thanks", label="Thanks", help="Read at the end."),
        Field("closes_on", label="Open until", role="due", help="Blank: thirty days from when it opens."),
        Field("most_answers", label="At most", unit="answers", help="Blank: 1,000."),
        Field("closed_on", label="Closed", readonly=True),
    )  # fmt: skip
    computed = (Computed("answers", "Answers", queries.answers_of, help="People who answered to the end."),)
    states = (State("draft", "Draft"), State("open", "Open", "info"), State("closed", "Closed", "ok", final=True))
    kept = ("closed_on",)
    columns = ("title", "state", "method", "answers", "closes_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Survey)
        rules.settle_survey(record, before)

    def changed(self, door: Door, record: Record, names: Collection[str]) -> None:
        """Give it its address from the start: a page that only reads must not write it."""
        assert isinstance(record, Survey)
        queries.key_of(record)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"results": results.figures}
