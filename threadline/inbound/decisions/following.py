"""What belongs to a decision is kept from whoever may not see the decision.

Options, dissents and predictions are records of their own, with reach of their own. So they
take over their decision's confidentiality, never below it, and follow when it changes.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from threadline.inbound.decisions.models import Decision, DecisionOption, Dissent, Prediction
from threadline.kernel import rows, verbs
from threadline.kernel.access import NAMED, TEAM
from threadline.kernel.cards import Reader
from threadline.kernel.door import Door

Part = DecisionOption | Dissent | Prediction
PARTS: tuple[type[Any], ...] = (DecisionOption, Dissent, Prediction)


def follow(part: Part) -> Decision | None:
    """Narrow a part as its decision is; gives the decision, None when it was not named yet."""
    decision = Decision.objects.filter(workspace_id=part.workspace_id, pk=part.decision_id).first()
    if decision is not None:
        part.confidentiality = max(part.confidentiality, decision.confidentiality)
        same = decision.confidentiality == TEAM or part.product_id is None
        part.product_id = decision.product_id if same else part.product_id
    return decision


def readers_of(decision: Decision) -> list[Any]:
    """Whom a decision is kept for, to be named on its parts; nobody when it is not kept for named people."""
    if decision.confidentiality != NAMED:
        return []
    here = Reader.objects.filter(workspace_id=decision.workspace_id, card_id=decision.pk)
    return list(here.values_list("member_id", flat=True))


def add_part(door: Door, model: type[Any], decision: Decision, values: dict[str, Any]) -> Any:
    """A new part of a decision, kept for the same people."""
    given = {n: v for n, v in values.items() if v not in (None, "")}
    return door.create(model, {**given, "decision": decision.pk}, readers=readers_of(decision))


def narrow_parts(door: Door, decision: Decision) -> int:
    """After a decision's readers changed: its parts follow. How many were written."""
    wanted, count = readers_of(decision), 0
    for model in PARTS:
        mine = model._default_manager.filter(workspace_id=decision.workspace_id, decision_id=decision.pk)
        for part in door.whoever_may_see(model, mine.values_list("pk", flat=True)):
            before = (part.confidentiality, part.product_id)
            follow(part)
            if (part.confidentiality, part.product_id) != before:
                part_now = door.whoever_may_see(model, [part.pk])[0]
                door.change(part_now, {"confidentiality": part.confidentiality, "product": part.product_id})
                count += 1
            if decision.confidentiality == NAMED and _named(part.workspace_id, part.pk) != set(wanted):
                Reader.objects.filter(workspace_id=part.workspace_id, card_id=part.pk).delete()
                rows.insert(
                    *(Reader(workspace_id=part.workspace_id, card_id=part.pk, member_id=m) for m in sorted(wanted))
                )
                door.log(part, {"+readers": [None, sorted(map(str, wanted))]})
                count += 1
    return count


def link_option(door: Door, option: DecisionOption) -> None:
    """The decision weighs the option: so the thread leads on to what speaks for it."""
    verbs.link(door, option.decision_id, option, "option")


def _named(workspace_id: UUID, card_id: UUID) -> set[Any]:
    return set(Reader.objects.filter(workspace_id=workspace_id, card_id=card_id).values_list("member_id", flat=True))
