"""Keys to the API: made once, shown once, kept as a hash, bound to one workspace and one member.

A key reads ``tl_<name>_<secret><check>``. The name is public and finds the row; the secret is
compared by an HMAC under the server's own key, so a stolen table opens nothing; the check lets
a scanner, or us, tell a mistyped key without asking the database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import zlib
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.members import Token
from threadline.kernel.workspaces import Workspace

KINDS = ("personal", "service")
# What each scope opens: who may write may read, who may change the house may do both.
SCOPES = {
    "read": frozenset({"read"}),
    "write": frozenset({"read", "write"}),
    "admin": frozenset({"read", "write", "admin"}),
}
DEFAULT_DAYS, LONGEST_DAYS = 90, 730
MOST_LIVE = 100  # keys of one member at a time
_LETTERS = string.ascii_letters + string.digits
_NAME, _SECRET, _CHECK = 12, 32, 6


def create(
    actor: Actor | Door,
    *,
    name: str,
    scopes: list[str],
    kind: str = "personal",
    days: int | None = DEFAULT_DAYS,
) -> tuple[Token, str]:
    """A new key for the acting member, and its text, which cannot be read again.

    ``days`` is how long it works (None: until it is revoked). A service key, for programs that
    outlive a person's interest in them, needs the right to manage members. Nobody can make a
    key that opens more than the one they are using.
    """

    def run(door: Door) -> tuple[Token, str]:
        door.actor.need("members" if kind == "service" else "tokens")
        wanted = _checked(door.actor, name, scopes, kind, days)
        text = _new_text()
        token = Token(
            workspace_id=door.actor.workspace_id,
            member_id=door.actor.member_id,
            kind=kind,
            name=" ".join(name.split()),
            prefix=text.split("_")[1],
            secret_hash=_hash(text),
            scopes=wanted,
            expires_at=None if days is None else rows.now() + timedelta(days=days),
        )
        rows.insert(token)
        door.log(None, {"name": [None, token.name], "scopes": [None, wanted]}, kind="token")
        return token, text

    return through_door(actor, "create_token", run)


def revoke(actor: Actor | Door, token_id: Any) -> Token:
    """End a key at once: one's own, or anybody's for those who manage members."""

    def run(door: Door) -> Token:
        door.actor.need("tokens")
        try:
            ident = token_id if isinstance(token_id, UUID) else UUID(str(token_id))
        except ValueError:
            raise NotFound from None
        token = _within(door.actor).filter(pk=ident).first()
        if token is None:
            raise NotFound
        if token.revoked_at is None:
            token.revoked_at = rows.now()
            rows.update(token, ["revoked_at"])
            door.log(None, {"name": [token.name, None]}, kind="token")
        return token

    return through_door(actor, "revoke_token", run)


def listed(actor: Actor) -> list[Token]:
    """One's own keys, newest first; those who manage members see everybody's."""
    return list(visible(actor).select_related("member__user").order_by("-pk")[:1_000])


def visible(actor: Actor) -> QuerySet[Token]:
    """The keys that :func:`listed` lists, as rows."""
    actor.need("tokens")
    return _within(actor)


def works(token: Token) -> bool:
    """Whether the key still opens anything. Read its member and user along with it."""
    changed = token.member.user.password_changed_at
    return (
        token.revoked_at is None
        and (token.expires_at is None or token.expires_at > rows.now())
        and (changed is None or token.created_at >= changed)
        and token.member.left_at is None
        and token.member.user.is_active
    )


_FIND = (
    "SELECT t.id, t.secret_hash, t.kind, t.scopes, t.last_used_on, m.id, m.name, m.role,"
    " w.id, w.slug, w.name, w.currency, w.fields_version"
    " FROM kernel_token t JOIN kernel_member m ON m.id = t.member_id AND m.workspace_id = t.workspace_id"
    " JOIN kernel_user u ON u.id = m.user_id JOIN kernel_workspace w ON w.id = t.workspace_id"
    " WHERE t.prefix = %s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > %s)"
    # A changed password ends what was made under the old one: it may have been changed for a theft.
    " AND (u.password_changed_at IS NULL OR t.created_at >= u.password_changed_at)"
    " AND m.left_at IS NULL AND u.is_active"
)


def authenticate(text: str, face: str = "api") -> Actor | None:
    """The actor a key stands for, or None for one that opens nothing, whatever the reason.

    One statement. ``extra`` holds the key's ``token_id`` and ``token_kind``.
    """
    if not _well_formed(text):
        return None
    row = rows.fetch_one(_FIND, [text.split("_")[1], rows.stamp(rows.now())])
    if row is None or not hmac.compare_digest(row[1], _hash(text)):
        return None
    token_id, _, kind, scopes, used_on, member_id, name, role, *place = row
    workspace = rows.partial(Workspace, _PLACE, [rows.ident(place[0]), *place[1:]])
    _note_use(token_id, used_on)
    return Actor(
        workspace,
        rows.ident(member_id),
        name,
        role,
        face,
        _opens(scopes if isinstance(scopes, str) else tuple(scopes)),
        {"token_id": rows.hexed(token_id), "token_kind": kind},
    )


_PLACE = ("id", "slug", "name", "currency", "fields_version")


def _note_use(token_id: Any, used_on: Any) -> None:
    """Once a day is enough to find forgotten keys, and costs no write on the other requests."""
    today = rows.now().date().isoformat()
    if str(used_on)[:10] < today or used_on is None:
        rows.execute("UPDATE kernel_token SET last_used_on = %s WHERE id = %s", [today, token_id])


def _within(actor: Actor) -> QuerySet[Token]:
    found = Token.objects.filter(workspace_id=actor.workspace_id)
    return found if actor.may("members") else found.filter(member_id=actor.member_id)


def _checked(actor: Actor, name: str, scopes: list[str], kind: str, days: int | None) -> list[str]:
    if kind not in KINDS:
        raise Invalid(("kind", "Expected one of: personal, service."))
    if not name.strip() or len(name) > 120 or not name.isprintable():
        raise Invalid(("name", "Give it a name of 1 to 120 characters, so that you know it again."))
    wanted = sorted(set(scopes))
    if not wanted or any(s not in SCOPES for s in wanted):
        raise Invalid(("scopes", "Expected one or more of: read, write, admin."))
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid(("days", f"Between 1 and {LONGEST_DAYS} days."))
    opened = frozenset().union(*(SCOPES[s] for s in wanted))
    if actor.scopes is not None and not opened <= actor.scopes:
        raise Forbidden("A key cannot make one that opens more than itself.")
    live = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=rows.now()))
    if Token.objects.filter(live, workspace_id=actor.workspace_id, member_id=actor.member_id).count() >= MOST_LIVE:
        raise Invalid(("", f"At most {MOST_LIVE} keys at a time; revoke one first."))
    return wanted


@cache
def _opens(scopes: str | tuple[str, ...]) -> frozenset[str]:
    """What kept scopes open; SQLite gives them as JSON text."""
    names = scopes if isinstance(scopes, tuple) else tuple(s for s in SCOPES if f'"{s}"' in scopes)
    return frozenset().union(*(SCOPES.get(s, frozenset()) for s in names))


def _new_text() -> str:
    name, secret = ("".join(secrets.choice(_LETTERS) for _ in range(n)) for n in (_NAME, _SECRET))
    body = f"tl_{name}_{secret}"
    return body + _check(body)


def _check(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(_CHECK):
        number, left = divmod(number, len(_LETTERS))
        letters += _LETTERS[left]
    return letters


def _well_formed(text: str) -> bool:
    parts = text.split("_")
    return (
        len(parts) == 3
        and parts[0] == "tl"
        and (len(parts[1]), len(parts[2])) == (_NAME, _SECRET + _CHECK)
        and text.isascii()
        and _check(text[:-_CHECK]) == text[-_CHECK:]
    )


def _hash(text: str) -> str:
    return hmac.digest(_pepper(settings.SECRET_KEY), text.encode(), "sha256").hex()


@cache
def _pepper(secret_key: str) -> bytes:
    return hashlib.sha256(b"threadline.token:" + secret_key.encode()).digest()
