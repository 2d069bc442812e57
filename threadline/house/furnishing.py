"""The house itself: its name, products, teams, own fields and tags.

Written through the door like records are, with a line in the log each; who may do it says
the row "workspace" of the policy table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models.expressions import RawSQL

from threadline.house.membership import clean_name
from threadline.kernel import fields, rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.actions import through_door
from threadline.kernel.comments import Notification
from threadline.kernel.customs import NAME, CustomField
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.members import Team, TeamMember, TeamProduct
from threadline.kernel.plan import GENERAL
from threadline.kernel.registry import ALIASES, RecordType, type_of
from threadline.kernel.tags import CardTag, Tag, clean_tag
from threadline.kernel.workspaces import Product, Workspace

M = TypeVar("M", bound=models.Model)
MOST_OWN_FIELDS = 60  # on one record type
MOST_PRODUCTS = 500
# Words with a meaning of their own in queries, rows and files.
_TAKEN = frozenset({"id", "kind", "key", "number", "version", "revision", "custom", "workspace", "sort", "group",
                    "q", "tags", "archived_at", "why", *GENERAL, *ALIASES})  # fmt: skip


def _configure(actor: Actor, name: str, run: Callable[[Door], M]) -> M:
    actor.need("configure")
    return through_door(actor, name, run)


def _one(model: type[M], actor: Actor, ref: Any) -> M:
    """A row of this workspace by id; NotFound for absent and foreign alike."""
    try:
        ident = ref if isinstance(ref, UUID) else UUID(str(getattr(ref, "pk", ref)))
    except ValueError:
        raise NotFound from None
    found = model._default_manager.select_for_update().filter(workspace_id=actor.workspace_id, pk=ident).first()
    if found is None:
        raise NotFound
    return found


def _known(values: dict[str, Any], *names: str) -> None:
    if extra := sorted(values.keys() - set(names)):
        raise Invalid(*((n, "There is no such field.") for n in extra))


def _write(door: Door, row: models.Model, before: dict[str, Any], kind: str) -> None:
    after = {n: getattr(row, n) for n in before}
    diff = {n: [_plain(before[n]), _plain(v)] for n, v in after.items() if v != before[n]}
    if diff:
        rows.update(row, sorted(diff))
        door.log(None, {"id": [str(row.pk)] * 2, **diff}, kind=kind)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value.isoformat() if hasattr(value, "isoformat") else value


def _made(door: Door, row: models.Model, kind: str, **said: Any) -> None:
    rows.insert(row)
    door.log(None, {"id": [None, str(row.pk)], **{n: [None, _plain(v)] for n, v in said.items()}}, kind=kind)


# ---- the workspace ----------------------------------------------------------------------


def change_workspace(actor: Actor, values: dict[str, Any]) -> Workspace:
    """Its name and currency (three letters, ISO 4217)."""
    _known(values, "name", "currency")

    def run(door: Door) -> Workspace:
        found = Workspace.objects.select_for_update().get(pk=actor.workspace_id)
        before = {n: getattr(found, n) for n in values}
        if "name" in values:
            found.name = clean_name(values["name"])
        if "currency" in values:
            found.currency = str(values["currency"] or "").strip().upper()
            if not re.fullmatch("[A-Z]{3}", found.currency):
                raise Invalid(("currency", "Three letters, such as EUR."))
        _write(door, found, before, "workspace")
        return found

    return _configure(actor, "change_workspace", run)


# ---- products ---------------------------------------------------------------------------


def add_product(actor: Actor, name: Any, parent: Any = None) -> Product:
    """A product, or a part of another."""

    def run(door: Door) -> Product:
        here = Product.objects.filter(workspace_id=actor.workspace_id)
        if here.count() >= MOST_PRODUCTS:
            raise Invalid(("name", f"At most {MOST_PRODUCTS} products."))
        named = clean_name(name)
        above = _one(Product, actor, parent) if parent else None
        slug = _free_slug(named, set(here.values_list("slug", flat=True)))
        made = Product(workspace_id=actor.workspace_id, name=named, slug=slug, parent=above, position=here.count())
        _made(door, made, "product", name=named, parent_id=made.parent_id)
        return made

    return _configure(actor, "add_product", run)


def change_product(actor: Actor, ref: Any, values: dict[str, Any]) -> Product:
    """Its name, its place in the tree (``parent``, ``position``), or its end (``archived``)."""
    _known(values, "name", "parent", "position", "archived")

    def run(door: Door) -> Product:
        found = _one(Product, actor, ref)
        before = {n: getattr(found, n) for n in ("name", "parent_id", "position", "archived_at")}
        if "name" in values:
            found.name = clean_name(values["name"])
        if "parent" in values:
            found.parent = _one(Product, actor, values["parent"]) if values["parent"] else None
            if found.pk in _above(found.parent):
                raise Invalid(("parent", "A product cannot be a part of itself."))
        if "position" in values:
            found.position = int(fields.Number(low=0, high=10_000, whole=True).clean(values["position"], actor) or 0)
        if "archived" in values:
            found.archived_at = rows.now() if values["archived"] else None
        _write(door, found, before, "product")
        return found

    return _configure(actor, "change_product", run)


def _above(product: Product | None) -> list[UUID]:
    chain: list[UUID] = []
    while product is not None and product.pk not in chain:
        chain.append(product.pk)
        product = product.parent
    return chain


def _free_slug(name: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "product"
    return slug if slug not in taken else next(s for n in range(2, len(taken) + 3) if (s := f"{slug}-{n}") not in taken)


# ---- teams ------------------------------------------------------------------------------


def add_team(actor: Actor, name: Any, *, members: list[Any] = [], products: list[Any] = []) -> Team:  # noqa: B006 - read only
    """A team: people who share products, and may share confidential records of them."""

    def run(door: Door) -> Team:
        made = Team(workspace_id=actor.workspace_id, name=_team_name(actor, name, None))
        _made(door, made, "team", name=made.name)
        _fill_team(door, made, members, products)
        return made

    return _configure(actor, "add_team", run)


def change_team(actor: Actor, ref: Any, values: dict[str, Any]) -> Team:
    """Its name, its ``members`` and its ``products``, the lists given whole."""
    _known(values, "name", "members", "products")

    def run(door: Door) -> Team:
        found = _one(Team, actor, ref)
        before = {"name": found.name}
        if "name" in values:
            found.name = _team_name(actor, values["name"], found)
        _write(door, found, before, "team")
        _fill_team(door, found, values.get("members"), values.get("products"))
        return found

    return _configure(actor, "change_team", run)


def remove_team(actor: Actor, ref: Any) -> None:
    """End a team; what was shared with it alone is then seen by owners of the records only."""

    def run(door: Door) -> Team:
        found = _one(Team, actor, ref)
        door.log(None, {"id": [str(found.pk), None], "name": [found.name, None]}, kind="team")
        found.delete()
        return found

    _configure(actor, "remove_team", run)


def _team_name(actor: Actor, name: Any, own: Team | None) -> str:
    cleaned = clean_name(name)
    others = Team.objects.filter(workspace_id=actor.workspace_id, name__iexact=cleaned)
    if (others.exclude(pk=own.pk) if own else others).exists():
        raise Invalid(("name", "There is a team of this name already."))
    return cleaned


def _fill_team(door: Door, team: Team, members: list[Any] | None, products: list[Any] | None) -> None:
    ws = team.workspace_id
    sides: list[tuple[Any, str, list[Any] | None, fields.FieldKind]] = [
        (TeamMember, "member", members, fields.Person()),
        (TeamProduct, "product", products, fields.ProductRef()),
    ]
    for model, name, given, kind in sides:
        if given is None:
            continue
        try:
            wanted = {kind.clean(one, door.actor) for one in given[:1_000] if one}
        except fields.Refused as refused:
            raise Invalid((f"{name}s", str(refused))) from None
        here = model.objects.filter(workspace_id=ws, team=team)
        present = set(here.values_list(f"{name}_id", flat=True))
        here.exclude(**{f"{name}_id__in": wanted}).delete()
        rows.insert(*(model(workspace_id=ws, team=team, **{f"{name}_id": pk}) for pk in sorted(wanted - present)))
        if wanted != present:
            door.log(None, {f"{name}s": [sorted(map(str, present)), sorted(map(str, wanted))]}, kind="team")


# ---- own fields -------------------------------------------------------------------------


def add_field(actor: Actor, kind: str, values: dict[str, Any]) -> CustomField:
    """A field of the workspace's own on a record type: ``label``, ``type``, and ``choices`` of a choice."""
    _known(values, "label", "type", "choices", "name")
    declared = type_of(kind)

    def run(door: Door) -> CustomField:
        label, choices = clean_name(values.get("label"), "label"), _choices(values)
        here = CustomField.objects.filter(workspace_id=actor.workspace_id, kind=declared.kind)
        if here.filter(archived_at=None).count() >= MOST_OWN_FIELDS:
            raise Invalid(("label", f"At most {MOST_OWN_FIELDS} own fields on one type of record."))
        wanted = values.get("name") or re.sub(r"[^a-z0-9]+", "_", _ascii(label)).strip("_")[:40]
        name = str(wanted) if str(wanted)[:1].isalpha() else f"field_{wanted}"[:40]
        if not NAME.match(name) or name in taken_names(declared) or here.filter(name=name).exists():
            raise Invalid(("label", "A field of this name is here already; choose another name."))
        made = CustomField(
            workspace_id=actor.workspace_id,
            kind=declared.kind,
            name=name,
            label=label,
            type=values["type"],
            choices=choices,
            position=here.count(),
        )
        _made(door, made, "custom_field", on=declared.kind, name=name, label=label, type=made.type, choices=choices)
        _fields_changed(actor)
        return made

    return _configure(actor, "add_field", run)


def taken_names(declared: RecordType) -> set[str]:
    """Names that an own field of a type may not have."""
    return {*declared.by_name, *declared.computed_by_name, *declared.cite_by_name, *_TAKEN}


def change_field(actor: Actor, ref: Any, values: dict[str, Any]) -> CustomField:
    """Its label, choices and position; ``archived`` hides it, its values are kept. The type stays."""
    _known(values, "label", "choices", "position", "archived")

    def run(door: Door) -> CustomField:
        found = _one(CustomField, actor, ref)
        before = {n: getattr(found, n) for n in ("label", "choices", "position", "archived_at")}
        if "label" in values:
            found.label = clean_name(values["label"], "label")
        if "choices" in values:
            found.choices = _choices({"type": found.type, **values})
        if "position" in values:
            found.position = int(fields.Number(low=0, high=1_000, whole=True).clean(values["position"], actor) or 0)
        if "archived" in values:
            found.archived_at = rows.now() if values["archived"] else None
        _write(door, found, before, "custom_field")
        _fields_changed(actor)
        return found

    return _configure(actor, "change_field", run)


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _choices(values: dict[str, Any]) -> list[str]:
    known = {str(value) for value, _ in CustomField._meta.get_field("type").choices or ()}
    if values.get("type") not in known:
        raise Invalid(("type", f"Expected one of: {', '.join(sorted(known))}."))
    if values["type"] != "choice":
        return []
    raw = values.get("choices") or []
    given = raw if isinstance(raw, list) else str(raw).splitlines()
    chosen = list(dict.fromkeys(clean_name(one, "choices") for one in given if str(one).strip()))
    if not 1 <= len(chosen) <= 100 or len({c.lower() for c in chosen}) != len(chosen):
        raise Invalid(("choices", "Between 1 and 100 different choices, one a line."))
    return chosen


def _fields_changed(actor: Actor) -> None:
    Workspace.objects.filter(pk=actor.workspace_id).update(fields_version=models.F("fields_version") + 1)
    actor.workspace.fields_version += 1


# ---- tags -------------------------------------------------------------------------------


def tags_of(actor: Actor) -> models.QuerySet[Tag]:
    """The workspace's words, each with ``uses``: the records in reach that carry it.

    A word that stands only on records out of reach is told to those alone who look after the words.
    """
    near, params = reach_sql(actor, "c")
    here = "FROM kernel_cardtag ct JOIN kernel_card c ON c.id = ct.card_id WHERE ct.tag_id = kernel_tag.id"
    uses = RawSQL(  # noqa: S611 - text is ours
        f"SELECT count(*) {here} AND c.archived_at IS NULL AND {near}", params, output_field=models.IntegerField()
    )
    found = Tag.objects.filter(workspace_id=actor.workspace_id).annotate(uses=uses)
    if actor.may("configure"):
        return found
    told = f"EXISTS (SELECT 1 {here} AND {near}) OR NOT EXISTS (SELECT 1 {here})"
    return found.filter(RawSQL(told, params, output_field=models.BooleanField()))  # noqa: S611 - text is ours


def rename_tag(actor: Actor, ref: Any, name: Any) -> Tag:
    """Another word for a tag; when that word is there already, the two become one."""

    def run(door: Door) -> Tag:
        found, cleaned = _one(Tag, actor, ref), clean_tag(name)
        other = Tag.objects.filter(workspace_id=actor.workspace_id, name=cleaned).exclude(pk=found.pk).first()
        door.log(None, {"id": [str(found.pk)] * 2, "name": [found.name, cleaned]}, kind="tag")
        if other is None:
            found.name = cleaned
            rows.update(found, ["name"])
            return found
        mine = CardTag.objects.filter(workspace_id=actor.workspace_id, tag=found)
        both = CardTag.objects.filter(workspace_id=actor.workspace_id, tag=other).values("card_id")
        mine.filter(card_id__in=both).delete()
        mine.update(tag=other)
        found.delete()
        return other

    return _configure(actor, "rename_tag", run)


def remove_tag(actor: Actor, ref: Any) -> None:
    """Take a tag off every record."""

    def run(door: Door) -> Tag:
        found = _one(Tag, actor, ref)
        door.log(None, {"id": [str(found.pk), None], "name": [found.name, None]}, kind="tag")
        found.delete()
        return found

    _configure(actor, "remove_tag", run)


# ---- what one has read ------------------------------------------------------------------


def read_notifications(actor: Actor, refs: list[Any] | None = None) -> int:
    """Mark one's own notifications as read: those given, or all; returns how many."""
    mine = Notification.objects.filter(workspace_id=actor.workspace_id, member_id=actor.member_id, read_at=None)
    if refs is not None:
        ids = []
        for ref in refs[:500]:
            try:
                ids.append(UUID(str(ref)))
            except ValueError:
                continue
        mine = mine.filter(pk__in=ids)
    return through_door(actor, "read_notifications", lambda door: mine.update(read_at=rows.now()))
