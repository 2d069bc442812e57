"""When the work left in a release is done, read from what was shipped on each day; and how past answers held."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from threadline.inbound.releases import queries
from threadline.inbound.releases.models import DeliveryTeam, Forecast, Release
from threadline.kernel import rows, verbs
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.actions import action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.later import later

if TYPE_CHECKING:
    import numpy as np

    from threadline.planning import throughput
else:
    np, throughput = later("numpy"), later("threadline.planning.throughput")

Lay = Callable[[str, int, date, date], float]
LOOKS_BACK = 730  # days: the newest say how fast, all of them how far that wanders
SPEAKS = 120  # days that say how fast, as in throughput
MOST_LEARNT = 200  # forecasts that correct a new one
LEAST = 5  # features shipped in these days: fewer say nothing
SURE = ((0.5, "likely_on"), (0.85, "sure_on"), (0.95, "surest_on"))


def shipped_each_day(actor: Actor, until: date) -> list[int]:
    """How many features within reach were shipped on each of the days before, the oldest first."""
    near, params = reach_sql(actor, "c")
    first = until - timedelta(days=LOOKS_BACK)
    found = rows.fetch(
        "SELECT MAX(h.at) FROM kernel_change h JOIN kernel_card c ON c.id = h.card_id"
        f" WHERE h.workspace_id = %s AND h.kind = 'feature' AND h.action IN ('ship_feature', 'ship_unready_feature')"
        f" AND c.state = 'shipped' AND c.archived_at IS NULL AND {near} GROUP BY h.card_id",
        [actor.workspace_id, *params],
    )
    days = [0] * LOOKS_BACK
    for (at,) in found:
        on = date.fromisoformat(str(at)[:10])
        if first <= on < until:
            days[(on - first).days] += 1
    return days


def left_of(actor: Actor, release: Release) -> int:
    """Features in scope, within reach, that are not shipped."""
    return sum(one.state not in ("shipped", "declined") for one in queries.scope(actor, release.pk))


def chances(days: Sequence[int], left: int, learnt: Sequence[float] = ()) -> list[float]:
    """The chance that so many are done within 0, 1, 2 … days, the rate wandering as it did, corrected by how
    earlier forecasts came out once enough of them have. Exact, see throughput."""
    found = throughput.relearnt(throughput.outlook(np.array(days, dtype=np.int64), left).chance, learnt)
    return [float(one) for one in found]


def teams_of(actor: Actor, release: Release) -> list[UUID]:
    """The teams that own estimates of the features in scope, all of it within reach."""
    return [rows.ident(team) for (team,) in _estimated(actor, "DISTINCT e.team_id", "s.source_id = %s", [release.pk])]


def _estimated(actor: Actor, what: str, where: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """From scope (s) to features (f), their estimates (e) and teams (t): what a reader may see of it."""
    near = [reach_sql(actor, alias) for alias in ("f", "e", "t")]
    return rows.fetch(
        f"SELECT {what} FROM kernel_link s JOIN inbound_feature f ON f.id = s.target_id"
        " JOIN inbound_estimate e ON e.feature_id = f.id JOIN inbound_deliveryteam t ON t.id = e.team_id"
        f" WHERE s.workspace_id = %s AND s.kind = '{queries.SCOPE}' AND {where} AND f.archived_at IS NULL"
        f" AND e.archived_at IS NULL AND t.archived_at IS NULL AND {' AND '.join(sql for sql, _ in near)}",
        [actor.workspace_id, *values, *(one for _, params in near for one in params)],
    )


def came_out(
    actor: Actor, release: Release, method: str = Forecast.Method.THROUGHPUT, lay: Lay | None = None
) -> tuple[str, list[float]]:
    """Whose forecasts teach, and where in each the day lay on which its release shipped: 0 early, 1 late, oldest first.

    Of those made by the same method (``lay`` says where a day lies in one). Of releases with work of the same teams,
    when enough have shipped; else of the same product; else of all in reach.
    """
    here = reach(actor, Forecast).filter(archived_at=None, release__shipped_on__isnull=False, left__gt=0, method=method)
    found = here.filter(release__in=reach(actor, Release).values("pk")).exclude(state="set_aside")
    kept = "history" if method == Forecast.Method.THROUGHPUT else "drawn"
    named = found.exclude(**{kept: ""}).order_by("-release__shipped_on", "-made_on")
    names = (kept, "left", "made_on", "release__shipped_on", "release__product_id", "release_id")
    newest = [one for one in named.values_list(*names)[:2_000] if one[2] and one[3] > one[2]]
    teams = teams_of(actor, release)
    where = f"e.team_id IN ({rows.marks(len(teams))})"
    shared = {rows.ident(r) for (r,) in _estimated(actor, "DISTINCT s.source_id", where, [*teams])} if teams else set()
    used, whose = newest, "all"
    if len(theirs := [one for one in newest if one[5] in shared]) >= throughput.ENOUGH:
        used, whose = theirs, " ".join(f"team={team}" for team in teams)
    elif len(own := [one for one in newest if one[4] == release.product_id]) >= throughput.ENOUGH:
        used, whose = own, "product"
    known = [(history, left, made, on) for history, left, made, on, _, _ in used]
    return whose, [(lay or _lay)(*one) for one in reversed(known[:MOST_LEARNT])]


def learnt_from(actor: Actor, kept: str) -> str:
    """Whose forecasts corrected one, in words; nothing when it was not kept."""
    words = kept.split()
    teams = [word.removeprefix("team=") for word in words if word.startswith("team=")]
    if teams:
        titles = reach(actor, DeliveryTeam).filter(pk__in=teams).order_by("title").values_list("title", flat=True)
        return f"of releases with work of {', '.join(titles) or 'the same teams'}"
    return {"product": "of the same product", "all": "of all products"}.get(next(iter(words), ""), "")


@lru_cache(maxsize=1_024)
def _lay(history: str, left: int, made: date, on: date) -> float:
    chance = throughput.outlook(np.array(from_words(history), dtype=np.int64), left).chance
    return throughput.came_out(chance, (on - made).days)


def learnt_of(kept: str) -> list[float]:
    """The values a forecast was corrected by, from the hundredths that are kept with it."""
    return [int(one) / 100 for one in kept.split() if one.isdigit()]


@action(Release, verb="update", label="Forecast", states=("planned", "building", "ready"))
def forecast_release(door: Door, *, release: Release) -> Release:
    """Keep a forecast of when the features left in scope are shipped, from what was shipped in the last two years."""
    today = rows.now().date()
    days, left = shipped_each_day(door.actor, today), left_of(door.actor, release)
    if sum(days[-SPEAKS:]) < LEAST:
        raise Invalid(("", f"Fewer than {LEAST} features were shipped in {SPEAKS} days: that says nothing yet."))
    learnt = lesson(*came_out(door.actor, release))
    keep(door, release, chances(days, left, learnt_of(learnt)), left=left, history=in_words(days), learnt=learnt)
    return release


def lesson(whose: str, came: list[float]) -> str:
    """What corrects a forecast, as it is kept with it; nothing while too few have come out."""
    return " ".join([whose, *(f"{100 * one:.0f}" for one in came)]) if len(came) >= throughput.ENOUGH else ""


def keep(door: Door, release: Release, chance: Sequence[float], **values: Any) -> None:
    """A forecast made today, with the days that its chances name."""
    today = rows.now().date()
    days = {name: today + timedelta(days=day) for sure, name in SURE if (day := day_of(chance, sure)) is not None}
    made = verbs.create(door, "forecast", {"title": f"Forecast of {release.title}"[:300], "release": release.pk})
    door.change(made, {"made_on": today, **values, **days})


def in_words(days: Sequence[int]) -> str:
    """The days on which something was shipped, as "days before: how many"; such as 41:1 12:2."""
    return " ".join(f"{len(days) - at}:{count}" for at, count in enumerate(days) if count)


def from_words(history: str) -> list[int]:
    """The days again, the oldest first; what is no such text counts nothing."""
    days = [0] * LOOKS_BACK
    for before, _, count in (one.partition(":") for one in history.split()):
        if before.isdigit() and count.isdigit() and 0 < int(before) <= LOOKS_BACK:
            days[-int(before)] = int(count)
    return days


def day_of(chance: Sequence[float], sure: float) -> int | None:
    """The first day that is sure enough; None when the horizon ends before."""
    return next((day for day, one in enumerate(chance) if one >= sure - 1e-12), None)


@dataclass(frozen=True, slots=True)
class Held:
    """Of so many forecasts whose release has shipped, how many had shipped by the day named; 95 % sure between."""

    sure: float
    held: int
    of: int
    low: float
    high: float


def coverage(actor: Actor, method: str = Forecast.Method.THROUGHPUT) -> list[Held]:
    """How often forecasts of one method within reach held, at each sureness, with the interval of Wilson (1927)."""
    here = reach(actor, Forecast).filter(archived_at=None, release__shipped_on__isnull=False, method=method)
    readable = reach(actor, Release).values("pk")
    found = list(here.filter(release__in=readable).select_related("release")[:2_000])
    made = []
    for sure, name in SURE:
        named = [(getattr(one, name), one.release.shipped_on) for one in found if getattr(one, name)]
        held = sum(shipped <= day for day, shipped in named)
        made.append(Held(sure, held, len(named), *wilson(held, len(named))))
    return made


def wilson(held: int, of: int, z: float = 1.959964) -> tuple[float, float]:
    """The interval that holds the true share 95 times in 100."""
    if not of:
        return 0.0, 1.0
    share, whole = held / of, 1 + z * z / of
    middle = (share + z * z / (2 * of)) / whole
    half = z / whole * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(middle - half, 0.0), min(middle + half, 1.0)
