"""Who coded what in a study: the codes of each interview, and how far two people agree on them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from threadline.inbound.research import agreement, queries
from threadline.inbound.research.models import Interview, Study
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.members import Member

MOST_UNITS = 50_000


@dataclass(frozen=True, slots=True)
class Coded:
    """One code on one highlight: where it stands and who marked it."""

    interview: UUID
    turn: int | None
    code: UUID
    name: str
    tone: str
    coder: UUID | None


def coded_in(actor: Actor, study: Study) -> list[Coded]:
    """All codes on highlights of a study, as far as the actor may see both."""
    near_h, params_h = reach_sql(actor, "h")
    near_c, params_c = reach_sql(actor, "c")
    found = rows.fetch(
        "SELECT i.id, h.turn, c.id, c.title, c.colour, h.owner_id FROM inbound_interview i"
        " CROSS JOIN inbound_highlight h CROSS JOIN kernel_link l CROSS JOIN inbound_code c"
        " WHERE i.workspace_id = %s AND i.study_id = %s AND i.archived_at IS NULL AND h.workspace_id = i.workspace_id"
        " AND h.interview_id = i.id AND h.archived_at IS NULL AND l.workspace_id = h.workspace_id"
        f" AND l.source_id = h.id AND l.kind = '{queries.CODED}' AND c.id = l.target_id AND c.archived_at IS NULL"
        f" AND {near_h} AND {near_c}",
        [actor.workspace_id, study.pk, *params_h, *params_c],
    )
    return [
        Coded(rows.ident(i), turn, rows.ident(c), name, tone, rows.ident(who) if who else None)
        for i, turn, c, name, tone, who in found
    ]


def sessions(actor: Actor, study: Study) -> list[Interview]:
    """The interviews of a study that were held, in the order in which they were."""
    here = reach(actor, Interview).filter(study_id=study.pk, archived_at=None, state__in=("held", "coded"))
    return sorted(here, key=lambda i: (i.at or i.created_at, i.number))


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far the coders of the same interviews agree on one code, turn by turn."""

    code: str
    tone: str
    both: int
    some: int  # turns that at least one of them coded so
    kappa: float | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """``coders`` worked on the same ``turns`` of ``interviews``; unit of analysis is the turn."""

    coders: list[str]
    interviews: int
    turns: int
    codes: list[Agreed]
    prevalent: bool

    @property
    def overall(self) -> float | None:
        """The mean of alpha over the codes for which it is defined."""
        known = [c.alpha for c in self.codes if c.alpha is not None]
        return sum(known) / len(known) if known else None


def agreement_in(actor: Actor, study: Study) -> Agreement | None:
    """Agreement on the interviews that at least two people coded; None when there are none."""
    by: dict[UUID, dict[UUID, set[tuple[int, UUID]]]] = defaultdict(lambda: defaultdict(set))
    names: dict[UUID, tuple[str, str]] = {}
    for one in coded_in(actor, study):
        if one.coder is not None and one.turn is not None:
            by[one.interview][one.coder].add((one.turn, one.code))
            names[one.code] = (one.name, one.tone)
    shared = {i: marks for i, marks in by.items() if len(marks) > 1}
    if not shared:
        return None
    turns = dict(Interview.objects.filter(pk__in=shared).values_list("pk", "turns"))
    coders = sorted({c for marks in shared.values() for c in marks}, key=str)
    people = dict(Member.objects.filter(pk__in=coders).values_list("pk", "name"))
    units = [(i, t) for i in shared for t in range(turns[i])][:MOST_UNITS]
    codes = [_agreed(code, *names[code], shared, coders, units) for code in names]
    codes = sorted((c for c in codes if c.some), key=lambda c: c.code.lower())
    rare = any(c.some < len(units) * (1 - agreement.PREVALENT) for c in codes)
    return Agreement([people.get(c, "somebody") for c in coders], len(shared), len(units), codes, rare)


def _agreed(
    code: UUID,
    name: str,
    tone: str,
    shared: dict[UUID, dict[UUID, set[tuple[int, UUID]]]],
    coders: list[UUID],
    units: list[tuple[UUID, int]],
) -> Agreed:
    grid: list[list[Any]] = []
    for coder in coders:
        grid.append([int((t, code) in shared[i][coder]) if coder in shared[i] else None for i, t in units])
    columns = [[v for v in column if v is not None] for column in zip(*grid, strict=True)]
    pairs = [c for c in columns if len(c) == 2]
    kappa = None
    if len(coders) == 2:
        table = [[sum(1 for a, b in pairs if (a, b) == (i, j)) for j in (0, 1)] for i in (0, 1)]
        kappa = agreement.cohen(table)
    elif columns and len({len(c) for c in columns}) == 1:
        kappa = agreement.fleiss([[c.count(0), c.count(1)] for c in columns])
    both = sum(1 for c in columns if len(c) > 1 and all(c))
    return Agreed(name, tone, both, sum(1 for c in columns if any(c)), kappa, agreement.krippendorff(grid))
