"""Questions about the market: freshness, what relies on a fact, what came in before, how sources do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from threadline.inbound.market import freshness
from threadline.inbound.market.models import Competitor, Fact, Intel, IntelSource, Polling
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.registry import SQL

SAME_STORY = 0.6  # share of words that two texts have in common


def name_of(competitor: Any) -> str:
    """The name of a competitor by id. Past reach: it becomes part of a sentence its writer wrote."""
    if not competitor:
        return ""
    found = Competitor.objects.filter(pk=competitor).values_list("title", flat=True).first()
    return found or ""


# ---- columns ----------------------------------------------------------------------------


def freshness_of(actor: Actor, alias: str) -> SQL:
    """What a fact is worth today, in per cent, whole."""
    lives = " ".join(f"WHEN '{about}' THEN {days}" for about, days in freshness.HALF_LIVES.items())
    life = f"COALESCE({alias}.half_life, CASE {alias}.about {lives} END)"
    age = (
        f"(CURRENT_DATE - {alias}.checked_on)"
        if rows.is_postgres()
        else f"(julianday(CURRENT_DATE) - julianday({alias}.checked_on))"
    )
    worth = f"power(0.5, CASE WHEN {age} > 0 THEN {age} ELSE 0 END * 1.0 / {life})"
    return f"SELECT CAST(round(100 * {worth}) AS integer)", []


def relying(actor: Actor, alias: str) -> SQL:
    """How many records within reach cite it."""
    near, params = reach_sql(actor, "rc")
    sql = (
        "SELECT count(DISTINCT rc.id) FROM kernel_link rl JOIN kernel_card rc ON rc.id = rl.source_id"
        f" WHERE rl.workspace_id = {alias}.workspace_id AND rl.target_id = {alias}.id"
        f" AND rc.archived_at IS NULL AND {near}"
    )
    return sql, params


def facts_known(actor: Actor, alias: str) -> SQL:
    """How many facts that stand are known of a competitor."""
    near, params = reach_sql(actor, "kf")
    sql = (
        f"SELECT count(*) FROM inbound_fact kf WHERE kf.workspace_id = {alias}.workspace_id"
        f" AND kf.competitor_id = {alias}.id AND kf.state = 'stands' AND kf.archived_at IS NULL AND {near}"
    )
    return sql, params


def facts_overdue(actor: Actor, alias: str) -> SQL:
    """How many of them nobody has checked in time."""
    sql, params = facts_known(actor, alias)
    return f"{sql} AND kf.good_until < CURRENT_DATE", params


def signals(actor: Actor, alias: str) -> SQL:
    """How many signals within reach a trend has."""
    near, params = reach_sql(actor, "sc")
    sql = (
        "SELECT count(*) FROM kernel_link sl JOIN kernel_card sc ON sc.id = sl.target_id"
        f" WHERE sl.workspace_id = {alias}.workspace_id AND sl.source_id = {alias}.id AND sl.kind = 'signal'"
        f" AND sc.archived_at IS NULL AND {near}"
    )
    return sql, params


# ---- repeats ----------------------------------------------------------------------------


def same_page(intel: Intel) -> UUID | None:
    """What was brought in first from the same page, among what everybody here may see."""
    here = Intel.objects.filter(
        workspace_id=intel.workspace_id, address=intel.address, confidentiality=0, archived_at=None, repeats=None
    )
    found: UUID | None = here.exclude(pk=intel.pk).order_by("pk").values_list("pk", flat=True).first()
    return found


def likeness(one: str, other: str) -> float:
    """The share of words that two texts have in common (Jaccard), between 0 and 1."""
    first, second = _words(one), _words(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def _words(text: str) -> set[str]:
    return {w for w in "".join(c if c.isalnum() else " " for c in text[:4_000].lower()).split() if len(w) > 2}


# ---- the queue --------------------------------------------------------------------------


def due_counts(actor: Actor) -> tuple[int, int]:
    """How many facts stand, and how many of those must be checked again."""
    near, params = reach_sql(actor, "r")
    row = rows.fetch_one(
        "SELECT count(*), count(CASE WHEN r.good_until < CURRENT_DATE THEN 1 END) FROM inbound_fact r"
        f" WHERE r.state = 'stands' AND r.archived_at IS NULL AND {near}",
        params,
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


@dataclass(frozen=True, slots=True)
class Reliance:
    """A record that cites a fact."""

    kind: str
    key: str
    title: str
    fact: str


def reliers(actor: Actor, facts: list[UUID]) -> list[Reliance]:
    """Records within reach that cite any of these facts."""
    if not facts:
        return []
    near, params = reach_sql(actor, "c")
    found = rows.fetch(
        "SELECT c.kind, c.key, c.title, l.target_id FROM kernel_link l JOIN kernel_card c ON c.id = l.source_id"
        f" WHERE l.workspace_id = %s AND l.target_id IN ({rows.marks(len(facts))}) AND c.archived_at IS NULL AND {near}"
        " ORDER BY c.kind, c.number LIMIT 500",
        [actor.workspace_id, *facts, *params],
    )
    return [Reliance(kind, key, title, rows.hexed(fact) or "") for kind, key, title, fact in found]


# ---- sources ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Health:
    """How a source does: when it was last read, and what is wrong, if anything."""

    key: str
    title: str
    looked_at: datetime | None
    worked_at: datetime | None
    next_at: datetime | None
    failures: int
    problem: str


def health(actor: Actor, *, failing: bool = False, key: str = "") -> list[Health]:
    """The sources within reach that are watched, those that fail first."""
    near = reach(actor, IntelSource).filter(archived_at=None, state="watching")
    near = near.filter(number=int(key.rpartition("-")[2])) if key else near
    sources = list(near.order_by("number"))
    states = {p.source_id: p for p in Polling.objects.filter(source_id__in=[s.pk for s in sources])}
    found = []
    for source in sources:
        seen = states.get(source.pk, Polling())
        if failing and not seen.failures:
            continue
        found.append(
            Health(
                *(source.key, source.title, seen.looked_at, seen.worked_at),
                *(seen.next_at if seen.workspace_id else None, seen.failures, seen.problem),
            )
        )
    return sorted(found, key=lambda h: (-min(h.failures, 1), h.key))


def problem_of(actor: Actor, alias: str) -> SQL:
    """What is wrong with a source, in words; blank when it works."""
    return f"SELECT p.problem FROM inbound_polling p WHERE p.source_id = {alias}.id AND p.failures > 0", []


def facts_of(actor: Actor, competitor: UUID) -> list[Fact]:
    """The facts within reach about a competitor, the latest checked first."""
    here = reach(actor, Fact).filter(competitor_id=competitor, archived_at=None)
    return list(here.order_by("-checked_on", "-id")[:500])


def intel_of(actor: Actor, competitor: UUID, since: date | None = None) -> list[Intel]:
    """What came in about a competitor and was kept, within reach, the latest first."""
    here = reach(actor, Intel).filter(competitor_id=competitor, archived_at=None, state__in=("new", "used"))
    here = here.filter(created_at__date__gte=since) if since else here
    return list(here.order_by("-created_at", "-id")[:200])
