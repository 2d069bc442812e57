"""Requirements taken along and brought in: ReqIF, with what a file cannot hold said beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from threadline.formats import reqif
from threadline.formats.reqif import ReqDocument, ReqObject
from threadline.inbound.requirements import queries, rules
from threadline.inbound.requirements.characteristics import CHOICES
from threadline.inbound.requirements.following import readers_of, tie
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.kernel import rows, text, verbs
from threadline.kernel.access import Actor, reach
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.links import Link
from threadline.kernel.records import Record

SOURCE = "ReqIF"
REQUIREMENT, CRITERION = "Requirement", "Acceptance criterion"
MOST = 2_000  # objects in one file: a feature with more is several
TEXT, DETAIL, STEPS, FOREIGN = "ReqIF.Text", "ReqIF.Description", "Steps", "ReqIF.ForeignID"
PLAIN = {"Why": "rationale", "Quality": "characteristic", "Measure": "measure", "Bound": "bound", "Value": "value",
         "Unit": "unit", "Percentile": "percentile", "Conditions": "conditions"}  # fmt: skip
# What other tools call the sentence and its explanation, in small letters.
SENTENCE = (TEXT.lower(), "statement", "text", "requirement", "object text", "reqif.chaptername", "reqif.name", "name",
            "title")  # fmt: skip
MORE = (DETAIL.lower(), "description", "detail", "comment")
REASON = ("why", "rationale", "reason")
RELATION = "depends_on"
LOSSES = (
    "Comments, files, tags, history and your own fields stay here.",
    "What it rests on (words of customers, insights, decisions) is not in the file; what it depends on among these is.",
    "Who owns a requirement and who accepted a criterion stays here; that it was agreed or accepted is in the file.",
    "Baselines and signatures have files of their own.",
)


# ---- out --------------------------------------------------------------------------------


def document_of(actor: Actor, feature: Record) -> ReqDocument:
    """The requirements of a feature with their criteria, as far as the actor sees them."""
    document = ReqDocument(f"{feature.key} {feature.title}"[:300])
    by_id: dict[UUID, str] = {}
    for branch in queries.tree(actor, feature):
        one = branch.requirement
        by_id[one.pk] = _put(document, one, REQUIREMENT, branch.depth, _values(one))
        for criterion in branch.criteria:
            said = {FOREIGN: criterion.key, TEXT: criterion.title, STEPS: criterion.body, "State": criterion.state}
            _put(document, criterion, CRITERION, branch.depth + 1, said)
    links = Link.objects.filter(
        workspace_id=feature.workspace_id, source_id__in=by_id, target_id__in=by_id, kind=RELATION
    )
    for source, target in links.order_by("pk").values_list("source_id", "target_id"):
        document.relations.append((by_id[source], by_id[target], RELATION))
    return document


def _put(document: ReqDocument, one: Requirement | Criterion, kind: str, depth: int, values: dict[str, str]) -> str:
    ident = one.source_id if one.source == SOURCE and reqif.fits(one.source_id) else f"_{one.pk}"
    said = {n: v for n, v in values.items() if v}
    document.objects[ident] = ReqObject(ident, kind, said, one.updated_at.isoformat(timespec="seconds"))
    document.tree.append((ident, depth))
    return ident


def _values(one: Requirement) -> dict[str, str]:
    plain = {name: getattr(one, attribute) for name, attribute in PLAIN.items()}
    said = {n: f"{v:.15g}" if isinstance(v, float) else str(v or "") for n, v in plain.items()}
    return {FOREIGN: one.key, TEXT: one.title, DETAIL: one.body, "State": one.state, **said}


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what reading it again found: nothing, when it says what it was made of."""

    data: bytes
    objects: int
    differences: tuple[str, ...]


def as_reqif(actor: Actor, feature: Record) -> Written:
    """The file, read again at once: an export that could not be read is worse than none."""
    document = document_of(actor, feature)
    data = reqif.write(document, made_at=rows.now().isoformat(timespec="seconds"))
    return Written(data, len(document.objects), tuple(reqif.differs(document, reqif.read(data))))


# ---- in ---------------------------------------------------------------------------------


@dataclass
class Brought:
    """What came in, and what did not."""

    made: int = 0
    changed: int = 0
    same: int = 0
    losses: list[str] = field(default_factory=list)


@dataclass
class _Bringing:
    door: Door
    feature: Record
    document: ReqDocument
    known: dict[str, Any] = field(default_factory=dict)
    here: dict[str, Any] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    done: Brought = field(default_factory=Brought)


def bring(door: Door, feature: Record, document: ReqDocument) -> Brought:
    """Make the tree of the file part of the feature: what came before is brought up to date, the rest is new."""
    if len(document.objects) > MOST:
        raise Invalid(("file", f"{len(document.objects):,} objects: at most {MOST:,} in one feature."))
    work = _Bringing(door, feature, document, known=_known(door.actor, feature))
    above: list[Requirement | None] = [None]
    last: dict[Any, Requirement] = {}
    for ident, depth in document.tree:
        one = document.objects[ident]
        del above[depth + 1 :]
        parent = next((a for a in reversed(above) if a is not None), None)
        if one.kind == CRITERION and parent is not None:
            work.here[ident] = _criterion(work, one, parent)
            continue
        made = _requirement(work, one, parent, last.get(parent.pk if parent else None))
        if made is not None:
            work.here[ident] = last[parent.pk if parent else None] = made
        above += [made] if len(above) == depth + 1 else [None] * (depth + 1 - len(above)) + [made]
    _relate(work)
    lost = [f"{what}: left out, {n} times." for what, n in sorted(work.lost.items())]
    work.done.losses = [*document.losses, *lost]
    return work.done


def _known(actor: Actor, feature: Record) -> dict[str, Any]:
    """What is here already, by what a file may call it: the id of another tool, or ours."""
    mine = reach(actor, Requirement).filter(feature_id=feature.pk, archived_at=None)
    found: list[Any] = list(mine)
    found += reach(actor, Criterion).filter(requirement_id__in=[r.pk for r in found], archived_at=None)
    return {
        name: one for one in found for name in ((one.source_id if one.source == SOURCE else ""), f"_{one.pk}") if name
    }


def _requirement(work: _Bringing, one: ReqObject, parent: Requirement | None, after: Requirement | None) -> Any:
    values = _read_values(work, one)
    if not values["title"]:
        work.lost["objects without a sentence"] += 1
        return parent
    there = work.known.get(one.identifier)
    if isinstance(there, Requirement):
        fresh = work.door.get(Requirement, there.pk)
        was = fresh.version
        made = work.door.update(fresh, values)
        if made.parent_id != (parent.pk if parent else None):
            rules.move_requirement(work.door, requirement=made.pk, under=parent.key if parent else "",
                                   after=after.key if after else "")  # fmt: skip
            made = work.door.get(Requirement, made.pk)
        work.done.changed, work.done.same = (
            work.done.changed + (made.version > was),
            work.done.same + (made.version == was),
        )
        return made
    named = {"feature": work.feature.pk, "source": SOURCE, "source_id": one.identifier}
    work.done.made += 1
    return rules.add_requirement(work.door, {**values, **named}, parent=parent, after=after)


def _read_values(work: _Bringing, one: ReqObject) -> dict[str, Any]:
    said = {n.lower(): (n, v) for n, v in one.values.items()}
    sentence, used = _first(said, SENTENCE)
    detail, more = _first(said, MORE)
    reason, why = _first(said, REASON)
    title = " ".join(sentence.split())
    if len(title) > 300:
        title, detail = text.excerpt(title, 290), f"{sentence}\n\n{detail}".strip()
    values: dict[str, Any] = {"title": title, "body": detail or None, "rationale": reason or None}
    for name, attribute in PLAIN.items():
        raw = one.values.get(name)
        if attribute != "rationale":
            values[attribute] = _cleaned(work, attribute, raw)
    taken = {used, more, why, FOREIGN.lower(), "state", *(n.lower() for n in PLAIN)}
    for name, (label, _) in said.items():
        if name not in taken:
            work.lost[f"the attribute {label[:60]}"] += 1
    return values


def _first(said: dict[str, tuple[str, str]], names: tuple[str, ...]) -> tuple[str, str]:
    found = next((n for n in names if n in said and said[n][1].strip()), "")
    return (said[found][1].strip(), found) if found else ("", "")


def _cleaned(work: _Bringing, attribute: str, raw: str | None) -> Any:
    if not raw:
        return None
    choices = {"characteristic": {n for n, _ in CHOICES}, "bound": set(Requirement.Bound.values)}
    if attribute in ("value", "percentile"):
        try:
            return float(raw)
        except ValueError:
            work.lost[f"numbers that are none, such as {raw[:30]}"] += 1
            return None
    if attribute in choices and raw not in choices[attribute]:
        work.lost[f"the {attribute} {raw[:40]}, which is not known here"] += 1
        return None
    return raw


def _criterion(work: _Bringing, one: ReqObject, parent: Requirement) -> Any:
    values = {"title": one.values.get(TEXT, "")[:300] or None, "body": one.values.get(STEPS) or None}
    there = work.known.get(one.identifier)
    if isinstance(there, Criterion):
        fresh = work.door.get(Criterion, there.pk)
        was = fresh.version
        made = work.door.update(fresh, {**values, "requirement": parent.pk})
        work.done.changed, work.done.same = (
            work.done.changed + (made.version > was),
            work.done.same + (made.version == was),
        )
        return made
    given = {n: v for n, v in values.items() if v}
    if not given:
        work.lost["criteria without a word"] += 1
        return None
    named = {"requirement": parent.pk, "source": SOURCE, "source_id": one.identifier}
    made = work.door.create(Criterion, {**given, **named}, readers=readers_of(parent))
    tie(work.door, made)
    work.done.made += 1
    return made


def _relate(work: _Bringing) -> None:
    for source, target, kind in work.document.relations:
        one, other = work.here.get(source), work.here.get(target)
        if not isinstance(one, Requirement) or not isinstance(other, Requirement) or one.pk == other.pk:
            work.lost["relations of what did not come in"] += 1
            continue
        if kind != RELATION:
            work.lost[f"the name of the relation {kind[:60] or 'without one'} (it came in as “depends on”)"] += 1
        if not Link.objects.filter(source_id=one.pk, target_id=other.pk, kind=RELATION).exists():
            verbs.link(work.door, one.pk, other.pk, RELATION)
