"""Which places a signed-in user has: one statement from the session's user to actors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.workspaces import Workspace

_PLACES = (
    "SELECT u.password, m.id, m.name, m.role, w.id, w.slug, w.name, w.currency, w.fields_version"
    " FROM kernel_user u JOIN kernel_member m ON m.user_id = u.id JOIN kernel_workspace w ON w.id = m.workspace_id"
    " WHERE u.id = %s AND u.is_active AND m.left_at IS NULL ORDER BY w.slug LIMIT 200"
)
_WORKSPACE = ("id", "slug", "name", "currency", "fields_version")


_STANDING = (
    "SELECT m.id, m.role, u.password FROM kernel_member m JOIN kernel_user u ON u.id = m.user_id"
    " WHERE m.id IN ({marks}) AND m.left_at IS NULL AND u.is_active"
)


def standing(member_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Role and password hash of those among these members who may still act."""
    wanted = list(dict.fromkeys(member_ids))
    found: dict[UUID, tuple[str, str]] = {}
    for at in range(0, len(wanted), 500):
        part = wanted[at : at + 500]
        for ident, role, password in rows.fetch(_STANDING.format(marks=rows.marks(len(part))), part):
            found[rows.ident(ident)] = (role, password)
    return found


@dataclass(frozen=True, slots=True)
class Places:
    """Where a user may act; ``password`` is the hash that a session is checked against."""

    password: str
    actors: tuple[Actor, ...]

    def one(self, slug: str = "") -> Actor | None:
        """The actor in the workspace of that short name; without one, in the only workspace."""
        if slug:
            return next((a for a in self.actors if a.workspace.slug == slug), None)
        return self.actors[0] if len(self.actors) == 1 else None


def places_of(user_id: Any, face: str) -> Places | None:
    """The places of an active user with at least one membership; None for anybody else."""
    try:
        found = rows.fetch(_PLACES, [rows.ident(user_id)])
    except ValueError:
        return None
    if not found:
        return None
    actors = (
        Actor(rows.partial(Workspace, _WORKSPACE, [rows.ident(r[4]), *r[5:]]), rows.ident(r[1]), r[2], r[3], face)
        for r in found
    )
    return Places(found[0][0], tuple(actors))
