"""How large a theme is, whether it grows, who says it and how they feel: counted when asked, within reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from threadline.inbound.asking import ACCOUNT, CUSTOMER, UNKNOWN, Demand, demand_of
from threadline.inbound.feedback.themes.membership import notes_of, weighed_notes_of
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

MONTHS = 12
DAY = "COALESCE(df.received_on, date(df.created_at))"


@dataclass(slots=True)
class Size:
    """A theme in numbers. ``last_30`` and ``last_90`` are notes of those days, ``before_30`` of as many before them.

    ``months`` are notes of twelve stretches of 30 days, the oldest first. ``revenue`` is a year's of the
    accounts that said it, each once; None for those who may not read it. ``rating`` is the mean of the
    ``rated`` notes that have one.
    """

    notes: int = 0
    customers: int = 0
    last_30: int = 0
    before_30: int = 0
    last_90: int = 0
    before_90: int = 0
    months: list[int] = field(default_factory=lambda: [0] * MONTHS)
    revenue: int | None = None
    rated: int = 0
    rating: float | None = None
    unlinked: int = 0

    @property
    def growth(self) -> float | None:
        """The last 30 days over the 30 before, less 1; None where fewer than five were said before."""
        return self.last_30 / self.before_30 - 1 if self.before_30 >= 5 else None


def sizes(actor: Actor, today: date, theme: UUID | None = None) -> dict[UUID, Size]:
    """The figures of every theme that holds a note within reach, or of one."""
    said, values = notes_of(actor, theme)
    said += " GROUP BY dl.theme_id, df.id"  # each note once in a theme, however it came there
    marks = [today - timedelta(days=30 * n) for n in range(MONTHS + 1)]  # the latest first
    ladder = " ".join(f"WHEN x.day > %s THEN {at}" for at in range(MONTHS - 1, -1, -1))
    found = rows.fetch(
        f"SELECT x.theme_id, CASE WHEN x.day > %s THEN -1 {ladder} ELSE -1 END AS month, COUNT(*), COUNT(x.rating),"
        " COALESCE(SUM(x.rating), 0), SUM(CASE WHEN x.state = 'new' THEN 1 ELSE 0 END) FROM (SELECT dl.theme_id,"
        f" MIN({DAY}) AS day, MIN(df.rating) AS rating, MIN(df.state) AS state{said}) x GROUP BY x.theme_id, month",
        [*(day.isoformat() for day in marks), *values],
    )
    made: dict[UUID, Size] = defaultdict(Size)
    stars: dict[UUID, float] = defaultdict(float)
    for theme_id, month, notes, rated, rating, unlinked in found:
        ident = rows.ident(theme_id)
        one = made[ident]
        one.notes, one.rated, one.unlinked = one.notes + notes, one.rated + rated, one.unlinked + int(unlinked)
        stars[ident] += float(rating)
        if month >= 0:
            one.months[month] = notes
    for ident, one in made.items():
        one.rating = stars[ident] / one.rated if one.rated else None
        one.last_30, one.before_30 = one.months[-1], one.months[-2]
        one.last_90, one.before_90 = sum(one.months[-3:]), sum(one.months[-6:-3])
    _customers(actor, made, *notes_of(actor, theme))
    return dict(made)


def _customers(actor: Actor, made: dict[UUID, Size], said: str, values: list[Any]) -> None:
    """How many customers say it, each once, and what those that are accounts pay."""
    found = rows.fetch(
        f"SELECT dl.theme_id, {ACCOUNT} AS account, COUNT(DISTINCT CASE WHEN {ACCOUNT} IS NULL THEN {CUSTOMER} END)"
        f"{said} GROUP BY dl.theme_id, account",
        values,
    )
    pays = paid(actor, {account for _, account, _ in found if account is not None})
    for theme_id, account, people in found:
        one = made[rows.ident(theme_id)]
        one.customers += people if account is None else 1
        if pays is not None:
            one.revenue = (one.revenue or 0) + pays.get(account, 0)


FEW = 500  # accounts that are asked for by name; of more, all are read


def paid(actor: Actor, accounts: Collection[Any]) -> dict[Any, int] | None:
    """What each account within reach pays a year; None for those who may not read it."""
    if not actor.may("read_private", "intake"):
        return None
    near, params = reach_sql(actor, "da")
    sql = f"SELECT da.id, da.annual_revenue FROM inbound_account da WHERE da.archived_at IS NULL AND {near}"
    if len(accounts) <= FEW:
        sql, params = f"{sql} AND da.id IN ({rows.marks(len(accounts))})", [*params, *accounts]
    return {ident: int(revenue or 0) for ident, revenue in rows.fetch(sql, params)} if accounts else {}


def asked_for(actor: Actor, theme: UUID) -> Demand:
    """Who says it, beside who could."""
    return demand_of(actor, *weighed_notes_of(actor, theme))


@dataclass(slots=True)
class Month:
    """A month of a theme: its notes by segment, accounts and what they pay, the mean rating of those rated."""

    first: date
    notes: int = 0
    segments: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    accounts: dict[Any, int] = field(default_factory=dict)
    ratings: list[float] = field(default_factory=list)

    @property
    def revenue(self) -> int:
        """A year's revenue of the accounts that spoke in the month."""
        return sum(self.accounts.values())

    @property
    def rating(self) -> float | None:
        """The mean rating; None where nobody gave one."""
        return sum(self.ratings) / len(self.ratings) if self.ratings else None


def by_month(actor: Actor, theme: UUID, today: date, months: int = MONTHS) -> list[Month]:
    """The last calendar months of a theme, the oldest first, this one included."""
    made = [Month(_month_back(today, n)) for n in range(months - 1, -1, -1)]
    said, values = notes_of(actor, theme)
    near, params = reach_sql(actor, "da")
    found = rows.fetch(
        "SELECT x.day, x.rating, da.id, da.segment, da.annual_revenue FROM"
        f" (SELECT DISTINCT df.id, {DAY} AS day, df.rating, {ACCOUNT} AS account{said} AND {DAY} >= %s) x"
        f" LEFT JOIN inbound_account da ON da.id = x.account AND da.archived_at IS NULL AND {near}",
        [*values, made[0].first.isoformat(), *params],
    )
    at = {(m.first.year, m.first.month): m for m in made}
    for day, rating, account, segment, revenue in found:
        when = day if isinstance(day, date) else date.fromisoformat(str(day)[:10])
        month = at.get((when.year, when.month))
        if month is None:
            continue
        month.notes += 1
        month.segments[segment or UNKNOWN] += 1
        if account is not None:
            month.accounts[account] = int(revenue or 0)
        if rating is not None:
            month.ratings.append(float(rating))
    return made


def _month_back(today: date, months: int) -> date:
    count = today.year * 12 + today.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Said:
    """A note of a theme: who said it, when, how near it lies (2 where a person put it there)."""

    id: UUID
    number: int
    title: str
    body: str
    on: Any
    account: str | None
    weight: int
    near: float


def strongest(actor: Actor, theme: UUID, limit: int = 8) -> list[Said]:
    """What says it best: what people put there, then what matters most to those who said it, then what is nearest."""
    said, values = weighed_notes_of(actor, theme)
    near, params = reach_sql(actor, "da")
    found = rows.fetch(
        f"SELECT x.id, x.number, x.title, x.body, x.day, da.title, x.weight, x.near FROM (SELECT df.id, df.number,"
        f" df.title, df.body, {DAY} AS day, {ACCOUNT} AS account, MAX(dl.weight) AS weight, MAX(dl.near) AS near{said}"
        f" AND df.merged_into_id IS NULL GROUP BY df.id, df.number, df.title, df.body, day, account"
        " ORDER BY CASE WHEN MAX(dl.near) >= 2 THEN 1 ELSE 0 END DESC, MAX(dl.weight) DESC, MAX(dl.near) DESC, df.id"
        f" LIMIT %s) x LEFT JOIN inbound_account da ON da.id = x.account AND {near}"
        " ORDER BY CASE WHEN x.near >= 2 THEN 1 ELSE 0 END DESC, x.weight DESC, x.near DESC, x.id",
        [*values, limit, *params],
    )
    return [Said(rows.ident(r[0]), r[1], r[2], r[3], r[4], r[5], int(r[6]), float(r[7])) for r in found]


def features_of(actor: Actor, theme: UUID, limit: int = 12) -> list[tuple[str, str, str, int]]:
    """(key, title, state, notes) of the features that notes of a theme support, those of most notes first."""
    said, values = notes_of(actor, theme)
    near, params = reach_sql(actor, "s")
    found = rows.fetch(
        "SELECT s.key, s.title, s.state, COUNT(DISTINCT l.target_id) AS n FROM kernel_link l"
        " JOIN kernel_card s ON s.id = l.source_id WHERE l.workspace_id = %s AND l.kind = 'evidence'"
        f" AND s.kind = 'feature' AND s.archived_at IS NULL AND {near} AND l.target_id IN (SELECT df.id{said})"
        " GROUP BY s.key, s.title, s.state ORDER BY n DESC, s.key LIMIT %s",
        [actor.workspace_id, *params, *values, limit],
    )
    return [(r[0], r[1], r[2], int(r[3])) for r in found]
