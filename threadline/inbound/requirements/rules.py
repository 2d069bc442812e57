"""What may be done with requirements and criteria, and what must hold."""

from __future__ import annotations

from typing import Annotated, Any

from threadline.inbound.requirements import gherkin, queries
from threadline.inbound.requirements.following import follow, readers_of, tie
from threadline.inbound.requirements.models import AgreedWord, Criterion, Requirement
from threadline.inbound.requirements.quality import agreed_words, quality
from threadline.kernel import rows, text
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, NotFound, Problem
from threadline.kernel.records import Record
from threadline.reading.clarity import read

Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]
LIVE = ("proposed", "agreed", "built", "verified")


def settle_requirement(requirement: Requirement, before: dict[str, Any] | None) -> None:
    """Read its pattern, put it last when it is new, keep parts together and circles out."""
    follow(requirement, queries.feature_of(requirement))
    requirement.pattern = read(requirement.title).pattern
    if before is None:
        requirement.position = queries.last_place(requirement) + 1
    problems = _tree_problems(requirement, before)
    if requirement.percentile is not None and requirement.value is None and before is not None and "value" in before:
        problems.append(Problem("value", "The percentile says how often a number holds; give the number too."))
    if problems:
        raise Invalid(*problems)


def _tree_problems(requirement: Requirement, before: dict[str, Any] | None) -> list[Problem]:
    moved = before is not None and "feature" in before
    if moved and (requirement.parent_id or Requirement.objects.filter(parent_id=requirement.pk).exists()):
        return [Problem("feature", "It stands in a tree. Take it out of there first, and its parts out of it.")]
    if requirement.parent_id is None or (before is not None and "parent" not in before):
        return []
    whole = Requirement.objects.filter(workspace_id=requirement.workspace_id, pk=requirement.parent_id).first()
    if whole is None or whole.feature_id != requirement.feature_id:
        return [Problem("parent", "A requirement is part of another one of the same feature.")]
    if requirement.parent_id == requirement.pk or queries.is_part_of(requirement.parent_id, requirement):
        return [Problem("parent", "A requirement cannot be part of itself, nor of one of its own parts.")]
    return []


def settle_criterion(criterion: Criterion, before: dict[str, Any] | None) -> None:
    """Name it by its scenario; what was accepted and then reworded is open again."""
    whole = Requirement.objects.filter(workspace_id=criterion.workspace_id, pk=criterion.requirement_id).first()
    follow(criterion, whole)
    if whole is not None and criterion.owner_id is None:
        criterion.owner_id = whole.owner_id
    if not criterion.title:
        parsed = gherkin.parse(criterion.body)
        named = next((s.name for s in parsed.scenarios if s.name), "")
        criterion.title = text.excerpt(named or criterion.body.strip().partition("\n")[0], 120)
    if not criterion.title:
        raise Invalid(("body", "Write how one can see it: Given …, When …, Then …"))
    if before is not None and "body" in before and criterion.state == "accepted" and criterion.accepted_by_id:
        criterion.state, criterion.accepted_by_id, criterion.accepted_on = "proposed", None, None


# ---- the life of a requirement ----------------------------------------------------------


@action(Requirement, verb="decide", label="Agree", to="agreed", states=("proposed",), bulk=True)
def agree_requirement(door: Door, *, requirement: Requirement) -> Requirement:
    """Say that this is what will be built. What stands open in it must be settled first."""
    found = quality(requirement, agreed_words(door.actor))
    if found.grave:
        words = ", ".join(f"“{f.words}”" for f in found.findings if f.severity == "error")
        raise Invalid(("title", f"Settle {words} first: nobody can agree to what is open."))
    return door.change(requirement, {"state": "agreed"})


@action(Requirement, verb="decide", label="Mark as built", to="built", states=("agreed",), bulk=True)
def build_requirement(door: Door, *, requirement: Requirement) -> Requirement:
    """Say that it is in the product, and waits to be looked at."""
    return door.change(requirement, {"state": "built"})


@action(Requirement, verb="decide", label="Verify", to="verified", states=("built",))
def verify_requirement(
    door: Door,
    *,
    requirement: Requirement,
    how: Annotated[str, Ask("How was it verified?", "Which test run, measurement or review, and when.", long=True)],
) -> Requirement:
    """Say that it holds, and how that was seen. Every criterion must have been accepted before."""
    waiting = [c.key for c in queries.standing_criteria(requirement) if c.state != "accepted"]
    if waiting:
        raise Invalid(("", f"Accept or withdraw {', '.join(waiting[:5])} first."))
    return door.change(requirement, {"state": "verified", "verified_how": how})


@action(Requirement, verb="decide", label="Drop", to="dropped", states=("proposed", "agreed", "built"), bulk=True)
def drop_requirement(door: Door, *, requirement: Requirement, reason: Reason) -> Requirement:
    """Decide that it need not hold after all."""
    door.why = reason[:2_000]
    return door.change(requirement, {"state": "dropped", "dropped_reason": reason})


@action(Requirement, verb="decide", label="Reopen", to="proposed", states=("agreed", "built", "verified", "dropped"))
def reopen_requirement(door: Door, *, requirement: Requirement, reason: Reason) -> Requirement:
    """Take it back to a proposal, to be written and agreed anew."""
    door.why = reason[:2_000]
    blank = {"dropped_reason": None, "verified_how": None}
    return door.change(requirement, {"state": "proposed", **blank})


@action(Requirement, verb="update", label="Move")
def move_requirement(
    door: Door,
    *,
    requirement: Requirement,
    under: Annotated[str, Ask("Part of", "The key of the requirement it is to be part of; blank: of none.")] = "",
    after: Annotated[str, Ask("After", "The key of the one it is to stand after; blank: it comes first.")] = "",
) -> Requirement:
    """Give it another place in the tree. Its key stays, and so does everything that rests on it."""
    whole = _other(door, under, "under") if under else None
    before = _other(door, after, "after") if after else None
    parent = whole.pk if whole else None
    if before is not None and (before.parent_id != parent or before.feature_id != requirement.feature_id):
        raise Invalid(("after", f"{before.key} does not stand there."))
    place = queries.place_after(requirement, parent, before)
    made = door.change(requirement, {"parent": parent, "position": place})
    tie(door, made)
    return made


def _other(door: Door, ref: str, name: str) -> Requirement:
    try:
        return door.find(Requirement, ref)
    except NotFound:
        raise Invalid((name, "There is no requirement of that key here.")) from None


def add_requirement(
    door: Door,
    values: dict[str, Any],
    *,
    parent: Requirement | None = None,
    after: Requirement | None = None,
    place: dict[str, Any] | None = None,
) -> Requirement:
    """A new requirement at a place of the tree, citing what it belongs to; ``place`` names parent and position."""
    feature = queries.feature_by_id(door.actor, values.get("feature"))
    made = door.create(Requirement, values, readers=readers_of(feature))
    parent_id = parent.pk if parent else None
    if place is None and (parent_id is not None or after is not None):
        at = queries.place_after(made, parent_id, after) if after else queries.last_place(made, parent_id) + 1
        place = {"parent": parent_id, "position": at}
    if place is not None:
        made = door.change(made, place)
    tie(door, made)
    return made


# ---- criteria ---------------------------------------------------------------------------


@action(Requirement, verb="update", label="Add a criterion", states=LIVE)
def add_criterion(
    door: Door,
    *,
    requirement: Requirement,
    steps: Annotated[str, Ask("Given, when, then", "How one can see that it is met, in Gherkin.", long=True)],
    title: Annotated[str, Ask("Name", "Blank: the name of the scenario.")] = "",
) -> Record:
    """Say how one can see that the requirement is met."""
    values = {"requirement": requirement.pk, "body": steps, "title": title or None}
    made = door.create(Criterion, {n: v for n, v in values.items() if v}, readers=readers_of(requirement))
    tie(door, made)
    return made


@action(Criterion, verb="decide", label="Accept", to="accepted", states=("proposed",), bulk=True)
def accept_criterion(door: Door, *, criterion: Criterion) -> Criterion:
    """Agree, in your name, that whoever sees this sees the requirement met."""
    parsed = gherkin.parse(criterion.body)
    if not parsed.sound:
        raise Invalid(("body", " ".join(parsed.problems) or "It has no steps yet: Given …, When …, Then …"))
    values = {"accepted_by": door.actor.member_id, "accepted_on": rows.now().date(), "state": "accepted"}
    made = door.change(criterion, values)
    tie(door, made)
    return made


@action(Criterion, verb="decide", label="Open again", to="proposed", states=("accepted", "withdrawn"))
def reopen_criterion(door: Door, *, criterion: Criterion, reason: Reason) -> Criterion:
    """Take the acceptance back, with a reason."""
    door.why = reason[:2_000]
    return door.change(criterion, {"state": "proposed", "accepted_by": None, "accepted_on": None})


@action(Criterion, verb="decide", label="Withdraw", to="withdrawn", states=("proposed", "accepted"))
def withdraw_criterion(door: Door, *, criterion: Criterion, reason: Reason) -> Criterion:
    """Stop asking for it, with a reason."""
    door.why = reason[:2_000]
    return door.change(criterion, {"state": "withdrawn", "accepted_by": None, "accepted_on": None})


# ---- words ------------------------------------------------------------------------------


@action(AgreedWord, verb="decide", label="Lift", to="lifted", states=("agreed",))
def lift_word(door: Door, *, agreed_word: AgreedWord, reason: Reason) -> AgreedWord:
    """Let the word be marked again wherever it stands."""
    door.why = reason[:2_000]
    return door.change(agreed_word, {"state": "lifted"})


@action(AgreedWord, verb="decide", label="Agree again", to="agreed", states=("lifted",))
def agree_word_again(door: Door, *, agreed_word: AgreedWord) -> AgreedWord:
    """Let the word stand unmarked once more."""
    return door.change(agreed_word, {"state": "agreed"})
