"""The one question for reads (``reach``) and the one table of who may do what.

Rows outside a reader's reach do not exist for them: lists, single records, related titles,
counts, search hits, exports and events all put the same condition into their SQL. It is
written once, here, as text over the five columns that every record and every card carries.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models.expressions import RawSQL

from threadline.kernel import rows
from threadline.kernel.errors import Forbidden
from threadline.kernel.members import Member, Role
from threadline.kernel.workspaces import Workspace

M = TypeVar("M", bound=models.Model)

# Verbs: read; read_private (revenue, mail addresses and other fields marked private);
# comment; create; update (any field, links, confirming); decide (workflow verbs);
# archive (to the trash and back); bulk (imports and undo of a batch).
_O, _A, _P, _K, _C, _V = (r.value for r in Role)
_ALL = frozenset({_O, _A, _P, _K, _C, _V})
_WRITERS = frozenset({_O, _A, _P, _K})
_MAKERS = frozenset({_O, _A, _P})
_TALKERS = frozenset({_O, _A, _P, _K, _C})
_HEADS = frozenset({_O, _A})

_STANDARD = {
    "read": _ALL,
    "read_private": _WRITERS,
    "comment": _TALKERS,
    "create": _MAKERS,
    "update": _MAKERS,
    "decide": _MAKERS,
    "archive": _MAKERS,
    "bulk": _MAKERS,
}

# group -> verb -> roles. A record type names its group; "intake" is what anybody who works
# with customers may bring in, "workspace" the house itself.
POLICY: dict[str, dict[str, frozenset[str]]] = {
    "inbound": _STANDARD,
    "intake": {**_STANDARD, "create": _TALKERS, "update": _WRITERS, "decide": _WRITERS, "bulk": _WRITERS},
    "outbound": {**_STANDARD, **dict.fromkeys(("create", "update", "decide", "archive", "bulk"), _WRITERS)},
    "lifecycle": {**_STANDARD, **dict.fromkeys(("create", "update", "decide", "archive", "bulk"), _WRITERS)},
    # Whoever talks with customers may do research; who the participants are is for its makers alone.
    "research": {
        **_STANDARD,
        **dict.fromkeys(("create", "update", "decide", "archive"), _TALKERS),
        "read_private": _MAKERS,
    },
    "people": {**_STANDARD, "read_private": _HEADS},
    "workspace": {
        "read": _ALL,
        "share": _MAKERS | {_K},  # views for everybody, tags
        "configure": _HEADS,  # own fields, products, teams
        "members": _HEADS,  # invitations, roles, removals
        "tokens": _TALKERS | {_V},  # one's own; service tokens need "members"
        "undo_others": _HEADS,
    },
}

# Which token scope opens which verb; a signed-in person holds all of them.
_SCOPE = {"read": "read", "read_private": "read", "configure": "admin", "members": "admin", "tokens": "admin"}

WORKSPACE, TEAM, NAMED = 0, 1, 2  # confidentiality of a record
# Withdrawn from everybody, whoever owns it: such a record is in nobody's reach, and so on no page, in no
# list, count, search, export, history or feed. Nobody chooses it; rules set it and lift it again.
WITHHELD = 3
CONFIDENTIALITY = ((WORKSPACE, "Everybody here"), (TEAM, "Product team"), (NAMED, "Named people"))


@dataclass(frozen=True)
class Actor:
    """Who is acting, where, and through which face. Always passed, never looked up."""

    workspace: Workspace
    member_id: UUID
    name: str
    role: str
    face: str = "web"
    scopes: frozenset[str] | None = None
    extra: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def workspace_id(self) -> UUID:
        """The workspace's id."""
        found: UUID = self.workspace.pk
        return found

    @cached_property
    def _reach_params(self) -> list[Any]:
        return [rows.key_of(self.workspace_id), rows.key_of(self.member_id)] * 3

    @cached_property
    def member(self) -> Member:
        """The membership behind this actor."""
        return Member.objects.get(workspace_id=self.workspace_id, pk=self.member_id)

    def through(self, face: str) -> Actor:
        """The same person through another face, for example a job acting for them."""
        return replace(self, face=face)

    def may(self, verb: str, group: str = "workspace") -> bool:
        """Whether the role, and the token's scopes, allow the verb in the group."""
        if self.scopes is not None and _SCOPE.get(verb, "write") not in self.scopes:
            return False
        return self.role in POLICY[group].get(verb, frozenset())

    def need(self, verb: str, group: str = "workspace") -> None:
        """Raise :class:`Forbidden` unless the actor may."""
        if not self.may(verb, group):
            role = Role(self.role).label if self.role in Role.values else self.role
            raise Forbidden(f"Your role here ({role.lower()}) does not allow this: {verb.replace('_', ' ')}.")


def actor_of(member: Member, face: str = "web", scopes: frozenset[str] | None = None) -> Actor:
    """The actor for a member; raises :class:`Forbidden` for somebody who has left."""
    if member.left_at is not None or not member.user.is_active:
        raise Forbidden("This membership has ended.")
    return Actor(member.workspace, member.pk, member.name, member.role, face, scopes)


# The one condition: {of} is the table or alias, {ws} and {me} the reader's workspace and membership.
_CONDITION = (
    "({of}.workspace_id = {ws} AND ({of}.confidentiality = 0"
    " OR ({of}.owner_id = {me} AND {of}.confidentiality < 3)"
    " OR ({of}.confidentiality = 1 AND {of}.product_id IN ("
    "SELECT product_id FROM kernel_teamproduct JOIN kernel_teammember USING (workspace_id, team_id)"
    " WHERE workspace_id = {ws} AND member_id = {me}))"
    " OR ({of}.confidentiality = 2 AND {of}.id IN ("
    "SELECT card_id FROM kernel_reader WHERE workspace_id = {ws} AND member_id = {me}))))"
)


def reach_sql(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """The condition that holds for rows the actor may see, over a record or card table.

    ``alias`` is a table name or alias written by us, never user input.
    """
    if not actor.may("read"):
        return "1 = 0", []
    return _condition(alias), [*actor._reach_params]


@lru_cache(maxsize=256)
def _condition(alias: str) -> str:
    return _CONDITION.format(of=alias, ws="%s", me="%s")


def reached_by(member: str, alias: str) -> str:
    """The same condition for each row of members under an alias: who may see which, in one statement."""
    return _CONDITION.format(of=alias, ws=f"{member}.workspace_id", me=f"{member}.id")


def reach(actor: Actor, model: type[M]) -> models.QuerySet[M]:
    """The rows of a record type (or of cards) that this actor may see. The only way to rows."""
    table = f'"{model._meta.db_table}"'
    sql, params = reach_sql(actor, table)
    expression = RawSQL(sql, params, output_field=models.BooleanField())  # noqa: S611 - text is ours
    return model._default_manager.filter(expression)
