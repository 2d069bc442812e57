"""North and South, both furnished: something in every table that belongs to a workspace.

All that South owns carries one word, so that it is recognised wherever it leaks to; what
North keeps for named people carries another.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import Client

from threadline.exchange.carrying import bring_in, check
from threadline.exchange.uploads import take_in
from threadline.house import filing, membership, tokens, viewing
from threadline.house import furnishing as house
from threadline.kernel import verbs
from threadline.kernel.access import Actor
from threadline.kernel.cards import Card
from threadline.kernel.changes import Batch, Change
from threadline.kernel.idempotency import Answer, once
from threadline.kernel.jobs import Job
from threadline.kernel.members import Member, Role
from threadline.kernel.registry import Field, kinds
from threadline.kernel.testing import World
from threadline.kernel.workspaces import Counter, Workspace

FOREIGN = "wolverine"  # in every text of South
OWN = "aardvark"  # in every text of North, beside what must never act in a page
PAYLOAD = f"{OWN}\"><script>alert(1)</script>'{{{{7171*3}}}}%s"  # fits into a tag
HIDDEN = "bandicoot"  # in every text of North that is kept for its owner
AHEAD = 7_000  # South's numbers begin here: no key is in both workspaces
NOT_KEPT = {"inbound.PlanRun"}  # whole answers of the planner, which no made-up row resembles
ROLES = [str(role) for role in Role.values]
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@dataclass
class Place:
    """One workspace: a full and a bare record of each type, and what hangs on them."""

    workspace: Workspace
    owner: Actor
    full: dict[str, Any] = field(default_factory=dict)
    bare: dict[str, Any] = field(default_factory=dict)

    def rows(self) -> dict[str, list[Any]]:
        """Ids by model of everything that belongs here."""
        return {
            model._meta.label: list(
                model._default_manager.filter(workspace=self.workspace).values_list("pk", flat=True)
            )
            for model in of_workspaces()
        }


def of_workspaces() -> list[type[models.Model]]:
    """Every model whose rows belong to a workspace."""
    return [m for m in apps.get_models() if any(f.name == "workspace" for f in m._meta.get_fields())]


def as_csv(number: str, title: str) -> bytes:
    """A table of one row."""
    text = io.StringIO()
    csv.writer(text).writerows([["id", "title"], [number, title]])
    return text.getvalue().encode()


class Scene:
    """Two furnished workspaces, and a signed-in browser and a key for everybody."""

    def __init__(self) -> None:
        self.world = World()
        self.north = Place(self.world.north, self.world.owner)
        self.south = Place(self.world.south, self.world.actor("owner", "south"))
        assert len([*self.world.roles, self.world.stranger]) == 7
        Member.objects.filter(workspace=self.world.south).update(name=f"{FOREIGN.title()} Person")
        Member.objects.filter(pk=self.world.contributor.member_id).update(name=f"{PAYLOAD} Person")
        for declared in kinds():
            Counter.objects.create(workspace=self.world.south, kind=declared.kind, value=AHEAD)
        self._furnish(self.north, self.world.pm, self.world.viewer, PAYLOAD)
        self._furnish(self.south, self.world.stranger, self.south.owner, FOREIGN)
        self.hidden = {t.kind: self._hide(t.kind) for t in kinds()}
        self.keys = {role: tokens.create(self.world.actor(role), name=role, scopes=["admin"])[1] for role in ROLES}
        self.stranger_key = tokens.create(self.world.stranger, name=f"{FOREIGN} key", scopes=["admin"])[1]
        for key in (*self.keys.values(), self.stranger_key):
            assert tokens.authenticate(key) is not None  # the first use of a day is noted; later ones write nothing
        people = [*((role, "north") for role in ROLES), ("product_manager", "south"), ("owner", "south")]
        self._browsers = {who: self._signed_in(*who) for who in people}
        self._twins = self._pairs()
        self._some = self._picked()

    # ---- who ----------------------------------------------------------------------------

    def browser(self, role: str = "owner", slug: str = "north") -> Client:
        """A browser in which somebody is signed in. Signing in writes, so all are made with the scene."""
        return self._browsers[(role, slug)]

    def _signed_in(self, role: str, slug: str) -> Client:
        made = Client()
        made.force_login(self.world.user(role, slug), settings.AUTHENTICATION_BACKENDS[0])
        return made

    @property
    def stranger(self) -> Client:
        """South's product manager, signed in."""
        return self.browser("product_manager", "south")

    # ---- twins --------------------------------------------------------------------------

    def twins(self, value: str) -> list[str]:
        """What South has in the place of an id or key of North's; nothing for a value that is neither."""
        return self._twins.get(value, [])

    def some_of_north(self) -> list[str]:
        """A key of each type, and a few ids of each table, that have twins."""
        return list(self._some)

    def _picked(self) -> list[str]:
        keys = [place[kind].key for place in (self.north.full, self.north.bare) for kind in place]
        ids = [str(one) for found in self.north.rows().values() for one in (*found[:1], *found[-2:])]
        batch = Change.objects.filter(workspace=self.north.workspace).latest("pk").batch
        return [one for one in dict.fromkeys([*keys, *ids, str(batch)]) if self.twins(one)]

    def _pairs(self) -> dict[str, list[str]]:
        pairs: dict[str, list[str]] = {}
        north, south = self.north.rows(), self.south.rows()
        for label, ids in north.items():
            pairs |= {str(one): [str(other) for other in south[label][:2]] for one in ids}
        batches = [
            [str(b) for b in Change.objects.filter(workspace=place.workspace).values_list("batch", flat=True)]
            for place in (self.north, self.south)
        ]
        pairs |= dict.fromkeys(batches[0], batches[1][-2:])
        cards = {
            place.workspace.slug: Card.objects.filter(workspace=place.workspace).values_list("key", "kind")
            for place in (self.north, self.south)
        }
        by_kind: dict[str, list[str]] = {}
        for key, kind in cards["south"]:
            by_kind.setdefault(kind, []).append(key)
        return pairs | {key: by_kind[kind][:2] for key, kind in cards["north"]}

    # ---- what ---------------------------------------------------------------------------

    def _furnish(self, place: Place, maker: Actor, other: Actor, word: str) -> None:
        owner, ws = place.owner, place.workspace
        product = house.add_product(owner, f"{word} product")
        house.add_team(owner, f"{word} team", members=[maker.member_id], products=[product.pk])
        membership.invite(owner, f"{ws.slug}.guest@else.example", "viewer")
        batch = Batch.objects.create(workspace=ws, label=f"{word} batch", member_id=maker.member_id)
        Job.objects.create(workspace=ws, name="kernel.nothing", args={"word": word}, state=Job.State.DONE)
        once(maker, f"{word}-key", "hash", lambda: Answer(201, b"{}", {}))
        for declared in kinds():
            kind = declared.kind
            made = house.add_field(owner, kind, {"label": f"{word} detail", "type": "text"})
            sample = self.world.sample(kind, maker)
            values = {n: self._worded(declared.by_name[n], raw, word) for n, raw in sample.items()}
            place.full[kind] = verbs.create(maker, kind, {**values, made.name: word}, batch=batch.pk)
            place.bare[kind] = self.world.make(kind, maker, title=f"{word} bare {kind}")
        simple = next(t.kind for t in kinds() if len(self.world.needed(t.kind, maker)) == 1)
        run = take_in(maker, simple, f"{word} source"[:60], f"{word}.csv", [as_csv("1", f"{word} brought in")])
        check(maker, run)
        bring_in(maker, run, skip_bad=True)
        take_in(maker, simple, f"{word} source"[:60], f"{word} waiting.csv", [as_csv("2", f"{word} waiting")])
        for declared in kinds():
            full = place.full[declared.kind]
            verbs.comment(maker, full, f"{word} remark for @{other.member.handle}")
            verbs.tag(maker, full, [f"{word} tag"])
            verbs.watch(other, full)
            filing.attach(maker, full, f"{word}.png", [PICTURE])
            for maker_or_other in (maker, owner):
                viewing.save_view(
                    maker_or_other, declared.kind, {"name": f"{word} {maker_or_other.role}", "query": f'"{word[:8]}"'}
                )
            viewing.save_view(maker, declared.kind, {"name": f"{word} shared", "shared": True})
            for cite in declared.cites:
                for to in cite.to:
                    verbs.link(maker, full, place.bare[to], cite.name, quote=word)
            verbs.name_readers(
                maker, self.world.make(declared.kind, maker, title=f"{word} named").pk, [other.member_id]
            )
            verbs.archive(maker, declared.kind, self.world.make(declared.kind, maker, title=f"{word} thrown away").pk)
        for declared in kinds():  # what was cited above has changed since: something to review
            verbs.update(maker, declared.kind, place.bare[declared.kind].pk, {"title": f"{word} bare, changed"})

        self._keep_beside(place, maker, word)

    @staticmethod
    def _keep_beside(place: Place, maker: Actor, word: str) -> None:
        """A row in each table that rooms keep beside their records, such as transcripts and deliveries."""
        records = {type(record): record for record in place.full.values()}
        for model in of_workspaces():
            kept = model._default_manager.filter(workspace=place.workspace).exists()
            if kept or model._meta.label in NOT_KEPT:
                continue
            values: dict[str, Any] = {"workspace": place.workspace}
            for column in model._meta.concrete_fields:
                to = column.related_model
                if column.name == "workspace" or (to is None and column.has_default()):
                    continue
                if to is not None:
                    known = records.get(to) or to._default_manager.filter(workspace=place.workspace).first()
                    values[column.name] = maker.member if to is Member else known
                elif isinstance(column, models.DateTimeField):
                    values[column.name] = column.to_python("2026-03-04T05:06:07Z")
                elif isinstance(column, models.DateField):
                    values[column.name] = column.to_python("2026-03-04")
                elif isinstance(column, models.CharField | models.TextField) and not column.blank:
                    values[column.name] = word[: column.max_length or len(word)]
                elif isinstance(column, models.IntegerField | models.FloatField) and not column.null:
                    values[column.name] = 1
            model._default_manager.create(**values)

    @staticmethod
    def _worded(field: Field, raw: Any, word: str) -> Any:
        text = f"{word} {field.name} <img src=x onerror=alert(2)> {{% raw %}} {{0.__class__}}"
        return text[: field.kind.longest] if isinstance(raw, str) and " of a " in raw else raw

    def _hide(self, kind: str) -> Any:
        made = self.world.make(kind, self.north.owner, title=f"{HIDDEN} {kind}")
        verbs.comment(self.north.owner, made, f"{HIDDEN} remark")
        verbs.tag(self.north.owner, made, [f"{HIDDEN} tag"])
        filing.attach(self.north.owner, made, f"{HIDDEN}.png", [PICTURE])
        verbs.name_readers(self.north.owner, made.pk, [])
        return made
