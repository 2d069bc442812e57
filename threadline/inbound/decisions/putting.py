"""Questions that another room puts and answers: options, dissents and choice stay in this room alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from threadline.inbound.decisions import queries, rules
from threadline.inbound.decisions.following import add_part, link_option
from threadline.inbound.decisions.models import Decision, DecisionOption, Dissent
from threadline.kernel import text, verbs
from threadline.kernel.access import Actor, reach
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid


def newest(actor: Actor, ids: Iterable[UUID]) -> Decision | None:
    """The newest of these decisions within reach."""
    chosen = list(ids)
    return (
        reach(actor, Decision).filter(pk__in=chosen, archived_at=None).order_by("-number").first() if chosen else None
    )


def put(door: Door, values: dict[str, Any], options: Sequence[str], *, readers: list[Any]) -> Decision:
    """A decision between these options, still a draft."""
    given = {name: value for name, value in values.items() if value is not None}
    decision: Decision = door.create(Decision, given, readers=readers)
    for option in options:
        link_option(door, add_part(door, DecisionOption, decision, {"title": option}))
    return decision


def is_open(decision: Decision) -> bool:
    """Whether it waits for an answer."""
    return decision.state in rules.OPEN


def propose(door: Door, decision: Decision) -> Decision:
    """Say that a choice is due."""
    return door.change(decision, {"state": "proposed"}) if decision.state == "draft" else decision


def disagree(door: Door, decision: Decision, words: str) -> Dissent:
    """The actor's dissent; said again, it takes the place of what they said before."""
    mine = _mine(door, decision)
    if mine is not None:
        return door.change(mine, {"body": words, "title": text.excerpt(text.plain(words), 120)})
    made: Dissent = add_part(door, Dissent, decision, {"body": words, "owner": "me"})
    return made


def agree(door: Door, decision: Decision) -> None:
    """The actor's dissent stands no longer."""
    mine = _mine(door, decision)
    if mine is not None:
        door.change(mine, {"state": "taken_back"})


def _mine(door: Door, decision: Decision) -> Dissent | None:
    here = reach(door.actor, Dissent).filter(decision_id=decision.pk, archived_at=None, state="stands")
    found = here.filter(owner_id=door.actor.member_id).order_by("-number").first()
    return None if found is None else door.get(Dissent, found.pk, verb="comment")


def standing(actor: Actor, ids: Sequence[str]) -> dict[str, str]:
    """The words of those of these dissents that stand, by id."""
    here = reach(actor, Dissent).filter(pk__in=ids, state="stands", archived_at=None) if ids else []
    return {str(one.pk): one.body for one in here}


def answer_of(decision: Decision | None) -> str:
    """The option that was chosen, blank while none is."""
    if decision is None or decision.chosen_id is None:
        return ""
    return DecisionOption.objects.filter(pk=decision.chosen_id).values_list("title", flat=True).first() or ""


def choose(door: Door, decision: Decision, option: str, rationale: str, waiver: str) -> Decision:
    """Take an option by its words; the waiver counts where nothing is predicted."""
    here = DecisionOption.objects.filter(decision_id=decision.pk, title=option, archived_at=None)
    chosen = here.order_by("number").first()
    if chosen is None:
        raise Invalid(("", f"{decision.key} has no option {option}. Add it there first."))
    waived = {} if queries.predicted(decision) else {"waived_by": door.actor.member_id, "waiver_reason": waiver}
    given = {"state": "decided", "chosen": chosen.pk, "rationale": rationale, "decided_on": queries.today(), **waived}
    made = door.change(decision, given)
    for prediction in queries.predictions(door.actor, made):
        verbs.link(door, prediction, made, "about")
    return made
