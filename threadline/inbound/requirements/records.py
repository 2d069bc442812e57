"""Requirement, criterion, baseline and agreed word, declared."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from threadline.inbound.requirements import baselines, queries, rules, signing
from threadline.inbound.requirements.following import CHECKS, REFINES, SPECIFIES
from threadline.inbound.requirements.models import AgreedWord, Baseline, Criterion, Requirement
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register


@register
class RequirementType(RecordType):
    """Requirement."""

    model = Requirement
    label, plural, icon = "Requirement", "Requirements", "check"
    group, room = "inbound", "inbound/requirements"
    about = "A requirement is one sentence that must hold of a feature, with how one can see that it does."
    fields = (
        Field(
            "title",
            label="Requirement",
            meaning=True,
            help="One sentence: When …, the … shall …",
            aliases=("text", "statement", "requirement", "object text"),
        ),
        Field("feature", role="matters", help="Blank: it holds of the whole product."),
        Field("parent", label="Part of", readonly=True),
        Field("position", readonly=True),
        Field("pattern", role="subtitle", readonly=True),
        Field("characteristic", label="Quality (ISO 25010)", meaning=True),
        Field("measure", label="What is measured", meaning=True),
        Field("bound", label="Ceiling or floor", meaning=True),
        Field("value", role="number", meaning=True),
        Field("unit", meaning=True),
        Field("percentile", meaning=True, help="In how many of 100 cases it must hold."),
        Field("conditions", label="Under which conditions", meaning=True),
        Field("body", label="Detail", role="body", meaning=True, search="B"),
        Field("rationale", label="Why", search="B"),
        Field("verified_how", label="Verified by", readonly=True),
        Field("dropped_reason", label="Why dropped", readonly=True),
    )
    computed = (
        Computed("criteria", "Criteria", queries.criteria_of, help="Acceptance criteria that stand."),
        Computed("accepted", "Accepted", queries.accepted_of, help="Criteria that somebody accepted."),
    )
    states = (
        State("proposed", "Proposed"),
        State("agreed", "Agreed", "info"),
        State("built", "Built", "plum"),
        State("verified", "Verified", "ok", final=True),
        State("dropped", "Dropped", "bad", final=True),
    )
    cites = (
        Cite(SPECIFIES, "Specifies", ("feature",), back="Specified by"),
        Cite(REFINES, "Refines", ("requirement",), back="Refined by"),
        Cite("evidence", "Rests on", ("feedback", "insight", "highlight", "fact"), back="Required because of it"),
        Cite("decision", "Decided by", ("decision",), back="Required by it"),
        Cite("depends_on", "Depends on", ("requirement", "feature"), back="Needed by"),
        Cite("verification", "Verified by", ("insight", "fact", "feedback", "release"), back="Verifies"),
    )
    kept = ("parent", "position", "pattern", "verified_how", "dropped_reason")
    columns = ("title", "state", "feature", "pattern", "criteria", "accepted", "owner")
    sort = "created"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Requirement)
        rules.settle_requirement(record, before)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"quality": queries.quality_answer, "criteria": queries.criteria_answer}


@register
class CriterionType(RecordType):
    """Acceptance criterion."""

    model = Criterion
    label, plural, icon = "Criterion", "Criteria", "check"
    group, room = "inbound", "inbound/requirements"
    about = "A criterion says how one can see that a requirement is met: given, when, then."
    fields = (
        Field("title", required=False, meaning=True, help="Blank: the name of its scenario."),
        Field("requirement", role="matters", required=True),
        Field("body", label="Given, when, then", role="body", meaning=True, search="B"),
        Field("accepted_by", readonly=True),
        Field("accepted_on", readonly=True),
    )
    states = (
        State("proposed", "Proposed"),
        State("accepted", "Accepted", "ok", final=True),
        State("withdrawn", "Withdrawn", final=True),
    )
    cites = (
        Cite(CHECKS, "Checks", ("requirement",), back="Checked by"),
        Cite("evidence", "Rests on", ("feedback", "insight", "highlight", "decision"), back="Tested because of it"),
    )
    kept = ("accepted_by", "accepted_on")
    columns = ("title", "requirement", "state", "accepted_by", "owner")
    sort = "created"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Criterion)
        rules.settle_criterion(record, before)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"scenarios": queries.scenarios_answer}


@register
class BaselineType(RecordType):
    """Baseline."""

    model = Baseline
    label, plural, icon = "Baseline", "Baselines", "box"
    group, room = "inbound", "inbound/requirements"
    about = "A baseline keeps the requirements of a feature, or of a whole product, as they stood, for people to sign."
    fields = (
        Field("title", help="What it is for: beta, contract, 2.4."),
        Field("feature", role="matters", help="Blank: what holds of the whole product."),
        Field("taken_at", label="Taken", readonly=True),
        Field("items", label="Requirements", readonly=True),
        Field("digest", label="SHA-256", readonly=True),
        Field("body", label="Note to the reviewers", role="body", search="B"),
    )
    states = (
        State("open", "In review", "warn"),
        State("signed", "Signed", "ok", final=True),
        State("refused", "Refused", "bad", final=True),
    )
    kept = ("taken_at", "items", "digest")
    columns = ("title", "feature", "state", "items", "taken_at", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Baseline)
        baselines.settle_baseline(actor, record, before)

    def changed(self, door: Door, record: Record, names: Collection[str]) -> None:
        assert isinstance(record, Baseline)
        signing.keep_what_is_signed(record, names)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"content": baselines.content_answer, "signatures": signing.signatures_answer,
                "changes": baselines.changes_answer}  # fmt: skip


@register
class AgreedWordType(RecordType):
    """A word that this house lets stand."""

    model = AgreedWord
    label, plural, icon = "Agreed word", "Agreed words", "circle"
    group, room = "inbound", "inbound/requirements"
    about = "An agreed word is one that means something exact in this house, so that it is not marked in requirements."
    fields = (
        Field("title", label="Word or class", help="A word such as “quick check”, or a class such as “passive”."),
        Field("because", label="What it means here", role="body", search="B"),
    )
    states = (State("agreed", "Agreed", "ok"), State("lifted", "Lifted", final=True))
    columns = ("title", "state", "owner", "updated_at")
