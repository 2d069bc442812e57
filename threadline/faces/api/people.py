"""Who is here: members, their roles, and invitations."""

from __future__ import annotations

from threadline.faces.api import answers, shapes
from threadline.faces.api.answers import CURSOR, LIMIT, NOTHING
from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import Part, endpoint
from threadline.faces.api.house import SECTION
from threadline.house import membership
from threadline.kernel import fields
from threadline.kernel.idempotency import Answer
from threadline.kernel.members import Invitation, Member, Role


@endpoint("GET", "members", "List the members", section=SECTION, query=(LIMIT, CURSOR), answers={200: "MemberPage"})
def list_members(call: Call) -> Answer:
    """Who is here, the newest first. Mail addresses only for those who manage members."""
    here = Member.objects.filter(workspace_id=call.actor.workspace_id, left_at=None).select_related("user")
    heads = call.actor.may("members")
    return answers.newest_first(call, here, lambda one: shapes.member(one, address=heads))


_ROLE = Part("role", fields.Choice(tuple(Role.choices)), "The role to give.", required=True)


@endpoint(
    "PATCH",
    "members/<id:ident>",
    "Change a member's role",
    section=SECTION,
    scope="admin",
    body=(_ROLE,),
    how=(),
    answers={200: "Member"},
)
def change_member(call: Call, ident: str) -> Answer:
    """Give somebody another role; only owners give or take the higher ones."""
    membership.set_role(call.actor, ident, call.body["role"])
    found = Member.objects.select_related("user").get(workspace_id=call.actor.workspace_id, pk=ident)
    return answers.one(shapes.member(found, address=True))


@endpoint("DELETE", "members/<id:ident>", "Remove a member", section=SECTION, scope="admin", how=(), answers={204: ""})
def remove_member(call: Call, ident: str) -> Answer:
    """End somebody's membership; what they did stays, their keys end at once."""
    membership.remove_member(call.actor, ident)
    return NOTHING


@endpoint(
    "POST",
    "invitations",
    "Invite somebody",
    section=SECTION,
    scope="admin",
    body=(Part("email", fields.Email(longest=254), "Where the way in is sent.", required=True), _ROLE),
    how=(),
    answers={201: "Invitation"},
)
def invite(call: Call) -> Answer:
    """Keep a place for a mail address and send the way in; the answer does not hold it."""
    return answers.one(_invitation(membership.invite(call.actor, call.body["email"], call.body["role"])), 201)


@endpoint(
    "GET",
    "invitations",
    "List the open invitations",
    section=SECTION,
    scope="admin",
    query=(LIMIT, CURSOR),
    answers={200: "InvitationPage"},
)
def list_invitations(call: Call) -> Answer:
    """Places kept and not yet taken."""
    call.actor.need("members")
    return answers.newest_first(call, membership.open_ones(call.actor.workspace_id), _invitation)


@endpoint(
    "POST",
    "invitations/<id:ident>/again",
    "Invite somebody again",
    section=SECTION,
    scope="admin",
    how=(),
    answers={201: "Invitation"},
)
def invite_again(call: Call, ident: str) -> Answer:
    """Send a new way in to somebody who has not come; the old one ends, and so does its id."""
    return answers.one(_invitation(membership.invite_again(call.actor, ident)), 201)


@endpoint(
    "DELETE",
    "invitations/<id:ident>",
    "Withdraw an invitation",
    section=SECTION,
    scope="admin",
    how=(),
    answers={204: ""},
)
def withdraw_invitation(call: Call, ident: str) -> Answer:
    """Its way in no longer works."""
    membership.withdraw_invitation(call.actor, ident)
    return NOTHING


def _invitation(one: Invitation) -> shapes.Shape:
    return {
        "id": one.pk,
        "email": one.email,
        "role": one.role,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
    }
