"""What requirements say of a release's readiness."""

from __future__ import annotations

from uuid import UUID

from threadline.inbound.releases import ripple
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql


@ripple.gate_of
def criteria_accepted(actor: Actor, release: UUID, scope: list[UUID]) -> ripple.Lack | None:
    """Every criterion of what is in scope was accepted; None while nothing in scope has one."""
    if not scope:
        return None
    near, params = reach_sql(actor, "c")
    found = rows.fetch(
        "SELECT c.number, c.state FROM inbound_criterion c JOIN inbound_requirement q ON q.id = c.requirement_id"
        f" WHERE q.feature_id IN ({rows.marks(len(scope))}) AND q.archived_at IS NULL AND q.state <> 'dropped'"
        f" AND c.archived_at IS NULL AND c.state <> 'withdrawn' AND {near} ORDER BY c.number",
        [*scope, *params],
    )
    if not found:
        return None
    waiting = tuple(f"AC-{number}" for number, state in found if state != "accepted")
    return ripple.Lack("Every acceptance criterion is accepted", not waiting, waiting)
