"""Questions about requirements: their tree, their criteria, and what covers what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Max

from threadline.inbound.requirements import gherkin
from threadline.inbound.requirements.models import Baseline, Criterion, Requirement
from threadline.inbound.requirements.quality import Quality, agreed_words, quality
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.errors import Invalid
from threadline.kernel.links import suspect
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of

# ---- columns ----------------------------------------------------------------------------


def _criteria(extra: str) -> Any:
    def counted(actor: Actor, alias: str) -> tuple[str, list[Any]]:
        near, params = reach_sql(actor, "c")
        sql = (
            f"SELECT COUNT(*) FROM inbound_criterion c WHERE c.workspace_id = {alias}.workspace_id"
            f" AND c.requirement_id = {alias}.id AND c.archived_at IS NULL AND {extra} AND {near}"
        )
        return sql, params

    return counted


criteria_of, accepted_of = _criteria("c.state <> 'withdrawn'"), _criteria("c.state = 'accepted'")


# ---- answers of the API -----------------------------------------------------------------


def quality_answer(actor: Actor, requirement: Requirement) -> Quality:
    """The pattern of a requirement, and what leaves it open."""
    return quality(requirement, agreed_words(actor))


@dataclass(frozen=True, slots=True)
class Checked:
    """A criterion of a requirement as it stands."""

    key: str
    title: str
    state: str
    accepted_by: str | None


def criteria_answer(actor: Actor, requirement: Requirement) -> list[Checked]:
    """The criteria of a requirement within reach."""
    found = (
        reach(actor, Criterion).filter(requirement_id=requirement.pk, archived_at=None).select_related("accepted_by")
    )
    return [
        Checked(c.key, c.title, c.state, c.accepted_by.name if c.accepted_by else None)
        for c in found.order_by("number")
    ]


def scenarios_answer(actor: Actor, criterion: Criterion) -> gherkin.Parsed:
    """The scenarios of a criterion, or what the parser holds against it."""
    return gherkin.parse(criterion.body)


# ---- past reach: to keep the tree whole -------------------------------------------------


def feature_of(part: Requirement | Baseline) -> Record | None:
    """The feature of a requirement or baseline. Past reach: to follow it."""
    if part.feature_id is None:
        return None
    features = type_of("feature").model._default_manager
    return features.filter(workspace_id=part.workspace_id, pk=part.feature_id).first()


def feature_by_id(actor: Actor, ref: Any) -> Record | None:
    """The feature of that id within reach."""
    return reach(actor, type_of("feature").model).filter(pk=ref).first() if ref else None


def standing_criteria(requirement: Requirement) -> list[Criterion]:
    """Criteria that were not withdrawn. Past reach: what is hidden from a person waits all the same."""
    mine = Criterion.objects.filter(workspace_id=requirement.workspace_id, requirement_id=requirement.pk)
    return list(mine.filter(archived_at=None).exclude(state="withdrawn").order_by("number"))


def is_part_of(part: UUID, whole: Requirement) -> bool:
    """Whether ``part`` lies, at any depth, under ``whole``. Past reach: to refuse circles."""
    row = rows.fetch_one(
        "WITH RECURSIVE above (id) AS (SELECT parent_id FROM inbound_requirement WHERE id = %s"
        " UNION SELECT r.parent_id FROM inbound_requirement r JOIN above a ON r.id = a.id)"
        " SELECT 1 FROM above WHERE id = %s LIMIT 1",
        [part, whole.pk],
    )
    return row is not None


def _siblings(requirement: Requirement, parent: UUID | None) -> Any:
    mine = Requirement.objects.filter(workspace_id=requirement.workspace_id)
    here = requirement.feature_id
    mine = mine.filter(feature_id=here) if here else mine.filter(feature_id__isnull=True)
    return mine.filter(parent_id=parent).exclude(pk=requirement.pk)


def last_place(requirement: Requirement, parent: UUID | None = None) -> float:
    """The place of the last sibling, 0 without one."""
    return float(_siblings(requirement, parent).aggregate(last=Max("position"))["last"] or 0)


def place_after(requirement: Requirement, parent: UUID | None, before: Requirement | None) -> float:
    """A place after ``before`` and ahead of whoever follows it; without one, the first."""
    places = sorted(_siblings(requirement, parent).values_list("position", flat=True))
    if before is None:
        return (places[0] - 1) if places else 1.0
    following = [p for p in places if p > before.position]
    return (before.position + following[0]) / 2 if following else before.position + 1


# ---- the tree of a feature --------------------------------------------------------------


@dataclass(slots=True)
class Branch:
    """A requirement in its place: ``path`` is what one reads by (2.1.3), its key is what stays."""

    requirement: Requirement
    path: str
    depth: int
    parent: str
    criteria: list[Criterion] = field(default_factory=list)
    stale: set[UUID] = field(default_factory=set)  # criteria that were written for what it said before
    suspects: int = 0
    parts: int = 0

    @property
    def counts(self) -> bool:
        """Whether coverage asks for a criterion: a requirement with parts is checked by those."""
        return self.requirement.state != "dropped" and not self.parts


def requirements_of(actor: Actor, feature: UUID | None, product: UUID | None = None) -> list[Requirement]:
    """The requirements of a feature, or without one what holds of a whole product or of all of them, within reach."""
    near, params = reach_sql(actor, "r")
    of_it, asked = ("r.feature_id = %s", [feature]) if feature else ("r.feature_id IS NULL", [])
    if product is not None and feature is None:
        of_it, asked = f"{of_it} AND (r.product_id = %s OR r.product_id IS NULL)", [product]
    return rows.fetch_instances(
        Requirement,
        f"r.workspace_id = %s AND {of_it} AND r.archived_at IS NULL AND {near} ORDER BY r.position, r.number",
        [actor.workspace_id, *asked, *params],
    )


def tree(actor: Actor, feature: Record | None, product: UUID | None = None) -> list[Branch]:
    """The requirements of a feature as one reads them, each with its criteria and what it rests on that changed."""
    return tree_of(actor, feature.pk if feature else None, product)


def tree_of(actor: Actor, feature: UUID | None, product: UUID | None = None) -> list[Branch]:
    """The same by the feature's id."""
    found = requirements_of(actor, feature, product)
    here = {r.pk for r in found}
    under: dict[UUID | None, list[Requirement]] = defaultdict(list)
    for one in found:
        under[one.parent_id if one.parent_id in here else None].append(one)
    branches: list[Branch] = []

    def walk(parent: Requirement | None, path: str, depth: int) -> None:
        for at, one in enumerate(under[parent.pk if parent else None], 1):
            branch = Branch(one, f"{path}{at}", depth, parent.key if parent else "", parts=len(under[one.pk]))
            branches.append(branch)
            walk(one, f"{branch.path}.", depth + 1)

    walk(None, "", 0)
    _with_criteria(actor, branches)
    return branches


def _with_criteria(actor: Actor, branches: list[Branch]) -> None:
    by_id = {b.requirement.pk: b for b in branches}
    if not by_id:
        return
    near, params = reach_sql(actor, "r")
    criteria = rows.fetch_instances(
        Criterion,
        f"r.workspace_id = %s AND r.requirement_id IN ({rows.marks(len(by_id))}) AND r.archived_at IS NULL"
        f" AND r.state <> 'withdrawn' AND {near} ORDER BY r.number",
        [actor.workspace_id, *by_id, *params],
    )
    for one in criteria:
        by_id[one.requirement_id].criteria.append(one)
    of_criterion = {c.pk: b for b in branches for c in b.criteria}
    for source in suspect_sources(actor, [*by_id, *of_criterion]):
        if source in by_id:
            by_id[source].suspects += 1
        else:
            of_criterion[source].stale.add(source)


def suspect_sources(actor: Actor, ids: Iterable[UUID]) -> list[UUID]:
    """The records among these that rest on something that changed since it was read, once for each citation."""
    wanted = list(ids)
    if not wanted:
        return []
    near, params = reach_sql(actor, "t")
    found = rows.fetch(
        "SELECT l.source_id FROM kernel_link l JOIN kernel_card t ON t.id = l.target_id"
        f" WHERE l.workspace_id = %s AND l.source_id IN ({rows.marks(len(wanted))}) AND {suspect('t', 'l')} AND {near}",
        [actor.workspace_id, *wanted, *params],
    )
    return [rows.ident(source) for (source,) in found]


# ---- coverage, both ways ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is covered at all (``nominal``), and by what has not changed since (``confirmed``)."""

    scope: int
    nominal: int
    confirmed: int

    @property
    def nominal_share(self) -> float | None:
        """Between 0 and 1; None when there is nothing to cover."""
        return self.nominal / self.scope if self.scope else None

    @property
    def confirmed_share(self) -> float | None:
        """Between 0 and 1; None when there is nothing to cover."""
        return self.confirmed / self.scope if self.scope else None


@dataclass(frozen=True, slots=True)
class Need:
    """Something that the feature rests on, and whether a requirement takes it up."""

    key: str
    title: str
    covered: bool
    confirmed: bool


def checked(branches: list[Branch]) -> Coverage:
    """Requirements that have a criterion, and one that was written for what they say now."""
    scope = [b for b in branches if b.counts]
    confirmed = sum(any(c.pk not in b.stale for c in b.criteria) for b in scope)
    return Coverage(len(scope), sum(bool(b.criteria) for b in scope), confirmed)


def needs(actor: Actor, feature: Record, branches: list[Branch], limit: int = 200) -> list[Need]:
    """What the feature rests on (evidence and decisions), and whether a requirement rests on it too."""
    near, params = reach_sql(actor, "t")
    mine = [b.requirement.pk for b in branches if b.requirement.state != "dropped"]
    taken_up = (
        f"SELECT 1 FROM kernel_link k WHERE k.workspace_id = l.workspace_id AND k.target_id = l.target_id"
        f" AND k.source_id IN ({rows.marks(len(mine))})"
        if mine
        else "SELECT 1 WHERE 1 = 0"
    )
    # Most records never grow old: what compares with no day is unknown, and NOT unknown would be no.
    still = f" AND CASE WHEN {suspect('t', 'k')} THEN 0 ELSE 1 END = 1" if mine else ""
    found = rows.fetch(
        f"SELECT t.key, t.title, CASE WHEN EXISTS ({taken_up}) THEN 1 ELSE 0 END,"
        f" CASE WHEN EXISTS ({taken_up}{still}) THEN 1 ELSE 0 END"
        " FROM kernel_link l JOIN kernel_card t ON t.id = l.target_id"
        " WHERE l.workspace_id = %s AND l.source_id = %s AND l.kind IN ('evidence', 'decision', 'fact')"
        f" AND t.archived_at IS NULL AND {near} ORDER BY t.key LIMIT {int(limit)}",
        [*mine, *mine, actor.workspace_id, feature.pk, *params],
    )
    return [Need(key, title, bool(covered), bool(sure)) for key, title, covered, sure in found]


def taken_up(found: list[Need]) -> Coverage:
    """Needs that a requirement takes up, and one whose citation is not suspect."""
    return Coverage(len(found), sum(n.covered for n in found), sum(n.confirmed for n in found))


def in_tree(branches: list[Branch], key: str) -> Branch:
    """The branch of that key; refused when it is not in this tree."""
    found = next((b for b in branches if b.requirement.key == key), None)
    if found is None:
        raise Invalid(("", "That requirement is not here any more. Load the page again."))
    return found
