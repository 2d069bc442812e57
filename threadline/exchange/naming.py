"""Names of other things in cells: which record, person or product is meant, and which is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from threadline.exchange.cells import Unread
from threadline.kernel import fields, rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.registry import Field, type_of
from threadline.kernel.shelving import may_restore

_KEYED = re.compile(r"^([A-Z]{1,6}-[1-9]\d{0,8})(?:\s+(.*))?$", re.DOTALL)
MOST_KEPT = 20_000  # names remembered of one field; then they are forgotten and looked up again


@dataclass(slots=True)
class Missing:
    """A record that the run is to make, or to bring back from the trash: its id is fixed before."""

    kind: str
    title: str
    id: UUID
    shelved: bool = False
    made: bool = False


class Names:
    """What the names in one field's cells mean. One statement for all new names of a chunk."""

    def __init__(self, actor: Actor, field: Field, otherwise: str = "") -> None:
        self.actor, self.field, self.otherwise = actor, field, otherwise
        self._known: dict[str, UUID | str | None] = {}  # an id, or why not, or None for absent
        self.missing: dict[str, Missing] = {}
        self._shelved: dict[str, UUID] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Look up what is not known yet."""
        if len(self._known) > MOST_KEPT:
            self._known.clear()
        new = {_plain(t): " ".join(t.split()) for t in texts if _plain(t) not in self._known}
        new.pop("", None)
        if not new:
            return
        if isinstance(self.field.kind, fields.Reference):
            self._learn_records(self.field.kind.kind, new)
            return
        for plain, text in new.items():
            try:
                self._known[plain] = self.field.kind.clean(text, self.actor)
            except fields.Refused as refused:
                self._known[plain] = str(refused)

    def find(self, text: str) -> UUID | Missing | None:
        """What a cell names; None where it shall stay blank. Raises :class:`Unread`."""
        plain = _plain(text)
        if plain in self.missing:
            return self.missing[plain]
        if plain not in self._known:
            self.learn([text])
        found = self._known.get(plain)
        if isinstance(found, UUID):
            return found
        ambiguous = found is not None and isinstance(self.field.kind, fields.Reference)
        if self.otherwise == "blank":
            return None
        if self.otherwise == "create" and not ambiguous:
            return self._add_missing(plain, text)
        raise Unread(found or f"No {self._what} of that name here.")

    @property
    def _what(self) -> str:
        return self.field.kind.kind.replace("_", " ") if isinstance(self.field.kind, fields.Reference) else "thing"

    def _add_missing(self, plain: str, text: str) -> Missing:
        keyed = _KEYED.match(" ".join(text.split()))
        title = (keyed[2] or "") if keyed else " ".join(text.split())
        if not title or len(title) > 300:
            raise Unread(f"No {self._what} of that name here, and one cannot be made from it.")
        found = self.missing.get(title.casefold())
        shelved = self._shelved.get(title.casefold())
        made = Missing(self.field.kind.kind, title, shelved or rows.new_id(), shelved is not None)
        self.missing[plain] = found or made
        self.missing.setdefault(title.casefold(), self.missing[plain])
        return self.missing[plain]

    def _learn_records(self, kind: str, new: dict[str, str]) -> None:
        keyed = {plain: found for plain, text in new.items() if (found := _KEYED.match(text))}
        titles = {(keyed[p][2] or "" if p in keyed else t).lower() for p, t in new.items()} | {
            t.lower() for t in new.values()
        }
        near = reach(self.actor, Card).filter(kind=kind)
        wanted = Q(key__in={k[1] for k in keyed.values()}) | Q(low__in=titles - {""}) | Q(title__in=set(new.values()))
        ids = {ident for text in new.values() if (ident := _id(text)) is not None}
        by_key: dict[str, tuple[UUID, str]] = {}
        by_title: dict[str, list[UUID]] = {}
        by_id: set[UUID] = set()
        shelved: dict[str, list[UUID]] = {}
        hits = near.annotate(low=Lower("title")).filter(wanted | Q(pk__in=ids))
        for pk, key, title, archived_at in hits.values_list("pk", "key", "title", "archived_at"):
            if archived_at is not None:
                shelved.setdefault(title.casefold(), []).append(pk)
                continue
            by_key[key] = (pk, title)
            by_title.setdefault(title.casefold(), []).append(pk)
            by_id.add(pk)
        if self.otherwise == "create":
            self._find_shelved({t: ids[0] for t, ids in shelved.items() if len(ids) == 1 and t not in by_title})
        for plain, text in new.items():
            ident = _id(text)
            if ident is not None and ident in by_id:
                self._known[plain] = ident
            else:
                self._known[plain] = self._chosen(text, keyed.get(plain), by_key, by_title)

    def _find_shelved(self, found: dict[str, UUID]) -> None:
        """What the trash holds by these names comes back instead of being made anew, if the actor may do that."""
        if not found or not isinstance(self.field.kind, fields.Reference):
            return
        declared = type_of(self.field.kind.kind)
        records = list(reach(self.actor, declared.model).filter(pk__in=found.values()))
        allowed = may_restore(Door(self.actor, "import"), declared, records)
        for record in records:
            if record.pk in allowed:
                self._shelved[record.title.casefold()] = record.pk

    def _chosen(
        self,
        text: str,
        keyed: re.Match[str] | None,
        by_key: dict[str, tuple[UUID, str]],
        by_title: dict[str, list[UUID]],
    ) -> UUID | str | None:
        # "A-12 Acme": the key of another workspace may be somebody else's here, so the name must agree.
        title = text
        if keyed is not None:
            held = by_key.get(keyed[1])
            if held is not None and (not keyed[2] or held[1].casefold() == keyed[2].casefold()):
                return held[0]
            title = keyed[2] or text
        found = by_title.get(title.casefold(), [])
        if len(found) > 1:
            label = type_of(self.field.kind.kind).label.lower()
            return f"More than one {label} has this name; write its key instead."
        return found[0] if found else None


def plain_title(text: str) -> str:
    """The title in a cell that may hold "F-12 Dark mode", for comparing."""
    keyed = _KEYED.match(" ".join(text.split()))
    return _plain(keyed[2] or text if keyed else text)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in (32, 36) else None
    except ValueError:
        return None
