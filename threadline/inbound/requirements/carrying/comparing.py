"""What a file would change: each of its lines beside what is here, and what is here and not in it. Writes nothing."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from threadline.formats.reqif import ReqDocument, ReqObject, left_out
from threadline.inbound.requirements import queries
from threadline.inbound.requirements.carrying import names
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.kernel import fields, text
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of

MOST = 2_000  # objects in one file: a feature with more is several
Part = Requirement | Criterion
NEW, CHANGED, SAME = "new", "changed", "same"


@dataclass
class Step:
    """One line of the file: what becomes of it, where it stands, and how it differs from what is here."""

    ident: str
    kind: str
    title: str
    depth: int
    parent: str = ""  # the line it is part of, or checks
    there: Part | None = None
    values: dict[str, Any] = field(default_factory=dict)  # what is to be written, clean
    differences: list[tuple[str, str, str]] = field(default_factory=list)  # field, was, is in the file
    moved: bool = False

    @property
    def what(self) -> str:
        """``new``, ``changed`` or ``same``; whether it moves is said beside it."""
        return NEW if self.there is None else CHANGED if self.values else SAME


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that is here and that the file does not have."""

    key: str
    title: str
    kind: str
    there: Part


@dataclass
class Plan:
    """All that a file would change in one tree, and what it cannot bring."""

    source: str
    by_key: bool
    steps: list[Step] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    ties: list[tuple[str, str]] = field(default_factory=list)  # new "depends on", by the lines of the file
    cut: list[Link] = field(default_factory=list)  # those that the file does not have
    losses: list[str] = field(default_factory=list)

    @property
    def touched(self) -> list[Step]:
        """The lines that something comes of."""
        return [s for s in self.steps if s.what != SAME or s.moved]

    @property
    def count(self) -> Counter[str]:
        """How many are new, changed, moved and the same."""
        found = Counter(s.what for s in self.steps if s.what != SAME or not s.moved)
        return found + Counter(moved=sum(s.moved for s in self.steps))

    @property
    def print(self) -> str:
        """The plan in a few letters: another one when somebody changed what it is about meanwhile."""
        said = hashlib.sha256(self.source.encode())
        for one in self.steps:
            at = f"{one.there.pk}.{one.there.version}" if one.there else ""
            said.update(repr((one.ident, at, one.parent, one.moved, sorted(one.values.items(), key=str))).encode())
        said.update(repr(([(str(g.there.pk), g.there.version) for g in self.gone], self.ties, len(self.cut))).encode())
        return said.hexdigest()[:32]


def compare(actor: Actor, feature: Record | None, document: ReqDocument, way: str) -> Plan:
    """What the file would change in the requirements of a feature, or of the whole product."""
    # The formats are told apart by name alone here: they know this module, through what they are written from.
    source, by_key = _SOURCES[way]
    if len(document.objects) > MOST:
        raise Invalid(("file", f"{len(document.objects):,} lines: at most {MOST:,} in one feature."))
    work = _Comparing(actor, feature, document, Plan(source, by_key))
    work.run()
    return work.plan


_SOURCES = {"xlsx": ("Excel", True), "md": ("Markdown", True), "reqif": ("ReqIF", False)}


class _Comparing:
    def __init__(self, actor: Actor, feature: Record | None, document: ReqDocument, plan: Plan) -> None:
        self.actor, self.document, self.plan = actor, document, plan
        self.branches = queries.tree(actor, feature)
        self.lost: Counter[str] = Counter()
        self.said = {n.lower() for n in document.names} or {n.lower() for n in names.NAMES}
        here: list[Part] = [b.requirement for b in self.branches]
        here += [c for b in self.branches for c in b.criteria]
        self.here = {one.pk: one for one in here}
        self.known = {name: one for one in here for name in self._called(one)}
        self.by_words: dict[tuple[str, str], Part] = {}
        for one in here:
            self.by_words.setdefault((one.kind, words(one.title)), one)
            if isinstance(one, Criterion):  # named by its scenario, so that a file may leave the name out
                self.by_words.setdefault((one.kind, words(one.body)), one)
        self.met: set[UUID] = set()

    def _called(self, one: Part) -> list[str]:
        came = names.came_as(one.source_id) if one.source == self.plan.source else ""
        return [name for name in (came, one.key if self.plan.by_key else f"_{one.pk}") if name]

    def run(self) -> None:
        """Go through the file from above."""
        above: list[tuple[int, Step]] = []
        named = {self.known[i].pk for i in self.document.objects if i in self.known}
        for ident, depth in self.document.tree:
            one = self.document.objects[ident]
            while above and above[-1][0] >= depth:
                above.pop()
            step = self._step(one, above[-1][1] if above else None, named)
            if step is None:
                continue
            self.plan.steps.append(step)
            if step.kind == names.REQUIREMENT:
                above.append((depth, step))
        self._moves()
        self._relations()
        missing = [one for pk, one in self.here.items() if pk not in self.met]
        self.plan.gone = [Gone(o.key, o.title, type_of(o).label, o) for o in missing]
        self.plan.losses = [*self.document.losses, *left_out(self.lost)]

    def _step(self, one: ReqObject, parent: Step | None, named: set[UUID]) -> Step | None:
        there = self.known.get(one.identifier)
        criterion = isinstance(there, Criterion) or (there is None and one.kind == names.CRITERION)
        if criterion and parent is None:
            if there is not None:
                self.lost[f"{there.key} under no requirement, so that it stays where it is"] += 1
                self.met.add(there.pk)
                return None
            criterion = False
        values = self._criterion(one) if criterion else self._requirement(one)
        if not values.get("title") and not (criterion and values.get("body")):
            self.lost["criteria without a word" if criterion else "objects without a sentence"] += 1
            if there is not None:
                self.met.add(there.pk)
            return None
        if there is None:  # a line without a key that says what a record here says is that record
            kind = Criterion.kind if criterion else Requirement.kind
            found = self.by_words.get((kind, words(values.get("title") or values.get("body"))))
            there = found if found is not None and found.pk not in self.met | named else None
        if there is not None and there.pk in self.met:
            self.lost[f"second lines of {there.key}"] += 1
            return None
        kind = names.CRITERION if criterion else names.REQUIREMENT
        step = Step(one.identifier, kind, str(values.get("title") or text.excerpt(str(values.get("body")), 120)),
                    parent.depth + 1 if parent else 0, parent.ident if parent else "", there)  # fmt: skip
        if there is not None:
            self.met.add(there.pk)
        self._state(one, step)
        self._differ(step, values)
        return step

    # ---- one line --------------------------------------------------------------------------

    def _requirement(self, one: ReqObject) -> dict[str, Any]:
        said = {n.lower(): (n, v) for n, v in one.values.items()}
        (sentence, used), (detail, more), (reason, why) = (_first(said, n) for n in (names.SENTENCE, names.MORE,
                                                                                     names.REASON))  # fmt: skip
        title, values = " ".join(sentence.split()), dict[str, Any]()
        if len(title) > 300:
            title, detail = text.excerpt(title, 290), f"{sentence}\n\n{detail}".strip()
            self.lost["the end of sentences over 300 characters (the whole is in the detail)"] += 1
            values["body"] = detail
        values["title"] = title
        if more or self.said.intersection(names.MORE):
            values["body"] = detail or None
        if why or self.said.intersection(names.REASON):
            values["rationale"] = reason or None
        for name, attribute in names.PLAIN.items():
            if name.lower() in self.said:
                values[attribute] = self._cleaned(attribute, one.values.get(name))
        taken = {used, more, why, names.FOREIGN.lower(), names.STATE.lower(), *(n.lower() for n in names.PLAIN)}
        for name, (label, _) in said.items():
            if name not in taken:
                self.lost[f"the attribute {label[:60]}"] += 1
        return values

    def _criterion(self, one: ReqObject) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if names.STEPS.lower() in self.said:
            values["body"] = one.values.get(names.STEPS) or None
        if one.values.get(names.TEXT):
            values["title"] = " ".join(one.values[names.TEXT].split())[:300]
        return values

    def _cleaned(self, attribute: str, raw: str | None) -> Any:
        if not raw:
            return None
        if attribute in ("value", "percentile"):
            try:
                return float(raw)
            except ValueError:
                self.lost[f"numbers that are none, such as {raw[:30]}"] += 1
                return None
        if attribute in ("characteristic", "bound"):
            found = names.choice(attribute, raw)
            if found is None:
                self.lost[f"the {attribute} {raw[:40]}, which is not known here"] += 1
            return found
        return raw

    def _state(self, one: ReqObject, step: Step) -> None:
        """States are decided here, so what a file says of them is told and not taken."""
        said = next((v.strip() for n, v in one.values.items() if n.lower() == names.STATE.lower()), "")
        model = Criterion if step.kind == names.CRITERION else Requirement
        now = type_of(model).state_by_name[step.there.state if step.there else type_of(model).states[0].name]
        if said and said.lower() not in (now.name, now.label.lower()):
            whose = f"{step.there.key} stays “{now.label}”" if step.there else f"what is new begins as “{now.label}”"
            self.lost[f"the state “{said[:40]}” ({whose}: states are decided here)"] += 1

    def _differ(self, step: Step, values: dict[str, Any]) -> None:
        """Keep what differs from what is here, clean, and say it."""
        declared = type_of(Criterion if step.kind == names.CRITERION else Requirement)
        for name, raw in values.items():
            field_ = declared.by_name[name]
            try:
                value = field_.kind.clean(raw, self.actor)
            except fields.Refused as refused:
                self.lost[f"{field_.label.lower()} of “{text.excerpt(step.title, 60)}” ({refused})"] += 1
                continue
            now = getattr(step.there, field_.attname) if step.there is not None else None
            if name == "title" and step.there is not None and words(now) == words(value):
                continue
            if same(now, value):
                continue
            step.values[name] = value
            if step.there is not None or name != "title":
                step.differences.append((field_.label, _shown(name, now), _shown(name, value)))

    # ---- places ----------------------------------------------------------------------------

    def _moves(self) -> None:
        """A line moves when what it is part of differs, or when its place among those that stay does."""
        by_ident = {s.ident: s for s in self.plan.steps}
        order = {b.requirement.pk: at for at, b in enumerate(self.branches)}
        groups: dict[str, list[Step]] = {}
        for step in self.plan.steps:
            above = by_ident[step.parent].there if step.parent else None
            parent = above.pk if above is not None else None
            new = bool(step.parent) and above is None
            if isinstance(step.there, Criterion):
                step.moved = new or step.there.requirement_id != parent
            elif isinstance(step.there, Requirement):
                step.moved = new or self._above(step.there) != parent
                if not step.moved:
                    groups.setdefault(step.parent, []).append(step)
        for stay in groups.values():
            kept = longest([order[s.there.pk] for s in stay if s.there is not None])
            for at, step in enumerate(stay):
                step.moved = at not in kept

    def _above(self, one: Requirement) -> UUID | None:
        return one.parent_id if one.parent_id in self.here else None

    def _relations(self) -> None:
        by_ident = {s.ident: s for s in self.plan.steps if s.kind == names.REQUIREMENT}
        pks = {s.there.pk for s in by_ident.values() if s.there is not None}
        links = Link.objects.filter(workspace_id=self.actor.workspace_id, source_id__in=pks, target_id__in=pks,
                                    kind=names.RELATION)  # fmt: skip
        present = {(link.source_id, link.target_id): link for link in links}
        said = set()
        for source, target, kind in self.document.relations:
            one, other = by_ident.get(source), by_ident.get(target)
            if one is None or other is None or one is other:
                self.lost["relations of what did not come in"] += 1
                continue
            if kind != names.RELATION:
                named = kind[:60] or "without one"
                self.lost[f"the name of the relation {named} (it came in as “depends on”)"] += 1
            pair = (one.there.pk, other.there.pk) if one.there and other.there else None
            if pair in present:
                said.add(pair)
            elif (source, target) not in self.plan.ties:
                self.plan.ties.append((source, target))
        if self.document.relations_said:
            self.plan.cut = [link for pair, link in present.items() if pair not in said]


def longest(numbers: list[int]) -> set[int]:
    """The places of a longest rising run, so that as few as possible of the others are moved."""
    ends: list[int] = []  # for each length, the place of the smallest number that a run of it can end with
    before: list[int] = []
    for at, number in enumerate(numbers):
        length = bisect_left(ends, number, key=numbers.__getitem__)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [at]
    at, kept = (ends[-1] if ends else -1), set[int]()
    while at >= 0:
        kept.add(at)
        at = before[at]
    return kept


def words(said: Any) -> str:
    """A sentence without the looks of it."""
    return " ".join(str(said or "").split())


def same(now: Any, value: Any) -> bool:
    """Whether two values say the same: blank is blank, and a number has 15 digits."""
    if now in (None, "") or value in (None, ""):
        return now in (None, "") and value in (None, "")
    if isinstance(now, float) and isinstance(value, int | float):
        return f"{now:.15g}" == f"{float(value):.15g}"
    return bool(now == value)


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    return f"{value:.15g}" if isinstance(value, float) else names.word(name, str(value))


def _first(said: dict[str, tuple[str, str]], wanted: Iterable[str]) -> tuple[str, str]:
    found = next((n for n in wanted if n in said and said[n][1].strip()), "")
    return (said[found][1].strip(), found) if found else ("", "")
