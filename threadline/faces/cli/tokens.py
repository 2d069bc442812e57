"""Keys to the API, from the command line."""

from __future__ import annotations

from typing import Any

import click

from threadline.faces.cli.talk import Talk
from threadline.faces.cli.who import acts
from threadline.house import tokens
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.errors import NotFound
from threadline.kernel.listing import exported
from threadline.kernel.members import Token


@click.group("token")
def token() -> None:
    """Make, list and revoke keys to the API."""


@token.command("create")
@click.argument("name")
@click.option("--scopes", default="read", show_default=True, metavar="A,B", help="read, write, admin.")
@click.option("--service", is_flag=True, help="For a program rather than a person; admins only.")
@click.option("--days", type=int, default=tokens.DEFAULT_DAYS, show_default=True, help="How long it works.")
@click.option("--forever", is_flag=True, help="Until it is revoked.")
@acts
def create(talk: Talk, actor: Actor, name: str, scopes: str, service: bool, days: int, forever: bool) -> None:
    """Make a key. It is printed once, on stdout, and cannot be read again."""
    wanted = [s.strip() for s in scopes.split(",") if s.strip()]
    kind = "service" if service else "personal"
    made, text = tokens.create(actor, name=name, scopes=wanted, kind=kind, days=None if forever else days)
    if talk.json:
        talk.data({**_told(made), "token": text})
        return
    ends = f"works until {made.expires_at:%Y-%m-%d}" if made.expires_at else "works until it is revoked"
    talk.say(
        f"The key {made.name} of {actor.name} in {actor.workspace.slug} {ends}. Keep it now; it is not shown again."
    )
    talk.line(text)


@token.command("list")
@acts
def listed(talk: Talk, actor: Actor) -> None:
    """List your keys; as an admin, everybody's."""
    found = [{**_told(t), "member": t.member.name} for t in tokens.listed(actor)]
    if talk.json:
        talk.data({"data": found})
    else:
        columns = ("prefix", "name", "kind", "scopes", "member", "state", "expires_at", "last_used_on")
        talk.table(columns, ([one[c] for c in columns] for one in found))


@token.command("revoke")
@click.argument("prefix")
@acts
def revoke(talk: Talk, actor: Actor, prefix: str) -> None:
    """End a key at once, by its PREFIX (the middle part) or id."""
    part = prefix.split("_")[1] if prefix.startswith("tl_") and prefix.count("_") else prefix
    found = next((t for t in tokens.listed(actor) if part in (t.prefix, str(t.pk))), None)
    if found is None:
        raise NotFound(f"You have no key {part[:40]} here.")
    ended = tokens.revoke(actor, found.pk)
    if talk.json:
        talk.data(_told(ended))
    else:
        talk.say(f"The key {ended.name} opens nothing any more.")


def _told(made: Token) -> dict[str, Any]:
    ended = made.expires_at is not None and made.expires_at <= rows.now()
    return {
        "id": str(made.pk),
        "prefix": made.prefix,
        "name": made.name,
        "kind": made.kind,
        "scopes": made.scopes,
        "state": "revoked" if made.revoked_at else "expired" if ended else "works",
        "expires_at": exported(made.expires_at),
        "last_used_on": exported(made.last_used_on),
    }
