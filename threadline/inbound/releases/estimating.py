"""When a release is done as its teams estimated it: the work left, who does it and what waits for what, drawn many
times. What came of it is kept in words, so that a page need not draw again."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from threadline.inbound.releases import forecasting, queries
from threadline.inbound.releases.models import DeliveryTeam, Forecast, Release
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.actions import action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.later import later

if TYPE_CHECKING:
    import numpy as np

    from threadline.planning import network, throughput
else:
    np = later("numpy")
    network, throughput = later("threadline.planning.network"), later("threadline.planning.throughput")

OVER = ("shipped", "declined")
BEGUN = "building"
MOST = 500  # features, those waited for among them
PERCENTS = range(1, 100)
_DAY, _NUMBER = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d+(?:\.\d+)?")
_RUN = re.compile(r"(\d{1,6})x(\d\d?)")
_PART = re.compile(r"([0-9a-f-]{36}):(\d(?:\.\d+)?):(\d{1,6}):(\d{1,6})")
METHOD = Forecast.Method.ESTIMATES


@dataclass(frozen=True, slots=True)
class Ahead:
    """A feature that is still to be done; ``beside`` when it is no part of the release but waited for."""

    id: UUID
    key: str
    state: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What is left of a release, in the order in which teams take it: estimates by (feature, team), what needs what."""

    items: list[Ahead]
    estimates: dict[tuple[UUID, UUID], tuple[float, float, float]]
    teams: list[DeliveryTeam]
    needs: list[tuple[UUID, UUID]]
    first: date | None = None  # the day the release starts, when it has yet to

    @property
    def unestimated(self) -> list[Ahead]:
        """Those that nobody said anything of."""
        known = {feature for feature, _ in self.estimates}
        return [one for one in self.items if one.id not in known]


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a forecast: the share of runs in which it decides the end, working days to its P50 and P85."""

    id: str
    share: float
    likely: int
    sure: int
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What the draws came to. ``days``: working days until all is done, for 1 to 99 times in 100."""

    days: list[int]
    parts: list[Part] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    first: date | None = None
    drift: float = 0.0

    def chances(self, made: date) -> list[float]:
        """The chance that all is done within 0, 1, 2 … days of the calendar."""
        after = [(day_after(made, self.first, day) - made).days for day in self.days]
        return [sum(day <= at for day in after) / 100 for at in range(after[-1] + 1)] if after else []


def work_of(actor: Actor, release: Release) -> Work:
    """The features left in a release, and whatever they wait for, near or far, within reach."""
    mine = [Ahead(UUID(one.id), one.key, one.state) for one in queries.scope(actor, release.pk)]
    found = {one.id: one for one in mine if one.state not in OVER}
    needs, open_ = [], list(found)
    while open_ and len(found) < MOST:
        links = _waits(actor, open_)
        needs += [(source, target.id) for source, target in links]
        fresh = {target.id: target for _, target in links if target.id not in found}
        found |= fresh
        open_ = list(fresh)
    items = sorted(found.values(), key=lambda one: (one.state != BEGUN, int(one.key.rpartition("-")[2])))
    said = queries.features_estimated(actor, [one.id for one in items])
    here = reach(actor, DeliveryTeam).filter(archived_at=None, state="working", pk__in=[team for _, team in said])
    teams = list(here.order_by("title", "number"))
    known = {team.pk for team in teams}
    estimates = {(UUID(f), UUID(t)): points for (f, t), points in said.items() if UUID(t) in known}
    starts = release.starts_on if release.starts_on and release.starts_on > rows.now().date() else None
    return Work(items, estimates, teams, needs, starts)


def _waits(actor: Actor, ids: list[UUID]) -> list[tuple[UUID, Ahead]]:
    """(feature, what it depends on that is still to be done), within reach."""
    near, params = reach_sql(actor, "f")
    found = rows.fetch(
        "SELECT l.source_id, f.id, f.number, f.state FROM kernel_link l JOIN inbound_feature f ON f.id = l.target_id"
        f" WHERE l.workspace_id = %s AND l.kind = 'depends_on' AND l.source_id IN ({rows.marks(len(ids))})"
        f" AND f.archived_at IS NULL AND f.state NOT IN ({rows.marks(len(OVER))}) AND {near} ORDER BY l.id",
        [actor.workspace_id, *ids, *OVER, *params],
    )
    return [(rows.ident(a), Ahead(rows.ident(b), f"F-{n}", state, beside=True)) for a, b, n, state in found]


def drawn(work: Work, *, drift: float = 0.0, seed: int = 1) -> Told:
    """Draw the work many times. Raises Invalid when there is nothing to draw, a team has no days, or items circle."""
    if not work.estimates:
        raise Invalid(("", "No feature left in it has an estimate. Add one: low, likely and high days of a team."))
    used = {team for _, team in work.estimates}
    idle = [team.title for team in work.teams if team.pk in used and team.days_a_week <= 0]
    if idle:
        raise Invalid(("", f"{', '.join(idle)}: no days of planned work a week. Say how many there are."))
    at_item = {one.id: n for n, one in enumerate(work.items)}
    at_team = {team.pk: n for n, team in enumerate(work.teams)}
    said = sorted((at_item[f], at_team[t], *points) for (f, t), points in work.estimates.items() if f in at_item)
    item, team, low, likely, high = (np.array(column) for column in zip(*said, strict=True))
    needs = [(at_item[f], at_item[g]) for f, g in work.needs if f in at_item and g in at_item]
    pace = np.array([one.days_a_week / 5 for one in work.teams])
    try:
        found = network.simulate(
            network.Network(len(at_item), item, team, low, likely, high, pace, needs), seed=seed, drift=drift
        )
    except network.Circle as circle:
        keys = [work.items[n].key for n in circle.items]
        raise Invalid(("", f"These wait for each other: {', '.join(keys)}. Take one of the links away.")) from None
    days = np.quantile(found.whole, [n / 100 for n in PERCENTS], method="inverted_cdf")
    likely_by, sure_by = np.quantile(found.each, [0.5, 0.85], axis=1, method="inverted_cdf")
    missing = {one.id for one in work.unestimated}
    parts = [
        Part(str(one.id), round(float(found.critical[n]), 3), _whole(likely_by[n]), _whole(sure_by[n]), one.beside)
        for n, one in enumerate(work.items) if one.id not in missing
    ]  # fmt: skip
    return Told([_whole(day) for day in days], parts, [str(i) for i in missing], work.first, round(drift, 3))


def _whole(days: float) -> int:
    """A day begun is a day."""
    return math.ceil(float(days) - 1e-4)


def day_after(made: date, first: date | None, days: int) -> date:
    """The day that ends so many weekdays of work, which begins on the day after ``made`` or on ``first``."""
    if days <= 0:
        return made
    at = max(made + timedelta(days=1), first or made)
    while at.weekday() > 4:
        at += timedelta(days=1)
    weeks, rest = divmod(days - 1, 5)
    at += timedelta(days=7 * weeks)
    for _ in range(rest):
        at += timedelta(days=3 if at.weekday() == 4 else 1)
    return at


@action(Release, verb="update", label="Forecast from estimates", states=("planned", "building", "ready"))
def forecast_from_estimates(door: Door, *, release: Release) -> Release:
    """Keep a forecast of when the features left in scope are built, from what their teams estimated, the days these
    teams have, and what has to wait for what."""
    actor, today = door.actor, rows.now().date()
    history = forecasting.shipped_each_day(actor, today)
    enough = sum(history[-forecasting.SPEAKS :]) >= forecasting.LEAST
    work = work_of(actor, release)
    told = drawn(work, drift=throughput.drift_of(np.trim_zeros(np.array(history), "f")) if enough else 0.0)
    learnt = forecasting.lesson(*forecasting.came_out(actor, release, METHOD, _lay))
    chance = chances(told, today, forecasting.learnt_of(learnt))
    left = sum(not one.beside for one in work.items)
    forecasting.keep(door, release, chance, left=left, method=METHOD, drawn=in_words(told), learnt=learnt)
    return release


def chances(told: Told, made: date, learnt: Sequence[float] = ()) -> list[float]:
    """The chance that all is done within so many days, corrected by how earlier forecasts from estimates came out."""
    plain = told.chances(made)
    if len(learnt) < throughput.ENOUGH:
        return plain
    return [float(one) for one in throughput.relearnt(np.array(plain), learnt)]


@lru_cache(maxsize=1_024)
def _lay(kept: str, left: int, made: date, on: date) -> float:
    return throughput.came_out(np.array(from_words(kept).chances(made)), (on - made).days)


def in_words(told: Told) -> str:
    """As it is kept: "days=3x40,4x50,5x9 item=<id>:<share>:<P50>:<P85> none=<id>"; ``beside``: no part of it."""
    runs = ((day, len(list(same))) for day, same in groupby(told.days))
    words = [f"days={','.join(f'{day}x{count}' for day, count in runs)}", f"drift={told.drift:g}"]
    words += [f"first={told.first.isoformat()}"] if told.first else []
    for one in told.parts:
        words.append(f"{'beside' if one.beside else 'item'}={one.id}:{one.share:g}:{one.likely}:{one.sure}")
    return " ".join([*words, *(f"none={one}" for one in told.missing)])


def from_words(kept: str) -> Told:
    """What the draws came to again; a word that is none of these says nothing."""
    said: dict[str, list[str]] = {}
    for name, _, value in (word.partition("=") for word in kept.split()):
        said.setdefault(name, []).append(value)
    runs = [_RUN.fullmatch(one) for one in ",".join(said.get("days", ())).split(",")]
    days = [int(run[1]) for run in runs if run for _ in range(int(run[2]))]
    found = [(name, _part(value, name == "beside")) for name in ("item", "beside") for value in said.get(name, ())]
    first = next((date.fromisoformat(one) for one in said.get("first", ()) if _DAY.fullmatch(one)), None)
    drift = next((float(one) for one in said.get("drift", ()) if _NUMBER.fullmatch(one)), 0.0)
    return Told(
        days[: len(PERCENTS)], [part for _, part in found if part is not None], said.get("none", []), first, drift
    )


def _part(said: str, beside: bool) -> Part | None:
    found = _PART.fullmatch(said)
    return Part(found[1], float(found[2]), int(found[3]), int(found[4]), beside) if found else None
