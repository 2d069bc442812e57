"""The sample company's house: workspace, products, teams, people who can sign in."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from threadline.demo.company import Company, Given
from threadline.kernel import rows
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.members import Member, Team, TeamMember, TeamProduct, User
from threadline.kernel.workspaces import Product, Workspace

PASSWORD = "sample-threadline"  # noqa: S105 - printed for everybody to see
NOWHERE = "sample.invalid"  # no such domain can exist (RFC 2606)
MAKERS = ("owner", "admin", "product_manager")
WRITERS = (*MAKERS, "product_marketer")


class Cast:
    """Who acts in the sample, and on which products."""

    def __init__(self, company: Company, slug: str, owner: User | None = None) -> None:
        """With ``owner`` that person stands in for the company's head, and nobody else can sign in."""
        given = company.workspace
        self.owner, self.nowhere = owner, f"{rows.new_id().hex[-12:]}.{NOWHERE}"
        self.workspace = Workspace.objects.create(
            slug=slug, name=given["name"], currency=given["currency"], is_sample=True
        )
        self.products: dict[str, Product] = {}
        for position, one in enumerate(given["products"]):
            parent = self.products.get(one["parent"] or "")
            self.products[one["ref"]] = Product.objects.create(
                workspace=self.workspace, parent=parent, name=one["name"], slug=one["ref"], position=position
            )
        hashed = make_password(None if owner else PASSWORD)
        members = {one["ref"]: self._member(one, hashed) for one in company.people}
        self._teams(given, members)
        self.actors: dict[str, Actor] = {ref: actor_of(member, face="sample") for ref, member in members.items()}

    def _member(self, one: Given, hashed: str) -> Member:
        stands_in = self.owner is not None and one["role"] == "owner"
        user = self.owner if self.owner and stands_in else self._placeholder(one, hashed) if self.owner else None
        user = user or self._user(one, hashed)
        return Member.objects.create(
            workspace=self.workspace,
            user=user,
            name=(user.name or one["name"]) if stands_in else one["name"],
            handle=one["email"].partition("@")[0],
            role=one["role"],
            job_title=one["job_title"],
        )

    def _user(self, one: Given, hashed: str) -> User:
        user = User.objects.filter(email=one["email"]).first()
        if user is None:
            user = User(email=one["email"], name=one["name"], password=hashed)
            rows.insert(user)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def _placeholder(self, one: Given, hashed: str) -> User:
        # An address of their own each time: nobody can have taken it before, nor receive mail at it.
        local = one["email"].partition("@")[0]
        user = User(email=f"{local}@{self.nowhere}", name=one["name"], password=hashed)
        rows.insert(user)
        return user

    def close(self) -> None:
        """Nobody acts for the placeholders any longer; they could not sign in before either, without a password."""
        User.objects.filter(email__endswith=f"@{self.nowhere}").update(is_active=False)

    def _teams(self, given: Given, members: dict[str, Member]) -> None:
        for one in given["teams"]:
            team = Team.objects.create(workspace=self.workspace, name=one["name"])
            for product in one["products"]:
                TeamProduct.objects.create(workspace=self.workspace, team=team, product=self.products[product])
            for person in given["people"]:
                if person["team"] == one["ref"]:
                    TeamMember.objects.create(workspace=self.workspace, team=team, member=members[person["ref"]])

    def one_of(self, roles: tuple[str, ...], *refs: str | None) -> Actor:
        """The first of these people whose role is among ``roles``; the owner when none is."""
        found = (self.actors[ref] for ref in refs if ref)
        owner = next(a for a in self.actors.values() if a.role == "owner")
        return next((a for a in found if a.role in roles), owner)
