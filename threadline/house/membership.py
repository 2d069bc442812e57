"""Who comes, in which role, and who goes: workspaces founded, invitations, roles, departures.

Through the door like every write: authorised, in one transaction, logged. Roles are read
again inside the transaction, so somebody demoted a moment ago cannot use what they had.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction

from threadline.kernel import fields, rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.comments import Watch
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.members import Invitation, Member, Role, TeamMember, Token, User
from threadline.kernel.workspaces import Workspace

INVITATION_DAYS = 14
MOST_INVITATIONS_AN_HOUR = 60  # by one member
MOST_WORKSPACES = 20  # owned by one person
JOIN_PATH = "/join/"
# Addresses of pages that are not workspaces, and words that would mislead.
RESERVED = frozenset(
    {
        "about",
        "accounts",
        "admin",
        "api",
        "app",
        "assets",
        "billing",
        "blog",
        "docs",
        "events",
        "help",
        "home",
        "join",
        "login",
        "logout",
        "mail",
        "new",
        "null",
        "profile",
        "register",
        "root",
        "search",
        "security",
        "settings",
        "signup",
        "static",
        "status",
        "support",
        "system",
        "threadline",
        "undefined",
        "w",
        "welcome",
        "workspace",
        "workspaces",
        "www",
    }
)
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$")
# Marks that turn the direction of text around can make a name read as another.
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean_name(raw: Any, field: str = "name", longest: int = 120) -> str:
    """A name fit to stand in a mail: one line, no address of a page, no hidden marks."""
    text = _HIDDEN.sub("", str(raw or ""))
    try:
        cleaned = fields.FieldKind(longest=longest).clean(text, None)  # type: ignore[arg-type]
    except fields.Refused as refused:
        raise Invalid((field, str(refused))) from None
    if not cleaned:
        raise Invalid((field, "Needed."))
    if "://" in cleaned or "www." in cleaned.lower():
        raise Invalid((field, "A name cannot hold the address of a page."))
    return str(cleaned)


def clean_slug(raw: Any) -> str:
    """The short name of a workspace in addresses; reserved words are refused."""
    slug = str(raw or "").strip().lower()
    if not _SLUG.match(slug) or "--" in slug:
        raise Invalid(("slug", "Small letters, digits and single dashes: acme or acme-games."))
    if slug in RESERVED:
        raise Invalid(("slug", "This word is kept for Threadline itself; choose another."))
    return slug


def slug_for(name: Any) -> str:
    """A short name made from a workspace's name, free as yet; empty where the name has no Latin letters."""
    plain = unicodedata.normalize("NFKD", str(name or "")).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
    if not made:
        return ""
    taken = {*RESERVED, *Workspace.objects.filter(slug__startswith=made).values_list("slug", flat=True)}
    tries = (made if n == 1 else f"{made}-{n}" for n in range(1, len(taken) + 2))
    return next(one for one in tries if one not in taken and _SLUG.match(one))


# ---- founding ---------------------------------------------------------------------------


def found_workspace(user: User, name: Any, slug: Any, *, face: str = "web") -> Member:
    """A new workspace whose owner is ``user``; raises Invalid, also when the short name is taken."""
    named, short = clean_name(name), clean_slug(slug)
    if Member.objects.filter(user=user, role=Role.OWNER, left_at=None).count() >= MOST_WORKSPACES:
        raise Forbidden(f"One person can own {MOST_WORKSPACES} workspaces at most.")
    workspace = Workspace(slug=short, name=named)
    owner = _actor_to_be(workspace, rows.new_id(), user, Role.OWNER, face)

    def run(door: Door) -> Member:
        if Workspace.objects.filter(slug=short).exists():
            raise Invalid(("slug", "There is a workspace of this name already; choose another."))
        try:
            with transaction.atomic():
                rows.insert(workspace)
        except IntegrityError:
            raise Invalid(("slug", "There is a workspace of this name already; choose another.")) from None
        made = _new_member(workspace, owner.member_id, user, Role.OWNER)
        door.log(None, {"name": [None, named], "slug": [None, short]}, kind="workspace")
        return made

    return through_door(owner, "found_workspace", run)


# ---- invitations ------------------------------------------------------------------------


def invite(actor: Actor, email: Any, role: Any) -> Invitation:
    """Keep a place for an e-mail address and send the way in; an open one for it is replaced.

    Only the mail holds the secret, so that whoever joins has shown that the address is theirs.
    """
    actor.need("members")
    address, chosen = _address(email), _role(role)

    def run(door: Door) -> Invitation:
        _fresh(door.actor, at_least=chosen)
        _throttle(door.actor)
        here = Member.objects.filter(workspace_id=actor.workspace_id, left_at=None)
        if here.filter(user__email__iexact=address).exists():
            raise Invalid(("email", "This person is a member already."))
        open_ones(actor.workspace_id).filter(email__iexact=address).update(revoked_at=rows.now())
        return _invite(door, address, chosen)

    return through_door(actor, "invite", run)


def invite_again(actor: Actor, ref: Any) -> Invitation:
    """Send a new way in to somebody who has not come; the old one no longer works."""
    actor.need("members")

    def run(door: Door) -> Invitation:
        found = _invitation(door.actor, ref)
        _fresh(door.actor, at_least=found.role)
        _throttle(door.actor)
        found.revoked_at = rows.now()
        rows.update(found, ["revoked_at"])
        return _invite(door, found.email, found.role)

    return through_door(actor, "invite_again", run)


def withdraw_invitation(actor: Actor, ref: Any) -> None:
    """Take an invitation back."""
    actor.need("members")

    def run(door: Door) -> None:
        found = _invitation(door.actor, ref)
        found.revoked_at = rows.now()
        rows.update(found, ["revoked_at"])
        door.log(None, {"email": [found.email, None], "role": [found.role, None]}, kind="invitation")

    through_door(actor, "withdraw_invitation", run)


def open_ones(workspace_id: UUID) -> Any:
    """Invitations of a workspace that can still be accepted, newest first."""
    return Invitation.objects.filter(
        workspace_id=workspace_id, accepted_at=None, revoked_at=None, expires_at__gt=rows.now()
    ).order_by("-created_at")


def invitation_for(secret: Any) -> Invitation:
    """The open invitation that a mail's secret belongs to; NotFound for used, old and false ones alike."""
    if not isinstance(secret, str) or not 20 <= len(secret) <= 100:
        raise NotFound
    found = (
        Invitation.objects.filter(
            token_hash=_hash(secret), accepted_at=None, revoked_at=None, expires_at__gt=rows.now()
        )
        .select_related("workspace", "invited_by")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def accept_invitation(user: User, invitation: Invitation, *, face: str = "web") -> Member:
    """Join, in the role that was offered: nothing else of the request counts.

    ``invitation`` comes from :func:`invitation_for`, or was offered to an address that the
    user has proved to own. Somebody who left comes back as the member they were.
    """
    joiner = _actor_to_be(invitation.workspace, rows.new_id(), user, invitation.role, face)

    def run(door: Door) -> Member:
        found = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
        if found is None or found.accepted_at or found.revoked_at or found.expires_at <= rows.now():
            raise NotFound
        if found.email.lower() != user.email.lower():
            raise Forbidden("This invitation was sent to another e-mail address. Sign in with that one.")
        found.accepted_at = rows.now()
        rows.update(found, ["accepted_at"])
        member = Member.objects.filter(workspace_id=found.workspace_id, user=user).first()
        if member is None:
            member = _new_member(invitation.workspace, joiner.member_id, user, found.role)
        elif member.left_at is not None:
            member.left_at, member.role, member.joined_at = None, found.role, rows.now()
            rows.update(member, ["left_at", "role", "joined_at"])
        else:
            raise Conflict("You are a member already.")
        door.actor = _actor_to_be(invitation.workspace, member.pk, user, member.role, face)
        door.log(None, {"member": [None, str(member.pk)], "role": [None, member.role]}, kind="member")
        return member

    return through_door(joiner, "accept_invitation", run)


# ---- roles and departures ---------------------------------------------------------------


def set_role(actor: Actor, ref: Any, role: Any) -> Member:
    """Give a member another role: below one's own, or any when one is an owner; never one's own."""
    actor.need("members")
    chosen = _role(role)

    def run(door: Door) -> Member:
        member = _member(door.actor, ref)
        if member.pk == door.actor.member_id:
            raise Forbidden("Nobody changes their own role; ask another owner.")
        _fresh(door.actor, at_least=chosen)
        _fresh(door.actor, at_least=member.role)
        before, member.role = member.role, chosen
        if before != chosen:
            rows.update(member, ["role"])
            door.log(None, {"member": [str(member.pk)] * 2, "role": [before, chosen]}, kind="member")
        return member

    return through_door(actor, "set_role", run)


def remove_member(actor: Actor, ref: Any) -> None:
    """End somebody's membership. Their records and words stay; their tokens end at once."""
    actor.need("members")

    def run(door: Door) -> None:
        member = _member(door.actor, ref)
        if member.pk == door.actor.member_id:
            raise Forbidden("To go yourself, leave the workspace from your profile.")
        _fresh(door.actor, at_least=member.role)
        _end(door, member)

    through_door(actor, "remove_member", run)


def leave(actor: Actor) -> None:
    """End one's own membership; the last owner cannot, or nobody could let anybody in."""

    def run(door: Door) -> None:
        member = _member(door.actor, door.actor.member_id)
        owners = Member.objects.filter(workspace_id=actor.workspace_id, left_at=None, role=Role.OWNER)
        if member.role == Role.OWNER and owners.count() == 1:
            raise Forbidden("You are the only owner. Make somebody else an owner first.")
        _end(door, member)

    through_door(actor, "leave", run)


def change_profile(actor: Actor, values: dict[str, Any]) -> Member:
    """One's own name, handle, job title and preferences here; nothing else can be set this way."""
    known = {"name", "handle", "job_title", "preferences"}
    if extra := sorted(values.keys() - known):
        raise Invalid(*((name, "There is no such field.") for name in extra))

    def run(door: Door) -> Member:
        member = _member(door.actor, door.actor.member_id)
        before = {n: getattr(member, n) for n in values}
        if "name" in values:
            member.name = clean_name(values["name"])
        if "handle" in values:
            member.handle = _free_handle(member, values["handle"])
        if "job_title" in values:
            member.job_title = clean_name(values["job_title"], "job_title") if values["job_title"] else ""
        if "preferences" in values:
            member.preferences = {**member.preferences, **_preferences(values["preferences"])}
        after = {n: getattr(member, n) for n in values}
        diff = {n: [before[n], after[n]] for n in values if before[n] != after[n]}
        if diff:
            rows.update(member, sorted(diff))
            door.log(None, {"member": [str(member.pk)] * 2, **diff}, kind="member")
        return member

    return through_door(actor, "change_profile", run)


# ---- inside -----------------------------------------------------------------------------


def _fresh(actor: Actor, *, at_least: str) -> None:
    """The actor's role as it stands now is above a role, or is owner's; raises Forbidden."""
    here = Member.objects.filter(workspace_id=actor.workspace_id, pk=actor.member_id, left_at=None)
    now = here.values_list("role", flat=True).first()
    order = Role.values
    if now not in (Role.OWNER, Role.ADMIN) or (now != Role.OWNER and order.index(at_least) <= order.index(now)):
        raise Forbidden("Only an owner can give or take this role.")


def _throttle(actor: Actor) -> None:
    lately = rows.now() - timedelta(hours=1)
    sent = Invitation.objects.filter(
        workspace_id=actor.workspace_id, invited_by_id=actor.member_id, created_at__gt=lately
    ).count()
    if sent >= MOST_INVITATIONS_AN_HOUR:
        raise Forbidden("That is many invitations in an hour. Wait a little before sending more.")


def _invite(door: Door, email: str, role: str) -> Invitation:
    secret = secrets.token_urlsafe(32)
    made = Invitation(
        workspace_id=door.actor.workspace_id,
        email=email,
        role=role,
        token_hash=_hash(secret),
        invited_by_id=door.actor.member_id,
        expires_at=rows.now() + timedelta(days=INVITATION_DAYS),
    )
    rows.insert(made)
    door.log(None, {"email": [None, email], "role": [None, role]}, kind="invitation")
    mail = _mail(door.actor, email, role, secret)
    transaction.on_commit(lambda: mail.send(fail_silently=False))
    return made


def _mail(actor: Actor, email: str, role: str, secret: str) -> EmailMessage:
    return EmailMessage(
        subject=f"Threadline: {actor.name} invites you to {actor.workspace.name}",
        body=(
            f"{actor.name} has kept a place for you in {actor.workspace.name}, as {Role(role).label.lower()}.\n\n"
            f"Come in: {settings.BASE_URL}{JOIN_PATH}{secret}\n\n"
            f"The link works once, for this address, within {INVITATION_DAYS} days. If you expected no"
            " invitation, you need do nothing.\n"
        ),
        to=[email],
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _address(raw: Any) -> str:
    try:
        cleaned = fields.Email(longest=254).clean(raw, None)  # type: ignore[arg-type]
    except fields.Refused as refused:
        raise Invalid(("email", str(refused))) from None
    if not cleaned:
        raise Invalid(("email", "Needed."))
    return str(cleaned).lower()


def _role(raw: Any) -> str:
    if raw not in Role.values:
        raise Invalid(("role", f"Expected one of: {', '.join(Role.values)}."))
    return str(raw)


def _invitation(actor: Actor, ref: Any) -> Invitation:
    found: Invitation | None = open_ones(actor.workspace_id).filter(pk=_id(ref)).first()
    if found is None:
        raise NotFound
    return found


def _member(actor: Actor, ref: Any) -> Member:
    found = Member.objects.select_for_update().filter(workspace_id=actor.workspace_id, left_at=None, pk=_id(ref))
    member = found.first()
    if member is None:
        raise NotFound
    return member


def _id(ref: Any) -> UUID:
    try:
        return ref if isinstance(ref, UUID) else UUID(str(getattr(ref, "pk", ref)))
    except ValueError:
        raise NotFound from None


def _end(door: Door, member: Member) -> None:
    # Owners are counted under a lock, so that two cannot leave past each other.
    Workspace.objects.select_for_update().get(pk=member.workspace_id)
    owners = Member.objects.filter(workspace_id=member.workspace_id, left_at=None, role=Role.OWNER)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise Forbidden("A workspace keeps at least one owner.")
    member.left_at = rows.now()
    rows.update(member, ["left_at"])
    TeamMember.objects.filter(workspace_id=member.workspace_id, member=member).delete()
    Watch.objects.filter(workspace_id=member.workspace_id, member=member).delete()
    Token.objects.filter(workspace_id=member.workspace_id, member=member, revoked_at=None).update(revoked_at=rows.now())
    door.log(None, {"member": [str(member.pk), None], "role": [member.role, None]}, kind="member")


def _actor_to_be(workspace: Workspace, member_id: UUID, user: User, role: str, face: str) -> Actor:
    return Actor(workspace, member_id, user.name or user.email.partition("@")[0], role, face)


def _new_member(workspace: Workspace, member_id: UUID, user: User, role: str) -> Member:
    name = user.name or user.email.partition("@")[0].replace(".", " ").replace("_", " ").title()
    made = Member(pk=member_id, workspace=workspace, user=user, name=name[:120], role=role)
    made.handle = _free_handle(made, user.name or user.email.partition("@")[0], choose=True)
    rows.insert(made)
    return made


def _free_handle(member: Member, wanted: Any, *, choose: bool = False) -> str:
    plain = unicodedata.normalize("NFKD", str(wanted or "")).encode("ascii", "ignore").decode().lower()
    handle = re.sub(r"[^a-z0-9]+", ".", plain).strip(".")[:50]
    if not choose and not handle:
        raise Invalid(("handle", "Letters, digits and dots: ana.silva."))
    handle = handle or "member"
    taken = set(
        Member.objects.filter(workspace_id=member.workspace_id, handle__startswith=handle)
        .exclude(pk=member.pk)
        .values_list("handle", flat=True)
    )
    if handle not in taken:
        return handle
    if not choose:
        raise Invalid(("handle", "Somebody here has this handle."))
    return next(f"{handle}.{n}" for n in range(2, len(taken) + 3) if f"{handle}.{n}" not in taken)


def _preferences(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Invalid(("preferences", "Expected names and values."))
    known: dict[str, tuple[Any, ...]] = {"theme": ("", "light", "dark", "contrast"), "shortcuts": (True, False)}
    for name, value in raw.items():
        if not (_are_keys(value) if name == "keys" else value in known.get(name, ())):
            raise Invalid((name, "There is no such preference, or it cannot have this value."))
    return raw


def _are_keys(value: Any) -> bool:
    """Own keys of the keyboard by the name of what they do; which there are, the pages know."""
    return (
        isinstance(value, dict)
        and len(value) <= 200
        and all(
            isinstance(n, str) and isinstance(k, str) and len(n) <= 60 and 0 < len(k) <= 24 for n, k in value.items()
        )
    )
