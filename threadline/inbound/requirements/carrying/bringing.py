"""In: a plan that somebody has looked at, carried out in one batch, which undo takes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from threadline.inbound.requirements import rules
from threadline.inbound.requirements.carrying import names
from threadline.inbound.requirements.carrying.comparing import SAME, Plan, Step
from threadline.inbound.requirements.following import readers_of, tie
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.kernel import verbs
from threadline.kernel.door import Door
from threadline.kernel.records import Record

REASON = "It is not in the file that was brought in."


@dataclass
class Brought:
    """What came of a file: records made, changed, moved, as they were, dropped."""

    made: int = 0
    changed: int = 0
    moved: int = 0
    same: int = 0
    dropped: int = 0

    @property
    def anything(self) -> bool:
        """Whether there is something to take back."""
        return bool(self.made or self.changed or self.moved or self.dropped)


def bring(door: Door, feature: Record | None, plan: Plan, *, drop: bool = False) -> Brought:
    """Carry out a plan. With ``drop``, what the file does not have is dropped or withdrawn; else it stays."""
    work = _Bringing(door, feature, plan)
    for step in plan.steps:
        work.take(step)
    work.relate()
    if drop:
        work.drop()
    return work.done


class _Bringing:
    def __init__(self, door: Door, feature: Record | None, plan: Plan) -> None:
        self.door, self.feature, self.plan = door, feature, plan
        self.scope = feature.key if feature else "all"
        self.here: dict[str, Requirement] = {}
        self.done = Brought(same=plan.count[SAME])
        self.places = {**_places(plan)}
        self.taken = {
            model: set(
                model._default_manager.filter(workspace_id=door.actor.workspace_id, source=plan.source)
                .values_list("source_id", flat=True)
            )
            for model in (Requirement, Criterion)
        }  # fmt: skip

    def take(self, step: Step) -> None:
        """One line: made, changed, moved, or left as it is."""
        parent = self.here.get(step.parent)
        if step.kind == names.CRITERION:
            assert parent is not None
            self._criterion(step, parent)
            return
        assert not isinstance(step.there, Criterion)
        made = step.there
        place = {"parent": parent.pk if parent else None, "position": self.places.get(step.ident)}
        if made is None:
            values = {**step.values, **self._origin(Requirement, step)}
            if self.feature is not None:
                values["feature"] = self.feature.pk
            made = rules.add_requirement(self.door, values, place=place)
            self.done.made += 1
        elif step.values or step.moved:
            fresh = self.door.get(Requirement, made.pk)
            made = self.door.change(fresh, {**step.values, **(place if step.moved else {})})
            if step.moved:
                tie(self.door, made)
            self.done.changed += bool(step.values)
            self.done.moved += step.moved
        self.here[step.ident] = made

    def _criterion(self, step: Step, parent: Requirement) -> None:
        if step.there is None:
            values = {**step.values, "requirement": parent.pk, **self._origin(Criterion, step)}
            made = self.door.create(Criterion, values, readers=readers_of(parent))
            tie(self.door, made)
            self.done.made += 1
        elif step.values or step.moved:
            fresh = self.door.get(Criterion, step.there.pk)
            moved = {"requirement": parent.pk} if step.moved else {}
            made = self.door.change(fresh, {**step.values, **moved})
            if step.moved:
                tie(self.door, made)
            self.done.changed += bool(step.values)
            self.done.moved += step.moved

    def _origin(self, model: type[Requirement] | type[Criterion], step: Step) -> dict[str, str]:
        """Where it came from, so that the same line is known again; a line without a key has no name to keep."""
        if " " in step.ident:
            return {}
        found = names.origin(self.scope, step.ident, self.taken[model])
        self.taken[model].add(found)
        return {"source": self.plan.source, "source_id": found} if found else {}

    def relate(self) -> None:
        """What depends on what, as far as it is new."""
        for source, target in self.plan.ties:
            verbs.link(self.door, self.here[source].pk, self.here[target].pk, names.RELATION)

    def drop(self) -> None:
        """What the file does not have: requirements are dropped, criteria withdrawn, relations cut."""
        for link in self.plan.cut:
            verbs.unlink(self.door, link.pk)
            self.done.dropped += 1
        for gone in self.plan.gone:
            one: Any = gone.there
            if isinstance(one, Criterion) and one.state in ("proposed", "accepted"):
                rules.withdraw_criterion(self.door, criterion=one.pk, reason=REASON)
                self.done.dropped += 1
            elif isinstance(one, Requirement) and one.state in ("proposed", "agreed", "built"):
                rules.drop_requirement(self.door, requirement=one.pk, reason=REASON)
                self.done.dropped += 1


def _places(plan: Plan) -> dict[str, float]:
    """The place of each line that is new or moves: between those that stay, in equal steps."""
    by_ident = {s.ident: s for s in plan.steps}
    groups: dict[str, list[Step]] = {}
    for step in plan.steps:
        if step.kind == names.REQUIREMENT:
            groups.setdefault(step.parent, []).append(step)
    found: dict[str, float] = {}
    moving = {s.there.pk for s in plan.steps if s.there is not None and s.moved}
    for parent, group in groups.items():
        above = by_ident[parent].there if parent else None
        standing = _standing(plan, above.pk if above else None, moving) if above is not None or not parent else []
        run: list[str] = []
        before: float | None = None
        for step in group:
            if not isinstance(step.there, Requirement) or step.moved:
                run.append(step.ident)
                continue
            found |= _spread(run, before, step.there.position, standing)
            run, before = [], step.there.position
        found |= _spread(run, before, None, standing)
    return found


def _standing(plan: Plan, parent: UUID | None, moving: set[UUID]) -> list[float]:
    """The places among one whole's parts that stay taken, those of what the file does not have included."""
    here = [s.there for s in plan.steps] + [g.there for g in plan.gone]
    known = {one.pk for one in here if one is not None}
    return sorted(
        one.position for one in here
        if isinstance(one, Requirement) and one.pk not in moving
        and (one.parent_id if one.parent_id in known else None) == parent
    )  # fmt: skip


def _spread(idents: list[str], before: float | None, after: float | None, standing: list[float]) -> dict[str, float]:
    """Places for a run of lines: after what stays before it, else ahead of everything that stands there."""
    if before is None and after is None and standing:
        before = standing[-1]  # nothing of the file stays here: what it brings goes after the rest
    if before is None:
        first = min([after or 1.0, *standing]) - (len(idents) if standing else 0)
        return {ident: first + at for at, ident in enumerate(idents)}
    later = next((p for p in standing if p > before), None)
    step = 1.0 if later is None else (later - before) / (len(idents) + 1)
    return {ident: before + step * at for at, ident in enumerate(idents, 1)}
