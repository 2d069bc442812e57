"""Who asks, whatever is asked for: customers, accounts and revenue, and whether they are typical.

A count of voices says little while nobody knows whose they are. So demand stands beside the
account base: the share of each segment among those who asked, and among all who could have.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.registry import type_of

# The company a voice speaks for, over notes ``df`` and their contacts ``dc``: its own account, else its contact's.
ACCOUNT = "COALESCE(df.account_id, dc.account_id)"
# Who is one customer: a company, else a person known, else a name given, else the note itself.
CUSTOMER = (
    f"COALESCE('a' || CAST({ACCOUNT} AS text), 'c' || CAST(df.contact_id AS text),"
    " 'n' || NULLIF(lower(df.author), ''), 'f' || CAST(df.id AS text))"
)
WEIGHTS = {0: "not said", 1: "nice to have", 2: "important", 3: "deal-breaker"}
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Slice:
    """A segment or plan: those of it who asked, against all of it. Shares are of accounts, 0 to 1.

    ``lean`` is the share among those who asked over the share in the base: above 1 they are
    heard more than their number. None when the base has none of them.
    """

    name: str
    label: str
    accounts: int
    revenue: int | None
    base: int
    share: float
    base_share: float
    lean: float | None


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of us. ``revenue`` is None for those who may not read it.

    ``notes`` counts what was said, repeats included; ``customers`` counts who said it, each
    once; ``people`` those of them that belong to no account. ``votes`` is what other products
    counted for these notes, repeats included: nobody says who they were.
    """

    notes: int
    repeats: int
    customers: int
    accounts: int
    people: int
    votes: int
    revenue: int | None
    by_weight: dict[str, int]
    by_segment: tuple[Slice, ...]
    by_plan: tuple[Slice, ...]
    base: int
    distance: float | None
    says: str


def demand_of(actor: Actor, said: str, values: list[Any]) -> Demand:
    """The full breakdown of some voices within reach; the accounts counted are those within reach.

    ``said`` is FROM and WHERE over notes ``df``, their contacts ``dc`` and ``dl.weight`` (0 to 3), with ``values``.
    """
    notes, repeats, customers, people, votes = rows.fetch(
        f"SELECT COUNT(DISTINCT df.id), COUNT(DISTINCT CASE WHEN df.merged_into_id IS NOT NULL THEN df.id END),"
        f" COUNT(DISTINCT {CUSTOMER}), COUNT(DISTINCT CASE WHEN {ACCOUNT} IS NULL THEN {CUSTOMER} END),"
        f" (SELECT COALESCE(SUM(v.votes), 0) FROM (SELECT DISTINCT df.id, df.votes{said}) v){said}",
        [*values, *values],
    )[0]
    those = f"(SELECT DISTINCT {ACCOUNT} AS id{said}) asked CROSS JOIN "
    asked = _accounts(actor, those, " AND da.id = asked.id", values)
    base = _accounts(actor, "", " AND da.state = 'active'", [])
    private = actor.may("read_private", "intake")
    segments = _slices("segment", asked, base, private)
    distance = _distance(segments) if asked and base else None
    return Demand(
        notes=notes,
        repeats=repeats,
        customers=customers,
        accounts=_count(asked),
        people=people,
        votes=int(votes),
        revenue=_revenue(asked) if private else None,
        by_weight=_by_weight(said, values),
        by_segment=segments,
        by_plan=_slices("plan", asked, base, private),
        base=_count(base),
        distance=distance,
        says=_says(segments, distance),
    )


def _accounts(actor: Actor, before: str, condition: str, values: list[Any]) -> list[dict[str, Any]]:
    """How many accounts of each segment and plan, and what they pay; a handful of rows, however many accounts."""
    near, params = reach_sql(actor, "da")
    found = rows.fetch(
        f"SELECT da.segment, da.plan, COUNT(*), COALESCE(SUM(da.annual_revenue), 0) FROM {before}inbound_account da"
        f" WHERE da.archived_at IS NULL AND {near}{condition} GROUP BY da.segment, da.plan",
        [*values, *params],
    )
    return [{"segment": s or UNKNOWN, "plan": p or UNKNOWN, "count": n, "revenue": int(v)} for s, p, n, v in found]


def _count(groups: Iterable[dict[str, Any]]) -> int:
    return sum(g["count"] for g in groups)


def _revenue(groups: Iterable[dict[str, Any]]) -> int:
    return sum(g["revenue"] for g in groups)


def _slices(by: str, asked: list[dict[str, Any]], base: list[dict[str, Any]], private: bool) -> tuple[Slice, ...]:
    labels = {**dict(type_of("account").by_name[by].kind.choices), UNKNOWN: "Not said"}
    all_asked, all_base = _count(asked), _count(base)
    made = []
    for name, label in labels.items():
        mine = [g for g in asked if g[by] == name]
        count, whole = _count(mine), _count(g for g in base if g[by] == name)
        if not count and not whole:
            continue
        share = count / all_asked if all_asked else 0.0
        base_share = whole / all_base if all_base else 0.0
        revenue = _revenue(mine) if private else None
        lean = share / base_share if base_share else None
        made.append(Slice(name, str(label), count, revenue, whole, share, base_share, lean))
    return tuple(made)


def _distance(slices: tuple[Slice, ...]) -> float:
    """Half the sum of the differences of shares: 0 when those who asked mirror the base, 1 when they share nothing."""
    return sum(abs(s.share - s.base_share) for s in slices) / 2


def _says(slices: tuple[Slice, ...], distance: float | None) -> str:
    if distance is None:
        return "No account asked yet, so nothing can be said of who they are."
    loud = max(slices, key=lambda s: s.share - s.base_share)
    if distance < 0.2:
        return "Those who asked look like the account base."
    return (
        f"{loud.label}: {loud.share:.0%} of the accounts that asked, {loud.base_share:.0%} of all."
        " Others are heard less than their number."
    )


def _by_weight(said: str, values: list[Any]) -> dict[str, int]:
    """Customers by the most that any of their notes said it matters."""
    found = rows.fetch(
        f"SELECT w.most, COUNT(*) FROM (SELECT MAX(dl.weight) AS most{said} GROUP BY {CUSTOMER}) w GROUP BY w.most",
        values,
    )
    counted = {int(most): int(n) for most, n in found}
    return {label: counted.get(weight, 0) for weight, label in WEIGHTS.items()}
