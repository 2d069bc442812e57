"""The dry run: the whole file read as it would be brought in, and nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from threadline.exchange.alike import Alike
from threadline.exchange.mapping import Mapping, targets
from threadline.exchange.naming import plain_title
from threadline.exchange.reading import Draft, Fault, Reader
from threadline.exchange.showing import Losses, Sample
from threadline.exchange.sorting import changes_of, cited, faults_of, sort_out, would_change
from threadline.exchange.table import Table
from threadline.formats.sheets import Row, RowProblem
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import RecordType, type_of

CHUNK = 1_000
LISTED, SHOWN, KINDS = 100, 20, 50
NEEDED = "Needed."
WORDS = 30  # words of one column that nobody has said the meaning of
_WORDED = frozenset({"choice", "flag", "number", "money", "product", "person"})
Tell = Any  # called as tell(done, total, note)


def chunks(found: Iterable[tuple[int, Row] | RowProblem], size: int = CHUNK) -> Iterator[list[Any]]:
    """A stream in lists of ``size``."""
    stream = iter(found)
    while part := list(islice(stream, size)):
        yield part


class Check:
    """Reads a file by a mapping and adds up what bringing it in would do."""

    def __init__(self, actor: Actor, declared: RecordType, source: str, mapping: Mapping) -> None:
        self.actor, self.declared, self.source, self.mapping = actor, declared, source, mapping
        self.reader = Reader(actor, declared, mapping)
        self.door = Door(actor, "import")
        self.counts: Counter[str] = Counter()
        self.kinds: Counter[tuple[str, str]] = Counter()
        self.problems: list[dict[str, Any]] = []
        self.made: dict[str, set[Any]] = {}
        self.alike = Alike(actor, declared)
        self.sample = Sample(actor, declared, mapping, SHOWN)
        self.losses: Losses | None = None
        self.titles: set[int] = set()  # of the file's own records, where some name others
        known = targets(actor, declared)
        worded = [p.column for p in mapping.pairs if (f := known[p.to].field) and f.kind.name in _WORDED]
        self.words: dict[str, Counter[str]] = {column: Counter() for column in worded}

    def run(self, table: Table, tell: Tell | None = None) -> dict[str, Any]:
        """The report, as JSON. May raise SheetError."""
        losses = self.losses = Losses(self.actor, self.declared, self.mapping, table.columns)
        total = table.sheet.estimate_rows()
        for part in chunks(table.rows()):
            losses.see(part)
            self._chunk(self.reader.drafts(part))
            if tell is not None:
                tell(self.counts["rows"], total, "Checking rows")
        return self.report(table)

    def report(self, table: Table) -> dict[str, Any]:
        """What was found so far."""
        assert self.losses is not None
        listed = [{"column": c, "text": t, "count": n} for (c, t), n in self.kinds.most_common(KINDS)]
        names = ("rows", "create", "update", "unchanged", "restore", "bad", "empty")
        return {
            **{n: self.counts[n] for n in names},
            "make": {kind: len(ids) for kind, ids in self.made.items()},
            "problem_counts": listed,
            "problems": self.problems,
            "unknown": {c: words.most_common() for c, words in self.words.items() if words},
            "sample": self.sample.table(),
            "losses": self._losses(),
            "notes": [*table.notes, *self.alike.sentences()],
            "digest": self.mapping.digest,
        }

    def _losses(self) -> list[str]:
        assert self.losses is not None
        for column, awaited in self.reader.awaited.items():
            lost = sum(n for title, n in awaited.items() if title not in self.titles)
            if lost:
                self.reader.changed["unknown", column] = lost
        found, empty = self.losses.sentences(self.reader.changed), self.counts["empty"]
        if empty:
            rows = "1 row holds" if empty == 1 else f"{empty:,} rows hold"
            found.append(f"{rows} nothing in the chosen columns")
        return found

    def _chunk(self, drafts: list[Draft]) -> None:
        self.counts["rows"] += len(drafts)
        made = sort_out(self.door, self.declared, self.source, drafts, lock=False)
        self.counts["empty"] += made.empty
        for draft, record in made.here:
            self._count_here(draft, record)
        for draft, record in made.new:
            self.counts["create"] += 1
            self.alike.see(record)
            self.sample.see(draft, record)
            self._count_missing(draft)
        if self.reader.awaited:
            self.titles.update(hash(plain_title(r.title)) for _, r in (*made.new, *made.here))
        self._count_cites([d for d, _ in made.here], [d for d, _ in made.new])
        for draft in drafts:
            if draft.faults:
                self._count_bad(draft)

    def _count_here(self, draft: Draft, record: Any) -> None:
        try:
            changes = would_change(self.door, self.declared, record, changes_of(draft, exact=self.mapping.exact))
        except Invalid as refused:
            draft.faults += faults_of(self.declared, refused)
            return
        self.counts["restore" if record.archived_at else "update" if changes else "unchanged"] += 1
        self.sample.see(draft, record)
        self._count_missing(draft)

    def _count_missing(self, draft: Draft) -> None:
        for one in draft.missing.values():
            self.made.setdefault(one.kind, set()).add(one.id)

    def _count_bad(self, draft: Draft) -> None:
        self.counts["bad"] += 1
        for fault in draft.faults:
            key = (fault.column, fault.text)
            self.kinds[key if key in self.kinds or len(self.kinds) < KINDS * 4 else ("", "Other reasons")] += 1
            words = self.words.get(fault.column)
            if words is not None and 0 < len(fault.value) <= 80 and (fault.value in words or len(words) < WORDS):
                words[fault.value] += 1
        if len(self.problems) < LISTED:
            self.problems += [_listed(draft, fault) for fault in draft.faults]
            del self.problems[LISTED:]

    def _count_cites(self, here: list[Draft], new: list[Draft]) -> None:
        if not any(d.cites for d in (*here, *new)):
            return
        known = cited(self.actor, (*here, *new))
        allowed = {c.name: c.to for c in self.declared.cites}
        for draft in (*here, *new):
            for name, keys in draft.cites.items():
                foreign = draft.own is not None and draft in new
                lost = [k for k in keys if foreign or k not in known or known[k].kind not in allowed[name]]
                if lost:
                    self.reader.changed["cites", self.mapping.to(name)[0].column] += len(lost)


def _listed(draft: Draft, fault: Fault) -> dict[str, Any]:
    return {"row": draft.number, "column": fault.column, "value": fault.value, "text": fault.text}


def labels_of_made(report: dict[str, Any]) -> list[str]:
    """``12 accounts`` and so on: what would be made along the way."""
    found = []
    for kind, count in report.get("make", {}).items():
        declared = type_of(kind)
        found.append(f"{count:,} {(declared.label if count == 1 else declared.plural).lower()}")
    return found


def lacking(report: dict[str, Any]) -> list[str]:
    """Labels of the fields that rows were refused for not filling."""
    return [one["column"] for one in report.get("problem_counts", []) if one["text"] == NEEDED and one["column"]]
