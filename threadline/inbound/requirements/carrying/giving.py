"""Out: the requirements of a feature, or of the whole product, as one document, and as a file read again at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from threadline.formats.refusal import Unreadable
from threadline.formats.reqif import ReqDocument, ReqObject, differs
from threadline.inbound.requirements import queries
from threadline.inbound.requirements.carrying import names
from threadline.inbound.requirements.carrying.comparing import compare
from threadline.inbound.requirements.carrying.formats import FORMATS, Format
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.links import Link
from threadline.kernel.records import Record

LOSSES = (
    "Comments, files, tags, history and your own fields stay here.",
    "What it rests on (words of customers, insights, decisions) is not in the file; what it depends on among these is.",
    "Who owns a requirement and who accepted a criterion stays here.",
    "States are in the file for reading: they are decided here, and a file cannot change them.",
    "Criteria that were withdrawn are left out. Baselines and signatures have files of their own.",
)


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what reading it again found: nothing, when it says what it was made of and would change nothing."""

    data: bytes
    objects: int
    differences: tuple[str, ...]


def give(actor: Actor, feature: Record | None, way: str) -> Written:
    """The file, read again and compared at once: an export that could not come back is worse than none."""
    return written(actor, feature, FORMATS[way], document_of(actor, feature, FORMATS[way]))


def written(actor: Actor, feature: Record | None, form: Format, document: ReqDocument) -> Written:
    """A document as a file of one format, with what is wrong with it."""
    data, notes = form.write(document, rows.now().isoformat(timespec="seconds"))
    if not document.objects:  # an empty file is refused when it comes back, and rightly
        return Written(data, 0, ())
    try:
        again = form.read(data)
    except Unreadable as refused:  # such as more than a file may hold
        return Written(data, len(document.objects), (str(refused),))
    plan = compare(actor, feature, again, form.name)
    found = [*notes, *differs(document, again), *(f"{s.title}: it would come in as {s.what}." for s in plan.touched)]
    found += [f"{g.key} is not in it." for g in plan.gone] + plan.losses
    return Written(data, len(document.objects), tuple(found[:20]))


def document_of(actor: Actor, feature: Record | None, form: Format) -> ReqDocument:
    """The requirements of a feature with their criteria, as far as the actor sees them."""
    title = f"{feature.key} {feature.title}" if feature else "Requirements of the whole product"
    document = ReqDocument(title[:300], names=set(names.NAMES))
    by_id: dict[UUID, str] = {}

    def put(one: Requirement | Criterion, kind: str, depth: int, values: dict[str, str]) -> str:
        ident = one.key if form.by_key else names.identifier(one, form.source)
        said = {n: v for n, v in values.items() if v and not (form.by_key and n == names.FOREIGN)}
        document.objects[ident] = ReqObject(ident, kind, said, one.updated_at.isoformat(timespec="seconds"))
        document.tree.append((ident, depth))
        return ident

    for branch in queries.tree(actor, feature):
        one = branch.requirement
        by_id[one.pk] = put(one, names.REQUIREMENT, branch.depth, _values(one))
        for criterion in branch.criteria:
            said = {names.FOREIGN: criterion.key, names.TEXT: criterion.title, names.STEPS: criterion.body,
                    names.STATE: names.state_word(criterion)}  # fmt: skip
            put(criterion, names.CRITERION, branch.depth + 1, said)
    links = Link.objects.filter(
        workspace_id=actor.workspace_id, source_id__in=by_id, target_id__in=by_id, kind=names.RELATION
    )
    for source, target in links.order_by("pk").values_list("source_id", "target_id"):
        document.relations.append((by_id[source], by_id[target], names.RELATION))
    return document


def _values(one: Requirement) -> dict[str, str]:
    said: dict[str, Any] = {names.FOREIGN: one.key, names.TEXT: one.title, names.DETAIL: one.body,
                            names.WHY: one.rationale}  # fmt: skip
    for name, attribute in names.PLAIN.items():
        value = getattr(one, attribute)
        said[name] = f"{value:.15g}" if isinstance(value, float) else names.word(attribute, value or "")
    return {**said, names.STATE: names.state_word(one)}
