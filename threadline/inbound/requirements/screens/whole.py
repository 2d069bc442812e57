"""What an outline is of: a feature, or the whole product. The pages are the same; this says what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from threadline.faces.web.visit import Visit
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of
from threadline.kernel.workspaces import Product


@dataclass(frozen=True, slots=True)
class Whole:
    """A feature and the addresses of its outline and its files; without a feature, the whole product."""

    feature: Record | None
    outline: str
    carry: str
    title: str
    crumbs: list[dict[str, Any]]
    product: Product | None = None

    @property
    def product_id(self) -> UUID | None:
        """Of which product alone, where one was chosen."""
        return self.product.pk if self.product else None

    @property
    def writable(self) -> bool:
        """Whether its requirements may still be written: not those of a feature in the trash."""
        return self.feature is None or self.feature.archived_at is None

    @property
    def name(self) -> str:
        """What a file of it is called."""
        return self.feature.key if self.feature else "product"


def of_feature(visit: Visit, card: Card) -> Whole:
    """A feature within reach. Raises NotFound."""
    feature = reach(visit.actor, type_of("feature").model).filter(pk=card.pk).first()
    if feature is None:
        raise NotFound
    outline, carry = visit.record(feature.key, "requirements"), visit.record(feature.key, "carry")
    crumbs = [{"label": feature.title, "href": visit.record(feature.key)}]
    return Whole(feature, outline, carry, f"Requirements of {feature.key}", crumbs)


def of_everything(visit: Visit) -> Whole:
    """What must hold of the whole product, whatever the feature; of one product alone when the address names it."""
    product = next((one for one in products(visit) if one.slug == visit.asked.get("product")), None)
    named = {"product": product.slug} if product else {}
    at = visit.at("requirements", "outline", **named), visit.at("requirements", "carry")
    crumbs = [{"label": "Requirements", "href": visit.listing(type_of("requirement"))}]
    title = f"Requirements of {product.name}" if product else "Requirements of the whole product"
    return Whole(None, *at, title, crumbs, product)


def products(visit: Visit) -> list[Product]:
    """The products of the workspace, in their order."""
    here = Product.objects.filter(workspace_id=visit.actor.workspace_id, archived_at=None)
    return list(here.order_by("position", "name"))
