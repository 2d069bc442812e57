"""The definition of ready: what a feature should have before it is built, asked of every room that knows of it.

A later room adds its own with :func:`ready_when`, in a module that start-up loads. Building or shipping all the same
is possible, in one's own name and with a reason; what was missing then stands in the log beside the reason.
:func:`hold` is the one rule, asked by the door whichever way a feature comes into a state that presumes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from threadline.inbound.features.models import Feature
from threadline.inbound.features.rice import INPUTS
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.changes import Change
from threadline.kernel.customs import own_fields
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.records import Record

Check = tuple[str, bool]  # what should be there, and whether it is
Room = Callable[[Actor, Record], list[Check]]
PRESUMED = ("building", "shipped")  # the states of a feature that was ready, or somebody said why not
STARTED, SHIPPED, MISSING = "start_unready_feature", "ship_unready_feature", "+missing"
INSTEAD = {"building": (STARTED, "Start before it is ready"), "shipped": (SHIPPED, "Ship before it is ready")}
BY_HAND = "ready:"  # how the name of a field of the workspace's own begins that is part of the definition
_rooms: list[Room] = []


def ready_when(ask: Room) -> Room:
    """Let a room add to what a feature should have before it is built."""
    _rooms.append(ask)
    return ask


def own_checks(actor: Actor, feature: dict[str, Any], *, words: bool, objective: bool) -> list[Check]:
    """What the feature itself says, of its values by name; the two citations are asked for by whoever calls.

    What nothing can compute is a field of the workspace's own whose name begins with "Ready:"; it is there when it
    is filled in, and not with no.
    """
    given = [name for name, _ in INPUTS if feature.get(name) is not None]
    return [
        ("a customer's words", words),
        ("an objective it serves", objective),
        ("a hypothesis", bool(feature.get("hypothesis"))),
        ("a score", len(given) == len(INPUTS)),
        ("a source for each number", bool(given) and all(feature.get(f"{name}_source") for name in given)),
        ("an owner", bool(feature.get("owner"))),
        ("an outbound owner", bool(feature.get("outbound_owner"))),
        *((what, _given(feature.get(name))) for name, what in by_hand(actor)),
    ]


def by_hand(actor: Actor) -> list[tuple[str, str]]:
    """The fields of the workspace's own that are part of the definition: name, and what should be there."""
    declared = own_fields(actor, Feature.kind)
    named = [(name, field.label.strip()) for name, field in declared.items()]
    return [(name, label[len(BY_HAND) :].strip()) for name, label in named if label.casefold().startswith(BY_HAND)]


def _given(value: Any) -> bool:
    return value not in (None, "") and str(value).strip().casefold() != "no"


def missing(actor: Actor, feature: Feature) -> list[str]:
    """What a feature within reach should have before it is built, and has not."""
    values = {name: getattr(feature, name) for name in _names()} | feature.custom
    values |= {"owner": feature.owner_id, "outbound_owner": feature.outbound_owner_id}
    words, objective = (_cites(actor, feature, kind) for kind in ("evidence", "objective"))
    checks = own_checks(actor, values, words=words, objective=objective)
    for ask in _rooms:
        checks += ask(actor, feature)
    return [what for what, there in checks if not there]


def _names() -> list[str]:
    return ["hypothesis", *(f"{name}{end}" for name, _ in INPUTS for end in ("", "_source"))]


def _cites(actor: Actor, feature: Feature, kind: str) -> bool:
    near, params = reach_sql(actor, "t")
    found = rows.fetch_one(
        "SELECT 1 FROM kernel_link l JOIN kernel_card t ON t.id = l.target_id WHERE l.workspace_id = %s"
        f" AND l.source_id = %s AND l.kind = %s AND t.archived_at IS NULL AND {near} LIMIT 1",
        [feature.workspace_id, feature.pk, kind, *params],
    )
    return found is not None


# ---- the rule ---------------------------------------------------------------------------


def hold(door: Door, feature: Feature, before: str | None) -> None:
    """Refuse building or shipping what lacks something, unless somebody says in their own name why it need not wait.

    Once it was begun it may be shipped. What an undo puts back stood there by right, and what an import brings in
    anew was begun elsewhere: the log says by whom and from which file. A new one made here cannot be ready yet.
    """
    if feature.state not in PRESUMED or before in PRESUMED or door.action in (STARTED, SHIPPED, "undo"):
        return
    if before is None and door.action == "import":
        return
    lacks = missing(door.actor, feature)
    if lacks:
        verb, label = INSTEAD[feature.state]
        lead = "A new feature is not ready yet" if before is None else "It is not ready"
        said = f"{lead}: {', '.join(lacks)} {'is' if len(lacks) == 1 else 'are'} missing."
        raise Invalid(Problem("", f"{said} See to that, or choose “{label}” and say why.", verb))


# ---- what was built all the same --------------------------------------------------------


# One taken back at once was no start: an undo brings the version right after it.
_STARTS = (
    "FROM kernel_change uc WHERE uc.workspace_id = {feature}.workspace_id AND uc.card_id = {feature}.id"
    f" AND uc.action IN ('{STARTED}', '{SHIPPED}') AND NOT EXISTS (SELECT 1 FROM kernel_change uu"
    " WHERE uu.workspace_id = uc.workspace_id AND uu.card_id = uc.card_id AND uu.action = 'undo'"
    " AND uu.version = uc.version + 1)"
)


def starts_unready(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many times it was begun or shipped before it was ready, as a column."""
    return f"SELECT COUNT(DISTINCT uc.version) {_STARTS.format(feature=alias)}", []


@dataclass(frozen=True, slots=True)
class Override:
    """One time that a feature was begun or shipped before it was ready: who said so, when, why, what was missing."""

    what: str  # begun, or shipped
    who: str
    at: datetime
    why: str
    missing: tuple[str, ...]


def overrides(actor: Actor, feature: Feature) -> list[Override]:
    """Each time that a feature within reach was begun or shipped before it was ready, the latest first."""
    told = Change.objects.filter(workspace_id=actor.workspace_id, card_id=feature.pk).order_by("-pk")
    told = told.filter(action__in=(STARTED, SHIPPED, "undo")).only(
        "action", "actor_name", "at", "why", "diff", "version"
    )
    changes = list(told)
    undone = {c.version - 1 for c in changes if c.action == "undo"}
    return [
        Override("shipped" if c.action == SHIPPED else "begun", c.actor_name, c.at, c.why, tuple(c.diff[MISSING][1]))
        for c in changes
        if MISSING in c.diff and c.version not in undone
    ]
