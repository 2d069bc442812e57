"""People, seen by whoever runs the server: no role is needed, only the machine.

A password is typed or piped, never an argument: arguments are seen by everybody on the machine.
"""

from __future__ import annotations

import sys
from typing import Any

import click
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from threadline.faces.cli.talk import Talk
from threadline.faces.cli.who import did_you_mean, talks, workspace_named
from threadline.house import membership
from threadline.kernel import fields, rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.members import Member, Role, User
from threadline.kernel.workspaces import Workspace

ROLES = click.Choice(Role.values)
_place = click.option("-w", "--workspace", metavar="SLUG", envvar="THREADLINE_WORKSPACE", help="Which workspace.")
_piped = click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")


@click.group("user")
def user() -> None:
    """Add, list and deactivate people; change roles and passwords."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="", help="What people call them.")
@click.option("--role", type=ROLES, default=Role.VIEWER.value, show_default=True, help="What they may do.")
@click.option("--new-workspace", metavar="NAME", help="Found a workspace for them; they own it.")
@click.option("--slug", help="Its short name in addresses.")
@_place
@_piped
@talks
def add(
    talk: Talk,
    email: str,
    name: str,
    role: str,
    new_workspace: str | None,
    slug: str | None,
    workspace: str | None,
    password_stdin: bool,
) -> None:
    """Let somebody in. Without a password they set one by "forgotten password" on the sign-in page."""
    place = None if new_workspace else workspace_named(workspace)
    password = asked_password(password_stdin, optional=True)
    with transaction.atomic():
        person = _person(email, name, password)
        if place is None:
            short = slug or "-".join("".join(c if c.isalnum() else " " for c in str(new_workspace).lower()).split())
            member = membership.found_workspace(person, new_workspace, short, face="cli")
        else:
            member = admit(place, person, role)
    if talk.json:
        talk.data(_told(member))
    else:
        talk.say(f"{person.email} is now {Role(member.role).label.lower()} of {member.workspace.slug}.")


def _person(email: str, name: str, password: str | None) -> User:
    try:
        address = str(fields.Email(longest=254).clean(email, None) or "").lower()  # type: ignore[arg-type]
    except fields.Refused as refused:
        raise Invalid(("email", str(refused))) from None
    found = User.objects.filter(email__iexact=address).first()
    if found is not None:
        if password:
            raise Conflict(f"{address} is known already; threadline user password {address} changes the password.")
        return found
    made = User(email=address, name=membership.clean_name(name) if name else "")
    keep_password(made, password)
    EmailAddress.objects.create(user=made, email=address, verified=True, primary=True)
    return made


def keep_password(person: User, password: str | None) -> None:
    """Check a password by the server's rules and keep it; None lets nobody in."""
    if password is not None:
        try:
            validate_password(password, person)
        except ValidationError as refused:
            raise Invalid(*(("password", message) for message in refused.messages)) from None
    person.set_password(password)
    person.save()


def asked_password(piped: bool, *, optional: bool = False) -> str | None:
    """A password from stdin or from the keyboard; None where none is needed and nobody is there to ask."""
    if piped:
        return sys.stdin.readline().rstrip("\r\n") or None
    if not sys.stdin.isatty():
        if optional:
            return None
        raise click.UsageError("Nobody is here to ask: pipe the password in, with --password-stdin.")
    hint = "Password (empty: none yet)" if optional else "New password"
    typed: str = click.prompt(hint, hide_input=True, default="" if optional else None, show_default=False, err=True)
    if typed and click.prompt("Once more", hide_input=True, err=True) != typed:
        raise Invalid(("password", "The two are not the same."))
    return typed or None


def operator(place: Workspace) -> Actor:
    """Whoever runs the server, as the log names them: nobody's member, nobody's password."""
    return Actor(place, None, "Server operator", Role.OWNER, "cli")  # type: ignore[arg-type]


def admit(place: Workspace, person: User, role: str) -> Member:
    """Make somebody a member at once; whoever had left comes back."""

    def run(door: Door) -> Member:
        member = Member.objects.filter(workspace=place, user=person).first()
        if member is not None and member.left_at is None:
            raise Conflict(f"{person.email} is a member of {place.slug} already.")
        if member is None:
            named = person.name or person.email.partition("@")[0]
            member = Member(workspace=place, user=person, name=named, handle=_free_handle(place, person))
        member.role, member.left_at = role, None
        member.save()
        door.log(None, {"member": [None, str(member.pk)], "role": [None, role]}, kind="member")
        return member

    return through_door(operator(place), "admit", run)


def _free_handle(place: Workspace, person: User) -> str:
    wanted = "".join(c if c.isalnum() or c in "._-" else "." for c in person.email.partition("@")[0].lower())[:50]
    taken = set(Member.objects.filter(workspace=place, handle__startswith=wanted).values_list("handle", flat=True))
    return next(h for h in (wanted, *(f"{wanted}{n}" for n in range(2, 10_000))) if h not in taken)


@user.command("list")
@_place
@talks
def listed(talk: Talk, workspace: str | None) -> None:
    """List people and their roles, of one workspace or of all."""
    found = Member.objects.select_related("user", "workspace").order_by("workspace__slug", "role", "name")
    if workspace:
        found = found.filter(workspace=workspace_named(workspace))
    if talk.json:
        talk.data({"data": [_told(m) for m in found]})
    else:
        columns = ("email", "name", "role", "workspace", "state")
        talk.table(columns, ([_told(m)[c] for c in columns] for m in found))


def _told(member: Member) -> dict[str, Any]:
    gone = "deactivated" if not member.user.is_active else "left" if member.left_at else "active"
    return {
        "email": member.user.email,
        "name": member.name,
        "handle": member.handle,
        "role": member.role,
        "workspace": member.workspace.slug,
        "state": gone,
    }


def person_of(email: str) -> User:
    """The user of an address, or NotFound with the nearest."""
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        known = User.objects.values_list("email", flat=True)[:5_000]
        raise NotFound(f"Nobody has the address {email}.{did_you_mean(email, known)}")
    return found


@user.command("password")
@click.argument("email")
@_piped
@talks
def password(talk: Talk, email: str, password_stdin: bool) -> None:
    """Set a new password. Sessions and API keys made under the old one end."""
    person = person_of(email)
    typed = asked_password(password_stdin)
    if not typed:
        raise Invalid(("password", "Needed."))
    keep_password(person, typed)
    talk.say(f"{person.email} has a new password.")


@user.command("role")
@click.argument("email")
@click.argument("role", type=ROLES)
@_place
@talks
def role_of(talk: Talk, email: str, role: str, workspace: str | None) -> None:
    """Give somebody another role."""
    place, person = workspace_named(workspace), person_of(email)

    def run(door: Door) -> Member:
        Workspace.objects.select_for_update().get(pk=place.pk)
        member = Member.objects.filter(workspace=place, user=person, left_at=None).select_related("user").first()
        if member is None:
            raise NotFound(f"{person.email} is not a member of {place.slug}.")
        if role != Role.OWNER:
            _keep_an_owner(member)
        before, member.role = member.role, role
        rows.update(member, ["role"])
        door.log(None, {"member": [str(member.pk), str(member.pk)], "role": [before, role]}, kind="member")
        return member

    member = through_door(operator(place), "set_role", run)
    if talk.json:
        talk.data(_told(member))
    else:
        talk.say(f"{person.email} is now {Role(role).label.lower()} of {place.slug}.")


def _keep_an_owner(member: Member) -> None:
    owners = Member.objects.filter(workspace=member.workspace, role=Role.OWNER, left_at=None, user__is_active=True)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise Forbidden(
            f"{member.user.email} is the only owner of {member.workspace.slug}; make somebody else owner first."
        )


@user.command("deactivate")
@click.argument("email")
@click.option("--back", is_flag=True, help="Let them sign in again.")
@talks
def deactivate(talk: Talk, email: str, back: bool) -> None:
    """Stop somebody from signing in anywhere; nothing of theirs is deleted."""
    person = person_of(email)
    if not back:
        for member in Member.objects.filter(user=person, left_at=None).select_related("user", "workspace"):
            _keep_an_owner(member)
    person.is_active = back
    person.save(update_fields=["is_active"])
    talk.say(f"{person.email} can {'sign in again' if back else 'no longer sign in'}.")
