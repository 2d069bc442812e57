"""Teams: people who share products, and may share confidential records of them."""

from __future__ import annotations

from typing import Any

from threadline.faces.api import answers, shapes
from threadline.faces.api.answers import CURSOR, LIMIT, NOTHING
from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import Part, endpoint
from threadline.faces.api.house import NAME, NEW_NAME, SECTION
from threadline.house import furnishing as house
from threadline.kernel.fields import FieldKind
from threadline.kernel.idempotency import Answer
from threadline.kernel.members import Team

_SIDES = (
    Part("members", FieldKind(longest=254), "Handles or ids of its members, all of them.", many=True),
    Part("products", FieldKind(longest=120), "Names or ids of its products, all of them.", many=True),
)
_WHOLE = ("people__member", "products")


def _one(call: Call, team: Team) -> dict[str, Any]:
    here = Team.objects.filter(workspace_id=call.actor.workspace_id).prefetch_related(*_WHOLE)
    return shapes.team(here.get(pk=team.pk))


def _given(call: Call) -> dict[str, Any]:
    return {name: value or [] if name in ("members", "products") else value for name, value in call.sent.items()}


@endpoint("GET", "teams", "List the teams", section=SECTION, query=(LIMIT, CURSOR), answers={200: "TeamPage"})
def list_teams(call: Call) -> Answer:
    """Each with its members and products."""
    here = Team.objects.filter(workspace_id=call.actor.workspace_id).prefetch_related(*_WHOLE)
    return answers.newest_first(call, here, shapes.team)


@endpoint(
    "POST", "teams", "Add a team", section=SECTION, scope="admin", body=(NAME, *_SIDES), how=(), answers={201: "Team"}
)
def add_team(call: Call) -> Answer:
    """People who share products; a record kept for its product's team is seen by them."""
    given = _given(call)
    made = house.add_team(
        call.actor, given["name"], members=given.get("members", []), products=given.get("products", [])
    )
    return answers.one(_one(call, made), 201)


@endpoint(
    "PATCH",
    "teams/<id:ident>",
    "Change a team",
    section=SECTION,
    scope="admin",
    body=(NEW_NAME, *_SIDES),
    how=(),
    answers={200: "Team"},
)
def change_team(call: Call, ident: str) -> Answer:
    """Its name; its members and its products, each list given whole."""
    return answers.one(_one(call, house.change_team(call.actor, ident, _given(call))))


@endpoint("DELETE", "teams/<id:ident>", "Remove a team", section=SECTION, scope="admin", how=(), answers={204: ""})
def remove_team(call: Call, ident: str) -> Answer:
    """What was shared with it alone is then seen by the owners of the records only."""
    house.remove_team(call.actor, ident)
    return NOTHING
