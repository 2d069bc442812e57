"""Bringing a checked file in: a thousand rows to a transaction, all under one batch.

A chunk and the number of its last row are committed together, so a run that was killed goes
on behind what it has done; the ids of the rows make doing a row twice change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from threadline.exchange.checking import Tell, chunks
from threadline.exchange.mapping import from_json, signature
from threadline.exchange.naming import Missing
from threadline.exchange.reading import Draft, Reader
from threadline.exchange.runs import ImportRun, SourceMapping
from threadline.exchange.sorting import Held, changes_of, cited, sort_out
from threadline.exchange.table import Table
from threadline.formats.sheets import RowProblem
from threadline.kernel import bulk, rows, verbs
from threadline.kernel.access import NAMED, Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.changes import Batch
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid, NotFound
from threadline.kernel.links import Link
from threadline.kernel.registry import type_of
from threadline.kernel.shelving import restore_many
from threadline.kernel.tags import CardTag, Tag

COUNTED = ("created", "updated", "unchanged", "restored", "skipped", "made")


class CancelAsked(Exception):
    """Somebody wants the run taken back."""


class Load:
    """One run being brought in by one actor."""

    def __init__(self, actor: Actor, run: ImportRun) -> None:
        self.actor, self.run, self.declared = actor, run, run.declared
        self.mapping = from_json(run.mapping)
        self.reader = Reader(actor, self.declared, self.mapping)
        self.why = f"Imported from {run.source}: {run.file_name}"
        self.tags: dict[str, Any] = {}

    def carry_out(self, tell: Tell | None = None) -> Counter[str]:
        """Do what is left to do. Raises Invalid for a bad row that nobody chose to skip, CancelAsked, SheetError."""
        table = Table(self.run.path)
        total = self.run.report.get("rows") or table.sheet.estimate_rows()
        counts = Counter({n: int(self.run.counts.get(n, 0)) for n in COUNTED})
        dealt = self.run.counts.get("rows", 0)
        behind, ahead = self.run.rows_done, table.rows()
        for part in chunks(ahead):
            todo = [one for one in part if _number(one) > behind]
            for one in part[: len(part) - len(todo)]:
                if not isinstance(one, RowProblem):
                    self.reader.identify(one[1], Draft(one[0]))  # so that repeats are counted as before
            if todo:
                dealt += len(todo)
                self._chunk(self.reader.drafts(todo), counts, dealt)
                if tell is not None:
                    tell(dealt, total, "Bringing in")
        self._join(table)
        return counts

    def _join(self, table: Table) -> None:
        """Now that all rows are here, let those that name others of the file point at them."""
        reader = self.reader.joining()
        for part in chunks(table.rows()) if reader else ():
            drafts = [d for d in reader.drafts(part) if any(d.values.values())] if reader else []
            through_door(self.actor, "import", self._pointing(drafts), why=self.why, batch=self.run.batch)

    def _pointing(self, drafts: list[Draft]) -> Callable[[Door], None]:
        def point(door: Door) -> None:
            for draft, record in sort_out(door, self.declared, self.run.source, drafts, lock=True).here:
                try:
                    door.change(record, changes_of(draft, exact=False))
                except Invalid:  # a circle, or whatever else the type's own rules refuse
                    continue

        return point

    def _chunk(self, drafts: list[Draft], counts: Counter[str], dealt: int) -> None:
        found = self._written(drafts, counts, dealt)
        for missing in found[1]:
            missing.made = True
        counts.update(found[0])
        self.run.rows_done = drafts[-1].number
        self.run.counts = {**{n: counts[n] for n in COUNTED}, "rows": dealt}

    def _written(self, drafts: list[Draft], counts: Counter[str], dealt: int) -> tuple[Counter[str], list[Missing]]:
        for attempt in (1, 2):
            given = [replace(d, faults=list(d.faults)) for d in drafts]
            try:
                return through_door(
                    self.actor,
                    "import",
                    lambda door: self._write(door, given, counts, dealt),  # noqa: B023 - called at once
                    why=self.why,
                    batch=self.run.batch,
                )
            except IntegrityError:  # somebody brought the same rows in meanwhile: look again
                self.tags.clear()
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _write(
        self, door: Door, drafts: list[Draft], before: Counter[str], dealt: int
    ) -> tuple[Counter[str], list[Missing]]:
        run = ImportRun.objects.select_for_update().get(pk=self.run.pk)
        if run.cancel_asked:
            raise CancelAsked
        if run.state != ImportRun.State.RUNNING or run.rows_done != self.run.rows_done:
            raise Conflict("This import is being carried out somewhere else.")
        made = sort_out(door, self.declared, run.source, drafts, lock=True)
        if made.bad and not run.skip_bad:
            first = made.bad[0]
            raise Invalid(("rows", f"Row {first.number} has become bad since the check: {first.faults[0].text}"))
        counts = Counter(skipped=len(made.bad), created=len(made.new))
        missing = self._make_missing(door, [d for d, _ in (*made.new, *made.here)])
        counts["made"] = len(missing)
        self._create(door, made.new)
        counts.update(self._change(door, made.here))
        self._cite(door, made.new, made.here)
        done = {n: before[n] + counts[n] for n in COUNTED}
        number = drafts[-1].number
        ImportRun.objects.filter(pk=run.pk).update(rows_done=number, counts={**done, "rows": dealt})
        return counts, missing

    # ---- inside a chunk ------------------------------------------------------------------

    def _make_missing(self, door: Door, drafts: list[Draft]) -> list[Missing]:
        wanted = {m.id: m for d in drafts for m in d.missing.values() if not m.made}
        by_kind: dict[str, list[Missing]] = {}
        for one in wanted.values():
            by_kind.setdefault(one.kind, []).append(one)
        for kind, ones in by_kind.items():
            declared = type_of(kind)
            back = [one.id for one in ones if one.shelved]
            shelved = reach(self.actor, declared.model).filter(pk__in=back).exclude(archived_at=None)
            restore_many(door, declared, list(shelved) if back else [])
            built = []
            for one in ones:
                if not one.shelved:
                    built.append(bulk.build(door, declared, {"title": one.title}))
                    built[-1].id = one.id
            bulk.load(door, declared, built)
        return list(wanted.values())

    def _create(self, door: Door, new: Sequence[Held]) -> None:
        tagged = any(d.tags for d, _ in new)
        beside = [{"+tags": [[], sorted(d.tags)]} if d.tags else {} for d, _ in new] if tagged else None
        bulk.load(door, self.declared, [record for _, record in new], beside=beside)
        if tagged:
            self._tag_new(new)
        for _, record in new:
            if record.confidentiality == NAMED:
                door.name_readers(record, [])

    def _tag_new(self, new: Sequence[Held]) -> None:
        workspace_id = self.actor.workspace_id
        for name in {t for d, _ in new for t in d.tags} - self.tags.keys():
            self.tags[name] = Tag.objects.get_or_create(workspace_id=workspace_id, name=name)[0].pk
        rows.insert_rows(
            "kernel_cardtag",
            ("id", "workspace_id", "card_id", "tag_id"),
            [(rows.new_id(), workspace_id, r.pk, self.tags[t]) for d, r in new for t in d.tags],
        )

    def _change(self, door: Door, here: Sequence[Held]) -> Counter[str]:
        counts: Counter[str] = Counter()
        if not here:
            return counts
        self.actor.need("update", self.declared.group)
        shelved = [r for _, r in here if r.archived_at is not None]
        restored = {r.pk for r in shelved}
        restore_many(door, self.declared, shelved)
        tags = _tags_of(self.actor, [r for _, r in here]) if self._names_tags else {}
        for draft, record in here:
            version = record.version
            if not self._changed(door, draft, record):
                counts["skipped"] += 1
                continue
            changed = record.version != version
            had = tags.get(record.pk, set())
            wanted = set(draft.tags) if self.mapping.exact else had | set(draft.tags)
            if self._names_tags and wanted != had:
                verbs.tag(door, record, sorted(wanted)[:50])
                changed = True
            counts["restored" if record.pk in restored else "updated" if changed else "unchanged"] += 1
        return counts

    def _changed(self, door: Door, draft: Draft, record: Any) -> bool:
        """Whether what the row says could be written; what is refused is left out where bad rows may be."""
        values = changes_of(draft, exact=self.mapping.exact)
        if not self.run.skip_bad:
            door.change(record, values)
            return True
        try:
            with transaction.atomic():
                door.change(record, values)
        except Invalid:
            return False
        return True

    @property
    def _names_tags(self) -> bool:
        return bool(self.mapping.to("tags")) or "tags" in self.mapping.constants

    def _cite(self, door: Door, new: Sequence[Held], here: Sequence[Held]) -> None:
        drafts = [d for d, _ in (*new, *here)]
        if not any(d.cites for d in drafts):
            return
        known = cited(self.actor, drafts)
        present = _links_of(self.actor, [r for _, r in here])
        for draft, record in (*new, *here):
            if draft.own is not None and not _is_here(record, here):
                continue  # from another workspace, where keys mean other records
            for name, keys in draft.cites.items():
                for key in keys:
                    card = known.get(key)
                    if card is not None and (record.pk, card.pk, name) not in present:
                        self._link(door, record, card, name)

    @staticmethod
    def _link(door: Door, record: Any, card: Card, name: str) -> None:
        try:
            verbs.link(door, record, card.pk, name)
        except (Invalid, NotFound):  # told in the check: such a record cannot be cited
            return


def _is_here(record: Any, here: Sequence[Held]) -> bool:
    return any(record is one for _, one in here)


def _number(one: Any) -> int:
    number: int = one.row if isinstance(one, RowProblem) else one[0]
    return number


def _tags_of(actor: Actor, records: Sequence[Any]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    mine = CardTag.objects.filter(workspace_id=actor.workspace_id, card_id__in=[r.pk for r in records])
    for card_id, name in mine.values_list("card_id", "tag__name"):
        found.setdefault(card_id, set()).add(name)
    return found


def _links_of(actor: Actor, records: Sequence[Any]) -> set[tuple[UUID, UUID, str]]:
    mine = Link.objects.filter(workspace_id=actor.workspace_id, source_id__in=[r.pk for r in records])
    return set(mine.values_list("source_id", "target_id", "kind"))


def begin(actor: Actor, run: ImportRun, *, skip_bad: bool) -> None:
    """Take a checked run as it is about to be carried out; raises Invalid or Conflict when it may not be."""
    report = run.report
    if run.state != ImportRun.State.PREVIEWED or report.get("digest") != from_json(run.mapping).digest:
        raise Conflict("Check the file first: nothing is brought in unseen.")
    if report["bad"] and not skip_bad:
        text = f"{report['bad']:,} of {report['rows']:,} rows cannot be brought in. Leave them out, or mend the file."
        raise Invalid(("skip_bad", text))
    if report["rows"] == report["bad"] + report["empty"]:
        raise Invalid(("rows", "No row of this file can be brought in. Look at what is wrong with them first."))

    def take(door: Door) -> None:
        waiting = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.PREVIEWED)
        if not waiting.update(state=ImportRun.State.RUNNING, skip_bad=skip_bad, cancel_asked=False, error=""):
            raise Conflict("This import has been started already.")
        label = f"Import of {run.declared.plural.lower()} from {run.source}"
        Batch.objects.get_or_create(
            pk=run.batch, defaults={"workspace_id": run.workspace_id, "label": label[:200], "member_id": run.member_id}
        )
        remember(actor, run)

    through_door(actor, "import", take)
    run.refresh_from_db()


def remember(actor: Actor, run: ImportRun) -> None:
    """Keep how the columns were matched, for the next file from this source."""
    SourceMapping.objects.update_or_create(
        workspace_id=actor.workspace_id,
        kind=run.kind,
        source=run.source,
        defaults={
            "mapping": run.mapping,
            "signature": signature(run.report.get("columns", [])),
            "used_at": rows.now(),
        },
    )
