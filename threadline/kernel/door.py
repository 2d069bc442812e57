"""What an action holds while it runs: the only object with methods that write records."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError

from threadline.kernel import citing, events, fields, links, rows, search, text
from threadline.kernel.access import NAMED, Actor, reach, reach_sql
from threadline.kernel.cards import SHARED, Card, Reader
from threadline.kernel.changes import Change
from threadline.kernel.comments import Notification
from threadline.kernel.customs import own_fields
from threadline.kernel.errors import Conflict, Invalid, NotFound, Problem
from threadline.kernel.jobs import Job
from threadline.kernel.records import Record
from threadline.kernel.registry import Field, RecordType, type_of
from threadline.kernel.telling import tell, tell_of_change
from threadline.kernel.workspaces import take_numbers

R = TypeVar("R", bound=Record)


class Door:
    """One run of one action by one actor: a transaction, a batch, a reason."""

    def __init__(self, actor: Actor, action: str, *, batch: UUID | None = None, why: str = "") -> None:
        self.actor, self.action, self.why = actor, action, why[:2_000]
        self.batch = batch or rows.new_id()

    # ---- reading what is to be written -------------------------------------------------

    def get(self, model: type[R], ref: Any, *, verb: str = "update", archived: bool = False) -> R:
        """The record, locked, through reach, and only if the actor may do ``verb`` to it.

        ``ref`` is a record, an id or a key. What is absent, foreign or in the trash raises
        NotFound alike; what may be seen but not done raises Forbidden.
        """
        found = self.find(model, ref, archived=archived)
        self.actor.need(verb, type_of(model).group)
        return found

    def find(self, model: type[R], ref: Any, *, archived: bool = False) -> R:
        """The record, locked, for an actor who may see it; for reading inside an action."""
        condition, params = reach_sql(self.actor, "r")
        if not archived:
            condition += " AND r.archived_at IS NULL"
        value: Any = fields.as_id(ref.pk if isinstance(ref, Record) else ref)
        column = "r.id"
        if value is None:
            prefix, _, number = str(ref).strip().upper().rpartition("-")
            if prefix != model.prefix or not number.isdecimal() or len(number) >= 10:
                raise NotFound
            column, value = "r.number", int(number)
        found = rows.fetch_instance(model, f"{condition} AND {column} = %s", [*params, value], lock=True)
        if found is None:
            raise NotFound
        return found

    def whoever_may_see(self, model: type[R], ids: Iterable[UUID]) -> list[R]:
        """The rows of these ids, locked, past reach: only to keep a derived value true, never to show."""
        return list(model._default_manager.select_for_update().filter(workspace_id=self.actor.workspace_id, pk__in=ids))

    # ---- records -----------------------------------------------------------------------

    def create(self, model: type[R], values: dict[str, Any], *, readers: list[Any] | None = None) -> R:
        """A new record from raw values by field name; unknown or refused ones raise Invalid."""
        declared = type_of(model)
        self.actor.need("create", declared.group)
        record = rows.blank(model, workspace_id=self.actor.workspace_id, state=declared.states[0].name)
        self.set_values(record, self.clean(declared, values, new=True))
        settled(self, declared, record, None)
        record.number = take_numbers(self.actor.workspace_id, declared.kind)
        record.created_at = record.updated_at = rows.now()
        doc = search.add([document(declared, record)])[0]
        self._write(lambda: rows.insert(record))
        rows.insert(card_of(record, doc))
        diff = {n: [None, v] for n, v in exchange_values(declared, record, self.own(declared)).items() if _said(v)}
        if readers or record.confidentiality == NAMED:
            self.name_readers(record, readers or [])
        self.log(record, diff)
        self._texts(declared, record, dict.fromkeys(diff))
        self._announce(record, "created", tuple(diff))
        if record.owner_id and record.owner_id != self.actor.member_id:
            tell(self.actor, [record.owner_id], record.pk, Notification.Reason.ASSIGNED, self.batch)
        declared.changed(self, record, diff)
        return record

    def update(self, record: R, values: dict[str, Any], *, expect: int | None = None) -> R:
        """Change fields of a record that came from :meth:`get`; no change writes nothing."""
        declared = type_of(record)
        self.actor.need("update", declared.group)
        if expect is not None and record.version != expect:
            raise Conflict("Somebody changed this since you read it.", record.version)
        return self.change(record, self.clean(declared, values))

    def change(self, record: R, cleaned: dict[str, Any]) -> R:
        """Write values that are already clean, for rules; meaning, card, search and log follow."""
        declared = type_of(record)
        before = exchange_values(declared, record, self.own(declared))
        version = record.version
        self.set_values(record, cleaned)
        settled(self, declared, record, {n: v for n, v in before.items() if n in cleaned})
        after = exchange_values(declared, record, self.own(declared))
        diff = {n: [before.get(n), v] for n, v in after.items() if v != before.get(n)}
        if not diff:
            return record
        meaning = bool(declared.meaning & diff.keys())
        record.version, record.revision = version + 1, record.revision + meaning
        record.updated_at = rows.now()
        self._save(declared, record, diff, version)
        if record.confidentiality == NAMED and "confidentiality" in diff:
            self._keep_a_reader(record)
        self.log(record, diff)
        self._texts(declared, record, {n: d[0] for n, d in diff.items()})
        self._announce(record, "updated", tuple(diff))
        tell_of_change(self.actor, record, diff, meaning, self.batch)
        declared.changed(self, record, diff)
        return record

    def archive(self, record: Record) -> None:
        """To the trash, from where it can be restored; links to it stay and show it as gone."""
        self._shelve(record, rows.now(), "archived")

    def restore(self, record: Record) -> None:
        """Back from the trash."""
        self._shelve(record, None, "restored")

    def _shelve(self, record: Record, at: Any, event: str) -> None:
        declared = type_of(record)
        self.actor.need("archive", declared.group)
        before = record.archived_at
        record.archived_at, record.updated_at, record.version = at, rows.now(), record.version + 1
        self._save(declared, record, {"archived_at": []}, record.version - 1)
        moment = fields.Moment()
        self.log(record, {"archived_at": [moment.exchange(before), moment.exchange(at)]})
        self._announce(record, event, ("archived_at",))
        citing.shelved(self, record)
        declared.changed(self, record, ("archived_at",))

    def name_readers(self, record: Record, people: list[Any]) -> set[UUID]:
        """Who may see a record kept for named people; the actor is always among them."""
        kind = fields.Person()
        try:
            chosen = {kind.clean(p, self.actor) for p in people if p} | {self.actor.member_id}
        except fields.Refused as refused:
            raise Invalid(("readers", str(refused))) from None
        Reader.objects.filter(workspace_id=record.workspace_id, card_id=record.pk).delete()
        rows.insert(*(Reader(workspace_id=record.workspace_id, card_id=record.pk, member_id=m) for m in sorted(chosen)))
        type_of(record).changed(self, record, ("readers",))
        return chosen

    def _keep_a_reader(self, record: Record) -> None:
        """Whoever keeps a record for named people is the first of them: else it could be lost to everybody."""
        if not Reader.objects.filter(workspace_id=record.workspace_id, card_id=record.pk).exists():
            self.name_readers(record, [])

    # ---- the log -----------------------------------------------------------------------

    def log(self, record: Record | None, diff: dict[str, Any], *, kind: str = "") -> Change:
        """Append one change; every write of the door passes here."""
        change = rows.blank(
            Change,
            workspace_id=self.actor.workspace_id,
            card_id=record.pk if record else None,
            kind=record.kind if record else kind,
            action=self.action,
            actor_id=self.actor.member_id,
            actor_name=self.actor.name,
            face=self.actor.face,
            why=self.why,
            diff=diff,
            version=record.version if record else 0,
            revision=record.revision if record else 0,
            batch=self.batch,
        )
        rows.insert(change)
        return change

    def enqueue(self, name: str, args: dict[str, Any], **extra: Any) -> Job:
        """A job in this transaction: it exists exactly when the write does."""
        job = rows.blank(Job, workspace_id=self.actor.workspace_id, name=name, args=args, **extra)
        rows.insert(job)
        return job

    def announce(self, record: Record, event: str) -> None:
        """Tell listeners of something that is not just a change of fields."""
        self._announce(record, event, ())

    def _announce(self, record: Record, event: str, changed: tuple[str, ...]) -> None:
        names = {f"{record.kind}.{event}", f"{record.kind}.{self.action}"}
        searched = () if type_of(record).searched.isdisjoint(changed) else (events.SEARCHED,)
        for name in sorted(names):
            for path in events.listeners_of(name, (*changed, *searched)):
                told = {"name": name, "card_id": str(record.pk), "fields": list(changed)}
                about = {"member_id": str(self.actor.member_id), "batch": str(self.batch)}
                self.enqueue("kernel.listener", {"path": path, "event": {**told, **about}})

    # ---- inside ------------------------------------------------------------------------

    def clean(self, declared: RecordType, values: dict[str, Any], *, new: bool = False) -> dict[str, Any]:
        """Raw values by name to clean ones; raises Invalid with every problem found."""
        known, own = declared.by_name, self.own(declared)
        problems: list[Problem] = []
        cleaned: dict[str, Any] = {}
        for name, raw in values.items():
            field = known.get(name) or own.get(name)
            if field is None or (field.private and not self.actor.may("read_private", declared.group)):
                problems.append(Problem(name, "There is no such field."))
            elif field.readonly:
                problems.append(Problem(name, "Cannot be set."))
            else:
                try:
                    cleaned[name] = field.kind.clean(raw, self.actor)
                except fields.Refused as refused:
                    problems.append(Problem(name, str(refused)))
                else:
                    if cleaned[name] is None and field.required:
                        problems.append(Problem(name, "Needed."))
        if problems:
            raise Invalid(*problems)
        return cleaned

    def set_values(self, record: Record, cleaned: dict[str, Any]) -> None:
        """Put clean values on an instance, own fields into its JSON."""
        declared = type_of(record)
        own = self.own(declared)
        for name, value in cleaned.items():
            field = declared.by_name.get(name) or own[name]
            if field.custom:
                kept = {k: v for k, v in record.custom.items() if k != name}
                record.custom = kept if value is None else {**kept, name: field.kind.exchange(value)}
            else:
                setattr(record, field.attname, blank_of(record, field) if value is None else value)

    def own(self, declared: RecordType) -> dict[str, Field]:
        """The workspace's own fields of the type."""
        return own_fields(self.actor, declared.kind)

    def _save(self, declared: RecordType, record: Record, diff: dict[str, Any], version: int) -> None:
        names = {"version", "updated_at"} | ({"revision"} if declared.meaning & diff.keys() else set())
        for name in diff:
            field = declared.by_name.get(name)
            names.add(field.attname if field else "archived_at" if name == "archived_at" else "custom")

        def write() -> None:
            if not rows.update(record, sorted(names), where="version = %s", params=[version]):
                raise Conflict("Somebody changed this since you read it.", version)

        self._write(write)
        doc = refresh_card(record, names)
        if declared.searched & diff.keys():
            search.change(document(declared, record), doc)

    @staticmethod
    def _write(write: Any) -> None:
        try:
            write()
        except IntegrityError as error:
            message = str(error).lower()
            if "source" in message:
                raise Invalid(("source_id", "Another record already has this source and id.")) from None
            if "unique" in message:
                raise Conflict("Something by that name is already here.") from None
            raise Invalid(("", "These values cannot stand together.")) from None

    def _texts(self, declared: RecordType, record: Record, before: dict[str, Any]) -> None:
        """Citations and mentions in changed texts become links and notifications."""
        named = [f for f in declared.by_name.values() if f.name in before and isinstance(f.kind, fields.Markdown)]
        texts = [(before[f.name] or "", getattr(record, f.attname) or "") for f in named]
        if any("[[" in t or "@" in t for pair in texts for t in pair):
            old, new = (" \n\n ".join(side) for side in zip(*texts, strict=True))
            whole = [
                getattr(record, f.attname) or ""
                for f in declared.by_name.values()
                if isinstance(f.kind, fields.Markdown)
            ]
            self.cite_from_text(record, text.citations("\n\n".join(whole)))
            self.mention(record, set(text.mentions(new)) - set(text.mentions(old)))

    def cite_from_text(self, record: Record, keys: list[str]) -> None:
        """Make the record's ``mention`` links equal to the keys cited in its texts."""
        wanted = {
            c.pk: c for c in reach(self.actor, Card).filter(key__in=keys[:200], archived_at=None).exclude(pk=record.pk)
        }
        mine = links.Link.objects.filter(workspace_id=record.workspace_id, source_id=record.pk, kind=links.MENTION)
        present = set(mine.values_list("target_id", flat=True))
        mine.exclude(target_id__in=wanted).delete()
        for card in wanted.values():
            if card.pk not in present:
                rows.insert(
                    links.Link(
                        workspace_id=record.workspace_id,
                        source_id=record.pk,
                        target_id=card.pk,
                        kind=links.MENTION,
                        seen_revision=card.revision,
                        created_by_id=self.actor.member_id,
                    )
                )

    def mention(self, record: Record, handles: set[str]) -> None:
        """Tell the people mentioned, if they may see the record at all."""
        tell(self.actor, handles, record.pk, Notification.Reason.MENTION, self.batch)


def settled(door: Door, declared: RecordType, record: Record, before: dict[str, Any] | None) -> None:
    """What must hold of a record about to be written: of itself, and for the state it comes into."""
    declared.settle(door.actor, record, before)
    was = None if before is None else before.get("state", record.state)
    if was != record.state:
        declared.may_enter(door, record, was)
    missing = [Problem(f.name, "Needed.") for f in declared.required if getattr(record, f.attname) in (None, "")]
    if missing:
        raise Invalid(*missing)


def _said(value: Any) -> bool:
    return value is not None and value != "" and value != 0


def blank_of(record: Record, field: Field) -> Any:
    """What a column holds when it is blank: None where it may, else its own default."""
    column: Any = record._meta.get_field(field.name)
    return None if column.null else column.get_default()


def exchange_values(declared: RecordType, record: Record, own: dict[str, Field]) -> dict[str, Any]:
    """The record's values by field name as the log and exports carry them."""
    values: dict[str, Any] = {}
    held = record.__dict__
    for name, attname, exchange in declared.logged:
        value = held[attname]
        values[name] = None if value == "" else value if exchange is None else exchange(value)
    for name in own:
        values[name] = record.custom.get(name)
    return values


def document(declared: RecordType, record: Record) -> search.Document:
    """What is searchable of a record: its title, and the fields declared for search."""
    body = "\n".join([str(getattr(record, name) or "") for name in declared.indexed])
    return search.Document(record.pk, record.workspace_id, record.kind, f"{record.key} {record.title}", body)


def good_until_of(record: Record) -> date | None:
    """The last day on which a record may be relied on unseen, where its type declares one."""
    name = type_of(record).good_until
    found: date | None = getattr(record, name) if name else None
    return found


def card_of(record: Record, doc: int | None) -> Card:
    """A new card for a record."""
    return rows.blank(
        Card,
        id=record.pk,
        workspace_id=record.workspace_id,
        kind=record.kind,
        number=record.number,
        key=record.key,
        title=record.title,
        state=record.state,
        owner_id=record.owner_id,
        product_id=record.product_id,
        revision=record.revision,
        confidentiality=record.confidentiality,
        archived_at=record.archived_at,
        updated_at=record.updated_at,
        good_until=good_until_of(record),
        doc=doc,
    )


@cache
def _refresh(columns: tuple[str, ...]) -> str:
    return f'UPDATE "kernel_card" SET {", ".join(f"{c} = %s" for c in columns)} WHERE id = %s RETURNING doc'


def refresh_card(record: Record, changed: Collection[str]) -> int | None:
    """Write to the card what changed of its record; returns the card's row number in the index.

    An index is written for each column that is named, whether or not its value is another.
    """
    good_until = type_of(record).good_until
    values = {name: getattr(record, name) for name in SHARED if name in changed}
    values |= {"good_until": rows.day(getattr(record, good_until))} if good_until in changed else {}
    values["updated_at"] = record.updated_at
    params = [rows.stamp(v) if isinstance(v, datetime) else v for v in values.values()]
    row = rows.fetch_one(_refresh(tuple(values)), [*params, record.pk])
    return row[0] if row else None
