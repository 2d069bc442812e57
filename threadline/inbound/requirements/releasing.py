"""What requirements say of a feature's readiness, and of a release's."""

from __future__ import annotations

from uuid import UUID

from threadline.inbound.features import readiness
from threadline.inbound.releases import ripple
from threadline.inbound.requirements import queries
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.records import Record


def checks(branches: list[queries.Branch]) -> list[readiness.Check]:
    """What a feature's requirements add to its definition of ready; dropped ones are not among the branches."""
    checked = queries.checked(branches)
    return [
        ("requirements", bool(branches)),
        ("agreement on each requirement", bool(branches) and all(b.requirement.state != "proposed" for b in branches)),
        ("a criterion for each requirement", bool(branches) and checked.confirmed == checked.scope),
        ("requirements as their reasons stand now", bool(branches) and not any(b.suspects for b in branches)),
    ]


@readiness.ready_when
def requirements_are_ready(actor: Actor, feature: Record) -> list[readiness.Check]:
    """They are written, agreed, can be checked, and nothing under them changed."""
    return checks([b for b in queries.tree_of(actor, feature.pk) if b.requirement.state != "dropped"])


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
