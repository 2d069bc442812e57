"""What may be done with a decision and its options, and what must hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from threadline.inbound.decisions import queries
from threadline.inbound.decisions.following import add_part, follow, link_option
from threadline.inbound.decisions.models import Decision, DecisionOption, Dissent
from threadline.kernel import text, verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, NotFound, Problem
from threadline.kernel.records import Record

OPEN = ("draft", "proposed")
MADE = ("decided", "reviewed")
Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]
Chosen = Annotated[str, Ask("Option", "Its key or its words.", to="option")]
Quote = Annotated[str, Ask("In their words", "The sentence that matters, word for word.", long=True)]
Evidence = Annotated[str, Ask("Evidence", "The key of a note, a fact, a feature or another record: N-12, FC-3.")]
NO_PREDICTION = (
    "Nothing is predicted yet. Say what should change, by how much and by when; or decide without"
    " a prediction, in your own name and with a reason."
)


def settle_decision(decision: Decision, before: dict[str, Any] | None) -> None:
    """Refuse a choice that is not its own, and one made without a prediction or a waiver."""
    if decision.state in MADE and decision.decided_on is None:
        decision.decided_on = queries.today()
    problems = [*_choice_problems(decision), *_override_problems(decision)]
    made = decision.state in MADE and (before is None or before.get("state") in OPEN)
    if made and not problems and not decision.waived_by_id and not queries.predicted(decision):
        problems.append(Problem("", NO_PREDICTION))
    if problems:
        raise Invalid(*problems)


def _choice_problems(decision: Decision) -> list[Problem]:
    if decision.chosen_id is None:
        needed = decision.state in MADE
        return [Problem("chosen", "Say which option was chosen; nothing is decided without one.")] if needed else []
    mine = DecisionOption.objects.filter(pk=decision.chosen_id, decision_id=decision.pk)
    return [] if mine.exists() else [Problem("chosen", "That is an option of another decision.")]


def _override_problems(decision: Decision) -> list[Problem]:
    if not decision.override or decision.state not in MADE:
        return []
    found = []
    if not decision.expected_benefit.strip():
        found.append(Problem("expected_benefit", "An override says what benefit is expected of it."))
    if decision.review_on is None:
        found.append(Problem("review_on", "An override has a day on which it is looked at again."))
    return found


def settle_option(option: DecisionOption) -> None:
    """An option is seen by whoever sees its decision, and looked after by whoever looks after that."""
    decision = follow(option)
    if decision is not None and option.owner_id is None:
        option.owner_id = decision.owner_id


def settle_dissent(dissent: Dissent) -> None:
    """A disagreement is named by its first words."""
    follow(dissent)
    if not dissent.title:
        dissent.title = text.excerpt(text.plain(dissent.body), 120)
    if not dissent.title:
        raise Invalid(("body", "Say what you disagree with."))


# ---- deciding ---------------------------------------------------------------------------


@action(Decision, verb="decide", label="Propose", states=("draft",))
def propose_decision(door: Door, *, decision: Decision) -> Decision:
    """Say that the options are on the table and a choice is due."""
    if queries.weighed(decision) < 2:
        raise Invalid(("", "Name at least two options first. Doing nothing is an option too."))
    return door.change(decision, {"state": "proposed"})


@action(Decision, verb="decide", label="Decide", states=("proposed",))
def decide(
    door: Door,
    *,
    decision: Decision,
    option: Chosen,
    rationale: Annotated[str, Ask("Why this one", "What tipped it, for whoever asks in a year.", long=True)],
    on: Annotated[date | None, Ask("Decided on", "Blank means today.")] = None,
) -> Decision:
    """Choose. Needs a prediction, so that somebody can later see whether the choice did what it was for."""
    return _decided(door, decision, option, rationale, {"decided_on": on or queries.today()})


@action(Decision, verb="decide", label="Decide without a prediction", states=("proposed",))
def decide_unpredicted(
    door: Door,
    *,
    decision: Decision,
    option: Chosen,
    rationale: Annotated[str, Ask("Why this one", "What tipped it, for whoever asks in a year.", long=True)],
    waiver: Annotated[str, Ask("Why no prediction", "Shown with your name.", long=True)],
    on: Annotated[date | None, Ask("Decided on", "Blank means today.")] = None,
) -> Decision:
    """Choose, and answer in your own name for not saying what should change."""
    waived = {"waived_by": door.actor.member_id, "waiver_reason": waiver}
    return _decided(door, decision, option, rationale, {"decided_on": on or queries.today(), **waived})


def _decided(door: Door, decision: Decision, option: Any, rationale: str, more: dict[str, Any]) -> Decision:
    door.why = rationale[:2_000]
    made = door.change(decision, {"state": "decided", "chosen": option, "rationale": rationale, **more})
    for prediction in queries.predictions(door.actor, made):
        verbs.link(door, prediction, made, "about")  # it was made for this very choice: there is nothing to read again
    return made


@action(Decision, verb="decide", label="Mark as an override", states=("draft", "proposed", "decided"))
def override_scores(
    door: Door,
    *,
    decision: Decision,
    expected_benefit: Annotated[
        str, Ask("Expected benefit", "What it is to bring that the scores do not see.", long=True)
    ],
    review_on: Annotated[date, Ask("Look at it again on")],
) -> Decision:
    """Say that this goes against what the scores say. It stands in the ledger of overrides until it is reviewed."""
    values = {"override": True, "expected_benefit": expected_benefit, "review_on": review_on}
    return door.change(decision, values)


@action(Decision, verb="decide", label="Review", states=("decided",))
def review_decision(
    door: Door,
    *,
    decision: Decision,
    learned: Annotated[
        str, Ask("What we learnt", "What you would do differently, and what you would do again.", long=True)
    ],
) -> Decision:
    """Close it: every prediction has its outcome, and this is what it taught."""
    waiting = queries.unscored(decision)
    if waiting:
        raise Invalid(("", f"{waiting} of its predictions {'waits' if waiting == 1 else 'wait'} for an outcome."))
    return door.change(decision, {"state": "reviewed", "learned": learned})


@action(Decision, verb="decide", label="Reopen", states=MADE)
def reopen_decision(door: Door, *, decision: Decision, reason: Reason) -> Decision:
    """Put the question again. Whatever rests on the decision becomes suspect until it is decided anew."""
    door.why = reason[:2_000]
    blank = {"chosen": None, "decided_on": None, "waived_by": None, "waiver_reason": None}
    return door.change(decision, {"state": "proposed", **blank})


# ---- weighing ---------------------------------------------------------------------------


@action(Decision, verb="update", label="Add an option", states=OPEN)
def add_option(
    door: Door,
    *,
    decision: Decision,
    option: Annotated[str, Ask("Option", "What could be done. Doing nothing is an option too.")],
    detail: Annotated[str, Ask("What it means", "What it takes, and what it leaves out.", long=True)] = "",
) -> Record:
    """Put another answer on the table, to be weighed against the others."""
    door.log(decision, {})
    made: DecisionOption = add_part(door, DecisionOption, decision, {"title": option, "body": detail})
    link_option(door, made)
    return made


@action(DecisionOption, verb="update", label="Speaks for it", states=("open",))
def argue_for(door: Door, *, option: DecisionOption, evidence: Evidence, quote: Quote = "") -> DecisionOption:
    """Cite what speaks for this option. When that changes or loses consent, the option shows lost support."""
    return _argue(door, option, evidence, queries.FOR, quote)


@action(DecisionOption, verb="update", label="Speaks against it", states=("open",))
def argue_against(door: Door, *, option: DecisionOption, evidence: Evidence, quote: Quote = "") -> DecisionOption:
    """Cite what speaks against this option, so that the case is made before the choice and not after it."""
    return _argue(door, option, evidence, queries.AGAINST, quote)


def _argue(door: Door, option: DecisionOption, evidence: str, kind: str, quote: str) -> DecisionOption:
    try:
        cited = verbs.card(door.actor, evidence)
    except NotFound:
        raise Invalid(("evidence", "There is no record of that key here.")) from None
    verbs.link(door, option, cited, kind, quote=quote)
    return option


@action(DecisionOption, verb="update", label="Take off the table", states=("open",))
def withdraw_option(door: Door, *, option: DecisionOption, reason: Reason) -> DecisionOption:
    """Stop weighing it, with a reason, so that nobody proposes it again unawares."""
    if Decision.objects.filter(chosen_id=option.pk).exists():
        raise Invalid(("", "This is the option that was chosen. Reopen the decision first."))
    door.why = reason[:2_000]
    return door.change(option, {"state": "withdrawn"})


@action(DecisionOption, verb="update", label="Back on the table", states=("withdrawn",))
def restore_option(door: Door, *, option: DecisionOption, reason: Reason) -> DecisionOption:
    """Weigh it again after all."""
    door.why = reason[:2_000]
    return door.change(option, {"state": "open"})


@action(Decision, verb="comment", label="Disagree")
def dissent_from(
    door: Door,
    *,
    decision: Decision,
    words: Annotated[
        str, Ask("In your words", "What you hold against it, and what would change your mind.", long=True)
    ],
    who: Annotated[str, Ask("Who", "Blank means you. Else the name or handle of whoever said it.")] = "",
) -> Record:
    """Put a disagreement on record, by name. It is shown with the decision for as long as it stands."""
    door.log(decision, {})
    return add_part(door, Dissent, decision, {"body": words, "owner": who or "me"})  # type: ignore[no-any-return]


@action(Dissent, verb="comment", label="Take it back", states=("stands",))
def take_dissent_back(door: Door, *, dissent: Dissent, reason: Reason) -> Dissent:
    """Say that the disagreement holds no longer, and what changed it. Only whoever disagreed can."""
    if dissent.owner_id != door.actor.member_id:
        raise Invalid(("", "Only the person who disagreed can take this back."))
    door.why = reason[:2_000]
    return door.change(dissent, {"state": "taken_back"})
