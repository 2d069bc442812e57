"""The house around the records: who I am, members, products, tags, views, own fields."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from threadline.faces.api import answers, shapes
from threadline.faces.api.answers import CURSOR, LIMIT, NOTHING
from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import Part, endpoint
from threadline.house import furnishing as house
from threadline.house import membership, viewing
from threadline.kernel import fields
from threadline.kernel.access import POLICY, Actor
from threadline.kernel.customs import CustomField
from threadline.kernel.errors import NotFound
from threadline.kernel.fields import FieldKind, Refused
from threadline.kernel.idempotency import Answer
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.views import SavedView
from threadline.kernel.workspaces import Product, Workspace

SECTION = "house"
TYPES = ("text", "number", "money", "date", "choice", "person", "link")


class KindName(FieldKind):
    """The name of a record type, as in ``kind`` or as in its path."""

    name = "choice"

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Every type there is."""
        return tuple((t.kind, t.plural) for t in kinds())

    def clean(self, raw: Any, actor: Actor) -> Any:
        text = super().clean(raw, actor)
        try:
            return None if text is None else type_of(text).kind
        except NotFound:
            raise Refused(f"Expected one of: {', '.join(t.kind for t in kinds())}.") from None


NAME = Part("name", FieldKind(longest=120), "Its name.", required=True)
NEW_NAME = Part("name", FieldKind(longest=120), "Its name.")
POSITION = Part("position", fields.Number(low=0, high=1_000, whole=True), "Its place among its neighbours.")
ARCHIVED = Part("archived", fields.Flag(), "Whether it is put away.")
KIND = Part("kind", KindName(), "A type of record.")


@endpoint("GET", "me", "Read who you are", section=SECTION, answers={200: "Me"})
def read_me(call: Call) -> Answer:
    """The person, the workspace, and what may be done here with this key or session."""
    actor, member = call.actor, call.actor.member
    rights = {group: sorted(v for v in verbs if actor.may(v, group)) for group, verbs in POLICY.items()}
    scopes = sorted(actor.scopes) if actor.scopes is not None else ["admin", "read", "write"]
    return answers.one(
        {
            "member": shapes.member(member, address=True),
            "workspace": _place(actor.workspace),
            "scopes": scopes,
            "may": rights,
        }
    )


@endpoint(
    "PATCH",
    "me",
    "Change your profile",
    section=SECTION,
    body=(
        NEW_NAME,
        Part("handle", FieldKind(longest=60), "What @ names you by."),
        Part("job_title", FieldKind(longest=120), "What you do here."),
        Part("preferences", FieldKind(), "theme, shortcuts and the like.", schema={"type": "object"}),
    ),
    how=(),
    answers={200: "Me"},
)
def change_me(call: Call) -> Answer:
    """How you are called in this workspace, and how you like its pages."""
    membership.change_profile(call.actor, call.sent)
    return read_me(call)


@endpoint(
    "PATCH",
    "workspace",
    "Change the workspace",
    section=SECTION,
    scope="admin",
    body=(NEW_NAME, Part("currency", FieldKind(longest=3), "Three letters, such as EUR.")),
    how=(),
    answers={200: "Workspace"},
)
def change_workspace(call: Call) -> Answer:
    """Its name and its currency."""
    return answers.one(_place(house.change_workspace(call.actor, call.sent)))


def _place(place: Workspace) -> dict[str, Any]:
    return {"id": place.pk, "slug": place.slug, "name": place.name, "currency": place.currency}


# ---- products ---------------------------------------------------------------------------


@endpoint("GET", "products", "List the products", section=SECTION, query=(LIMIT, CURSOR), answers={200: "ProductPage"})
def list_products(call: Call) -> Answer:
    """Products and their parts: a tree by ``parent``."""
    return answers.newest_first(call, Product.objects.filter(workspace_id=call.actor.workspace_id), shapes.product)


_PARENT = Part("parent", FieldKind(longest=36), "The id of the product it is a part of.")


@endpoint(
    "POST",
    "products",
    "Add a product",
    section=SECTION,
    scope="admin",
    body=(NAME, _PARENT),
    how=(),
    answers={201: "Product"},
)
def add_product(call: Call) -> Answer:
    """A product, or a part of another."""
    return answers.one(shapes.product(house.add_product(call.actor, call.body["name"], call.body["parent"])), 201)


@endpoint(
    "PATCH",
    "products/<id:ident>",
    "Change a product",
    section=SECTION,
    scope="admin",
    body=(NEW_NAME, _PARENT, POSITION, ARCHIVED),
    how=(),
    answers={200: "Product"},
)
def change_product(call: Call, ident: str) -> Answer:
    """Its name, its place in the tree, or its end."""
    return answers.one(shapes.product(house.change_product(call.actor, ident, call.sent)))


# ---- tags -------------------------------------------------------------------------------


@endpoint("GET", "tags", "List the tags", section=SECTION, query=(LIMIT, CURSOR), answers={200: "TagPage"})
def list_tags(call: Call) -> Answer:
    """The workspace's words."""
    return answers.newest_first(call, house.tags_of(call.actor), shapes.tag)


@endpoint(
    "PATCH",
    "tags/<id:ident>",
    "Rename a tag",
    section=SECTION,
    scope="admin",
    body=(NAME,),
    how=(),
    answers={200: "Tag"},
)
def rename_tag(call: Call, ident: str) -> Answer:
    """Another word; when it is there already, the two become one."""
    return answers.one(shapes.tag(house.rename_tag(call.actor, ident, call.body["name"])))


@endpoint("DELETE", "tags/<id:ident>", "Remove a tag", section=SECTION, scope="admin", how=(), answers={204: ""})
def remove_tag(call: Call, ident: str) -> Answer:
    """Take it off every record."""
    house.remove_tag(call.actor, ident)
    return NOTHING


# ---- saved views ------------------------------------------------------------------------

_VIEW = (
    Part("query", FieldKind(longest=1_000), "The query, as in ?q=."),
    Part("columns", FieldKind(longest=60), "The fields to show.", many=True),
    Part("shared", fields.Flag(), "Whether everybody sees it."),
    POSITION,
)


@endpoint(
    "GET", "views", "List the saved views", section=SECTION, query=(KIND, LIMIT, CURSOR), answers={200: "ViewPage"}
)
def list_views(call: Call) -> Answer:
    """Everybody's, and your own."""
    here = SavedView.objects.filter(workspace_id=call.actor.workspace_id)
    seen = here.filter(Q(shared=True) | Q(owner_id=call.actor.member_id))
    return answers.newest_first(call, seen.filter(kind=call.query["kind"]) if call.query["kind"] else seen, shapes.view)


@endpoint(
    "POST",
    "views",
    "Save a view",
    section=SECTION,
    body=(Part("kind", KindName(), "A type of record.", required=True), NAME, *_VIEW),
    how=(),
    answers={201: "View"},
)
def save_view(call: Call) -> Answer:
    """Keep a query and its columns under a name."""
    values = {n: v for n, v in call.sent.items() if n != "kind"}
    return answers.one(shapes.view(viewing.save_view(call.actor, call.body["kind"], values)), 201)


@endpoint(
    "PATCH",
    "views/<id:ident>",
    "Change a view",
    section=SECTION,
    body=(NEW_NAME, *_VIEW),
    how=(),
    answers={200: "View"},
)
def change_view(call: Call, ident: str) -> Answer:
    """One of your own; those who configure the workspace may change shared ones."""
    found = SavedView.objects.filter(workspace_id=call.actor.workspace_id, pk=ident).first()
    if found is None:
        raise NotFound
    return answers.one(shapes.view(viewing.save_view(call.actor, found.kind, call.sent, found.pk)))


@endpoint("DELETE", "views/<id:ident>", "Forget a view", section=SECTION, how=(), answers={204: ""})
def remove_view(call: Call, ident: str) -> Answer:
    """One of your own, or a shared one for those who configure the workspace."""
    viewing.remove_view(call.actor, ident)
    return NOTHING


# ---- own fields -------------------------------------------------------------------------

_LABEL = Part("label", FieldKind(longest=120), "What people read.", required=True)
_CHOICES = Part("choices", FieldKind(longest=120), "For a choice: what can be chosen.", many=True)


@endpoint(
    "GET",
    "fields",
    "List the workspace's own fields",
    section=SECTION,
    query=(KIND, LIMIT, CURSOR),
    answers={200: "OwnFieldPage"},
)
def list_fields(call: Call) -> Answer:
    """Fields that this workspace added to the types of record."""
    here = CustomField.objects.filter(workspace_id=call.actor.workspace_id)
    found = here.filter(kind=call.query["kind"]) if call.query["kind"] else here
    return answers.newest_first(call, found, shapes.own_field)


@endpoint(
    "POST",
    "fields",
    "Add a field",
    section=SECTION,
    scope="admin",
    body=(
        Part("kind", KindName(), "A type of record.", required=True),
        _LABEL,
        Part("name", FieldKind(longest=40), "Its name in queries and here; made from the label if not given."),
        Part("type", fields.Choice(tuple((t, t) for t in TYPES)), "What it holds.", required=True),
        _CHOICES,
    ),
    how=(),
    answers={201: "OwnField"},
)
def add_field(call: Call) -> Answer:
    """A field of your own on a type of record; it appears everywhere the type's fields do."""
    values = {n: v for n, v in call.sent.items() if n != "kind"}
    return answers.one(shapes.own_field(house.add_field(call.actor, call.body["kind"], values)), 201)


@endpoint(
    "PATCH",
    "fields/<id:ident>",
    "Change a field",
    section=SECTION,
    scope="admin",
    body=(Part("label", FieldKind(longest=120), "What people read."), _CHOICES, POSITION, ARCHIVED),
    how=(),
    answers={200: "OwnField"},
)
def change_field(call: Call, ident: str) -> Answer:
    """Its label, choices and place; put away, it is hidden and its values are kept."""
    return answers.one(shapes.own_field(house.change_field(call.actor, ident, call.sent)))
