"""Where things stand on an opportunity tree, and the verb that moves them. All of it is links; a
feature is moved by the features' own verb, ``solve_opportunity``."""

from __future__ import annotations

from typing import Annotated

from threadline.inbound import standing
from threadline.inbound.strategy.models import Opportunity
from threadline.kernel import rows
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid

UNDER, OUTCOME = "under", "outcome"
_LIES_UNDER = (
    "WITH RECURSIVE above (id) AS (SELECT target_id FROM kernel_link WHERE source_id = %s AND kind = 'under'"
    " UNION SELECT l.target_id FROM kernel_link l JOIN above a ON l.source_id = a.id AND l.kind = 'under')"
    " SELECT 1 FROM above WHERE id = %s LIMIT 1"
)


@action(Opportunity, verb="update", label="Move on the tree")
def place_opportunity(
    door: Door,
    *,
    opportunity: Opportunity,
    under: Annotated[str, Ask("Under", "The key of another opportunity, or of the outcome it serves: OP-3, KR-2.")],
) -> Opportunity:
    """Put it under a wider opportunity, or right under the outcome that it serves."""
    target = standing.named(door, "under", under)
    if target.kind not in ("opportunity", "key_result", "objective"):
        raise Invalid(("under", "An opportunity stands under another one, a key result or an objective."))
    if target.pk == opportunity.pk or rows.fetch_one(_LIES_UNDER, [target.pk, opportunity.pk]):
        raise Invalid(("under", "It cannot stand under itself, nor under what already stands under it."))
    kind = UNDER if target.kind == "opportunity" else OUTCOME
    standing.stand_under(door, opportunity, target, kind, (UNDER, OUTCOME))
    return opportunity
