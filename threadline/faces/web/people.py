"""Who is here: members and their roles, invitations, teams, the tree of products."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.entrance import deed, page
from threadline.faces.web.visit import Visit
from threadline.house import membership
from threadline.kernel.access import POLICY
from threadline.kernel.errors import Invalid
from threadline.kernel.members import Member, Role, TeamMember

MOST = 500
_VERBS = {
    "read_private": "see revenue, addresses and other private fields", "comment": "discuss",
    "create": "add", "update": "change", "decide": "decide", "archive": "put in the trash", "bulk": "import",
}  # fmt: skip


@page
def members(visit: Visit) -> HttpResponse:
    """Everybody here, and for heads the means to let people in and out."""
    return _page(visit)


def _page(visit: Visit, problem: str = "", status: int = 200) -> HttpResponse:
    heads = visit.actor.may("members")
    here = list(
        Member.objects.filter(workspace_id=visit.actor.workspace_id, left_at=None)
        .select_related("user").order_by("name")[:MOST]
    )  # fmt: skip
    teams: dict[Any, list[str]] = {}
    for member_id, name in TeamMember.objects.filter(workspace_id=visit.actor.workspace_id).values_list(
        "member_id", "team__name"
    ):
        teams.setdefault(member_id, []).append(name)
    context: dict[str, Any] = {
        "members": [_member(visit, m, teams.get(m.pk, []), heads) for m in here],
        "roles": [{"value": r.value, "label": r.label} for r in Role],
        "role_help": [{"label": Role(r).label, "text": _may(r)} for r in Role.values],
    }
    if heads:
        offered = [r for r in Role if visit.actor.role == Role.OWNER or Role.values.index(r) > 1]
        context |= {
            "invite": {
                "action": visit.at("members", "invite"),
                "email": visit.sent.get("email", "") if problem else "",
                "role": visit.sent.get("role", Role.CONTRIBUTOR.value) if problem else Role.CONTRIBUTOR.value,
                "problem": problem,
                "roles": [{"value": r.value, "label": r.label} for r in offered],
            },
            "invitations": [_invitation(visit, i) for i in membership.open_ones(visit.actor.workspace_id)[:200]],
            "removals": [
                {"id": f"remove-{m.pk}", "name": m.name, "action": visit.at("members", str(m.pk), "remove")}
                for m in here
                if m.pk != visit.actor.member_id and _above(visit, m.role)
            ],
        }
    return visit.draw("pages/members.html", "Members", status, **context)


def _above(visit: Visit, role: str) -> bool:
    order = Role.values
    return visit.actor.role == Role.OWNER or order.index(role) > order.index(visit.actor.role)


def _member(visit: Visit, member: Member, teams: list[str], heads: bool) -> dict[str, Any]:
    you = member.pk == visit.actor.member_id
    shown: dict[str, Any] = {
        "id": str(member.pk),
        "name": member.name,
        "handle": member.handle,
        "initials": member.initials,
        "email": member.user.email if heads or you else f"@{member.handle}",
        "role": member.role,
        "you": you,
        "teams": teams,
        "job": member.job_title,
        "seen": wording.on_day(member.user.last_login) if member.user.last_login else None,
    }
    if heads and not you and _above(visit, member.role):
        shown["role_action"] = visit.at("members", str(member.pk), "role")
        shown["remove_opens"] = f"remove-{member.pk}"
    return shown


def _invitation(visit: Visit, invitation: Any) -> dict[str, Any]:
    below = visit.at("members", "invitations", str(invitation.pk))
    return {
        "email": invitation.email,
        "role": Role(invitation.role).label,
        "sent": (wording.when(invitation.created_at) or {})["text"],
        "resend_action": f"{below}/again",
        "cancel_action": f"{below}/withdraw",
    }


def _may(role: str) -> str:
    """What a role may do, from the policy table itself."""
    groups = {"inbound": "product records", "intake": "what customers say and who they are"}
    can = {g: ["read", *(text for verb, text in _VERBS.items() if role in POLICY[g].get(verb, ()))] for g in groups}
    if len({tuple(verbs) for verbs in can.values()}) == 1:
        said = [f"all records: {', '.join(can['inbound'])}"]
    else:
        said = [f"{label}: {', '.join(can[g])}" for g, label in groups.items()]
    if role in POLICY["workspace"]["configure"]:
        said.append("the workspace itself: members, products, own fields")
    return "; ".join(said).capitalize() + "."


@deed
def invite(visit: Visit) -> HttpResponse:
    """Send the way in to an address."""
    visit.back = visit.at("members")
    try:
        made = membership.invite(visit.actor, visit.sent.get("email"), visit.sent.get("role"))
    except Invalid as refused:
        visit.actor.need("members")
        return _page(visit, " ".join(p.message for p in refused.problems), 422)
    except (SMTPException, OSError):
        return _unsent(visit)
    return visit.done(f"An invitation is on its way to {made.email}.", visit.back)


def _unsent(visit: Visit) -> HttpResponse:
    said = "The place is kept, but the mail could not be sent. Look at the mail settings, then send it again."
    return visit.done(said, visit.back, tone="bad")


@deed
def invite_again(visit: Visit, ident: str) -> HttpResponse:
    """A new way in; the old one no longer works."""
    visit.back = visit.at("members")
    try:
        made = membership.invite_again(visit.actor, ident)
    except (SMTPException, OSError):
        return _unsent(visit)
    return visit.done(f"Another invitation is on its way to {made.email}.", visit.back)


@deed
def withdraw(visit: Visit, ident: str) -> HttpResponse:
    """Take an invitation back."""
    visit.back = visit.at("members")
    membership.withdraw_invitation(visit.actor, ident)
    return visit.done("The invitation is withdrawn.", visit.back)


@deed
def set_role(visit: Visit, ident: str) -> HttpResponse:
    """Give somebody another role."""
    visit.back = visit.at("members")
    member = membership.set_role(visit.actor, ident, visit.sent.get("role"))
    return visit.done(f"{member.name} is now {Role(member.role).label.lower()}.", visit.back)


@deed
def remove(visit: Visit, ident: str) -> HttpResponse:
    """End a membership."""
    visit.back = visit.at("members")
    membership.remove_member(visit.actor, ident)
    return visit.done("They can no longer come in. Their records and words stay.", visit.back)
