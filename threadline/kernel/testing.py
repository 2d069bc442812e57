"""The world that tests live in, and a valid sample of any record type.

North is a company with one person in each role; South is another company, whose product
manager is the stranger that must see nothing of North.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import Any

from django.db import transaction

from threadline.kernel import fields, verbs
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.members import Member, Role, Team, TeamMember, TeamProduct, User
from threadline.kernel.records import Record
from threadline.kernel.registry import Field, RecordType, type_of
from threadline.kernel.workspaces import Product, Workspace

PASSWORD = "correct horse battery"
NAMES = {
    "owner": "Olga Owner",
    "admin": "Adam Admin",
    "product_manager": "Petra Manager",
    "product_marketer": "Karl Marketer",
    "contributor": "Cora Contributor",
    "viewer": "Vito Viewer",
}


class World:
    """Two workspaces, six roles, one stranger. People are made when first asked for."""

    def __init__(self) -> None:
        self.north = Workspace.objects.create(slug="north", name="North")
        self.south = Workspace.objects.create(slug="south", name="South")
        self._members: dict[tuple[str, str], Member] = {}

    # ---- people --------------------------------------------------------------------------

    def member(self, role: str, slug: str = "north") -> Member:
        """The person of a role, in North unless said otherwise."""
        found = self._members.get((slug, role))
        if found is None:
            workspace = self.north if slug == "north" else self.south
            user = User.objects.create_user(f"{role}@{slug}.example", PASSWORD, name=NAMES[role])
            found = Member.objects.create(
                workspace=workspace, user=user, name=NAMES[role], handle=f"{role}.{slug}", role=role
            )
            self._members[(slug, role)] = found
        return found

    def actor(self, role: str, slug: str = "north", **extra: Any) -> Actor:
        """The person of a role, acting."""
        return actor_of(self.member(role, slug), **extra)

    def user(self, role: str, slug: str = "north") -> User:
        """The person of a role, as somebody who signs in with :data:`PASSWORD`."""
        return self.member(role, slug).user

    @cached_property
    def owner(self) -> Actor:
        """North's owner."""
        return self.actor("owner")

    @cached_property
    def admin(self) -> Actor:
        """North's admin."""
        return self.actor("admin")

    @cached_property
    def pm(self) -> Actor:
        """North's product manager, who may do most things to records."""
        return self.actor("product_manager")

    @cached_property
    def pmm(self) -> Actor:
        """North's product marketer."""
        return self.actor("product_marketer")

    @cached_property
    def contributor(self) -> Actor:
        """North's contributor."""
        return self.actor("contributor")

    @cached_property
    def viewer(self) -> Actor:
        """North's viewer."""
        return self.actor("viewer")

    @cached_property
    def stranger(self) -> Actor:
        """South's product manager: North does not exist for this person."""
        return self.actor("product_manager", "south")

    @property
    def roles(self) -> list[Actor]:
        """One actor of each role in North."""
        return [self.actor(role) for role in Role.values]

    def team(self, name: str, *members: Actor, products: list[Product]) -> Team:
        """A team of North with people and products."""
        team = Team.objects.create(workspace=self.north, name=name)
        for actor in members:
            TeamMember.objects.create(workspace=self.north, team=team, member_id=actor.member_id)
        for product in products:
            TeamProduct.objects.create(workspace=self.north, team=team, product=product)
        return team

    def product(self, name: str = "Atlas", slug: str = "north") -> Product:
        """A product, made once per name."""
        workspace = self.north if slug == "north" else self.south
        made, _ = Product.objects.get_or_create(workspace=workspace, slug=name.lower(), defaults={"name": name})
        return made

    # ---- records -------------------------------------------------------------------------

    def make(self, kind: str, actor: Actor | None = None, **values: Any) -> Any:
        """A record of any type, with only what it must have and what is given.

        One that is given a state is brought in with it, as an import does: no workflow led there.
        """
        actor = actor or self.pm
        whole = {**self.needed(kind, actor, given=values), **values}
        how = "import" if "state" in values else "create"
        return through_door(actor, how, lambda door: verbs.create(door, kind, whole))

    def needed(self, kind: str, actor: Actor | None = None, *, given: Collection[str] = ()) -> dict[str, Any]:
        """Raw values for the fields without which the type cannot be made, but for those given."""
        declared = type_of(kind)
        wanted = [f for f in declared.by_name.values() if (f.required or f.name == "title") and f.name not in given]
        return {f.name: self._raw(declared, f, actor or self.pm) for f in wanted}

    def sample(self, kind: str, actor: Actor | None = None) -> dict[str, Any]:
        """Raw values for every field that can be set, the state left at its beginning."""
        declared = type_of(kind)
        settable = [f for f in declared.by_name.values() if not f.readonly and f.name not in _LEFT_OUT]
        return {f.name: self._raw(declared, f, actor or self.pm) for f in settable}

    def _raw(self, declared: RecordType, field: Field, actor: Actor) -> Any:
        kind = field.kind
        if isinstance(kind, fields.Reference):
            if kind.kind == declared.kind and not field.required:
                return None
            return str(verbs.create(actor, kind.kind, self.needed(kind.kind, actor)).pk)
        if isinstance(kind, fields.Choice):
            return kind.choices[0][0]
        if isinstance(kind, fields.Number):
            low = kind.low if kind.low is not None else 1
            # Each field a number of its own: a rule may refuse two that are the same.
            place = list(declared.by_name).index(field.name)
            if kind.high is None or kind.high > 1_000:
                return max(low, 0) + place
            return kind.high if kind.high < 100 else kind.high - len(declared.by_name) + 1 + place
        by_kind: dict[type[fields.FieldKind], Any] = {
            fields.Day: lambda: date(2026, 3, 4).isoformat(),
            fields.Moment: lambda: "2026-03-04T05:06:07Z",
            fields.Flag: lambda: True,
            fields.Email: lambda: "someone@customer.example",
            fields.Web: lambda: "https://customer.example/page",
            fields.Person: lambda: str(actor.member_id),
            fields.ProductRef: lambda: str(self.product(slug=actor.workspace.slug).pk),
        }
        make = by_kind.get(type(kind))
        return make() if make else f"{field.label} of a {declared.label.lower()}"


_LEFT_OUT = frozenset({"state", "confidentiality", "source", "source_id"})


def fresh(record: Record) -> Any:
    """The record as it stands in the database."""
    return type(record)._default_manager.get(pk=record.pk)


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is written inside is gone afterwards: each example of a property test starts the same."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
